with enrollments as (
    select * from {{ ref('fct_enrollments') }}
    where is_started and (emails_sent > 0 or is_bounced or is_unsubscribed)
),

contacts as (
    select * from {{ ref('dim_contacts') }}
),

users as (
    select * from {{ ref('dim_users') }}
),

recipients as (
    select
        enrollments.portal_id,
        enrollments.enrolled_by_user_id,
        {{ email_domain('contacts.email') }} as recipient_domain,
        enrollments.emails_sent,
        enrollments.is_bounced,
        enrollments.is_unsubscribed,
    from enrollments
    left join contacts
        on
            enrollments.portal_id = contacts.portal_id
            and enrollments.contact_id = contacts.contact_id
),

counts as (
    select
        portal_id,
        enrolled_by_user_id,
        recipient_domain,
        count(*) as enrollments,
        cast(sum(emails_sent) as bigint) as emails_sent,
        count(*) filter (where is_bounced) as bounced,
        count(*) filter (where is_unsubscribed) as unsubscribed,
    from recipients
    group by all
),

final as (
    select
        counts.*,
        users.user_name as enrolled_by_user_name,
        {{ ratio('bounced', 'enrollments') }} as bounce_rate,
        {{ ratio('unsubscribed', 'enrollments') }} as unsubscribe_rate,
    from counts
    left join users
        on
            counts.portal_id = users.portal_id
            and counts.enrolled_by_user_id = users.user_id
)

select * from final
