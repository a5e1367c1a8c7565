{{ config(materialized = 'view') }}

with survivors as (
    select * from {{ ref('int_contacts__survivors') }}
),

meetings as (
    select * from {{ ref('int_meetings__booked') }}
),

steps as (
    select * from {{ ref('int_steps__email') }}
),

statements as (
    select * from {{ ref('int_enrollments__stated') }}
),

inputs as (
    select
        portal_id,
        -- in a circle of merges, one is its own survivor
        'contact:' || unnest(list_distinct([contact_id, survivor_contact_id])) as node,
        'merge ' || cast(row(contact_id, survivor_contact_id) as varchar) as content,
    from survivors
    union all
    select
        portal_id,
        'contact:' || contact_id as node,
        'meeting ' || cast(row(meeting_id, booked_at) as varchar) as content,
    from meetings
    union all
    select
        portal_id,
        'sequence:' || sequence_id as node,
        'e-mail step ' || step_order as content,
    from steps
    union all
    select
        portal_id,
        unnest(['named:' || enrollment_id, 'contact:' || contact_id]) as node,
        'statement ' || cast(row(enrollment_id, contact_id, sequence_id, stated_enrolled_at) as varchar)
            as content,
    from statements
),

final as (
    select * from inputs
    where node is not null
)

select * from final
