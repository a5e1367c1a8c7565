"""The small tables of an account: users, sequences and their steps, as DuckDB temp tables.

* ``sim_users``: user_no, owner_id, user_id (never equal), names, share_from and share_to (the draws
  whose enrollments are this user's), reply_rate, bounce_rate, open_rate (each 0..1), archived.
* ``sim_steps``: plan_no, step_order, action, task_type, template_id ('' for none), day (days since
  the first step), is_email. A plan is one version of a sequence's definition.
* ``sim_plans``: one row a plan: plan_no, seq_no, sequence_id, name, folder_id, n_steps, days
  (list, by step), email_orders (list of the steps that send an e-mail), task_orders, reply_factor.

Plan 6 is the definition that sequence 2 had before it was edited: another template at step 1 and
a last step that is no longer in use.
"""

from string import Template

# The clock of every simulated account. 2025-06-30 is a Monday; nothing is written after the end.
WINDOW_START = "2025-06-30 00:00:00"
WINDOW_END = "2026-06-30 23:59:59.999"
SEQUENCE_EDITED = "2026-01-15 12:00:00"

# Days after the finish in which a meeting counts; accounts on an old Starter plan have none.
_MEETING_DAYS = {"1002": 0}

# As the seed of accounts has them; any other portal keeps its money in euros.
_CURRENCIES = {"1001": "NOK", "1002": "USD"}
# The same zones under the names that HubSpot has for some of them.
_TIME_ZONES = {"1001": "Europe/Oslo", "1002": "US/Eastern"}

# Hours to add to local working hours to get UTC; any other portal works in UTC.
_HOURS_TO_UTC = {"1001": -1, "1002": 5}


def currency(portal: str) -> str:
    """In which a portal keeps its money."""
    return _CURRENCIES.get(portal, "EUR")


def time_zone(portal: str) -> str:
    """In which a portal has its days."""
    return _TIME_ZONES.get(portal, "UTC")


_USERS = Template(
    """
    create or replace temp table sim_users as
    select
        user_no,
        ($first_owner + user_no * 1117)::varchar as owner_id,
        ($first_user + user_no * 731)::varchar as user_id,
        first_name,
        last_name,
        share_from,
        share_to,
        -- Portals differ: the same user number replies better in one than in the other.
        least(0.18, greatest(0.02, reply_rate * (0.8 + 0.4 * draw(key_hash(user_no), 'rr'))))
            as reply_rate,
        least(0.06, greatest(0.006, bounce_rate * (0.8 + 0.4 * draw(key_hash(user_no), 'br'))))
            as bounce_rate,
        open_rate,
        archived,
    from (
        values
            (0, 'Ingrid', 'Berg', 0.00, 0.25, 0.11, 0.010, 0.34, false),
            (1, 'Jonas', 'Lie', 0.25, 0.46, 0.17, 0.006, 0.40, false),
            (2, 'Mara', 'Quinn', 0.46, 0.64, 0.07, 0.026, 0.30, false),
            (3, 'Tom', 'Okafor', 0.64, 0.82, 0.03, 0.055, 0.22, false),
            (4, 'Eva', 'Nowak', 0.82, 0.97, 0.13, 0.034, 0.36, false),
            (5, 'Leif', 'Dahl', 0.97, 1.00, 0.09, 0.020, 0.28, true)
    ) as users (
        user_no, first_name, last_name, share_from, share_to, reply_rate, bounce_rate, open_rate,
        archived
    );
    """
)

_STEPS = """
    create or replace temp table sim_steps as
    select
        plan_no,
        step_order,
        action,
        task_type,
        case when template_no = 0 then '' else (70000000 + template_no * 917)::varchar end
            as template_id,
        (sum(delay_days) over (partition by plan_no order by step_order))::bigint as day,
        template_no > 0 as is_email,
        delay_days,
    from (
        values
            (0, 0, 'EMAIL', '', 0, 11), (0, 1, 'EMAIL', '', 3, 12), (0, 2, 'TASK', 'CALL', 3, 0),
            (0, 3, 'EMAIL', '', 4, 13), (0, 4, 'EMAIL', '', 5, 14),
            (1, 0, 'EMAIL', '', 0, 21), (1, 1, 'EMAIL', '', 3, 22),
            (1, 2, 'TASK', 'LINKED_IN_CONNECT', 3, 0), (1, 3, 'EMAIL', '', 4, 23),
            (1, 4, 'TASK', 'CALL', 4, 0), (1, 5, 'EMAIL', '', 5, 24), (1, 6, 'EMAIL', '', 7, 25),
            (2, 0, 'EMAIL', '', 0, 31), (2, 1, 'TASK', 'EMAIL', 3, 32), (2, 2, 'EMAIL', '', 4, 33),
            (2, 3, 'EMAIL', '', 5, 34),
            (3, 0, 'EMAIL', '', 0, 41), (3, 1, 'TASK', 'CALL', 4, 0), (3, 2, 'EMAIL', '', 5, 42),
            (4, 0, 'EMAIL', '', 0, 51), (4, 1, 'EMAIL', '', 5, 52), (4, 2, 'EMAIL', '', 7, 53),
            (4, 3, 'TASK', 'EMAIL', 4, 54),
            (5, 0, 'TASK', 'TODO', 0, 0), (5, 1, 'EMAIL', '', 3, 61), (5, 2, 'TASK', 'CALL', 3, 0),
            (5, 3, 'EMAIL', '', 4, 62), (5, 4, 'EMAIL', '', 5, 63), (5, 5, 'EMAIL', '', 7, 64),
            (6, 0, 'EMAIL', '', 0, 31), (6, 1, 'EMAIL', '', 3, 39), (6, 2, 'EMAIL', '', 4, 33),
            (6, 3, 'EMAIL', '', 5, 34), (6, 4, 'TASK', 'CALL', 4, 0)
    ) as steps (plan_no, step_order, action, task_type, delay_days, template_no);
"""

# Plans 0..5 are the present definitions of sequences 0..5; plan 6 is the old one of sequence 2.
_PLANS = """
    create or replace temp table sim_plans as
    select
        plan_no,
        seq_no,
        (330000000 + seq_no * 10007)::varchar as sequence_id,
        name,
        folder_id,
        reply_factor,
        count(*) as n_steps,
        list(day order by step_order) as days,
        list(step_order order by step_order) filter (where is_email) as email_orders,
        list(step_order order by step_order) filter (where action = 'TASK') as task_orders,
    from sim_steps
    inner join (
        values
            (0, 0, 'Inbound demo request', '501', 1.25), (1, 1, 'Outbound cold intro', '502', 0.7),
            (2, 2, 'Event follow-up', '501', 1.1), (3, 3, 'Renewal check-in', '503', 1.3),
            (4, 4, 'Win back', '', 0.8), (5, 5, 'Partner introduction', '502', 1.0),
            (6, 2, 'Event follow-up', '501', 1.1)
    ) as plans (plan_no, seq_no, name, folder_id, reply_factor) using (plan_no)
    group by all;
"""

# Times are epoch milliseconds (bigint) until the moment they are written.
_CLOCK = Template(
    """
    create or replace temp macro window_start() as epoch_ms(timestamp '$start');
    create or replace temp macro window_end() as epoch_ms(timestamp '$end');
    create or replace temp macro sequence_edited() as epoch_ms(timestamp '$edited');
    create or replace temp macro hours_to_utc() as $shift;
    create or replace temp macro home_currency() as '$currency';
    create or replace temp macro meeting_days() as $meeting_days;
    create or replace temp macro iso(ms) as
        strftime(make_timestamp(ms * 1000), '%Y-%m-%dT%H:%M:%S.%gZ');
    create or replace temp macro off_weekend(ms) as
        ms + case when (ms // 86400000 + 3) % 7 >= 5 then 172800000 else 0 end;
    create or replace temp macro working_hour(u) as hours_to_utc() + case
        when u < 0.08 then 8 when u < 0.25 then 9 when u < 0.42 then 10 when u < 0.54 then 11
        when u < 0.59 then 12 when u < 0.71 then 13 when u < 0.83 then 14 when u < 0.92 then 15
        when u < 0.98 then 16 else 17
    end;
    """
)


def setup(portal: str) -> str:
    """SQL that creates the small tables and clock macros of one portal (after the draw macros)."""
    # Different user ids in each portal; contact, sequence and enrollment ids are the same in all
    # of them on purpose: a join that forgets the portal must show.
    first = 5_000_000 + 10_000 * (int(portal) % 1000)
    users = _USERS.substitute(first_owner=first + 60_000_000, first_user=first)
    clock = _CLOCK.substitute(
        start=WINDOW_START,
        end=WINDOW_END,
        edited=SEQUENCE_EDITED,
        shift=_HOURS_TO_UTC.get(portal, 0),
        currency=currency(portal),
        meeting_days=_MEETING_DAYS.get(portal, 7),
    )
    return clock + users + _STEPS + _PLANS
