{{
    config(
        materialized = 'incremental',
        incremental_strategy = 'delete+insert',
        unique_key = ['portal_id', 'event_type', 'event_id'],
    )
}}
{{ require_everything_touched() }}

with events as (
    select * from {{ ref('int_events__scoped') }}
),

activities as (
    select * from {{ ref('int_activities__placed') }}
),

steps as (
    select * from {{ ref('int_steps__executed') }}
),

templates as (
    select * from {{ ref('int_steps__templates') }}
),

enrollments as (
    select * from {{ ref('int_enrollments__identified') }}
),

final as (
    select
        events.portal_id,
        events.event_type,
        events.event_id,
        events.event_name,
        events.occurred_at,
        events.contact_id,
        coalesce(enrollments.sequence_id, events.sequence_id) as sequence_id,
        activities.enrollment_id,
        coalesce(activities.step_order, events.step_order) as step_order,
        coalesce(events.template_id, templates.template_id) as template_id,
        coalesce(activities.attribution, 'none') as attribution,
        coalesce(steps.is_email_step, false) as is_email_sent,
        events.properties,
        events.loaded_at,
        events.load_id,
    from events
    left join activities on events.activity_key = activities.activity_key
    left join steps on events.activity_key = steps.activity_key
    left join templates
        on
            activities.portal_id = templates.portal_id
            and activities.enrollment_id = templates.enrollment_id
            and activities.step_order = templates.step_order
    left join enrollments
        on
            activities.portal_id = enrollments.portal_id
            and activities.enrollment_id = enrollments.enrollment_id
)

select * from final
