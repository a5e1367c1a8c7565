with companies as (
    select * from {{ ref('stg_hubspot__companies') }}
),

survivors as (
    select * from {{ ref('int_objects__survivors') }}
    where object_type = 'companies'
),

seen as (
    select distinct
        portal_id,
        company_id,
    from {{ ref('fct_enrollments') }}
    where company_id is not null
),

final as (
    select
        coalesce(companies.portal_id, seen.portal_id) as portal_id,
        coalesce(companies.company_id, seen.company_id) as company_id,
        -- of a circle of merges, one is its own survivor
        nullif(survivors.survivor_object_id, survivors.object_id) as merged_into_company_id,
        companies.company_name,
        companies.domain,
        companies.updated_at,
        coalesce(companies.is_archived, false) as is_archived,
        companies.company_id is not null as is_known,
    from companies
    full outer join seen
        on
            companies.portal_id = seen.portal_id
            and companies.company_id = seen.company_id
    left join survivors
        on
            companies.portal_id = survivors.portal_id
            and companies.company_id = survivors.object_id
)

select * from final
