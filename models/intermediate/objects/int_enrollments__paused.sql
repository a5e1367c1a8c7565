{{ config(materialized = 'view') }}

with snapshots as (
    select * from {{ ref('stg_hubspot__sequence_enrollments') }}
    where
        not is_archived
        -- the answer that names a contact's enrollment knows no states
        and (enrollment_state is not null or contact_id is null)
),

latest as (
    select * from snapshots
    qualify row_number() over (
        partition by portal_id, enrollment_id
        order by updated_at desc nulls last, snapshot_id desc
    ) = 1
),

final as (
    select
        portal_id,
        enrollment_id,
        case dependency_type
            when 'TASK_COMPLETION' then 'waiting_on_task'
            when 'MANUAL_PAUSE' then 'paused_by_user'
        end as status_detail,
    from latest
    where enrollment_state = 'PAUSED'
)

select * from final
