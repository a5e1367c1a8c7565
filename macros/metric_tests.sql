{# What must hold of a model that shows sets of metrics (macros/metrics.sql), as the test `holds` takes it. #}
{% macro rules_of(sets) %}
    {%- set rules = {'not_null': [], 'counts': [], 'rates': {}, 'intervals': [], 'conditions': []} -%}
    {%- for set in sets -%}
        {%- for metric in metrics_of(set) -%}
            {%- do (rules.not_null if metric.get('data_type') else rules.counts).append(metric.name) -%}
        {%- endfor -%}
        {%- for ratio in ratios_of(set) -%}
            {%- do rules.rates.update({ratio.name: [ratio['count'], ratio['total']]}) -%}
            {%- do rules.intervals.extend([ratio.name] if ratio.is_share else []) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for set in sets -%}
        {%- for metric in metrics_of(set) -%}
            {%- set named = rules.not_null + rules.counts -%}
            {%- for condition in conditions_of(metric, set) if names_only(named, condition) -%}
                {%- do rules.conditions.append(condition) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(rules) }}
{% endmacro %}

{# No more enrollments count than there are, and nothing adds up where there are none. #}
{% macro conditions_of(metric, set) %}
    {%- set found = metric.get('holds', []) | list -%}
    {%- if set != 'step_measures' and not metric.get('distinct') -%}
        {%- if metric.get('where') -%}
            {%- do found.append(metric.name ~ ' <= enrollments') -%}
        {%- elif metric.get('sum') -%}
            {%- do found.append('enrollments > 0 or ' ~ metric.name ~ ' = 0') -%}
        {%- endif -%}
    {%- endif -%}
    {{ return(found) }}
{% endmacro %}

{# Whether a condition names no metric beside those shown: what holds beside it, holds where both are. #}
{% macro names_only(shown, condition) %}
    {%- set metrics = metric_names('additive_measures') + metric_names('distinct_measures') -%}
    {%- for word in modules.re.findall('[a-z_]+', condition) if word in metrics and word not in shown -%}
        {{ return(false) }}
    {%- endfor -%}
    {{ return(true) }}
{% endmacro %}
