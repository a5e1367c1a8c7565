-- Whatever an enrollment names is a row of its dimension, also when HubSpot's object was never loaded.
with enrollments as (
    select * from {{ ref('fct_enrollments') }}
),

orphans as (
    select 'account' as missing, portal_id, portal_id as id from enrollments
    anti join {{ ref('dim_accounts') }} using (portal_id)
    union all
    select 'sequence' as missing, portal_id, sequence_id as id from enrollments
    anti join {{ ref('dim_sequences') }} using (portal_id, sequence_id)
    union all
    select 'contact' as missing, portal_id, contact_id as id from enrollments
    anti join {{ ref('dim_contacts') }} using (portal_id, contact_id)
    union all
    select 'company' as missing, portal_id, company_id as id from enrollments
    anti join {{ ref('dim_companies') }} using (portal_id, company_id)
    union all
    select 'user' as missing, portal_id, enrolled_by_user_id as id from enrollments
    anti join {{ ref('dim_users') }} as users
        on
            enrollments.portal_id = users.portal_id
            and enrollments.enrolled_by_user_id = users.user_id
)

select * from orphans
where id is not null
