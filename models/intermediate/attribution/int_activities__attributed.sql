with activities as (
    select * from {{ ref('int_activities__linked') }}
),

-- rule 3 is for events that name neither an enrollment nor a sequence
unlinked as (
    select * from activities
    where enrollment_id is null and sequence_id is null and contact_id is not null
),

enrollments as (
    select * from {{ ref('int_enrollments__bounded') }}
),

steps as (
    select * from {{ ref('int_steps__executed') }}
),

responses as (
    select
        unlinked.activity_key,
        enrollments.enrollment_id,
        enrollments.enrolled_at,
    from unlinked
    inner join enrollments
        on unlinked.portal_id = enrollments.portal_id and unlinked.contact_id = enrollments.contact_id
    where
        unlinked.kind in ({{ kinds('of_enrolled') }})
        and (
            {{ is_while_enrolled('unlinked.occurred_at') }}
            or (
                unlinked.kind in ({{ kinds('meeting') }})
                and {{ is_soon_after_finish('unlinked.occurred_at') }}
            )
        )
),

-- an e-mail may be opened long after: no end limits these
engagements as (
    select
        unlinked.activity_key,
        steps.enrollment_id,
        steps.enrolled_at,
    from unlinked
    inner join steps
        on
            unlinked.portal_id = steps.portal_id
            and unlinked.contact_id = steps.contact_id
            and unlinked.occurred_at >= steps.executed_at
    where
        unlinked.kind in ({{ kinds('of_email') }})
        and case
            when unlinked.template_id is not null then unlinked.template_id = steps.template_id
            else steps.is_email_step
        end
),

by_contact as (
    select * from responses
    union all
    select * from engagements
),

latest as (
    select * from by_contact
    qualify row_number() over (partition by activity_key order by enrolled_at desc, enrollment_id desc) = 1
),

final as (
    select
        activities.* replace (
            coalesce(activities.enrollment_id, latest.enrollment_id) as enrollment_id,
            coalesce(activities.attribution, if(latest.enrollment_id is null, 'none', 'contact'))
                as attribution
        ),
    from activities
    left join latest using (activity_key)
)

select * from final
