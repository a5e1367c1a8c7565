with answers as (
    select * from {{ ref('stg_hubspot__sequence_performance') }}
),

begun as (
    select
        portal_id,
        sequence_id,
        min(enrolled_at) as first_enrolled_at,
    from {{ ref('fct_enrollments') }}
    group by all
),

final as (
    select
        portal_id,
        sequence_id,
        begun.first_enrolled_at,
        answers.fetched_at,
        answers.load_id as answer_load_id,
    from answers
    left join begun using (portal_id, sequence_id)
)

select * from final
