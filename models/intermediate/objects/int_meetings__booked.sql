with links as (
    select * from {{ ref('int_objects__links') }}
    where object_type = 'meetings' and linked_type = 'contacts'
),

meetings as (
    select
        booked.portal_id,
        booked.meeting_id,
        booked.booked_at,
        unnest(links.linked_ids) as object_id,
    from {{ ref('stg_hubspot__meetings') }} as booked
    inner join links
        on
            booked.portal_id = links.portal_id
            and booked.meeting_id = links.object_id
    where
        not booked.is_archived
        and booked.booked_at is not null
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
