{{ config(materialized = 'incremental', incremental_strategy = 'append') }}

-- Names are cleared when a user leaves: older versions still tell them.
with landed as (
    select * from {{ source('hubspot', 'objects') }}
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
        coalesce({{ object_id_field('userId') }}, {{ object_id_field('userIdIncludingInactive') }}) as user_id,
        {{ object_field('email') }} as email,
        {{ object_field('firstName') }} as first_name,
        {{ object_field('lastName') }} as last_name,
        updated_at,
        load_id,
        source_file,
        line_number,
    from landed
)

select * from final
