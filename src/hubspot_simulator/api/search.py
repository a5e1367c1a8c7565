"""POST /crm/v3/objects/{type}/search: filters, one sort, no associations, and 10,000 results at most."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from hubspot_simulator.api.asking import Answer, Ask, answer
from hubspot_simulator.api.errors import invalid
from hubspot_simulator.api.objects import always, chosen, kind_of, visible
from sequence_warehouse.storage.database import literal

MOST_RESULTS = 200
_MOST_GROUPS, _MOST_FILTERS = 5, 6

_COMPARISONS = {"EQ": "=", "NEQ": "<>", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}


def search(ask: Ask) -> Answer:
    """One page; ``after`` is the number of results to pass over, as HubSpot has it."""
    kind = kind_of(ask.names["kind"])
    body = ask.body
    if not isinstance(body, dict):
        raise invalid("Invalid input JSON: the body must be an object.")
    limit = ask.limit(MOST_RESULTS, 10)
    after = str(body.get("after") or "")
    offset = _number("after", after or 0)
    cap = ask.settings.search_cap
    if offset + limit > cap and offset > 0:
        raise invalid(
            f"The search endpoint pages through at most {cap} results: after={offset} with limit={limit} "
            "goes beyond."
        )
    source = (
        f"from objects where kind = {literal(kind)} and not archived {visible(ask)} and {_where(kind, ask)}"
    )
    total = ask.account.rows(f"select count(*) {source}")[0][0]
    # A leading zero says that the page was given empty already.
    if "empty-page" in ask.behaviours and total and not after.startswith("0"):
        return answer({"total": total, "results": [], "paging": {"next": {"after": f"0{offset}"}}})
    # Sorted first and fetched after: the sort carries no documents.
    found = ask.account.rows(
        f"select position {source} order by {_order(kind, ask)} limit {limit} offset {offset}"
    )
    order = {position: number for number, (position,) in enumerate(found)}
    listed = ", ".join(map(str, order)) or "null"
    rows = ask.account.rows(f"select position, document from objects where position in ({listed})")
    rows.sort(key=lambda row: order[row[0]])
    properties = list(body.get("properties") or [])
    content = {"total": total, "results": [chosen(ask, kind, document, properties) for _, document in rows]}
    if offset + len(rows) < total:
        content["paging"] = {"next": {"after": str(offset + len(rows))}}
    return answer(content)


def _where(kind: str, ask: Ask) -> str:
    groups = ask.body.get("filterGroups") or []
    if not isinstance(groups, list) or len(groups) > _MOST_GROUPS:
        raise invalid(f"filterGroups must be a list of at most {_MOST_GROUPS}.")
    alternatives = []
    for group in groups:
        filters = group.get("filters") if isinstance(group, dict) else None
        if not filters or len(filters) > _MOST_FILTERS:
            raise invalid(f"Each of filterGroups needs 1 to {_MOST_FILTERS} filters.")
        alternatives.append(" and ".join(_filter(kind, ask, one) for one in filters))
    return "(" + " or ".join(f"({part})" for part in alternatives) + ")" if alternatives else "true"


def _filter(kind: str, ask: Ask, given: dict[str, Any]) -> str:
    operator = given.get("operator")
    column, convert = _column(kind, ask, given.get("propertyName"))
    if operator == "HAS_PROPERTY":
        return f"coalesce({column}::varchar, '') <> ''"
    if operator == "NOT_HAS_PROPERTY":
        return f"coalesce({column}::varchar, '') = ''"
    if operator in _COMPARISONS:
        return f"{column} {_COMPARISONS[operator]} {convert(given.get('value'))}"
    if operator == "BETWEEN":
        return f"{column} between {convert(given.get('value'))} and {convert(given.get('highValue'))}"
    if operator in ("IN", "NOT_IN") and given.get("values"):
        listed = ", ".join(str(convert(value)) for value in given["values"])
        return f"{column} {'not in' if operator == 'NOT_IN' else 'in'} ({listed})"
    raise invalid(f"There was a problem with the request: operator {operator!r} or its value is not valid.")


def _order(kind: str, ask: Ask) -> str:
    if "unsorted-search" in ask.behaviours:
        return "md5(kind || id)"
    sorts = ask.body.get("sorts") or []
    if not isinstance(sorts, list) or len(sorts) > 1:
        raise invalid("sorts must be a list of at most one.")
    if not sorts:
        return "position"
    sort = sorts[0]
    if isinstance(sort, str):
        sort = {
            "propertyName": sort.lstrip("-"),
            "direction": "DESCENDING" if sort.startswith("-") else "ASCENDING",
        }
    column, _ = _column(kind, ask, sort.get("propertyName"))
    return f"{column} {'desc' if sort.get('direction') == 'DESCENDING' else 'asc'}, position"


def _column(kind: str, ask: Ask, name: object) -> tuple[str, Callable[[object], object]]:
    """A property as SQL, and what makes a value of a filter SQL; raises the 400 of one that is not there."""
    if name == "hs_object_id":
        return "number", lambda value: _number("hs_object_id", value)
    if name in always(kind):
        column = "updated_ms" if "lastmodified" in str(name) else "created_ms"
        return column, lambda value: _time(str(name), value)
    known = ask.account.rows(
        "select 1 from objects where kind = ? and json_exists(document, '$.properties.' || ?) limit 1",
        [kind, f'"{name}"'],
    )
    if not known:
        raise invalid(f'There was a problem with the request: Property "{name}" does not exist.')
    path = literal('$.properties."' + str(name).replace('"', "") + '"')
    return f"json_extract_string(document, {path})", lambda value: literal(str(value))


def _number(name: str, value: object) -> int:
    if not str(value).isdecimal():
        raise invalid(f"{name} must be a number, not {value!r}.")
    return int(str(value))


def _time(name: str, value: object) -> int:
    """Epoch milliseconds of a number or of ISO 8601."""
    text = str(value)
    if text.isdecimal():
        return int(text)
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid(f"{name} cannot be compared with {text!r}: it is a time.") from error
    return round((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1000)
