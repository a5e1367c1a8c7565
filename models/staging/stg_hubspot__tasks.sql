{%- set names = [
    'hs_task_is_completed', 'hs_task_completion_date', 'hs_task_sequence_step_order',
    'hs_task_sequence_step_enrollment_id', 'hs_task_status',
] -%}

with objects as (
    select
        *,
        {{ object_texts(names) }} as texts,
        {{ object_field(names, 'hs_task_is_completed') }} as completed_text,
        {{ object_field(names, 'hs_task_completion_date') }} as completion_date_text,
        {{ object_field(names, 'hs_task_sequence_step_order') }} as step_order_text,
        {{ object_field(names, 'hs_task_sequence_step_enrollment_id') }} as enrollment_id_text,
    from {{ ref('stg_hubspot__objects') }}
    where object_type = 'tasks'
),

typed as (
    select
        *,
        {{ truth('completed_text') }} as hs_task_is_completed,
        {{ instant('completion_date_text') }} as completed_at,
        {{ step_number('step_order_text') }} as step_order,
        {{ id_text('enrollment_id_text') }} as enrollment_id,
    from objects
),

final as (
    select
        portal_id,
        object_id as task_id,
        enrollment_id,
        step_order,
        coalesce(hs_task_is_completed, false)
        or coalesce(upper({{ object_field(names, 'hs_task_status') }}) = 'COMPLETED', false) as is_completed,
        completed_at,
        {{ field_issues([
            ['hs_task_is_completed', 'unreadable_boolean', 'completed_text', 'hs_task_is_completed'],
            ['hs_task_completion_date', 'unreadable_time', 'completion_date_text', 'completed_at'],
            ['hs_task_sequence_step_order', 'not_a_number', 'step_order_text', 'step_order'],
            rounded_id('hs_task_sequence_step_enrollment_id', 'enrollment_id_text', 'enrollment_id'),
        ]) }} as field_issues,
        source_file,
        is_archived,
        updated_at,
    from typed
)

select * from final
