"""The facts of ``expected.py``, asked of a warehouse that was built."""

from __future__ import annotations

import duckdb

# each gives (key, value) rows of one account; {portal} is its id
BY_KEY = {
    "contact_names": "select contact_id, first_name || ' ' || last_name from core.dim_contacts "
    "where contact_id <> '502'",
    "contact_emails": "select contact_id, email from core.dim_contacts where contact_id <> '502'",
    "contact_companies": "select contact_id, company_id from core.dim_contacts where contact_id <> '502'",
    "company_names": "select company_id, company_name from core.dim_companies",
    "merged_contact": "select enrollment_id, contact_id from core.fct_enrollments",
    "enrollments": "select enrollment_id, (sequence_id, enrolled_by_user_id) from core.fct_enrollments",
    "steps_executed": "select step_order, sum(steps_executed)::bigint from reports.step_funnel group by all",
    "tasks_completed": "select step_order, sum(tasks_completed)::bigint from reports.step_funnel "
    "group by all",
    "opens": "select enrollment_id, opens from core.fct_enrollments",
    "replies": "select enrollment_id, replies from core.fct_enrollments",
    "meetings": "select enrollment_id, meetings from core.fct_enrollments",
    "deal_names": "select deal_id, deal_name from core.fct_deals",
    "deal_amounts": "select deal_id, amount::double from core.fct_deals",
    "deal_created": "select deal_id, strftime(created_at, '%Y-%m-%d %H:%M:%S') from core.fct_deals",
    "deal_closed": "select deal_id, strftime(closed_at, '%Y-%m-%d %H:%M:%S') from core.fct_deals",
    "deal_credit": "select deal_id, credited_enrollment_id from core.fct_deals",
    "closed_won": "select deal_id, is_closed_won from core.fct_deals",
}
# each gives one column of one account
LISTS = {
    "nothing_rejected": "select distinct reason || ' ' || source_file from ops.rejected_records",
    "deals": "select deal_id from core.fct_deals where deal_id not in ('6004', '6005')",
    "archived_deal": "select deal_id from core.fct_deals where deal_id = '6004'",
    "merged_deal": "select deal_id from core.fct_deals where deal_id = '6005'",
}


def read_facts(connection: duckdb.DuckDBPyConnection, portal: str) -> dict[str, object]:
    """Every fact of one account. Rows of deals that must not be there are facts of their own alone."""
    facts: dict[str, object] = {}
    for name, query in BY_KEY.items():
        rows = _of_portal(connection, query, portal)
        unwanted = ("6004", "6005") if "core.fct_deals" in query else ()
        facts[name] = {key: value for key, value in rows if key not in unwanted}
    for name, query in LISTS.items():
        facts[name] = sorted(row[0] for row in _of_portal(connection, query, portal))
    users = _of_portal(
        connection, "select first_name || ' ' || last_name from core.dim_users where user_id = '77'", portal
    )
    facts["user_name"] = users[0][0] if users else None
    return facts


def _of_portal(connection: duckdb.DuckDBPyConnection, query: str, portal: str) -> list[tuple]:
    table = query.partition(" from ")[2].split()[0]
    of_portal = f"with told as (select * from {table} where portal_id = ?) "
    return connection.execute(of_portal + query.replace(table, "told", 1), [portal]).fetchall()
