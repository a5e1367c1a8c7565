{#
    What must hold of every model that shows sets of metrics (macros/metrics.sql): for the test `holds`.
#}

{# Counts are 0 where there is nothing; so are the ratios of months, which have enrollments. #}
{% macro metrics_not_null(sets) %}
    {%- set found = [] -%}
    {%- for set in sets -%}
        {%- do found.extend(metric_names(set)) -%}
        {%- if set == 'monthly_ratios' -%}
            {%- do found.extend(var('metrics') | selectattr('per_enrollment', 'defined') | map(attribute='per_enrollment')) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{% macro metrics_conditions(sets) %}
    {%- set found = [] -%}
    {%- set shown = metrics_not_null(sets) -%}
    {%- for set in sets -%}
        {%- for metric in metrics_of(set) -%}
            {%- for condition in metric.get('holds', []) if names_only(shown, condition) -%}
                {%- do found.append(condition) -%}
            {%- endfor -%}
            {%- if metric.get('where') and not metric.get('distinct') and set != 'step_measures' -%}
                {%- do found.append(metric.name ~ ' <= enrollments') -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if metrics_of(set) -%}
            {%- set counts = metrics_of(set) | rejectattr('data_type', 'defined') | map(attribute='name') -%}
            {%- do found.append('least(' ~ counts | join(', ') ~ ') >= 0') -%}
        {%- endif -%}
        {%- for metric in var('metrics') if set == 'measure_rates' and metric.get('rate') -%}
            {%- do found.extend(rate_conditions(metric.name, 'enrollments', metric.rate)) -%}
            {%- do found.extend(interval_conditions(metric.rate)) -%}
            {%- do found.extend(rate_conditions('contact_' ~ metric.name, 'contacts', 'contact_' ~ metric.rate)) -%}
        {%- endfor -%}
        {%- for metric in var('metrics') if set == 'monthly_ratios' and metric.get('per_enrollment') -%}
            {%- do found.extend(rate_conditions(metric.name, 'enrollments', metric.per_enrollment)) -%}
        {%- endfor -%}
        {%- for metric in var('step_metrics') if set == 'step_rates' and metric.get('rate') -%}
            {%- do found.extend(rate_conditions(metric.name, 'steps_executed', metric.rate)) -%}
            {%- if not metric.get('sum') -%}
                {%- do found.extend(interval_conditions(metric.rate)) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{# Whether a condition names no metric beside those shown: what holds beside it, holds where both are. #}
{% macro names_only(shown, condition) %}
    {%- set metrics = metric_names('additive_measures') + metric_names('distinct_measures') + metric_names('step_measures') -%}
    {%- for word in modules.re.findall('[a-z_]+', condition) if word in metrics and word not in shown -%}
        {{ return(false) }}
    {%- endfor -%}
    {{ return(true) }}
{% endmacro %}

{# Null where there is nothing to divide by, and within 0..1 where no more is counted than could be. #}
{% macro rate_conditions(count, total, rate) %}
    {{ return([
        '(' ~ total ~ ' = 0) = (' ~ rate ~ ' is null)',
        rate ~ ' >= 0 and (' ~ rate ~ ' <= 1 or ' ~ count ~ ' > ' ~ total ~ ')',
    ]) }}
{% endmacro %}

{% macro interval_conditions(rate) %}
    {{ return([
        rate ~ ' between ' ~ rate ~ '_lower - 1e-9 and ' ~ rate ~ '_upper + 1e-9',
        rate ~ '_lower >= 0 and ' ~ rate ~ '_upper <= 1',
    ]) }}
{% endmacro %}
