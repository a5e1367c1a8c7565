with activities as (
    select * from {{ ref('int_activities__linked') }}
    where
        enrollment_id is not null
        and kind in (
            'finished', 'unenrolled', 'unenrolled_manually', 'errored', 'bounced', 'unsubscribed',
            'step_executed'
        )
),

unenrolled_sources as (
    select * from {{ ref('unenrolled_sources') }}
),

end_reasons as (
    select * from {{ ref('end_reasons') }}
),

progress as (
    select
        *,
        max(occurred_at) filter (where kind in ('step_executed', 'finished')) over (
            partition by portal_id, enrollment_id
        ) as last_progress_at,
    from activities
),

reasoned as (
    select
        progress.activity_key,
        progress.portal_id,
        progress.enrollment_id,
        progress.occurred_at,
        progress.event_id,
        case
            when progress.kind in ('finished', 'bounced', 'unsubscribed') then progress.kind
            when progress.kind = 'unenrolled_manually' then 'manual'
            when
                progress.step_error_type in ('BOUNCED', 'UNSUBSCRIBED')
                and (
                    progress.kind = 'errored'
                    or (progress.kind = 'unenrolled' and progress.unenrolled_source = 'ERROR')
                )
                then lower(progress.step_error_type)
            when progress.kind = 'unenrolled' then coalesce(unenrolled_sources.end_reason, 'other')
            -- an error that the sequence went on after ended nothing
            when
                progress.kind = 'errored'
                and coalesce(progress.last_progress_at <= progress.occurred_at, true)
                then 'error'
        end as end_reason,
    from progress
    left join unenrolled_sources
        on progress.unenrolled_source = unenrolled_sources.unenrolled_source
),

ends as (
    select
        *,
        min(occurred_at) over (partition by portal_id, enrollment_id) as ended_at,
    from reasoned
    where end_reason is not null
),

-- several events of one act, written up to a minute apart, are one end: one reason, but all its flags
acts as (
    select
        ends.portal_id,
        ends.enrollment_id,
        ends.ended_at,
        min_by(struct_pack(end_reasons.end_reason, end_reasons.status), end_reasons.priority) as named,
        min(ends.occurred_at) filter (where ends.end_reason = 'finished') as first_finished_at,
        min_by(ends.activity_key, row(ends.occurred_at, ends.event_id))
            filter (where ends.end_reason = 'meeting_booked') as meeting_unenrollment_key,
        bool_or(ends.end_reason = 'replied') as is_unenrolled_by_reply,
        bool_or(ends.end_reason = 'bounced') as is_ended_by_bounce,
        bool_or(ends.end_reason = 'unsubscribed') as is_ended_by_unsubscribe,
    from ends
    inner join end_reasons on ends.end_reason = end_reasons.end_reason
    where ends.occurred_at <= ends.ended_at + {{ end_tolerance() }}
    group by all
),

final as (
    select
        portal_id,
        enrollment_id,
        ended_at,
        named.end_reason,
        named.status,
        case when named.end_reason = 'finished' then first_finished_at end as finished_at,
        meeting_unenrollment_key,
        is_unenrolled_by_reply,
        is_ended_by_bounce,
        is_ended_by_unsubscribe,
    from acts
)

select * from final
