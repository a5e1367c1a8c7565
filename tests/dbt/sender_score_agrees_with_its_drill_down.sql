-- A user's sequences add up to the user, and the users to the started enrollments that ended.
with users as (
    select * from {{ ref('sender_score') }}
),

drill_down as (
    select
        portal_id,
        user_id,
        sum(ended_enrollments) as ended_enrollments,
        sum(ended_enrollments * bounce_rate) / sum(ended_enrollments) as bounce_rate,
    from {{ ref('sender_score_by_sequence') }}
    group by all
),

ended as (
    select
        portal_id,
        enrolled_by_user_id as user_id,
        count(*) as ended_enrollments,
    from {{ ref('fct_enrollments') }}
    where is_started and ended_at is not null
    group by all
)

select
    coalesce(ended.portal_id, users.portal_id, drill_down.portal_id) as portal_id,
    coalesce(ended.user_id, users.user_id, drill_down.user_id) as user_id,
from ended
full outer join users
    on ended.portal_id = users.portal_id and ended.user_id is not distinct from users.user_id
full outer join drill_down
    on ended.portal_id = drill_down.portal_id and ended.user_id is not distinct from drill_down.user_id
where
    ended.ended_enrollments is distinct from users.ended_enrollments
    or ended.ended_enrollments is distinct from drill_down.ended_enrollments
    or abs(users.bounce_rate - drill_down.bounce_rate) > 1e-9
