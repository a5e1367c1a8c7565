with scores as (
    {{ sender_score(['portal_id', 'user_id', 'sequence_id'], var('sender_score_by_sequence_min_ended')) }}
),

users as (
    select * from {{ ref('dim_users') }}
),

sequences as (
    select * from {{ ref('dim_sequences') }}
),

final as (
    select
        scores.*,
        users.user_name,
        sequences.sequence_name,
    from scores
    left join users using (portal_id, user_id)
    left join sequences using (portal_id, sequence_id)
)

select * from final
