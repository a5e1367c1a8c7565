{{
    config(
        materialized = 'incremental',
        incremental_strategy = 'delete+insert',
        unique_key = ['portal_id', 'event_type', 'event_id'],
    )
}}

{%- set identity = 'portal_id, event_type, event_id' %}

-- New loads, never new event times: an event may arrive months after it occurred.
with landed as not materialized (
    select * from {{ ref('base_hubspot__events') }}
    {% if is_incremental() %}
    where load_id > (select coalesce(max(known.load_id), '') from {{ this }} as known)
    {% endif %}
),

known as not materialized (
    {% if is_incremental() %}
    select * from {{ this }}
    semi join (select {{ identity }} from landed) using ({{ identity }})
    {% else %}
    select * from landed
    where false
    {% endif %}
),

arrived as not materialized (
    select * from landed
    union all by name
    select * from known
),

-- Few identities come more than once: only these are compared and ordered.
repeated as (
    select {{ identity }} from arrived
    group by all
    having count(*) > 1
),

compared as (
    select
        *,
        (object_type, object_id, occurred_at, {{ same_properties_key('properties') }}) as content,
        coalesce(content <> lag(content) over arrival, true) as is_change,
    from arrived semi join repeated using ({{ identity }})
    window arrival as (partition by {{ identity }} order by load_id, source_file, line_number)
),

-- The last change of content is what the event says now; a plain duplicate keeps its first arrival.
resolved as (
    select
        * exclude (content, is_change) replace (
            max(conflicts) over identities
            + cast(count(*) filter (where is_change) over identities as integer) - 1 as conflicts,
            list_distinct(list_concat(
                flatten(list(superseded_object_ids) over identities), list(object_id) over identities
            )) as superseded_object_ids,
            list_distinct(list_concat(
                flatten(list(superseded_enrollment_ids) over identities),
                list(enrollment_id) over identities
            )) as superseded_enrollment_ids,
            min(first_loaded_at) over identities as first_loaded_at
        ),
    from compared
    window identities as (partition by {{ identity }})
    qualify row_number() over (
        partition by {{ identity }}
        order by is_change desc, load_id desc, source_file desc, line_number desc
    ) = 1
),

final as (
    select * from landed anti join repeated using ({{ identity }})
    union all by name
    select * from resolved
)

select * from final
