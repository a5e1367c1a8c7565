with scores as (
    {{ sender_score(['portal_id', 'user_id'], var('sender_score_min_ended')) }}
),

users as (
    select * from {{ ref('dim_users') }}
),

final as (
    select
        scores.*,
        users.user_name,
    from scores
    left join users using (portal_id, user_id)
)

select * from final
