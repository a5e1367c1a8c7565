with enrollments as (
    select * from {{ ref('fct_enrollments') }}
    where is_started and ended_at is not null
),

final as (
    select
        portal_id,
        enrolled_by_user_id as user_id,
        sequence_id,
        ended_on,
        count(*) as ended,
        -- whoever bounced could not reply
        count(*) filter (where is_replied_to_sequence_email and not is_bounced) as replied,
        count(*) filter (where is_bounced) as bounced,
    from enrollments
    group by all
)

select * from final
