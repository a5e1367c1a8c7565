with steps as (
    select * from {{ ref('fct_enrollment_steps') }}
),

definitions as (
    select * from {{ ref('dim_sequence_steps') }}
),

sequences as (
    select * from {{ ref('dim_sequences') }}
),

templates as (
    select * from {{ ref('dim_templates') }}
),

emails as (
    select steps.*
    from steps
    left join definitions using (portal_id, sequence_id, step_order)
    where
        -- a done task alone tells of no e-mail
        (steps.is_executed or steps.is_meeting_booked)
        and (
            steps.template_id is not null
            or definitions.action_type = 'EMAIL'
            -- who opened, clicked or replied has an e-mail, whatever is known of the step
            or coalesce(steps.first_opened_at, steps.first_clicked_at, steps.first_replied_at)
            is not null
        )
),

-- a template that two steps of a sequence use is one e-mail here: each enrollment counts once
enrollments as (
    select
        portal_id,
        sequence_id,
        template_id,
        enrollment_id,
        sum(emails_sent) as sent,
        bool_or(is_executed) as is_sent,
        bool_or(first_opened_at is not null) as is_opened,
        bool_or(first_clicked_at is not null) as is_clicked,
        bool_or(first_replied_at is not null) as is_replied,
        bool_or(is_meeting_booked) as is_meeting_booked,
    from emails
    group by all
),

counts as (
    select
        portal_id,
        sequence_id,
        template_id,
        cast(coalesce(sum(sent), 0) as bigint) as sent,
        count(*) filter (where is_sent) as enrollments_sent,
        count(*) filter (where is_opened) as opened,
        count(*) filter (where is_clicked) as clicked,
        count(*) filter (where is_replied) as replied,
        count(*) filter (where is_meeting_booked) as meeting_booked,
    from enrollments
    group by all
),

final as (
    select
        counts.*,
        sequences.sequence_name,
        templates.template_name,
        {{ rate_with_interval('opened', 'enrollments_sent', 'open_rate') }}
        {{ rate_with_interval('clicked', 'enrollments_sent', 'click_rate') }}
        {{ rate_with_interval('replied', 'enrollments_sent', 'reply_rate') }}
        {{ rate_with_interval('meeting_booked', 'enrollments_sent', 'meeting_rate') }}
    from counts
    left join sequences using (portal_id, sequence_id)
    left join templates using (portal_id, template_id)
)

select * from final
