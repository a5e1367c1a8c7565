-- What HubSpot's own enrollments say of when they began, where events do not.
with statements as (
    select * from {{ ref('stg_hubspot__sequence_enrollments') }}
    where enrolled_at is not null and not is_archived
),

survivors as (
    select * from {{ ref('int_contacts__survivors') }}
),

final as (
    select
        statements.portal_id,
        statements.enrollment_id,
        coalesce(survivors.survivor_contact_id, statements.contact_id) as contact_id,
        statements.sequence_id,
        min(statements.enrolled_at) as stated_enrolled_at,
    from statements
    left join survivors
        on
            statements.portal_id = survivors.portal_id
            and statements.contact_id = survivors.contact_id
    group by all
)

select * from final
