"""The enrollment that a contact has now.

Told from the account's own events, table ``enrollments``: contact_id, enrollment_id, sequence_id,
enrolled_by, enrolled_ms, ended_ms (null: not yet), step_ms (the times of its steps). An enrollment whose
enroll event is missing, a quirk of the simulator, was enrolled an hour before its first step.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import duckdb

_ENROLLMENTS = """
    create table enrollments as
    with told as (
        select
            case
                when event_type like '%enrolled_in_sequence' then 'enrolled'
                when event_type like '%sequence_step_executed' then 'step'
                when
                    event_type like '%finished_sequence' or event_type like '%from_sequence'
                    or event_type like '%sequence_email_bounced'
                    or event_type like '%unsubscribed_sequence_email'
                    then 'ended'
            end as fact,
            object_id as contact_id,
            occurred_ms,
            json_extract_string(document, [
                '$.properties.hs_enrollment_id', '$.properties.hs_sequence_id', '$.properties.hs_enrolled_by'
            ]) as fields,
        from events
        where fact is not null and fields[1] <> ''
    )

    select
        any_value(contact_id) as contact_id,
        fields[1] as enrollment_id,
        max(nullif(fields[2], '')) as sequence_id,
        max(nullif(fields[3], '')) as enrolled_by,
        coalesce(
            min(occurred_ms) filter (where fact = 'enrolled'),
            min(occurred_ms) filter (where fact = 'step') - 3600000
        ) as enrolled_ms,
        min(occurred_ms) filter (where fact = 'ended') as ended_ms,
        coalesce(list(occurred_ms) filter (where fact = 'step'), []) as step_ms,
    from told
    group by fields[1]
    having enrolled_ms is not null and sequence_id is not null
    order by contact_id, enrolled_ms
"""

_CURRENT = """
    select
        enrollment_id, sequence_id, enrolled_by, enrolled_ms,
        coalesce(list_max(list_filter(step_ms, lambda time: time <= $now)), enrolled_ms) as updated_ms,
        (
            select document->>'$.properties.email' from objects
            where kind = 'contacts' and id = $contact
        ) as email,
    from enrollments
    where contact_id = $contact and enrolled_ms <= $now and (ended_ms is null or ended_ms > $now)
    order by enrolled_ms desc
    limit 1
"""


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the table from ``events``."""
    connection.execute(_ENROLLMENTS)


def current(cursor: duckdb.DuckDBPyConnection, contact: str, now_ms: int) -> dict[str, Any] | None:
    """HubSpot's answer for a contact at a time; None: it is in no sequence."""
    rows = cursor.execute(_CURRENT, {"contact": contact, "now": now_ms}).fetchall()
    if not rows:
        return None
    enrollment_id, sequence_id, user, enrolled_ms, updated_ms, email = rows[0]
    return {
        "id": enrollment_id,
        "toEmail": email,
        "enrolledAt": _iso(enrolled_ms),
        "sequenceId": sequence_id,
        "enrolledBy": user,
        "updatedAt": _iso(updated_ms),
    }


def _iso(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
