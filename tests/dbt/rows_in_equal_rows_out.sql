-- A join that loses or multiplies rows shows here: the steps between events and facts keep every row.
with counts as (
    select
        (select count(*) from {{ ref('stg_hubspot__events') }}) as staged_events,
        (select count(*) from {{ ref('int_events__keyed') }}) as keyed_events,
        (select count(*) from {{ ref('fct_sequence_events') }}) as fact_events,
        (select count(*) from {{ ref('int_activities') }}) as activities,
        (select count(*) from {{ ref('int_activities__linked') }}) as linked_activities,
        (select count(*) from {{ ref('int_activities__attributed') }}) as attributed_activities,
        (select count(*) from {{ ref('int_activities__placed') }}) as placed_activities,
        (select count(*) from {{ ref('int_enrollments__identified') }}) as identified_enrollments,
        (select count(*) from {{ ref('int_enrollments__activity') }}) as active_enrollments,
        (select count(*) from {{ ref('int_enrollments') }}) as enrollments,
        (select count(*) from {{ ref('fct_enrollments') }}) as fact_enrollments,
)

select * from counts
where
    staged_events <> keyed_events
    or staged_events <> fact_events
    or activities <> linked_activities
    or activities <> attributed_activities
    or activities <> placed_activities
    or identified_enrollments <> active_enrollments
    or enrollments <> fact_enrollments
