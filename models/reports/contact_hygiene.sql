with enrollments as (
    select * from {{ ref('fct_enrollments') }}
    where is_started and contact_id is not null
),

contacts as (
    select * from {{ ref('dim_contacts') }}
),

companies as (
    select * from {{ ref('dim_companies') }}
),

histories as (
    select
        portal_id,
        contact_id,
        count(*) as enrollments,
        min(enrolled_at) as first_enrolled_at,
        max(enrolled_at) as last_enrolled_at,
        bool_or(is_bounced) as is_hard_bounced,
        min(ended_at) filter (where is_bounced) as bounced_at,
        bool_or(is_unsubscribed) as is_unsubscribed,
        min(ended_at) filter (where is_unsubscribed) as unsubscribed_at,
        bool_or(
            is_replied_while_enrolled
            or is_meeting_booked_while_enrolled_or_after
            or last_activity_at is not null
        ) as is_engaged,
    from enrollments
    group by all
),

reasons as (
    select
        *,
        'hard_bounced' as reason,
        bounced_at as since,
    from histories
    where is_hard_bounced
    union all
    select
        *,
        'unsubscribed' as reason,
        unsubscribed_at as since,
    from histories
    where is_unsubscribed
    union all
    select
        *,
        'never_engaged' as reason,
        first_enrolled_at as since,
    from histories
    where not is_engaged and enrollments >= {{ var('never_engaged_min_enrollments') }}
),

final as (
    select
        reasons.portal_id,
        reasons.contact_id,
        reasons.reason,
        contacts.contact_name,
        contacts.email as contact_email,
        contacts.company_id,
        companies.company_name,
        reasons.enrollments,
        reasons.last_enrolled_at,
        reasons.since,
    from reasons
    left join contacts using (portal_id, contact_id)
    left join companies
        on
            contacts.portal_id = companies.portal_id
            and contacts.company_id = companies.company_id
)

select * from final
