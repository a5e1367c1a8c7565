"""One damage for each thing that the suites of published tables say, beside those of every column.

`DAMAGE` and `SUSPICIOUS` name the table, a piece of the expectation's description and the SQL that
breaks it; `PROBLEMS` name the problem that a query with several of them must report.
"""

_FACT = "core.fct_enrollments"
_BESIDE = "reports.reconciliation"
_E1 = "where enrollment_id = 'e1'"

DAMAGE = [
    (_FACT, "the columns of the contract", f"alter table {_FACT} alter revenue type double"),
    (_FACT, "the columns of the contract", f"alter table {_FACT} drop first_email_sent_at"),
    (_FACT, "null or empty", f"update {_FACT} set enrollment_id = '' {_E1}"),
    (_FACT, "one of the six", f"update {_FACT} set status = 'done'"),
    (_FACT, "status_detail is null, or says", f"update {_FACT} set status_detail = 'manual'"),
    (_FACT, "status_detail is null, or says", f"update {_FACT} set status_detail = 'paused_by_user' {_E1}"),
    (_FACT, "no revenue without a deal", f"update {_FACT} set revenue = -0.000001 where deals = 0"),
    (_FACT, "no deal without a start", f"update {_FACT} set deals = 1 where not is_started"),
    ("core.fct_deals", "had started", "update core.fct_deals set credited_enrollment_id = 'e3'"),
    ("core.fct_deals", "had started", "update core.fct_deals set credited_enrollment_id = 'nobody'"),
    ("core.fct_deals", "had started", "update core.fct_deals set created_at = null"),
    ("core.fct_deals", "had started", "update core.fct_deals set created_at = '2026-01-05 09:59:00+00'"),
    (
        "core.fct_deals",
        "to the last decimal",
        "update core.fct_deals set amount_in_home_currency = amount_in_home_currency + 0.000001 "
        "where is_closed_won",
    ),
    ("core.fct_deals", "to the last decimal", "delete from core.fct_deals where deal_id = 'd2'"),
    ("core.fct_deals", "to the last decimal", f"update {_FACT} set deals = 1 where enrollment_id = 'e4'"),
    (
        "reports.sequence_performance",
        "every sequence of core.dim_sequences",
        "delete from reports.sequence_performance where enrollments = 0",
    ),
    (
        "reports.sequence_performance",
        "sum over the sequence's days",
        "update reports.sequence_performance set total_opens = 1 where enrollments = 0",
    ),
    (
        "reports.account_overview",
        "no fewer than those of one sequence",
        "update reports.account_overview set contacts = 2 where enrollments > 0",
    ),
    (
        "reports.account_overview",
        "no more than those of all together",
        "update reports.account_overview set companies = 4 where enrollments > 0",
    ),
    (
        "reports.account_overview",
        "accounts are those of core.dim_accounts",
        "delete from reports.account_overview where enrollments = 0",
    ),
    ("reports.step_funnel", "reach_rate is within", "update reports.step_funnel set reach_rate = 1.1"),
    ("reports.step_funnel", "reach_rate is within", "update reports.step_funnel set reach_rate = -0.1"),
    ("reports.step_funnel", "drop_off at most 1", "update reports.step_funnel set drop_off = 1.1"),
    ("reports.step_funnel", "at least those of its enrollments", "delete from reports.step_funnel"),
    (
        "reports.step_contacts",
        "is a started one of the fact",
        f"update reports.step_contacts set enrollment_id = 'e3' {_E1}",
    ),
    (
        "reports.enrollments_by_step",
        "status is one that a started enrollment can have",
        "update reports.enrollments_by_step set status = 'scheduled'",
    ),
    (
        "reports.monthly_enrollments",
        "no month of a sequence is mature after",
        "update reports.monthly_enrollments set is_mature = not is_mature",
    ),
    (
        "reports.monthly_enrollments",
        "known of all its months",
        "update reports.monthly_enrollments set is_mature = null where month(enrolled_month) = 1",
    ),
    (
        "reports.monthly_overview",
        "the contacts of a month",
        "update reports.monthly_overview set contacts = 2 where enrollments > 3",
    ),
    (
        "reports.sender_score_daily",
        "whoever replied did not bounce",
        "update reports.sender_score_daily set replied = 1, bounced = 1",
    ),
    *(
        case
        for table in ("reports.sender_score", "reports.sender_score_by_sequence")
        for case in (
            (table, "every rate is null or within", f"update {table} set reply_rate = 1.1"),
            (table, "score is the sum of both points", f"update {table} set score = 80"),
            (table, "score is the sum of both points", f"update {table} set band = 'good'"),
            (table, "score is the sum of both points", f"update {table} set score = 101, band = 'good'"),
        )
    ),
    (
        "reports.enrollment_list",
        "next_step_order comes after",
        "update reports.enrollment_list set next_step_order = 0",
    ),
    (
        "reports.enrollment_list",
        "null where the enrollment has ended",
        f"update reports.enrollment_list set next_step_order = 5 {_E1}",
    ),
    ("reports.enrollment_list", "all of them", f"delete from reports.enrollment_list {_E1}"),
    (
        "reports.engaged_contacts",
        "engagement_rank counts",
        "update reports.engaged_contacts set engagement_rank = engagement_rank + 1",
    ),
    (
        "reports.engaged_contacts",
        "engagement_rank counts",
        "update reports.engaged_contacts set engagement_rank = 3 - engagement_rank",
    ),
    (
        "reports.engaged_contacts",
        "latest started enrollment",
        f"update {_FACT} set enrolled_at = '2026-01-09 09:00:00+00' {_E1}",
    ),
    (
        "reports.contact_hygiene",
        "one of the three",
        "update reports.contact_hygiene set reason = 'moved'",
    ),
    (
        "reports.contact_hygiene",
        "those of whom the fact says so",
        "delete from reports.contact_hygiene where reason = 'never_engaged' and contact_id = 'cid'",
    ),
    (
        "reports.time_to_response",
        "p90_hours is not below median_hours",
        "update reports.time_to_response set p90_hours = 1",
    ),
    (
        "reports.time_to_response",
        "no time is negative",
        "update reports.time_to_response set median_hours = -1",
    ),
    (
        "reports.time_to_response",
        "level is sequence (without a step)",
        "update reports.time_to_response set step_order = 0",
    ),
    (
        "reports.time_to_response",
        "response is reply or meeting",
        "update reports.time_to_response set response = 'call'",
    ),
    (
        "reports.engagement_by_hour",
        "weekday is 1 to 7",
        "update reports.engagement_by_hour set weekday = 0",
    ),
    ("reports.engagement_by_hour", "hour 0 to 23", "update reports.engagement_by_hour set hour = 24"),
    ("reports.send_hours", "weekday is 1 to 7", "update reports.send_hours set weekday = 8"),
    ("reports.send_hours", "hour 0 to 23", "update reports.send_hours set hour = null"),
    *(
        ("reports.send_hours", "are at most the e-mails", change)
        for change in (
            "update reports.send_hours set sent = sent + 1",
            "delete from reports.send_hours where sequence_id is null",
        )
    ),
    *(
        ("reports.step_exits", "adds up to executed", f"update reports.step_exits set {change}")
        for change in ("exited_other = exited_other + 1", "success = success + 1", "loss = loss + 1")
    ),
    *(
        (_BESIDE, "difference is ours minus HubSpot's", f"update {_BESIDE} set {change}")
        for change in (
            "difference = -difference",
            "difference = null where difference = 0",
            "difference = 0 where difference is null",
            "likely_reason = 'rule version' where difference = 0",
            "likely_reason = null where hubspot_value is null",
            "our_value = null, hubspot_value = null, difference = null",
        )
    ),
    *(
        (
            _BESIDE,
            "its evidence is there",
            f"update {_BESIDE} set likely_reason = '{reason}' where difference <> 0",
        )
        for reason in (
            "unexplained",
            "unattributed events",
            "fetched before our newest event",
        )
    ),
    (
        _BESIDE,
        "its evidence is there",
        f"update {_BESIDE} set as_of = fetched_at, "
        "likely_reason = 'our newest event is older than the answer' where difference <> 0",
    ),
    ("reports.engagement_by_hour", "hour 0 to 23", "update reports.engagement_by_hour set hour = null"),
]

SUSPICIOUS = [
    (_FACT, "more than a minute", f"update {_FACT} set enrolled_at = ended_at + interval 2 hour"),
    (
        "core.fct_deals",
        "have an amount",
        "insert into core.fct_deals select d.* replace ('x' || i as deal_id) "
        "from core.fct_deals as d, range(20) as r(i) where deal_id = 'd3'",
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
    ("reports.step_funnel", "meetings never exceeds", "update reports.step_funnel set meeting_booked = 9"),
    (
        "reports.email_performance",
        "meetings never exceeds",
        "update reports.email_performance set meeting_booked = 9",
    ),
    (
        "reports.sender_score",
        "no score below the number",
        "update reports.sender_score set ended_enrollments = 99, score = 80",
    ),
    (
        "reports.sender_score_by_sequence",
        "no score below the number",
        "update reports.sender_score_by_sequence set ended_enrollments = 100, score = 80",
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
        "where metric = 'enrolled' and our_value > 0 and hubspot_value is not null",
    ),
]

_STEPS = "update reports.step_contacts set"
PROBLEMS = [
    (_FACT, "active, but ended", f"update {_FACT} set ended_at = now() where ended_at is null"),
    (_FACT, "ended, but ended_at is null", f"update {_FACT} set ended_at = null {_E1}"),
    (_FACT, "end_reason and ended_at disagree", f"update {_FACT} set end_reason = null {_E1}"),
    (_FACT, "ended_on and ended_at disagree", f"update {_FACT} set ended_on = null {_E1}"),
    (_FACT, "is_started and started_at disagree", f"update {_FACT} set started_at = null {_E1}"),
    (
        _FACT,
        "scheduled, but started",
        f"update {_FACT} set is_started = true, started_at = now() where status = 'scheduled'",
    ),
    (
        _FACT,
        "in_progress or paused, but not started",
        f"update {_FACT} set is_started = false, started_at = null where status = 'paused'",
    ),
    (
        _FACT,
        "no_response, but not ended",
        f"update {_FACT} set is_no_response = true where status = 'in_progress'",
    ),
    (_FACT, "is_opened, opens and first_opened_at disagree", f"update {_FACT} set is_opened = false"),
    (
        _FACT,
        "is_clicked, clicks and first_clicked_at disagree",
        f"update {_FACT} set first_clicked_at = null",
    ),
    (
        _FACT,
        "is_replied_to_sequence_email, replies and first_replied_at disagree",
        f"update {_FACT} set is_replied_to_sequence_email = true",
    ),
    (_FACT, "meetings and first_meeting_booked_at disagree", f"update {_FACT} set meetings = 0"),
    (_FACT, "emails_sent and first_email_sent_at disagree", f"update {_FACT} set emails_sent = 0"),
    (_FACT, "last_activity_at and the counts disagree", f"update {_FACT} set last_activity_at = null"),
    (_FACT, "no_response, but replied while enrolled", f"update {_FACT} set is_no_response = true {_E1}"),
    (
        _FACT,
        "meeting while enrolled, but not within 7 days",
        f"update {_FACT} set is_meeting_booked_while_enrolled_or_after = false",
    ),
    (
        _FACT,
        "meeting through sequence, but not while enrolled",
        f"update {_FACT} set is_meeting_booked_while_enrolled = false",
    ),
    (
        "reports.step_contacts",
        "nothing happened here",
        f"{_STEPS} is_executed = false, is_meeting_booked = false where enrollment_id = 'e5'",
    ),
    ("reports.step_contacts", "not executed, but with a time", f"{_STEPS} is_executed = false {_E1}"),
    (
        "reports.step_contacts",
        "executed, but without a time",
        f"{_STEPS} executed_at = null where enrollment_id = 'e5'",
    ),
    (
        "reports.step_contacts",
        "first_meeting_booked_at without is_meeting_booked",
        f"{_STEPS} is_meeting_booked = false {_E1}",
    ),
]
