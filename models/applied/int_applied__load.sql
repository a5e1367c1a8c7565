-- depends_on: {{ ref('int_enrollments') }}
-- depends_on: {{ ref('int_enrollment_steps') }}
-- depends_on: {{ ref('fct_sequence_events') }}
select coalesce(max(load_id), '') as load_id
from {{ ref('stg_hubspot__events') }}
