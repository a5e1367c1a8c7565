"""One verdict an account, for the end of a run: how far its data reaches, and what of it may be missing."""

from __future__ import annotations

from typing import Any

import duckdb

_ACCOUNTS_SHOWN = 10
_STREAMS_SHOWN = 3
_ACCOUNTS = """
    with flaws as (
        select
            portal_id,
            verdict,
            list(stream order by not expected, stream) as streams,
            bool_or(expected and (family = 'events' or verdict <> 'silent')) as is_flaw,
        from ops.freshness
        where verdict <> 'complete'
        group by all
    ),
    told as (
        select
            portal_id,
            list(struct_pack(verdict, streams) order by list_position(
                ['never seen', 'silent', 'behind'], verdict
            )) as flaws,
            bool_or(is_flaw) as is_incomplete,
        from flaws
        group by all
    ),
    counted as (select portal_id, count(*) as streams from ops.freshness group by all)
    select
        portal_id,
        coalesce(is_incomplete, false) as is_incomplete,
        strftime(as_of at time zone 'UTC', '%Y-%m-%d %H:%M') as as_of,
        epoch(as_of) as as_of_seconds,
        coalesce(streams, 0) as streams,
        coalesce(flaws, []) as flaws,
    from core.dim_accounts
    left join counted using (portal_id)
    left join told using (portal_id)
    order by is_incomplete desc, portal_id
"""


def sentences(connection: duckdb.DuckDBPyConnection, now: float) -> list[str]:
    """A line an account, those that may lack something first; of many accounts the first ten.

    connection: to a publication. now: seconds since 1970; how old the data is, is told against it.
    An account is complete when every stream that it is expected to have is; objects that fell silent are told
    and no flaw, since pipelines and companies need not change. Raises duckdb.CatalogException where the
    project has been rid of the tables.
    """
    accounts = connection.execute(_ACCOUNTS).fetchall()
    lines = [_sentence(now, *account) for account in accounts[:_ACCOUNTS_SHOWN]]
    rest = accounts[_ACCOUNTS_SHOWN:]
    if rest:
        incomplete = sum(is_incomplete for _, is_incomplete, *_ in rest)
        lines.append(f"{len(rest)} more accounts, {incomplete} of them incomplete: see ops.freshness")
    return lines


def _sentence(
    now: float,
    portal_id: str,
    is_incomplete: bool,
    as_of: str | None,
    as_of_seconds: float | None,
    streams: int,
    flaws: list[dict[str, Any]],
) -> str:
    verdict = "incomplete" if is_incomplete else "complete"
    until = (
        f"as of {as_of} UTC, {_age(now - as_of_seconds)}"
        if as_of_seconds is not None
        else "without a known event"
    )
    flawed = sum(len(flaw["streams"]) for flaw in flaws)
    told = "; ".join(f"{flaw['verdict']} {_names(flaw['streams'])}" for flaw in flaws)
    number = f"{streams} stream{'' if streams == 1 else 's'}"
    beside = f"{flawed} of {number}: {told}" if flaws else number
    return f"account {portal_id}: {verdict} {until} ({beside})"


def _names(streams: list[str]) -> str:
    more = len(streams) - _STREAMS_SHOWN
    return ", ".join(streams[:_STREAMS_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _age(seconds: float) -> str:
    if seconds < 0:
        return "ahead of this clock"
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            number = int(seconds // length)
            return f"{number} {unit}{'s' if number > 1 else ''} ago"
    return "just now"
