"""The sequence performance answers, counted from the account's own events and tasks.

A simple count, on purpose another one than the warehouse's: one enrollment is one ``hs_enrollment_id``
(the contact where it is missing), an open or click belongs to the step whose template it names, a
reply to the step it names or else to none, a meeting to the step executed last by then, else to the one
it names. Where the account holds a ``summary`` of its own (simulated ones of one slice do, from what truly
happened) its numbers are the ones given.

Tables: ``performance`` (sequence_id, answer: JSON without the timeline) and ``performance_days``
(sequence_id, day_ms, enrollments, meetings).
"""

from __future__ import annotations

import json
from typing import Any

import duckdb

# Types by what they tell; opens and clicks without a sequence belong to none.
_FACTS = """
    create or replace temp table facts as
    with kept as (
        select
            case
                when event_type like '%enrolled_in_sequence' then 'enrolled'
                when event_type like '%sequence_step_executed' then 'executed'
                when event_type like '%replied_sequence_email' then 'replied'
                when event_type like '%booked_meeting_through_sequence' then 'met'
                when event_type like '%sequence_email_bounced' then 'bounced'
                when event_type like '%unsubscribed_sequence_email' then 'unsubscribed'
                when event_type like '%finished_sequence' then 'finished'
                when event_type like '%from_sequence' then 'unenrolled'
                when event_type like 'e_opened_tracked_inbox%' then 'opened'
                when event_type like 'e_clicked_link_in_tracked_inbox%' then 'clicked'
            end as fact,
            object_id as contact_id,
            occurred_ms,
            json_extract_string(document, [
                '$.properties.hs_sequence_id', '$.properties.hs_enrollment_id',
                '$.properties.hs_step_order', '$.properties.hs_template_id'
            ]) as fields,
        from events
        where fact is not null
    ),

    named as (
        select
            fact,
            contact_id,
            occurred_ms,
            fields[1] as sequence_id,
            coalesce(nullif(fields[2], ''), 'contact ' || contact_id) as enrollment,
            try_cast(try_cast(fields[3] as double) as integer) as own_step_order,
            fields[4] as template_id,
        from kept
        where fields[1] <> ''
    )

    select
        * exclude (own_step_order),
        if(
            fact = 'met',
            coalesce(
                last_value(if(fact = 'executed', own_step_order, null) ignore nulls)
                    over (partition by sequence_id, enrollment order by occurred_ms),
                own_step_order
            ),
            own_step_order
        ) as step_order,
    from named
"""

_STEPS = """
    create or replace temp table steps as
    with listed as (
        select id as sequence_id, unnest((document->'$.steps')::json[]) as step
        from objects
        where kind = 'sequences'
    )

    select
        sequence_id,
        step->>'$.id' as step_key,
        (step->'$.stepOrder')::integer as step_order,
        coalesce(step->>'$.emailPattern.templateId', step->>'$.taskPattern.templateId', '') as template_id,
    from listed
    where (step->>'$.actionType') <> 'FINISH_ENROLLMENT'
"""

_SUMMARY = """
    select
        sequence_id,
        count(distinct enrollment) filter (where fact = 'enrolled') as enrolled,
        count(distinct enrollment) filter (where fact in ('opened', 'clicked', 'replied', 'met')) as engaged,
        to_json({
            'contacts': count(distinct contact_id) filter (where fact = 'enrolled'),
            'enrolled': enrolled,
            'engaged': engaged,
            'noResponse': greatest(enrolled - engaged, 0),
            'opened': count(distinct enrollment) filter (where fact = 'opened'),
            'clicked': count(distinct enrollment) filter (where fact = 'clicked'),
            'replied': count(distinct enrollment) filter (where fact = 'replied'),
            'bounced': count(distinct enrollment) filter (where fact = 'bounced'),
            'unsubscribed': count(distinct enrollment) filter (where fact = 'unsubscribed'),
            'meetingsBooked': count(distinct enrollment) filter (where fact = 'met'),
        }) as answer,
    from facts
    group by sequence_id
    order by sequence_id
"""

_BY_STEP = """
    with tasks as (
        select
            facts.sequence_id,
            done.step_order,
            count(*) as completed,
            count(*) filter (where done.completed_at <= done.due_at) as on_time,
        from (
            select
                document->>'$.properties.hs_task_sequence_step_enrollment_id' as enrollment,
                try_cast(document->>'$.properties.hs_task_sequence_step_order' as integer) as step_order,
                coalesce(
                    try_cast(document->>'$.properties.hs_task_completion_date' as bigint),
                    epoch_ms(try_cast(document->>'$.properties.hs_task_completion_date' as timestamptz))
                ) as completed_at,
                epoch_ms(try_cast(document->>'$.properties.hs_timestamp' as timestamptz)) as due_at,
            from objects
            where
                kind = 'tasks' and (document->>'$.properties.hs_task_is_completed') in ('1', 'true')
        ) as done
        inner join (
            select enrollment, any_value(sequence_id) as sequence_id from facts group by enrollment
        ) as facts using (enrollment)
        group by all
    )

    select
        steps.sequence_id,
        to_json({
            'stepKey': steps.step_key,
            'stepOrder': steps.step_order,
            'executionCount': count(distinct enrollment) filter (where fact = 'executed'),
            'opened': count(distinct enrollment) filter (where fact = 'opened'),
            'clicked': count(distinct enrollment) filter (where fact = 'clicked'),
            'replied': count(distinct enrollment) filter (where fact = 'replied'),
            'meetingsBooked': count(distinct enrollment) filter (where fact = 'met'),
            'calls': 0,
            'callsConnected': 0,
            'tasksCompleted': coalesce(any_value(tasks.completed), 0),
            'onTimeTaskCompletionCount': coalesce(any_value(tasks.completed), 0),
            'onTimeTaskCompletionSum': coalesce(any_value(tasks.on_time), 0),
            'personalizationRateCount': 0,
        }) as answer,
    from steps
    left join facts
        on
            facts.sequence_id = steps.sequence_id
            and if(
                facts.fact in ('opened', 'clicked'),
                facts.template_id <> '' and facts.template_id = steps.template_id,
                facts.step_order = steps.step_order
            )
    left join tasks on tasks.sequence_id = steps.sequence_id and tasks.step_order = steps.step_order
    group by steps.sequence_id, steps.step_key, steps.step_order
    order by steps.sequence_id, steps.step_order
"""

_BY_STATUS = """
    with present as (
        select
            sequence_id,
            enrollment,
            max(step_order) filter (where fact = 'executed') as step_order,
            case
                when bool_or(fact = 'finished') then 'FINISHED'
                when bool_or(fact in ('unenrolled', 'bounced', 'unsubscribed')) then 'UNENROLLED'
                else 'EXECUTING'
            end as status,
        from facts
        group by sequence_id, enrollment
    )

    select
        sequence_id,
        to_json({'currentStepOrder': step_order, 'enrollmentStatus': status, 'count': count(*)}) as answer,
    from present
    where step_order is not null
    group by sequence_id, step_order, status
    order by sequence_id, step_order, status
"""

_DAYS = """
    create or replace table performance_days as
    select
        sequence_id,
        occurred_ms // 86400000 * 86400000 as day_ms,
        count(distinct enrollment) filter (where fact = 'enrolled') as enrollments,
        count(distinct enrollment) filter (where fact = 'met') as meetings,
    from facts
    where fact in ('enrolled', 'met')
    group by sequence_id, day_ms
    order by sequence_id, day_ms
"""

# of a sequence that nobody was enrolled in: HubSpot answers each of them
_COUNTS = (
    *("contacts", "enrolled", "engaged", "noResponse", "opened"),
    *("clicked", "replied", "bounced", "unsubscribed", "meetingsBooked"),
)
_OF_INTERVAL = {"DAY": "day", "WEEK": "week", "MONTH": "month"}
INTERVALS = tuple(_OF_INTERVAL)


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Fills ``performance`` and ``performance_days`` from ``events`` and ``objects``."""
    connection.execute(_FACTS)
    connection.execute(_STEPS)
    connection.execute(_DAYS)
    answers: dict[str, dict[str, Any]] = {
        identifier: {
            "sequenceId": identifier,
            "summary": dict.fromkeys(_COUNTS, 0),
            "steps": [],
            "statusByStep": [],
        }
        for (identifier,) in connection.execute(
            "select id from objects where kind = 'sequences' order by id"
        ).fetchall()
    }
    for identifier, _, _, summary in connection.execute(_SUMMARY).fetchall():
        if identifier in answers:
            answers[identifier]["summary"] = json.loads(summary)
    for part, query in (("steps", _BY_STEP), ("statusByStep", _BY_STATUS)):
        for identifier, row in connection.execute(query).fetchall():
            if identifier in answers:
                answers[identifier][part].append(json.loads(row))
    own = "select id, document from objects where kind = 'sequence_performance'"
    for identifier, document in connection.execute(own).fetchall():
        if identifier in answers:
            known = json.loads(document)
            answers[identifier]["summary"] |= known.get("summary", {})
            if "companyMetrics" in known:
                answers[identifier]["companyMetrics"] = known["companyMetrics"]
    connection.execute("drop table facts; drop table steps")
    connection.execute("create or replace table performance (sequence_id varchar, answer varchar)")
    if answers:
        connection.executemany(
            "insert into performance values (?, ?)",
            [[identifier, json.dumps(answer)] for identifier, answer in answers.items()],
        )


def complete(connection: duckdb.DuckDBPyConnection, at_ms: int) -> None:
    """Puts the answers among ``read_objects``, as they are landed: with ``id`` and ``updatedAt``."""
    for (identifier,) in connection.execute("select sequence_id from performance").fetchall():
        record = {"id": identifier, **(answer(connection, identifier, "WEEK") or {})}
        connection.execute(
            "delete from read_objects where kind = 'sequence_performance' and id = ?", [identifier]
        )
        connection.execute(
            """
            insert into read_objects
            select
                'sequence_performance', $id, $id::ubigint, $ms, $ms, false,
                json_merge_patch($document::json, {
                    'updatedAt': strftime(make_timestamp($ms * 1000), '%Y-%m-%dT%H:%M:%S.%gZ')
                }::json)::varchar
            """,
            {"id": identifier, "ms": at_ms, "document": json.dumps(record)},
        )


def answer(connection: duckdb.DuckDBPyConnection, sequence_id: str, interval: str) -> dict[str, Any] | None:
    """The endpoint's answer for a sequence, with a timeline by DAY, WEEK or MONTH; None: no such sequence."""
    found = connection.execute(
        "select answer from performance where sequence_id = ?", [sequence_id]
    ).fetchone()
    if found is None:
        return None
    timeline = connection.execute(
        f"""
        select
            epoch_ms(date_trunc('{_OF_INTERVAL[interval]}', make_timestamp(day_ms * 1000))) as start_ms,
            sum(enrollments)::bigint,
            sum(meetings)::bigint,
        from performance_days where sequence_id = ? group by start_ms order by start_ms
        """,
        [sequence_id],
    ).fetchall()
    content: dict[str, Any] = json.loads(found[0])
    return content | {
        "timeline": [
            {"enrolledAt": start, "enrollments": enrollments, "meetingsBooked": meetings}
            for start, enrollments, meetings in timeline
        ]
    }
