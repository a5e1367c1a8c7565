"""Faults on demand: a plan is text, as in ``429@0.05,403/deals,slow:0.2@3-5/search,seed=7``.

    plan  = item, item, ...
    item  = fault [:argument] [@when] [/path]    or    seed=NUMBER
    when  = 0.05   a share of the requests, drawn from the seed (default seed 1)
            3      the third request, once;  3-5 the third to the fifth;  3+ from the third on
            (left out: every request)
    path  = the fault strikes, and counts, only requests whose path holds this text; after a question mark,
            text that the parameters hold: 403-plan/events?eventType=e_visited_page

==================  =========================================================  ==============
fault               what the client sees                                       argument
==================  =========================================================  ==============
429                 ten-second limit, with Retry-After                         seconds (1)
429-no-retry-after  ten-second limit, no Retry-After: wait ten seconds
daily               429 of the daily limit: to stop
401                 the token is refused: to stop
403                 a scope is missing: to stop (this stream at least)
403-plan            the plan lacks it: no scope is named
403-access          the app lacks portal-level access: no scope is named
403-html            a firewall's page instead of JSON
423                 locked: wait two seconds
477                 the account is being moved, with Retry-After               seconds (1)
500 502 503 504 524 a server or gateway fails
cut                 the connection is reset before any answer
half-page           the answer stops in the middle of its body
half-json           an answer that looks whole, but its JSON ends in the middle
slow                the answer comes late                                      seconds (0.2)
expired-token       400 for the paging token, from then on: start without it
late-events         @share of the events (default 0.1) become visible up to    hours (36h)
                    so long after they occurred, by the account's clock
207-error           one object of a batch of associations fails
vanished            @share of the objects (default 0.1) are in no answer, as
                    if they had been deleted for good
late-links          @share of the links (default 0.1) are made up to so long   hours (36h)
                    after their object's last change, which they do not move:
                    batch reads show them then, lists never
unsorted-search     search answers in an order of its own, whatever is asked
empty-page          each page of a search is empty once and names a next one
batch-404           a batch of associations without any is answered 404
207-object          where associations are none, ``subCategory`` is an object
performance-beta    performance is answered under the beta version only
414                 addresses of more characters are too long                   characters (2000)
same-after          the next page is always the same one
cycle-after         the next pages are a, b, a, b, …
endless-pages       there is always another next page, each the first again
empty-pages         each page is empty and names another next one
html                200 with a page instead of JSON
no-object           200 with JSON that is no object
no-results          ``results`` is no list
odd-results         what is in ``results`` are no objects
bad-utf8            JSON in another encoding
deep-json           lists in lists, 100,000 deep
huge-number         a number of 5,000 digits
gzip-bomb           a small answer that unpacks to a large one                  megabytes (100)
endless             a body that never ends
drip                a body that comes byte by byte                              seconds a byte (1)
drip-headers        headers that do                                             seconds a byte (1)
endless-headers     headers that never end
black-hole          the request is taken and never answered
429-absurd          Retry-After of years, below nothing, or of no number at all
redirect            302 to another host
redirect-loop       302 to the same address
==================  =========================================================  ==============

unsorted-search to 414 are what an account is like: they take no @when. A share never strikes the same request
more than twice in a row, so every plan of shares can be survived with three attempts. Counting starts anew
with each plan.
"""

from __future__ import annotations

import random
import re
import threading
from collections import Counter, defaultdict
from dataclasses import dataclass

from hubspot_simulator.api.mischief import GARBLED, MISLEADING, STUCK, UNENDING
from sequence_warehouse.config.errors import UserError

# Those that an extractor has to get over without losing or doubling anything.
SURVIVABLE = (
    "429", "429-no-retry-after", "423", "477", "500", "502", "503", "504", "524", "cut", "half-page",
    "half-json", "slow", "expired-token", "late-events", "207-error",
)  # fmt: skip
STOPPING = ("daily", "401", "403")
# Refusals of one stream, or of all: to be told in HubSpot's words.
REFUSALS = ("403-plan", "403-access", "403-html")
# How HubSpot may answer and be right.
BEHAVIOURS = ("unsorted-search", "empty-page", "batch-404", "207-object", "performance-beta", "414")
# What an account is like, not what becomes of one request.
_SHARES = ("late-events", "vanished", "late-links")
_LASTING = (*_SHARES, *BEHAVIOURS)
# What no HubSpot should answer: to be got over when it passes, and to end in a sentence when it lasts.
MISBEHAVIOURS = (*STUCK, *GARBLED, *UNENDING, *MISLEADING)
FAULTS = (*SURVIVABLE, *STOPPING, *REFUSALS, *BEHAVIOURS, "vanished", "late-links", *MISBEHAVIOURS)

_DEFAULT_ARGUMENT = {
    "429": 1.0, "477": 1.0, "slow": 0.2, "late-events": 36.0, "late-links": 36.0, "414": 2000.0,
    "gzip-bomb": 100.0, "drip": 1.0, "drip-headers": 1.0,
}  # fmt: skip
_DEFAULT_SHARE = 0.1
_MOST_IN_A_ROW = 2

_ITEM = re.compile(
    r"(?P<fault>[a-z0-9-]+)(:(?P<argument>\d+(\.\d+)?)[hs]?)?"
    r"(@(?P<when>0?\.\d+|\d+(\+|-\d+)?))?(?P<path>/.*)?"
)


@dataclass(frozen=True)
class Rule:
    """One fault and when it strikes: with a probability (share), or from first to last (None: no end)."""

    fault: str
    argument: float | None = None
    share: float | None = None
    first: int = 1
    last: int | None = None
    path: str = ""
    query: str = ""

    def fits(self, path: str, query: str = "") -> bool:
        """Whether it is about a request: path and parameters as text."""
        return self.path in path and self.query in query


class Plan:
    """A parsed plan and how often each of its rules has been asked; safe for several threads."""

    def __init__(self, text: str = "") -> None:
        """Raises UserError naming the item that cannot be read."""
        self.text = text
        self.seed = 1
        self.rules: list[Rule] = []
        for item in filter(None, (item.strip() for item in text.split(","))):
            if item.startswith("seed=") and item[5:].isdecimal():
                self.seed = int(item[5:])
            else:
                self.rules.append(_rule(item))
        self._lock = threading.Lock()
        self._asked: Counter[int] = Counter()
        self._in_a_row: defaultdict[str, int] = defaultdict(int)

    @property
    def late_events(self) -> tuple[float, float] | None:
        """(share of the events, hours at most) that are late; None: none are."""
        return self._late("late-events")

    @property
    def late_links(self) -> tuple[float, float] | None:
        """(share of the links, hours at most) that are made later; None: none are."""
        return self._late("late-links")

    def _late(self, fault: str) -> tuple[float, float] | None:
        for rule in self.rules:
            if rule.fault == fault:
                return (_DEFAULT_SHARE if rule.share is None else rule.share, rule.argument or 0.0)
        return None

    def behaviours(self, path: str) -> dict[str, float | None]:
        """How requests of a path are answered, with the argument of each behaviour."""
        return {
            rule.fault: rule.argument for rule in self.rules if rule.fault in BEHAVIOURS and rule.fits(path)
        }

    def vanished(self, path: str) -> float:
        """The share of the objects that is not to be found under a path."""
        fitting = (rule for rule in self.rules if rule.fault == "vanished" and rule.fits(path))
        return max((_DEFAULT_SHARE if rule.share is None else rule.share for rule in fitting), default=0.0)

    def strike(self, path: str, request: str, has_token: bool, query: str = "") -> list[Rule]:
        """What happens to a request: slow or not, then at most one other fault.

        path: without parameters, which query has. request: what makes it the same request again.
        has_token: it carries a paging token, which alone can expire.
        """
        with self._lock:
            struck = []
            for number, rule in enumerate(self.rules):
                if rule.fault in _LASTING or not rule.fits(path, query):
                    continue
                if rule.fault == "207-error" and "/associations/" not in path:
                    continue
                if rule.fault == "expired-token" and not has_token:
                    continue
                self._asked[number] += 1
                if self._strikes(number, rule, request):
                    struck.append(rule)
            slow = [rule for rule in struck if rule.fault == "slow"][:1]
            other = [rule for rule in struck if rule.fault != "slow"][:1]
            if other and other[0].share is not None:
                self._in_a_row[request] += 1
            else:
                self._in_a_row.pop(request, None)
            return slow + other

    def _strikes(self, number: int, rule: Rule, request: str) -> bool:
        asked = self._asked[number]
        if rule.share is None:
            return rule.first <= asked and (rule.last is None or asked <= rule.last)
        if rule.fault != "slow" and self._in_a_row.get(request, 0) >= _MOST_IN_A_ROW:
            return False
        return random.Random(f"{self.seed}/{number}/{asked}").random() < rule.share


def _rule(item: str) -> Rule:
    found = _ITEM.fullmatch(item)
    if not found:
        raise UserError(
            f"The fault {item!r} cannot be read: write fault[:argument][@when][/path], as in 429@0.05/events."
        )
    fault = found["fault"]
    if fault not in FAULTS:
        raise UserError(f"There is no fault {fault!r}: choose from {', '.join(FAULTS)}.")
    if found["argument"] and fault not in _DEFAULT_ARGUMENT:
        raise UserError(f"The fault {fault} takes no argument; {item!r} gives one.")
    argument = float(found["argument"]) if found["argument"] else _DEFAULT_ARGUMENT.get(fault)
    path, _, query = (found["path"] or "")[1:].partition("?")
    when = found["when"]
    if when is None:
        return Rule(fault, argument, path=path, query=query)
    if fault in BEHAVIOURS:
        raise UserError(f"{fault} is how the account answers always: {item!r} must not say when.")
    if "." in when:
        return Rule(fault, argument, share=float(when), path=path, query=query)
    if fault in _SHARES:
        raise UserError(f"{fault} takes a share, as in {fault}@0.1, not {item!r}.")
    first, _, last = when.partition("-")
    if when.endswith("+"):
        return Rule(fault, argument, first=int(when[:-1]), path=path, query=query)
    return Rule(fault, argument, first=int(first), last=int(last or first), path=path, query=query)


def random_plan(rng: random.Random, most: int = 4) -> str:
    """One to ``most`` faults that can be survived, with shares of 1 to 10 % or one Nth request each, in an
    account that behaves in up to two ways."""
    items = []
    for fault in rng.sample(SURVIVABLE, rng.randint(1, most)):
        if fault == "late-events":
            items.append(f"late-events:{rng.randint(1, 60)}h@{rng.uniform(0.02, 0.5):.2f}")
            continue
        argument = ":0.02" if fault == "slow" else ""
        when = f"{rng.uniform(0.01, 0.1):.3f}" if rng.random() < 0.7 else str(rng.randint(1, 12))
        path = rng.choice(["", "", "", "/events", "/objects", "/search", "/associations", "/contacts"])
        items.append(f"{fault}{argument}@{when}{path}")
    for behaviour in rng.sample(BEHAVIOURS, rng.randint(0, 2)):
        items.append("414:300/objects" if behaviour == "414" else behaviour)
    return ",".join([*items, f"seed={rng.randint(1, 10**6)}"])
