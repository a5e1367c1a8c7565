{{ config(materialized = 'view') }}

select
    portal_id,
    object_id as contact_id,
    survivor_object_id as survivor_contact_id,
from {{ ref('int_objects__survivors') }}
where object_type = 'contacts'
