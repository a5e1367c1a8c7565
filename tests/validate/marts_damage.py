"""What may be wrong with built tables, and who must say so: a dbt test, or an expectation of a suite.

A damage is the name of the dbt test or of the suite, a piece of what it then says ("" for a dbt test of
`tests/dbt`, which says nothing), and the SQL that breaks one detail of a publication that is right.
"""

_FACT = "core.fct_enrollments"
_FACT_HOLDS = "fct_enrollments__holds"
_DEALS = "core.fct_deals"
_LIST = "reports.enrollment_list"
_ENGAGED = "reports.engaged_contacts"
_MONTHLY = "reports.monthly_enrollments"
_BESIDE = "reports.reconciliation"
_BESIDE_HOLDS = "reconciliation__holds"
_A_DEAL = f"(select min(deal_id) from {_DEALS} where credited_enrollment_id is not null)"

ROWS = [
    (_FACT_HOLDS, "enrollment_id <> ''", f"update {_FACT} set enrollment_id = ''"),
    (_FACT_HOLDS, "status in (", f"update {_FACT} set status = 'done'"),
    (_FACT_HOLDS, "status_detail is null or", f"update {_FACT} set status_detail = 'manual'"),
    (
        _FACT_HOLDS,
        "status_detail is null or",
        f"update {_FACT} set status_detail = 'paused_by_user' where status <> 'paused'",
    ),
    (
        _FACT_HOLDS,
        "deals > 0 or revenue = 0",
        f"update {_FACT} set revenue = -0.000001 where deals = 0",
    ),
    (_FACT_HOLDS, "deals = 0 or is_started", f"update {_FACT} set deals = 1 where not is_started"),
    *(
        (_FACT_HOLDS, f"(ended_at is null) = ({said}", f"update {_FACT} set {change}")
        for said, change in (
            ("status in", "ended_at = now() where ended_at is null"),
            ("status in", "ended_at = null"),
            ("end_reason is null", "end_reason = null"),
            ("end_reason is null", "end_reason = 'other' where ended_at is null"),
        )
    ),
    *(
        (_FACT_HOLDS, said, f"update {_FACT} set {change}")
        for said, change in (
            ("(ended_on is null) = (ended_at is null)", "ended_on = null"),
            ("is_started = (started_at is not null)", "started_at = null where is_started"),
            (
                "status <> 'scheduled' or not is_started",
                "is_started = true, started_at = now() where status = 'scheduled'",
            ),
            (
                "status not in ('in_progress', 'paused') or is_started",
                "is_started = false, started_at = null where status = 'paused'",
            ),
            (
                "status not in ('in_progress', 'paused') or is_started",
                "is_started = false, started_at = null where status = 'in_progress'",
            ),
            ("not is_no_response or", "is_no_response = true where status = 'in_progress'"),
            ("not is_no_response or", "is_no_response = true where is_replied_while_enrolled"),
            ("is_opened = (opens > 0)", "is_opened = false"),
            ("(first_opened_at is null) = (opens = 0)", "first_opened_at = null"),
            ("is_clicked = (clicks > 0)", "is_clicked = true"),
            ("(first_clicked_at is null) = (clicks = 0)", "first_clicked_at = null"),
            ("is_replied_to_sequence_email = (replies > 0)", "is_replied_to_sequence_email = true"),
            ("(first_replied_at is null) = (replies = 0)", "first_replied_at = now()"),
            ("(first_meeting_booked_at is null) = (meetings = 0)", "meetings = 0"),
            ("(first_email_sent_at is null) = (emails_sent = 0)", "emails_sent = 0"),
            ("(last_activity_at is null) = (", "last_activity_at = null"),
            (
                "is_meeting_booked_while_enrolled_or_after or not is_meeting_booked_while_enrolled",
                "is_meeting_booked_while_enrolled_or_after = false",
            ),
            (
                "is_meeting_booked_while_enrolled or not is_meeting_booked_through_sequence",
                "is_meeting_booked_while_enrolled = false",
            ),
        )
    ),
    (
        "sequence_performance__holds",
        "enrollments > 0 or",
        "update reports.sequence_performance set total_opens = 1 where enrollments = 0",
    ),
    (
        "fct_deals__holds",
        "credited_enrollment_id is null or created_at is not null",
        f"update {_DEALS} set created_at = null",
    ),
    *(
        ("step_funnel__holds", said, f"update reports.step_funnel set {change}")
        for said, change in (
            ("reach_rate between 0 and 1", "reach_rate = 1.1"),
            ("reach_rate between 0 and 1", "reach_rate = -0.1"),
            ("drop_off <= 1", "drop_off = 1.1"),
        )
    ),
    (
        "enrollments_by_step__holds",
        "status in (",
        "update reports.enrollments_by_step set status = 'scheduled'",
    ),
    (
        "sender_score_daily__holds",
        "replied + bounced <= ended",
        "update reports.sender_score_daily set replied = ended, bounced = 1",
    ),
    *(
        (f"{table}__holds", said, f"update reports.{table} set {change}")
        for table in ("sender_score", "sender_score_by_sequence")
        for said, change in (
            ("reply_rate <= 1", "reply_rate = 1.1"),
            ("bounce_rate <= 1", "bounce_rate = 1.1"),
            ("score = reply_points + bounce_points", "score = coalesce(score, 50) + 1"),
            ("(score is null) = (band = 'not enough data')", "band = 'good', score = null"),
            ("(score is null) = (band = 'not enough data')", "score = 80, band = 'not enough data'"),
            ("score between 0 and 100", "score = 101"),
            ("score is null or ended_enrollments >= ", "ended_enrollments = 99, score = 80"),
        )
    ),
    *(
        ("enrollment_list__holds", said, f"update {_LIST} set next_step_order = {change}")
        for said, change in (
            ("next_step_order > last_step_order", "0"),
            ("ended_at is null or next_step_order is null", "5"),
        )
    ),
    ("contact_hygiene__holds", "reason in (", "update reports.contact_hygiene set reason = 'moved'"),
    *(
        ("time_to_response__holds", said, f"update reports.time_to_response set {change}")
        for said, change in (
            ("p90_hours >= median_hours", "p90_hours = median_hours - 1"),
            ("median_hours >= 0", "median_hours = -1"),
            ("level = 'step' or step_order is null", "step_order = 0"),
            ("level in (", "level = 'company'"),
            ("response in (", "response = 'call'"),
        )
    ),
    *(
        (f"{table}__holds", said, f"update reports.{table} set {change}")
        for table in ("engagement_by_hour", "send_hours")
        for said, change in (
            ("weekday between 1 and 7", "weekday = 0"),
            ("weekday between 1 and 7", "weekday = 8"),
            ("hour between 0 and 23", "hour = 24"),
            ("hour is null", "hour = null"),
        )
    ),
    (
        "engagement_by_hour__holds",
        "> 0",
        "update reports.engagement_by_hour "
        "set sent = 0, total_opens = 0, total_clicks = 0, total_replies = 0",
    ),
    ("send_hours__holds", "sent > 0", "update reports.send_hours set sent = 0"),
    *(
        ("step_exits__holds", said, f"update reports.step_exits set {change}")
        for said, change in (
            ("executed = went_on", "exited_other = exited_other + 1"),
            ("success = ", "success = success + 1"),
            ("loss = ", "loss = loss + 1"),
        )
    ),
    *(
        ("step_contacts__holds", said, f"update reports.step_contacts set {change}")
        for said, change in (
            ("is_executed or is_meeting_booked or", "is_executed = false, is_meeting_booked = false"),
            ("is_executed = (coalesce(", "is_executed = false"),
            (
                "is_executed = (coalesce(",
                "executed_at = null, first_opened_at = null, first_clicked_at = null, "
                "first_replied_at = null",
            ),
            ("is_meeting_booked or first_meeting_booked_at is null", "is_meeting_booked = false"),
        )
    ),
    *(
        (_BESIDE_HOLDS, said, f"update {_BESIDE} set {change}")
        for said, change in (
            ("abs(difference - (our_value - hubspot_value))", "difference = -difference"),
            ("(difference is null) = (", "difference = null where difference = 0"),
            ("(difference is null) = (", "difference = 0 where difference is null"),
            ("difference <> 0 or", "likely_reason = 'rule version' where difference = 0"),
            ("difference is not null or", "likely_reason = null where hubspot_value is null"),
            ("hubspot_value is not null or", "our_value = null, hubspot_value = null, difference = null"),
            ("'metric not mapped', 'sequence not loaded'", "likely_reason = 'unexplained'"),
            (
                "likely_reason <> 'unattributed events' or",
                "likely_reason = 'unattributed events', unattributed_events = 0 where difference <> 0",
            ),
            (
                "likely_reason <> 'fetched before our newest event' or",
                "likely_reason = 'fetched before our newest event', as_of = fetched_at",
            ),
            (
                "likely_reason <> 'our newest event is older than the answer' or",
                "likely_reason = 'our newest event is older than the answer', as_of = fetched_at",
            ),
        )
    ),
]

TABLES = [
    (
        _DEALS,
        "had started",
        f"update {_DEALS} set credited_enrollment_id = 'nobody' where deal_id = {_A_DEAL}",
    ),
    (_DEALS, "had started", f"update {_DEALS} set created_at = null"),
    (_DEALS, "had started", f"update {_DEALS} set created_at = '2001-01-05 09:59:00+00'"),
    (
        _DEALS,
        "had started",
        f"update {_DEALS} set credited_enrollment_id = "
        f"(select min(enrollment_id) from {_FACT} where not is_started)",
    ),
    (
        _DEALS,
        "to the last decimal",
        f"update {_DEALS} set amount_in_home_currency = amount_in_home_currency + 0.000001 "
        "where is_closed_won",
    ),
    (_DEALS, "to the last decimal", f"delete from {_DEALS} where deal_id = {_A_DEAL}"),
    (_DEALS, "to the last decimal", f"update {_FACT} set deals = 1 where deals = 0"),
    *(
        (_FACT, "is a row of its dimension", f"delete from core.{dimension}")
        for dimension in ("dim_accounts", "dim_sequences", "dim_contacts", "dim_companies", "dim_users")
    ),
    (
        "reports.sequence_performance",
        "every sequence of core.dim_sequences",
        "delete from reports.sequence_performance where enrollments = 0",
    ),
    *(
        (
            "reports.account_overview",
            said,
            f"update reports.account_overview set {change} where enrollments > 0",
        )
        for said, change in (
            ("no fewer than those of one sequence", "contacts = 0"),
            ("no fewer than those of one sequence", "active_contacts = -1"),
            ("no more than those of all together", "companies = 1e9"),
        )
    ),
    (
        "reports.account_overview",
        "accounts are those of core.dim_accounts",
        "delete from reports.account_overview where portal_id = '1002'",
    ),
    ("reports.step_funnel", "at least those of its enrollments", "delete from reports.step_funnel"),
    (
        "reports.step_contacts",
        "is a started one of the fact",
        "update reports.step_contacts set enrollment_id = 'nobody'",
    ),
    (
        _MONTHLY,
        "no month of a sequence is mature after",
        f"update {_MONTHLY} set is_mature = not is_mature",
    ),
    (
        _MONTHLY,
        "known of all its months",
        f"update {_MONTHLY} set is_mature = null "
        f"where enrolled_month = (select max(enrolled_month) from {_MONTHLY} where is_mature)",
    ),
    (
        "reports.monthly_overview",
        "the contacts of a month",
        "update reports.monthly_overview set contacts = 0 where enrollments > 3",
    ),
    (_LIST, "all of them", f"delete from {_LIST} where status = 'paused'"),
    (_ENGAGED, "engagement_rank counts", f"update {_ENGAGED} set engagement_rank = engagement_rank + 1"),
    (_ENGAGED, "engagement_rank counts", f"update {_ENGAGED} set clicks = -clicks"),
    (
        _ENGAGED,
        "latest started enrollment",
        f"update {_FACT} set enrolled_at = '2001-01-09 09:00:00+00' where enrollment_id in "
        f"(select enrollment_id from {_ENGAGED})",
    ),
    (
        "reports.contact_hygiene",
        "those of whom the fact says so",
        "delete from reports.contact_hygiene where reason = 'unsubscribed'",
    ),
    ("reports.send_hours", "are at most the e-mails", "update reports.send_hours set sent = 1000 * sent"),
    (
        "reports.send_hours",
        "are at most the e-mails",
        "delete from reports.send_hours "
        "where sequence_id = (select min(sequence_id) from reports.send_hours)",
    ),
    ("ops.event_quality", "the unattributed events are as many", "delete from ops.unattributed_events"),
    (
        "enrollment_metrics_daily_adds_up",
        "",
        "update reports.account_overview set total_revenue = total_revenue + 0.000001",
    ),
    (
        "step_metrics_daily_adds_up",
        "",
        "delete from reports.step_metrics_daily where template_id is null",
    ),
    ("monthly_enrollments_adds_up", "", f"delete from {_MONTHLY} where sequence_id is null"),
    (
        "monthly_enrollments_adds_up",
        "",
        f"update {_MONTHLY} set enrolled_month = enrolled_month + interval 1 month",
    ),
]

SUSPICIOUS = [
    (
        _FACT,
        "more than a minute",
        f"update {_FACT} set enrolled_at = ended_at + interval 2 hour where is_bounced",
    ),
    (
        _DEALS,
        "have an amount",
        f"insert into {_DEALS} select d.* replace ('x' || i as deal_id, true as is_closed_won, "
        f"null as amount_in_home_currency) from {_DEALS} as d, range(99) as r(i) where deal_id = {_A_DEAL}",
    ),
    (
        "reports.account_overview",
        "reply rate between",
        "update reports.account_overview set enrollments = 300, replied = 270, reply_rate = 0.9",
    ),
    (
        "reports.account_overview",
        "bounce rate of at most",
        "update reports.account_overview set enrollments = 300, bounce_rate = 0.4",
    ),
    (
        "reports.step_funnel",
        "meeting_booked never exceeds",
        "update reports.step_funnel set meeting_booked = steps_executed + 9",
    ),
    (
        "reports.email_performance",
        "meeting_booked never exceeds",
        "update reports.email_performance set meeting_booked = enrollments_sent + 9",
    ),
    (
        "reports.deliverability",
        "no more than half",
        "update reports.deliverability set enrollments = 200, bounced = 150",
    ),
    (
        _BESIDE,
        "differ by no more than a tenth",
        f"update {_BESIDE} set hubspot_value = 2 * our_value, difference = -our_value, likely_reason = null "
        "where level = 'summary' and our_metric = 'enrollments' and our_value > 0",
    ),
]
