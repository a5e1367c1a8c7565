"""What may be wrong with metrics, each of which the data test of its report must name."""

METRICS = [
    (f"{report}__holds", said, f"update reports.{report} set {damage}")
    for report, damage, said in (
        ("account_overview", "unsubscribed = null", "unsubscribed is null"),
        ("account_overview", "contact_unsubscribed = null", "contact_unsubscribed is null"),
        ("account_overview", "unsubscribed = enrollments + 1", "unsubscribed <= enrollments"),
        ("account_overview", "contact_unsubscribed = unsubscribed + 1", "contact_unsubscribed <= least("),
        ("account_overview", "companies_with_meeting = companies_engaged + 1", "companies_with_meeting <="),
        (
            "account_overview",
            "unsubscribe_rate = unsubscribe_rate_upper + 0.01",
            "the interval of unsubscribe_rate does not hold it",
        ),
        ("account_overview", "unsubscribe_rate = null", "unsubscribe_rate is not unsubscribed / enrollments"),
        (
            "account_overview",
            "unsubscribe_rate_lower = -0.01",
            "the interval of unsubscribe_rate does not hold it",
        ),
        ("account_overview", "contact_unsubscribe_rate = 1.01", "contact_unsubscribe_rate is not contact_"),
        ("account_overview", "contact_unsubscribe_rate = null", "contact_unsubscribe_rate is not contact_"),
        ("enrollment_metrics_daily", "opened = total_opens + 1", "opened <= total_opens"),
        ("enrollment_metrics_daily", "total_meetings = -1", "total_meetings is negative"),
        ("enrollment_metrics_daily", "deals = 0", "(enrollments_with_deal > 0) = (deals > 0)"),
        ("enrollment_metrics_daily", "total_revenue = 1", "deals > 0 or total_revenue = 0"),
        ("account_overview", "enrollments = 0", "enrollments > 0 or total_opens = 0"),
        ("account_overview", "total_revenue = null", "total_revenue is null"),
        ("monthly_overview", "contacts = enrollments + 1", "contacts <= enrollments"),
        ("monthly_overview", "total_replies = null", "total_replies is null"),
        (
            "monthly_overview",
            "replies_per_enrollment = null",
            "replies_per_enrollment is not total_replies / enrollments",
        ),
        (
            "monthly_overview",
            "unsubscribes_per_enrollment = 1.01",
            "unsubscribes_per_enrollment is not unsubscribed / enrollments",
        ),
        ("step_funnel", "clicked = steps_executed + 1", "clicked <= steps_executed"),
        ("step_funnel", "tasks_completed = -1", "tasks_completed is negative"),
        (
            "step_funnel",
            "task_completion_rate = -1",
            "task_completion_rate is not tasks_completed / steps_executed",
        ),
        ("step_funnel", "meeting_rate = 1.01", "meeting_rate is not meeting_booked / steps_executed"),
        (
            "step_funnel",
            "reply_rate_upper = reply_rate - 0.01",
            "the interval of reply_rate does not hold it",
        ),
    )
]
