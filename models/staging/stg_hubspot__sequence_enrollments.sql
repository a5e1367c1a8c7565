{%- set names = [
    'hs_enrollment_id', 'hs_enrollment_state', 'hs_dependency_type',
] + both_cases(['contactId', 'sequenceId', 'enrolledAt', 'fetchedAt']) -%}

with objects as (
    select
        *,
        {{ object_texts(names) }} as texts,
        {{ own_field(names, 'contactId') }} as contact_text,
        {{ own_field(names, 'sequenceId') }} as sequence_text,
        {{ own_field(names, 'enrolledAt') }} as enrolled_text,
        {{ own_field(names, 'fetchedAt') }} as fetched_text,
    from {{ ref('stg_hubspot__objects') }}
    where object_type = 'sequence_enrollments'
),

typed as (
    select
        *,
        {{ id_text('contact_text') }} as contact_id,
        {{ id_text('sequence_text') }} as sequence_id,
        {{ instant('enrolled_text') }} as enrolled_at,
        {{ instant('fetched_text') }} as fetched_at,
    from objects
),

final as (
    select
        portal_id,
        object_id as snapshot_id,
        coalesce({{ id_text(object_field(names, 'hs_enrollment_id')) }}, object_id) as enrollment_id,
        upper({{ object_field(names, 'hs_enrollment_state') }}) as enrollment_state,
        upper({{ object_field(names, 'hs_dependency_type') }}) as dependency_type,
        contact_id,
        sequence_id,
        enrolled_at,
        coalesce(fetched_at, updated_at) as fetched_at,
        {{ field_issues([
            ['enrolledAt', 'unreadable_time', 'enrolled_text', 'enrolled_at'],
            ['fetchedAt', 'unreadable_time', 'fetched_text', 'fetched_at'],
            rounded_id('contactId', 'contact_text', 'contact_id'),
            rounded_id('sequenceId', 'sequence_text', 'sequence_id'),
        ]) }} as field_issues,
        source_file,
        is_archived,
        updated_at,
    from typed
)

select * from final
