with deals as (
    select * from {{ ref('int_deals') }}
),

survivors as (
    select * from {{ ref('int_contacts__survivors') }}
),

enrollments as (
    select * from {{ ref('int_enrollments') }}
    where is_started
),

deal_contacts as (
    select
        portal_id,
        deal_id,
        created_at,
        unnest(contact_ids) as object_id,
    from deals
),

-- backward in time only, and the most recent enrollment of all the deal's contacts takes it all
credits as (
    select
        deal_contacts.portal_id,
        deal_contacts.deal_id,
        enrollments.enrollment_id,
    from deal_contacts
    left join survivors
        on
            deal_contacts.portal_id = survivors.portal_id
            and deal_contacts.object_id = survivors.contact_id
    inner join enrollments
        on
            deal_contacts.portal_id = enrollments.portal_id
            and coalesce(survivors.survivor_contact_id, deal_contacts.object_id) = enrollments.contact_id
            and deal_contacts.created_at >= enrollments.started_at
    qualify row_number() over (
        partition by deal_contacts.portal_id, deal_contacts.deal_id
        order by enrollments.enrolled_at desc, enrollments.enrollment_id desc
    ) = 1
),

final as (
    select
        deals.* exclude (contact_ids, source_file),
        credits.enrollment_id as credited_enrollment_id,
    from deals
    left join credits using (portal_id, deal_id)
)

select * from final
