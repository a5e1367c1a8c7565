with answers as (
    select * from {{ ref('stg_hubspot__sequence_performance') }}
),

accounts as (
    select * from {{ ref('dim_accounts') }}
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
        -- what ours gained since the answer may be what HubSpot had not yet; where ours ends before the
        -- answer, what it gained in as long a time before tells how much it may lack
        case
            when accounts.as_of >= answers.fetched_at then answers.fetched_at
            else accounts.as_of - (answers.fetched_at - accounts.as_of)
        end as earlier_at,
    from answers
    inner join accounts using (portal_id)
    left join begun using (portal_id, sequence_id)
)

select * from final
