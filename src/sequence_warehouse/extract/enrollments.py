"""The current enrollment of each contact in progress: no endpoint lists enrollments, one answers by contact.

    {"id": "2400000013", "contactId": "501", "toEmail": …, "enrolledAt": …, "sequenceId": …,
     "enrolledBy": …, "updatedAt": …, "fetchedAt": …}
    {"id": "contact/501", "contactId": "501", "enrolledAt": null, "updatedAt": …, "fetchedAt": …}

The second says that the contact has none. One contact is one question. An hourly run asks for those enrolled
since they were last asked for, and for those last asked for a day ago, a number of them at the most; a sweep
asks for all, and one that was killed goes on. What is landed for a contact is landed again only when it says
something else.

"None" may be a 404, and so is the answer of a HubSpot that has no such path. A 404 is believed only where
some contact does have an enrollment: in this run, or in a former one unless all answers of this one are 404.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sequence_warehouse.extract.clock import iso
from sequence_warehouse.extract.enrolled import HOUR_MS, Contacts
from sequence_warehouse.extract.errors import BadRequest, Forbidden, NotFound, Refused, Skipped
from sequence_warehouse.extract.names import portal_folder
from sequence_warehouse.extract.transport import segment

if TYPE_CHECKING:
    from sequence_warehouse.extract.running import Run

log = logging.getLogger(__name__)

FOLDER = "sequence_enrollments"
PATH = "/automation/v4/sequences/enrollments/contact/{}"
# contacts whose answers become one file
BATCH = 100
# 404 in a row, and no other answer: there is no such path
TRIALS = 50
# a sweep that was killed longer ago is begun anew
SWEEP_HOURS = 12


def read(run: Run) -> None:
    """Ask for the contacts whose turn it is and land what changed; Skipped when HubSpot has no answers."""
    contacts = Contacts(run.state, run.options)
    contacts.see(run.options.landing / portal_folder(run.portal))
    before_ms, left = _turn(run)
    doubt = _Doubt(is_answered=bool(run.state.get("is_answered")))
    try:
        while due := contacts.due(min(BATCH, left), run.now_ms, before_ms):
            _ask_batch(run, contacts, due, doubt)
            left -= len(due)
            if doubt.is_hopeless:
                break
    except Forbidden as error:
        raise Skipped(str(error)) from None
    _land(run, contacts, [], [], doubt.resolve(is_last=True))
    if doubt.held:
        raise Skipped(
            f"HubSpot answered 404 for each of the {len(doubt.held)} contacts that were asked for: nobody is "
            "in a sequence, or it does not tell this account's enrollments by contact."
        )
    run.state.commit(cursor=run.now_ms, sweep=None)


def contact(record: dict[str, Any]) -> str:
    """Of whom a landed answer is a version."""
    return str(record.get("contactId"))


def content(record: dict[str, Any]) -> dict[str, Any]:
    """What of an answer is not the time when it was asked for."""
    return {name: value for name, value in record.items() if value != record.get("fetchedAt")}


@dataclass
class _Doubt:
    """404 answers that may mean no enrollment or no such path. is_answered: some contact had another one."""

    is_answered: bool
    is_certain: bool = False
    held: list[str] = field(default_factory=list)

    @property
    def is_hopeless(self) -> bool:
        return not self.is_certain and len(self.held) >= TRIALS

    def resolve(self, is_last: bool = False) -> list[str]:
        """Contacts that have no enrollment, as far as that can be said by now."""
        is_believed = self.is_certain or (self.is_answered and is_last and not self.is_hopeless)
        believed = self.held if is_believed else []
        self.held = [] if is_believed else self.held
        return believed


def _turn(run: Run) -> tuple[int, int]:
    """(asked for before this time, contacts at the most)"""
    if not run.sweep:
        return run.now_ms - int(run.options.enrollment_hours * HOUR_MS), run.options.enrollment_contacts
    began = run.state.get("sweep")
    if began is None or not 0 <= run.now_ms - began < SWEEP_HOURS * HOUR_MS:
        began = run.now_ms
        run.state.commit(sweep=began)
    return began, 2**62


def _ask_batch(run: Run, contacts: Contacts, due: list[str], doubt: _Doubt) -> None:
    """Ask for each; what was answered is landed and noted also when one of them fails."""
    asked: list[str] = []
    answers: list[dict[str, Any]] = []
    none: list[str] = []
    try:
        for contact_id in due:
            if doubt.is_hopeless:
                break
            # also one whose answer fails: it goes to the end of the queue and stops no other
            asked.append(contact_id)
            try:
                answer = run.hubspot.find(PATH.format(segment(contact_id)))
            except NotFound:
                doubt.held.append(contact_id)
            except BadRequest as error:
                log.warning("%s: contact %s: %s", run.stream, contact_id, error)
            except Refused:
                asked.pop()
                raise
            else:
                if answer.get("id"):
                    doubt.is_certain = True
                    answers.append(_enrollment(run, contact_id, answer))
                elif answer:
                    log.warning("%s: contact %s: an answer without an id", run.stream, contact_id)
                else:
                    doubt.is_certain = True
                    none.append(contact_id)
    finally:
        _land(run, contacts, asked, answers, none + doubt.resolve())
    if doubt.is_certain and not doubt.is_answered:
        doubt.is_answered = True
        run.state.commit(is_answered=True)


def _land(
    run: Run, contacts: Contacts, asked: list[str], answers: list[dict[str, Any]], none: list[str]
) -> None:
    fetched = iso(run.now_ms)
    nothing = [
        {
            "id": f"contact/{contact_id}",
            "contactId": contact_id,
            "enrolledAt": None,
            "updatedAt": fetched,
            "fetchedAt": fetched,
        }
        for contact_id in none
    ]
    if answers or nothing:
        run.land([*answers, *nothing], "contacts")
    contacts.asked(asked, none, run.now_ms)


def _enrollment(run: Run, contact_id: str, answer: dict[str, Any]) -> dict[str, Any]:
    fetched = iso(run.now_ms)
    known = {"id": str(answer["id"]), "contactId": contact_id, "fetchedAt": fetched}
    return {"updatedAt": fetched, **answer, **known}
