-- An owner's id is not a user's: enrollments name users.
with owners as (
    select * from {{ ref('stg_hubspot__owners') }}
    where user_id is not null
    -- a user who was removed and came back has two owners: the one in use, else the last updated
    qualify row_number() over (
        partition by portal_id, user_id
        order by is_archived asc, updated_at desc nulls last, owner_id desc
    ) = 1
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
        coalesce(owners.portal_id, seen.portal_id) as portal_id,
        coalesce(owners.user_id, seen.user_id) as user_id,
        owners.owner_id,
        owners.email,
        owners.first_name,
        owners.last_name,
        owners.updated_at,
        coalesce(owners.is_archived, false) as is_archived,
        owners.user_id is not null as is_known,
    from owners
    full outer join seen
        on
            owners.portal_id = seen.portal_id
            and owners.user_id = seen.user_id
)

select * from final
