{{ config(materialized = 'view') }}

with enrollments as (
    select * from {{ ref('int_enrollments') }}
),

contacts as (
    select * from {{ ref('int_contacts__companies') }}
),

survivors as (
    select * from {{ ref('int_objects__survivors') }}
    where object_type = 'companies'
),

named as (
    select
        enrollments.portal_id,
        enrollments.enrollment_id,
        coalesce(enrollments.company_id, contacts.company_id) as company_id,
        case
            when enrollments.company_id is not null then 'event'
            when contacts.company_id is not null then 'contact'
        end as company_source,
    from enrollments
    left join contacts
        on
            enrollments.portal_id = contacts.portal_id
            and enrollments.contact_id = contacts.contact_id
),

final as (
    select
        named.portal_id,
        named.enrollment_id,
        coalesce(survivors.survivor_object_id, named.company_id) as company_id,
        named.company_source,
    from named
    left join survivors
        on
            named.portal_id = survivors.portal_id
            and named.company_id = survivors.object_id
)

select * from final
