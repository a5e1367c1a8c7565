{# A field of an API object as text, null when missing or "": from its properties, else from its top
   level (owners and sequences have no properties; exports may put their fields there). #}
{% macro object_field(name) -%}
    coalesce(
        nullif(record ->> '$.properties."{{ name }}"', ''),
        nullif(record ->> '$."{{ name }}"', '')
    )
{%- endmacro %}

{# Text as an instant: ISO 8601 (UTC where it has no offset) or epoch milliseconds; else null. #}
{% macro instant(text) -%}
    case
        when regexp_full_match({{ text }}, '-?\d+(\.\d+)?')
            then case
                -- years 1 to 9999, in milliseconds
                when try_cast({{ text }} as double) between -62135596800000 and 253402300799999
                    then make_timestamptz(cast(round(try_cast({{ text }} as double) * 1000) as bigint))
            end
        -- "infinity" is a time to DuckDB only
        when isfinite(try_cast({{ text }} as timestamptz)) then try_cast({{ text }} as timestamptz)
    end
{%- endmacro %}

{#
    Text as an exact amount of money, six decimals; null when it is none ("1_000" is a number to DuckDB
    only). Amounts of 1e20 and more are read as none: nobody has them, and sums of them would not fit.
#}
{% macro money(text) -%}
    case
        when
            not contains({{ text }}, '_')
            and abs(try_cast({{ text }} as decimal(38, 6))) < 100000000000000000000
            then try_cast({{ text }} as decimal(38, 6))
    end
{%- endmacro %}
