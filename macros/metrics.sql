{#
    The metrics of HubSpot's screens as SQL, tests and names. What they are is said once, in the vars
    `metrics` and `step_metrics` of dbt_project.yml. Models name sets of them:

        additive_measures   counts and sums that add up over any keys
        distinct_measures   distinct contacts and companies: right for their keys only, they do not add up
        measure_rates       the rates over both, with their intervals
        monthly_counts      what "enrollments by month" shows, and its ratios: monthly_ratios
        step_measures       what the steps of enrollments add up to, and its rates: step_rates
#}

{# Over started rows of `fct_enrollments` that are called `enrollments`; a key without any has zeros. #}
{% macro additive_measures() -%}
    {{ measures('additive_measures', 'enrollments') }}
{%- endmacro %}

{% macro distinct_measures() -%}
    {{ measures('distinct_measures', 'enrollments') }}
{%- endmacro %}

{% macro monthly_counts() -%}
    {{ measures('monthly_counts', 'enrollments') }}
{%- endmacro %}

{# Over rows of `fct_enrollment_steps` that are called `steps`. #}
{% macro step_measures() -%}
    {{ measures('step_measures', 'steps') }}
{%- endmacro %}

{# Over the measures above, by their names. #}
{% macro measure_rates() -%}
    {{ ratios('measure_rates') }}
{%- endmacro %}

{% macro monthly_ratios() -%}
    {{ ratios('monthly_ratios') }}
{%- endmacro %}

{% macro step_rates() -%}
    {{ ratios('step_rates') }}
{%- endmacro %}

{# The counts and sums of a set, each as the list says it. #}
{% macro metrics_of(set) %}
    {%- if set == 'step_measures' -%}
        {{ return(var('step_metrics')) }}
    {%- elif set == 'monthly_counts' -%}
        {{ return(var('metrics') | selectattr('monthly', 'defined') | list) }}
    {%- elif set == 'additive_measures' -%}
        {{ return(var('metrics') | rejectattr('distinct', 'defined') | list) }}
    {%- elif set == 'distinct_measures' -%}
        {%- set found = var('metrics') | selectattr('distinct', 'defined') | list -%}
        {%- for metric in var('metrics') if metric.get('rate') -%}
            {%- set of_contacts = 'contact_' ~ metric.name -%}
            {%- do found.append({
                'name': of_contacts, 'distinct': 'contact_id', 'where': metric.where,
                'holds': [of_contacts ~ ' <= least(contacts, ' ~ metric.name ~ ')'],
            }) -%}
        {%- endfor -%}
        {{ return(found) }}
    {%- endif -%}
    {{ return([]) }}
{% endmacro %}

{# The rates and ratios of a set; a share has an interval. What is summed may outnumber what it is over. #}
{% macro ratios_of(set) %}
    {%- set found = [] -%}
    {%- for metric in var('metrics') if set == 'measure_rates' and metric.get('rate') -%}
        {%- do found.append({
            'name': metric.rate, 'count': metric.name, 'total': 'enrollments', 'is_share': true,
        }) -%}
        {%- do found.append({
            'name': 'contact_' ~ metric.rate, 'count': 'contact_' ~ metric.name, 'total': 'contacts', 'is_share': false,
        }) -%}
    {%- endfor -%}
    {%- for metric in var('metrics') if set == 'monthly_ratios' and metric.get('per_enrollment') -%}
        {%- do found.append({
            'name': metric.per_enrollment, 'count': metric.name, 'total': 'enrollments', 'is_share': false,
        }) -%}
    {%- endfor -%}
    {%- for metric in var('step_metrics') if set == 'step_rates' and metric.get('rate') -%}
        {%- do found.append({
            'name': metric.rate, 'count': metric.name, 'total': 'steps_executed', 'is_share': not metric.get('sum'),
        }) -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{% macro metric_names(set) %}
    {{ return(metrics_of(set) | map(attribute='name') | list) }}
{% endmacro %}

{# Of a set, what adds up over rows. #}
{% macro additive_names(set) %}
    {{ return(metrics_of(set) | rejectattr('distinct', 'defined') | map(attribute='name') | list) }}
{% endmacro %}

{# A set that adds up, from rows of a finer grain. #}
{% macro summed(set) -%}
    {%- for metric in metrics_of(set) %}
    cast(sum({{ metric.name }}) as {{ metric.get('data_type', 'bigint') }}) as {{ metric.name }},
    {%- endfor %}
{%- endmacro %}

{% macro measures(set, rows) -%}
    {%- for metric in metrics_of(set) %}
    {%- set condition = ' filter (where ' ~ metric.where ~ ')' if metric.get('where') else '' %}
    {%- if metric.get('sum') %}
    cast(coalesce(sum({{ rows }}.{{ metric.sum }}), 0) as {{ metric.get('data_type', 'bigint') }}) as {{ metric.name }},
    {%- elif metric.get('distinct') %}
    count(distinct {{ rows }}.{{ metric.distinct }}){{ condition }} as {{ metric.name }},
    {%- else %}
    count({{ rows }}.enrollment_id){{ condition }} as {{ metric.name }},
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{% macro ratios(set) -%}
    {%- for ratio_of_set in ratios_of(set) %}
    {%- set name, count, total = ratio_of_set.name, ratio_of_set['count'], ratio_of_set.total %}
    {%- if ratio_of_set.is_share %}
    {{ rate_with_interval(count, total, name) }}
    {%- else %}
    {{ ratio(count, total) }} as {{ name }},
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{% macro ratio(numerator, denominator) -%}
    {{ numerator }} / nullif({{ denominator }}, 0)
{%- endmacro %}

{% macro rate_with_interval(numerator, denominator, name) -%}
    {{ ratio(numerator, denominator) }} as {{ name }},
    {{ wilson_bound(numerator, denominator, '-') }} as {{ name }}_lower,
    {{ wilson_bound(numerator, denominator, '+') }} as {{ name }}_upper,
{%- endmacro %}

{#
    A bound of the 95 % confidence interval of a rate, by Wilson's score method: it stays within 0..1 and
    holds for small counts. Null where there is nothing to divide by, and where more count than could
    (a step's meetings may outnumber its executions): then it is no share of anything.
#}
{% macro wilson_bound(numerator, denominator, sign) -%}
    {%- set z = 1.959963984540054 -%}
    case
        when {{ denominator }} > 0 and {{ numerator }} <= {{ denominator }}
            then greatest(0, least(1, (
                {{ numerator }} + {{ z * z / 2 }}
                {{ sign }} {{ z }} * sqrt(
                    {{ numerator }} * ({{ denominator }} - {{ numerator }}) / {{ denominator }} + {{ z * z / 4 }}
                )
            ) / ({{ denominator }} + {{ z * z }})))
    end
{%- endmacro %}
