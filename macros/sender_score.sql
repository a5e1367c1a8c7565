{#
    The sender score over any set of keys: used at the grain of users and of users in a sequence.

    keys: columns to group by, the first two are portal_id and user_id. minimum: ended enrollments that
    a score needs. HubSpot publishes the good ranges but not the points: they are in the seed.
#}
{% macro sender_score(keys, minimum) %}
with days as (
    select * from {{ ref('sender_score_daily') }}
),

bands as (
    select * from {{ ref('sender_score_bands') }}
),

totals as (
    select
        {{ keys | join(', ') }},
        cast(sum(ended) as bigint) as ended_enrollments,
        cast(sum(replied) as bigint) as replied,
        cast(sum(bounced) as bigint) as bounced,
    from days
    group by all
),

counts as (
    select
        *,
        {{ rate_with_interval('replied', '(ended_enrollments - bounced)', 'reply_rate') }}
        {{ rate_with_interval('bounced', 'ended_enrollments', 'bounce_rate') }}
    from totals
),

points as (
    select
        counts.*,
        counts.ended_enrollments >= {{ minimum }} as is_scored,
        -- where all bounced there is no reply rate, and nothing to earn by it
        case when is_scored and counts.reply_rate is null then 0 else replied.points end as reply_points,
        bounced.points as bounce_points,
        case when is_scored then reply_points + bounce_points end as score,
    from counts
    left join bands as replied
        on replied.metric = 'reply_rate' and {{ is_in_band('counts.reply_rate', 'replied') }}
    left join bands as bounced
        on bounced.metric = 'bounce_rate' and {{ is_in_band('counts.bounce_rate', 'bounced') }}
),

final as (
    select
        points.* exclude (replied, bounced, is_scored),
        coalesce(bands.band, 'not enough data') as band,
    from points
    left join bands
        on bands.metric = 'score' and {{ is_in_band('points.score', 'bands') }}
)

select * from final
{% endmacro %}

{% macro is_in_band(value, band) -%}
    case when {{ band }}.is_lower_included
        then {{ value }} >= {{ band }}.lower_bound else {{ value }} > {{ band }}.lower_bound
    end
    and case when {{ band }}.is_upper_included
        then {{ value }} <= {{ band }}.upper_bound else {{ value }} < {{ band }}.upper_bound
    end
{%- endmacro %}
