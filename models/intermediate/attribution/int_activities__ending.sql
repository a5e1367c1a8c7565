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

final as (
    select * from reasoned
    where end_reason is not null
)

select * from final
