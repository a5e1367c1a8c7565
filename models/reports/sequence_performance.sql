with enrollments as (
    select * from {{ ref('fct_enrollments') }}
    where is_started
),

sequences as (
    select * from {{ ref('dim_sequences') }}
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

-- every sequence has its row, and so have the enrollments that name none
keys as (
    select portal_id, sequence_id from sequences
    union
    select portal_id, sequence_id from enrollments
),

measures as (
    select
        keys.portal_id,
        keys.sequence_id,
        {{ additive_measures() }}
        {{ distinct_measures() }}
    from keys
    left join enrollments
        on
            keys.portal_id = enrollments.portal_id
            and keys.sequence_id is not distinct from enrollments.sequence_id
    group by all
),

final as (
    select
        measures.*,
        sequences.sequence_name,
        sequences.folder_id,
        sequences.folder_name,
        sequences.created_at,
        accounts.currency,
        {{ measure_rates() }}
    from measures
    inner join accounts on measures.portal_id = accounts.portal_id
    left join sequences
        on
            measures.portal_id = sequences.portal_id
            and measures.sequence_id = sequences.sequence_id
)

select * from final
