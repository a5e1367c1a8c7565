"""Deals of the contacts of a slice: ``sim_deals``, one row a deal.

enrollment_no, h, deal_id, contact_id, other_contact_id (null for most), owner_id, created_ms,
close_ms, amount (text, '' when missing), currency ('' when the deal names none), home_amount and rate (text,
'' when missing), pipeline, stage, is_closed, is_won, archived.
Most deals are created after the enrollment that led to them; one in seven before it, so that a
warehouse that credits forward in time is found out.
"""

MACROS = """
    create or replace temp macro in_euros(currency) as case currency
        when 'NOK' then 0.085 when 'USD' then 0.92 when 'GBP' then 1.17 else 1.0
    end::decimal(9, 3);
    create or replace temp macro exchange_rate(currency) as
        if(currency in ('', home_currency()), 1.0, round(
            in_euros(currency)::double / in_euros(home_currency())::double, 4
        ))::decimal(9, 4);
"""

SLICE = """
    create or replace temp table sim_deals as
    with created as (
        select
            enrollments.enrollment_no,
            enrollments.h,
            (20880000000 + enrollments.enrollment_no * 19)::varchar as deal_id,
            enrollments.contact_id,
            case
                when draw(h, 'second contact') < 0.2 and contact_no > 0
                    then contact_id_of(contact_no - 1)
            end as other_contact_id,
            users.owner_id,
            case
                when draw(h, 'deal first') < 0.15
                    then enrolled_ms - 3600000 - draw_int(h, 'deal created', 2592000000)
                else coalesce(end_ms, enrolled_ms) + draw_int(h, 'deal created', 2160000000)
            end as created_ms,
            created_ms + 86400000 + draw_int(h, 'deal closed', 5184000000) as close_ms,
            case
                when draw(h, 'amount') < 0.06 then ''
                else (2000 + floor(draw(h, 'amount') * draw(h, 'amount') * 180) * 500)::bigint
                    || if(draw(h, 'cents') < 0.2, '.50', '')
            end as amount,
            case
                when draw(h, 'currency') < 0.12 then ''
                when draw(h, 'currency') < 0.70 then home_currency()
                else ['EUR', 'GBP', 'NOK', 'USD'][1 + draw_int(h, 'which currency', 4)]
            end as currency,
            if(draw(h, 'pipeline') < 0.2, '61234567', 'default') as pipeline,
            draw(h, 'stage') as stage_draw,
            draw(h, 'deal archived') < 0.02 as archived,
        from sim_enrollments as enrollments
        inner join sim_users as users using (user_no)
        where draw(h, 'deal') < case outcome
            when 'meeting' then 0.45 when 'replied' then 0.25 else 0.03
        end
    )

    select
        *,
        -- What HubSpot leaves out of a deal in another currency: its amount at home, or the rate too.
        if(
            amount = '' or draw(h, 'home amount') < if(currency = home_currency(), 0.1, 0.3), '',
            (amount::decimal(18, 2) * exchange_rate(currency))::decimal(18, 2)::varchar
        ) as home_amount,
        if(
            currency = '' or draw(h, 'home amount') < 0.05, '', exchange_rate(currency)::varchar
        ) as rate,
        stage_draw < 0.6 and close_ms <= window_end() as is_closed,
        stage_draw < 0.35 and close_ms <= window_end() as is_won,
        case
            when pipeline = 'default' then case
                when is_won then 'closedwon' when is_closed then 'closedlost'
                when stage_draw < 0.8 then 'appointmentscheduled' else 'qualifiedtobuy'
            end
            else case when is_won then '61234571' when is_closed then '61234572' else '61234570' end
        end as stage,
    from created
    where created_ms <= window_end();
"""
