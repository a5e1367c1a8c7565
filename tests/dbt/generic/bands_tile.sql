{#
    The ranges of each metric follow on each other from 0 to the greatest value it can have: no gap, no
    overlap, and each bound between two ranges belongs to exactly one of them. Shows the rows that fail.
#}
{% test bands_tile(model) %}
with bands as (
    select
        *,
        case when metric = 'score' then 100 else 1 end as greatest_value,
        lag(upper_bound) over metrics as lower_neighbour,
        lag(is_upper_included) over metrics as is_in_lower_neighbour,
        lead(lower_bound) over metrics as upper_neighbour,
    from {{ model }}
    window metrics as (partition by metric order by lower_bound)
)

select * from bands
where
    lower_bound >= upper_bound
    or case
        when lower_neighbour is null then lower_bound <> 0 or not is_lower_included
        else lower_bound <> lower_neighbour or is_lower_included = is_in_lower_neighbour
    end
    or (upper_neighbour is null and (upper_bound <> greatest_value or not is_upper_included))
{% endtest %}
