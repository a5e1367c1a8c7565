with meetings as (
    select
        portal_id,
        meeting_id,
        booked_at,
        unnest(contact_ids) as object_id,
    from {{ ref('stg_hubspot__meetings') }}
    where
        not is_archived
        and booked_at is not null
),

survivors as (
    select * from {{ ref('int_contacts__survivors') }}
),

final as (
    select distinct
        meetings.portal_id,
        meetings.meeting_id,
        coalesce(survivors.survivor_contact_id, meetings.object_id) as contact_id,
        meetings.booked_at,
    from meetings
    left join survivors
        on
            meetings.portal_id = survivors.portal_id
            and meetings.object_id = survivors.contact_id
)

select * from final
