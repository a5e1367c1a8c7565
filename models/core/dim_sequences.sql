with sequences as (
    select * from {{ ref('stg_hubspot__sequences') }}
),

lengths as (
    select
        portal_id,
        sequence_id,
        coalesce(cast(sum(delay_milliseconds) as bigint), 0) as length_milliseconds,
    from {{ ref('stg_hubspot__sequence_steps') }}
    group by all
),

folders as (
    select * from {{ ref('folders') }}
),

seen as (
    select distinct
        portal_id,
        sequence_id,
    from {{ ref('int_enrollments') }}
    where sequence_id is not null
),

final as (
    select
        coalesce(sequences.portal_id, seen.portal_id) as portal_id,
        coalesce(sequences.sequence_id, seen.sequence_id) as sequence_id,
        sequences.sequence_name,
        sequences.folder_id,
        folders.folder_name,
        sequences.user_id as owner_user_id,
        lengths.length_milliseconds,
        sequences.created_at,
        sequences.updated_at,
        coalesce(sequences.is_archived, false) as is_archived,
        sequences.sequence_id is not null as is_known,
    from sequences
    full outer join seen
        on
            sequences.portal_id = seen.portal_id
            and sequences.sequence_id = seen.sequence_id
    left join lengths
        on
            sequences.portal_id = lengths.portal_id
            and sequences.sequence_id = lengths.sequence_id
    left join folders
        on
            sequences.portal_id = folders.portal_id
            and sequences.folder_id = folders.folder_id
)

select * from final
