"""What an account tells about itself: time zone and currencies, exchange rates, e-mail templates.

None of it has to be there: an account with one currency has no rates, the templates' path is a beta, and a
token may lack a scope that nobody needs. What HubSpot refuses for good is told and skipped, no failure.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from sequence_warehouse.extract import removals
from sequence_warehouse.extract.clock import iso
from sequence_warehouse.extract.errors import BadRequest, Forbidden, NotFound, Skipped

if TYPE_CHECKING:
    from sequence_warehouse.extract.running import Run

log = logging.getLogger(__name__)

PAGE = 100
# HubSpot's date in a path is no promise: a version that is over may be called a bad request
REFUSALS = (BadRequest, Forbidden, NotFound)


def read_accounts(run: Run) -> None:
    """The account's own description, under the id that it has by itself."""
    with _skipped():
        answer = run.hubspot.get("/account-info/v3/details")
    portal = str(answer.get("portalId") or run.portal)
    if portal != run.portal:
        run.tell(f"HubSpot says that this is portal {portal}; it is landed below portal={run.portal}.")
    run.land([{**answer, "id": portal, "updatedAt": iso(run.now_ms)}], "account", cursor=run.now_ms)


def account_content(record: dict[str, Any]) -> dict[str, Any]:
    """What of an account's description is not the time when it was asked for."""
    return {name: value for name, value in record.items() if name != "updatedAt"}


def read_exchange_rates(run: Run) -> None:
    """Every rate that the account has, or had, between its currencies and its company's."""
    _read_pages(run, "/settings/v3/currencies/exchange-rates")


def read_templates(run: Run) -> None:
    """Every e-mail template; the name of its folder, which HubSpot lists apart, as ``folderName``."""
    path = f"/automation/email-templates/{run.options.templates_version}"
    if run.sweep:
        removals.begin_sweep(run)
    folders: dict[str, str] = {}

    def named(template: dict[str, Any]) -> dict[str, Any]:
        name = folders.get(str(template.get("folderId") or ""))
        return {"folderName": name, **template} if name else template

    try:
        for answer, _ in run.hubspot.walk(partial(_page, run, f"{path}/folders")):
            folders |= {str(one.get("id")): one["name"] for one in answer["results"] if one.get("name")}
    except REFUSALS as error:
        log.info("templates: without the names of their folders: %s", error)
    _read_pages(run, path, named)
    run.state.commit(is_swept=run.sweep or None)


def _read_pages(
    run: Run, path: str, whole: Callable[[dict[str, Any]], dict[str, Any]] = lambda record: record
) -> None:
    pages = run.hubspot.walk(partial(_page, run, path))
    with _skipped():
        first = next(pages)
    for answer, _ in chain([first], pages):
        records = [whole({**record, "id": str(record.get("id"))}) for record in answer["results"]]
        run.land(records, "all")
    run.state.commit(cursor=run.now_ms)


def _page(run: Run, path: str, after: str | None) -> dict[str, Any]:
    return run.hubspot.page(path, limit=PAGE, after=after)


@contextmanager
def _skipped() -> Iterator[None]:
    try:
        yield
    except REFUSALS as error:
        raise Skipped(str(error)) from None
