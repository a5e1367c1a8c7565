{#
    The ids in a list of links, given as SQL of JSON, in whatever shape it came: each once, in their order. Shapes are
    HubSpot's pages, v3 (`id`) and v4 (`toObjectId`), lists of ids, lists of rows that name the linked id by its type
    (`contacts_id`, where `value` is the id of the other end), one of these as text of JSON, text with `;` or `,`
    between ids, one id. `objects` is the linked type, as in `contacts`.
#}
{% macro linked_ids(links, objects) -%}
    list_transform(
        [{{ ids_in(link_texts(links, objects), 'item') }}],
        lambda ids: list_filter(ids, lambda id, place: list_position(ids, id) = place)
    )[1]
{%- endmacro %}

{# Whether a list of links says anything: an empty list says there are none, a missing one or "" nothing. #}
{% macro is_told(links) -%}
    coalesce(nullif(trim({{ links }} ->> '$'), ''), 'null') <> 'null'
{%- endmacro %}

{# The texts of single links; a text with several ids, or with another list's brackets in it, is split. #}
{% macro link_texts(links, objects) -%}
    {%- set singular = {'companies': 'company'}.get(objects, objects[:-1]) -%}
    {%- set names = [
        'toObjectId', 'to_object_id', objects ~ '_id', singular ~ '_id', 'to.id', 'id', 'vid',
    ] -%}
    flatten(list_transform(
        list_transform(
            {#- text of JSON, what it is wrapped in, the page: each opened in turn -#}
            [list_reduce([{{ links }}, null, null, null, null], lambda page, again: {{ opened_links('page', objects) }})],
            lambda page: case when json_type(page) = 'ARRAY' then json_extract(page, '$[*]') else [page] end
        )[1],
        lambda link: string_split_regex(
            regexp_replace(
                case json_type(link)
                    when 'OBJECT' then coalesce(
                        {%- for name in names %}
                        nullif(link ->> '$.{{ name }}', ''),
                        {%- endfor %}
                        {#- beside a linked id, be it empty, the value is the other end's #}
                        case when (link -> '$.{{ objects }}_id') is null then link ->> '$.value' end
                    )
                    else link ->> '$'
                end,
                '[\[\]{}"'']', '', 'g'
            ),
            '[;,|]'
        )
    ))
{%- endmacro %}

{# One wrapping less; what is in none stays. #}
{% macro opened_links(page, objects) -%}
    case json_type({{ page }})
        when 'OBJECT' then coalesce(
            {{ page }} -> '$.results', {{ page }} -> '$.{{ objects }}',
            case when json_type({{ page }} -> '$.to') = 'ARRAY' then {{ page }} -> '$.to' end,
            {{ page }}
        )
        when 'VARCHAR' then case
            when regexp_matches({{ page }} ->> '$', '^\s*[\[{]') and json_valid({{ page }} ->> '$')
                then cast({{ page }} ->> '$' as json)
            else {{ page }}
        end
        else {{ page }}
    end
{%- endmacro %}
