with sequences as (
    select * from {{ ref('stg_hubspot__sequences') }}
    where json_valid(steps)
),

steps as (
    select
        portal_id,
        sequence_id,
        unnest(json_extract(steps, '$[*]')) as step,
    from sequences
),

final as (
    select
        portal_id,
        sequence_id,
        {{ step_number("step ->> '$.stepOrder'") }} as step_order,
        upper(step ->> '$.actionType') as action_type,
        upper(step ->> '$.taskPattern.taskType') as task_type,
        coalesce(
            {{ id_text("step ->> '$.emailPattern.templateId'") }},
            {{ id_text("step ->> '$.taskPattern.templateId'") }}
        ) as template_id,
        case
            -- ten years: more is a mistake, and sums of it would not fit
            when try_cast(step ->> '$.delayMillis' as bigint) between 0 and 315360000000
                then try_cast(step ->> '$.delayMillis' as bigint)
        end as delay_milliseconds,
    from steps
    where
        {{ step_number("step ->> '$.stepOrder'") }} is not null
        -- HubSpot lists the end of a sequence among its steps
        and upper(step ->> '$.actionType') is distinct from 'FINISH_ENROLLMENT'
    -- a definition that names an order twice counts once
    qualify row_number() over (
        partition by portal_id, sequence_id, {{ step_number("step ->> '$.stepOrder'") }}
        order by step ->> '$.id'
    ) = 1
)

select * from final
