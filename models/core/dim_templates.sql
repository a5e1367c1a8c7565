with objects as (
    select * from {{ ref('stg_hubspot__templates') }}
),

seeded as (
    select * from {{ ref('templates') }}
),

emails as (
    select * from {{ ref('stg_hubspot__emails') }}
    where template_id is not null
),

steps as (
    select * from {{ ref('dim_sequence_steps') }}
    where template_id is not null
),

events as (
    select * from {{ ref('fct_sequence_events') }}
    where template_id is not null
),

-- an answer has a subject of its own
subjects as (
    select
        portal_id,
        template_id,
        subject,
    from emails
    where not is_incoming and subject is not null
    group by portal_id, template_id, subject
    qualify row_number() over (
        partition by portal_id, template_id
        order by count(*) desc, subject asc
    ) = 1
),

seen as (
    select portal_id, template_id from objects
    union
    select portal_id, template_id from seeded
    union
    select portal_id, template_id from emails
    union
    select portal_id, template_id from steps
    union
    select portal_id, template_id from events
),

final as (
    select
        seen.portal_id,
        seen.template_id,
        coalesce(objects.template_name, seeded.template_name, subjects.subject) as template_name,
        case
            when objects.template_name is not null then 'object'
            when seeded.template_name is not null then 'seed'
            when subjects.subject is not null then 'subject'
        end as name_source,
        coalesce(objects.is_archived, false) as is_archived,
    from seen
    left join objects using (portal_id, template_id)
    left join seeded using (portal_id, template_id)
    left join subjects using (portal_id, template_id)
)

select * from final
