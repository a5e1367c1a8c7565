{#
    How the values of HubSpot are spelled, by HubSpot itself and by what stands between it and us: the one
    reading of ids, times, booleans and amounts. Each takes SQL of a text, best a column, and gives null for
    what it cannot read. The loader expands these same macros (`src/sequence_warehouse/load/values.py`), so
    nothing here asks dbt for anything; `missing_values()` is given by each.
#}

{#
    An id. Tools that take ids for numbers write 501.0, or 5.12E+11, in which digits are lost: that is none.
    Text such as 84e27 is an id.
#}
{% macro id_text(text) -%}
    case
        when coalesce({{ text }}, '') = '' then null
        -- nearly all are settled by their signs: digits, and the parts of an event's id
        when regexp_full_match({{ text }}, '[0-9]+(-[0-9A-Za-z_:-]*)?') then {{ text }}
        when regexp_full_match({{ text }}, '[0-9A-Za-z_:-]+')
            and not regexp_full_match({{ text }}, '[0-9]+[eE]-[0-9]+')
            and ({{ text }}) not in ({{ missing_values() }}) then {{ text }}
        when trim({{ text }}) in ('', {{ missing_values() }}) or {{ is_rounded_number(text) }} then null
        when regexp_full_match(trim({{ text }}), '-?[0-9]+\.0+') then split_part(trim({{ text }}), '.', 1)
        else trim({{ text }})
    end
{%- endmacro %}

{# A number as programs print large ones: a point before the e, or a sign after it. #}
{% macro is_rounded_number(text) -%}
    regexp_full_match(
        trim({{ text }}), '[+-]?([0-9]+[.,][0-9]*|[.,][0-9]+)[eE][+-]?[0-9]+|[+-]?[0-9]+[eE][+-][0-9]+'
    )
{%- endmacro %}

{% macro truth(text) -%}
    case
        when lower(trim({{ text }})) in ('true', '1', '1.0', 'yes') then true
        when lower(trim({{ text }})) in ('false', '0', '0.0', 'no') then false
    end
{%- endmacro %}

{#
    An instant: ISO 8601, extended or basic, unpadded too, in UTC where it has no offset; or a number, an
    epoch by its magnitude. What is neither has no other reading: not 20260105, not Excel's 45000. Years are
    0001 to 9999: DuckDB takes 0000 for the year before Christ, and knows more years than programs that read it.
#}
{% macro instant(text) -%}
    case
        when regexp_full_match(
            {{ text }},
            '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([T ][0-9]{1,2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)?)?'
        ) and {{ text }} between '0002' and '9999' then try_cast({{ text }} as timestamptz)
        when regexp_full_match(trim({{ text }}), '[+-]?[0-9]+([.][0-9]*)?([eE][+]?[0-9]+)?')
            then {{ epoch_instant("trim(" ~ text ~ ")") }}
        else list_filter(list_transform([{{ iso_spelled_out(text) }}], lambda iso: case
            when regexp_full_match(
                iso,
                '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(T[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}([.][0-9]+)?(Z|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)?)?'
            ) then try_cast(iso as timestamptz)
        end), lambda found: found between timestamptz '0001-01-01 00:00:00+00'
            and timestamptz '9999-12-31 23:59:59.999999+00')[1]
    end
{%- endmacro %}

{# Digits by their magnitude, of either sign: seconds from 1e8, then milli-, micro- and nanoseconds. #}
{% macro epoch_instant(digits) -%}
    list_transform([try_cast({{ digits }} as decimal(38, 9))], lambda number: case
        -- a calendar time that somebody wrote without its signs
        when regexp_full_match({{ digits }}, '[0-9]{14}') and try_strptime({{ digits }}, '%Y%m%d%H%M%S') is not null
            then null
        when abs(number) < 100000000 then null
        when abs(number) < 100000000000 then {{ instant_of_microseconds("number * 1000000") }}
        when abs(number) < 100000000000000 then {{ instant_of_microseconds("number * 1000") }}
        when abs(number) < 100000000000000000 then {{ instant_of_microseconds("number") }}
        when abs(number) < 100000000000000000000 then {{ instant_of_microseconds("number * 0.001") }}
    end)[1]
{%- endmacro %}

{# From the year 1 on: what is before has no date in ISO 8601. #}
{% macro instant_of_microseconds(number) -%}
    case when {{ number }} >= -62135596800000000 then make_timestamptz(cast(round({{ number }}) as bigint)) end
{%- endmacro %}

{# ISO 8601 as a cast reads it: of the basic form, without seconds, with a comma or space before the zone. #}
{% macro iso_spelled_out(text) -%}
    {%- set steps = [
        ("^(.{8,10}?)[T ]+([0-9])", "\\1T\\2"),
        ("(T[^ ]*) *(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)$", "\\1\\2"),
        ("UTC$", "Z"),
        ("^([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})", "\\1-\\2-\\3T\\4"),
        ("T([0-9]{2})([0-9]{2})([0-9]{2})?", "T\\1:\\2:\\3"),
        ("T([0-9]{1,2})(Z|[+-]|$)", "T\\1:00\\2"),
        ("(T[0-9]{1,2}:[0-9]{1,2}):?(Z|[+-]|$)", "\\1:00\\2"),
    ] -%}
    {%- set spelled = namespace(sql = "replace(upper(trim(" ~ text ~ ")), ',', '.')") -%}
    {%- for pattern, replacement in steps -%}
        {%- set how = "'" ~ pattern ~ "', '" ~ replacement ~ "'" -%}
        {%- set spelled.sql = "regexp_replace(" ~ spelled.sql ~ ", " ~ how ~ ")" -%}
    {%- endfor -%}
    {{ spelled.sql }}
{%- endmacro %}

{#
    An amount as people and programs write it, exact to six decimals: 1000,50 and $1,000.50 and 1 000. One
    comma that three digits follow may be either sign, so it says nothing. Amounts of 1e20 and more are read
    as none: nobody has them, and sums of them would not fit.
#}
{% macro money(text) -%}
    list_transform(
        [try_cast({{ plain_number(text) }} as decimal(38, 6))],
        lambda amount: case when abs(amount) < 100000000000000000000 then amount end
    )[1]
{%- endmacro %}

{# A number with a point for its decimals and nothing else, or null. #}
{% macro plain_number(text) -%}
    list_transform([regexp_replace({{ text }}, '[\s\p{Z}\p{Sc}]', '', 'g')], lambda bare: case
        when regexp_full_match(bare, '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+]?[0-9]{1,2})?') then bare
        -- a cast of 5e-51 to a decimal rounds up
        when regexp_full_match(bare, '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)[eE]-[0-9]{1,2}')
            then cast(try_cast(try_cast(bare as double) as decimal(38, 6)) as varchar)
        when regexp_full_match(bare, '[+-]?([0-9]*,([0-9]{1,2}|[0-9]{4,})|[0-9]+,)') then replace(bare, ',', '.')
        when regexp_full_match(bare, '[+-]?[0-9]+((,[0-9]+)+[.][0-9]*|(,[0-9]+){2,})') then replace(bare, ',', '')
        when regexp_full_match(bare, '[+-]?[0-9]+(([.][0-9]+)+,[0-9]*|([.][0-9]+){2,})')
            then replace(replace(bare, '.', ''), ',', '.')
    end)[1]
{%- endmacro %}

{#
    JSON that any parser reads, from JSON that some programs write: half an emoji (a lone surrogate) is U+FFFD,
    a bare NaN or Infinity is null (or what `not_a_number` says), and a number in the notation of large ones, or
    with more digits than a parser keeps, is its own text, so that what reads an id sees how it was printed.
    Null where there is nothing to mend, as most often: looked at closely only where one pattern hits.
#}
{% macro mended_json(text, not_a_number='null') -%}
    case
        when
            regexp_matches(
                {{ text }},
                '[:\[,]\s*-?(?:[0-9]+(?:[.][0-9]+)?[eE]|[0-9]{16,}[.]|[nN][aA][nN]|[iI][nN][fF])|\\u[dD][89a-fA-F]'
            )
            then array_to_string(list_transform(
                regexp_extract_all(
                    {{ text }}, '"(?:[^"\\]|\\[^uU]|\\[uU][0-9a-fA-F]{4})*"|[^"]+|"'
                ),
                lambda part: case
                    when not starts_with(part, '"') then regexp_replace(
                        regexp_replace(part, '-?(?:nan|inf(?:inity)?)', '{{ not_a_number }}', 'gi'),
                        '(-?[0-9]+(?:[.][0-9]+[eE][+-]?|[eE][+-])[0-9]+|-?[0-9]{16,}[.][0-9]+)', '"\1"', 'g'
                    )
                    when not contains(lower(part), '\ud') then part
                    else array_to_string(list_transform(
                        regexp_extract_all(
                            part,
                            '\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\.|[^\\]+'
                        ),
                        lambda piece: case
                            when length(piece) = 6 and regexp_full_match(piece, '\\u[dD][89a-fA-F][0-9a-fA-F]{2}')
                                then '\ufffd'
                            else piece
                        end
                    ), '')
                end
            ), '')
    end
{%- endmacro %}

{# What an amount is worth by a rate: exact, in two parts, since a product of both would not fit. #}
{% macro converted(amount, rate) -%}
    cast(
        cast(trunc({{ amount }}) as decimal(20, 0)) * {{ rate }}
        + cast(cast({{ amount }} - trunc({{ amount }}) as decimal(6, 6)) * {{ rate }} as decimal(38, 12))
        as decimal(38, 6)
    )
{%- endmacro %}

{# A rate of exchange: positive, below a million, to twelve decimals. #}
{% macro exchange_rate(text) -%}
    list_transform(
        [try_cast({{ plain_number(text) }} as decimal(18, 12))],
        lambda rate: case when rate > 0 then rate end
    )[1]
{%- endmacro %}

{# The domain of an e-mail address that may have spaces and a display name around it, in lower case. #}
{% macro email_domain(text) -%}
    nullif(lower(regexp_extract({{ text }}, '@[\s\p{Z}\x{200b}]*([^@\s\p{Z}\x{200b}<>()",;]+)[^@]*$', 1)), '')
{%- endmacro %}
