"""What a run did, for the person who started it, and a first look at the tables that are published."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import duckdb

from sequence_warehouse.config.settings import Settings
from sequence_warehouse.runs import completeness
from sequence_warehouse.storage import publication

FIRST_LOOK = {
    "reports.step_funnel": """
        with busiest as (
            select portal_id, sequence_id from reports.step_funnel
            group by all order by sum(steps_executed) desc, portal_id, sequence_id limit 1
        )
        select
            coalesce(sequence_name, sequence_id) as sequence, step_order + 1 as step, action,
            sum(steps_executed)::bigint as executed,
            round(100 * sum(opened) / sum(steps_executed), 1) as "open %",
            round(100 * sum(replied) / sum(steps_executed), 1) as "reply %",
            round(100 * any_value(reach_rate), 1) as "reach %",
        from reports.step_funnel
        semi join busiest using (portal_id, sequence_id)
        group by all order by step
    """,
    "reports.monthly_enrollments": """
        select
            portal_id as portal, enrolled_month as month, sum(enrollments)::bigint as enrollments,
            round(sum(total_opens) / sum(enrollments), 2) as "opens each",
            round(sum(total_replies) / sum(enrollments), 2) as "replies each",
            sum(meeting_booked)::bigint as met, sum(unsubscribed)::bigint as unsubscribed,
        from reports.monthly_enrollments
        group by all order by month desc, portal limit 6
    """,
    "reports.sender_score": """
        select
            portal_id as portal, coalesce(user_name, user_id, '?') as sender,
            ended_enrollments as ended, round(100 * reply_rate, 1) as "reply %",
            round(100 * bounce_rate, 1) as "bounce %", score, band,
        from reports.sender_score
        order by score desc nulls last, ended desc limit 8
    """,
}


def print_summary(settings: Settings, record: dict[str, Any]) -> None:
    """Print what a run did, and a first look at the tables that are published now."""
    loaded = record["load"]
    print(
        f"\n{loaded['files_loaded']} files loaded ({loaded['files_unchanged']} unchanged): "
        f"{loaded['events']:,} events, {loaded['objects']:,} objects, {loaded['rejected']:,} rejected"
    )
    if not record["is_changed"]:
        print("Nothing changed since the last publication: build, validation and publication skipped.")
    for border, validation in record.get("validations", {}).items():
        for warning in validation["warnings"]:
            print(f"warning ({border}): {warning}")
    version = publication.current_version(settings)
    assert version is not None  # a run that ended well has published, or left what was published
    with publication.connect_to(version, settings) as connection:
        with suppress(duckdb.CatalogException):  # the project has been rid of a table
            print(*completeness.sentences(connection, time.time()), sep="\n")
        rows = sorted(publication.rows(version).items())
        reports = [f"{name} {count:,} rows" for (schema, name), count in rows if schema == "reports"]
        print("Reports: " + ", ".join(reports))
        for name, query in FIRST_LOOK.items():
            with suppress(duckdb.CatalogException):
                shown = connection.sql(query)
                print(f"\n{name}")
                print(shown)
    print(f"Published  {settings.published / 'sequences.duckdb'}")
    print(f"What it is {settings.published / 'docs' / 'index.html'}")
    print(f"Data Docs  {settings.data_docs / 'index.html'}")
