with owners as (
    select * from {{ ref('stg_hubspot__owners') }}
),

versions as (
    select
        *,
        row(coalesce(updated_at, '-infinity'), load_id, source_file, line_number) as recency,
    from {{ ref('stg_hubspot__owner_versions') }}
),

-- an owner whose newest version names no user is still the user's that it was
users as (
    select
        portal_id,
        owner_id,
        max_by(user_id, recency) as user_id,
    from versions
    group by all
),

-- max_by passes over what is empty
names as (
    select
        users.portal_id,
        users.user_id,
        max_by(versions.email, versions.recency) as email,
        max_by(versions.first_name, versions.recency) as first_name,
        max_by(versions.last_name, versions.recency) as last_name,
    from users
    inner join versions using (portal_id, owner_id)
    where users.user_id is not null
    group by all
),

-- a user who was removed and came back has two owners: the one in use, else the last updated
final as (
    select
        names.*,
        owners.owner_id,
        owners.is_archived,
        owners.updated_at,
    from names
    inner join users using (portal_id, user_id)
    inner join owners
        on
            users.portal_id = owners.portal_id
            and users.owner_id = owners.owner_id
    qualify row_number() over (
        partition by names.portal_id, names.user_id
        order by owners.is_archived asc, owners.updated_at desc nulls last, owners.owner_id desc
    ) = 1
)

select * from final
