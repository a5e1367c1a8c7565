with told as (
    select
        told.*,
        accounts.as_of,
    from {{ ref('int_enrollments__told') }} as told
    inner join {{ ref('dim_accounts') }} as accounts using (portal_id)
),

enrollments as (
    select * from {{ ref('fct_enrollments') }}
),

current_there as (
    select
        told.portal_id,
        coalesce(told.sequence_id, enrollments.sequence_id) as sequence_id,
        told.contact_id,
        told.fetched_at,
        case
            when enrollments.enrollment_id is null then 'current in HubSpot, unknown here'
            when enrollments.ended_at <= told.fetched_at then 'current in HubSpot, ended here'
            else 'current in both'
        end as finding,
        case
            when enrollments.enrollment_id is null
                then if(
                    told.enrolled_at <= told.as_of, 'no event tells of it', 'enrolled after our newest event'
                )
            when enrollments.ended_at <= told.fetched_at then 'ended here: ' || enrollments.end_reason
        end as reason,
    from told
    left join enrollments using (portal_id, enrollment_id)
    where told.is_enrolled
),

-- an answer says nothing of what happened after it
open_here as (
    select
        enrollments.portal_id,
        enrollments.sequence_id,
        enrollments.contact_id,
        told.fetched_at,
        if(told.is_enrolled, 'open here, another in HubSpot', 'open here, none in HubSpot') as finding,
        if(
            told.as_of < told.fetched_at - interval '{{ var("performance_gap_hours") }} hours',
            'our newest event is older than the answer',
            'no ending event was loaded'
        ) as reason,
    from enrollments
    inner join told using (portal_id, contact_id)
    where
        enrollments.ended_at is null
        and enrollments.enrollment_id is distinct from told.enrollment_id
        and told.fetched_at >= greatest(
            enrollments.enrolled_at, enrollments.started_at, enrollments.last_step_executed_at
        )
),

findings as (
    select * from current_there
    union all
    select * from open_here
),

final as (
    select
        portal_id,
        sequence_id,
        finding,
        reason,
        count(*) as enrollments,
        min(contact_id) as example_contact_id,
        max(fetched_at) as newest_answer_at,
    from findings
    group by all
)

select * from final
