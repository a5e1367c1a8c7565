-- The filters of the screens add up to the screens: all measures that add, of each sequence, the unknown
-- one too, and of each account.
{% set measures = metric_names('additive_measures') %}
with days as (
    select * from {{ ref('enrollment_metrics_daily') }}
),

added as (
    select
        'sequence' as level,
        portal_id,
        sequence_id,
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }},
        {%- endfor %}
    from days
    group by all
    union all
    select
        'account' as level,
        portal_id,
        null as sequence_id,
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }},
        {%- endfor %}
    from days
    group by all
),

shown as (
    select
        'sequence' as level,
        portal_id,
        sequence_id,
        {{ measures | join(', ') }},
    from {{ ref('sequence_performance') }}
    where enrollments > 0
    union all
    select
        'account' as level,
        portal_id,
        null as sequence_id,
        {{ measures | join(', ') }},
    from {{ ref('account_overview') }}
    where enrollments > 0
)

{{ difference('added', 'shown') }}
