-- depends_on: {{ ref('int_applied__load') }}
select * from {{ ref('int_entities__inputs') }}
