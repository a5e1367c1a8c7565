-- An owner's id is not a user's: enrollments name users.
with users as (
    select * from {{ ref('int_users') }}
),

seen as (
    select distinct
        portal_id,
        enrolled_by_user_id as user_id,
    from {{ ref('int_enrollments') }}
    where enrolled_by_user_id is not null
),

final as (
    select
        coalesce(users.portal_id, seen.portal_id) as portal_id,
        coalesce(users.user_id, seen.user_id) as user_id,
        users.owner_id,
        users.email,
        users.first_name,
        users.last_name,
        nullif(concat_ws(' ', users.first_name, users.last_name), '') as user_name,
        users.updated_at,
        coalesce(users.is_archived, false) as is_archived,
        users.user_id is not null as is_known,
    from users
    full outer join seen
        on
            users.portal_id = seen.portal_id
            and users.user_id = seen.user_id
)

select * from final
