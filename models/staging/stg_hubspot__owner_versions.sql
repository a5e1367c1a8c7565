{{ config(materialized = 'incremental', incremental_strategy = 'append') }}

{%- set names = ['userId', 'userIdIncludingInactive', 'email', 'firstName', 'lastName'] -%}

-- Names are cleared when a user leaves: older versions still tell them.
with landed as (
    select
        *,
        {{ object_texts(names) }} as texts,
    from {{ source('hubspot', 'objects') }}
    where
        reason is null
        and object_type = 'owners'
        {% if is_incremental() %}
        and load_id > (select coalesce(max(known.load_id), '') from {{ this }} as known)
        {% endif %}
),

final as (
    select
        portal_id,
        object_id as owner_id,
        -- an owner's id is not a user's; a user who left has only the second of these
        coalesce(
            {{ id_text(object_field(names, 'userId')) }},
            {{ id_text(object_field(names, 'userIdIncludingInactive')) }}
        ) as user_id,
        nullif(trim({{ object_field(names, 'email') }}), '') as email,
        nullif(trim({{ object_field(names, 'firstName') }}), '') as first_name,
        nullif(trim({{ object_field(names, 'lastName') }}), '') as last_name,
        updated_at,
        load_id,
        source_file,
        line_number,
    from landed
)

select * from final
