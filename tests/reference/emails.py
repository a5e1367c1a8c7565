"""Rows of email_performance, engagement_by_hour, send_hours and deliverability."""

from __future__ import annotations

from . import calendars, kinds, rates
from .attribution import is_email_step
from .facts import Enrollment, Objects
from .funnel import counting_meetings
from .performance import groups, started
from .steps import place


def email_performance(enrollments: list[Enrollment], objects: Objects, metric_rules: str) -> list[dict]:
    """By (account, sequence, template), over started enrollments and all steps with the template.

    Counts are distinct enrollments (sent: e-mails), rates are over enrollments_sent.
    """
    # (account, sequence id, template id) -> measure -> enrollment ids (sent: one entry for each e-mail)
    templates: dict[tuple, dict[str, list[str]]] = {}

    def count(enrollment: Enrollment, template_id: str | None, measure: str) -> None:
        key = (enrollment.portal_id, enrollment.sequence_id, template_id)
        templates.setdefault(key, {}).setdefault(measure, []).append(enrollment.enrollment_id)

    for enrollment in enrollments:
        if enrollment.started_at is None:
            continue
        actions = objects.actions.get(enrollment.sequence_id, {})
        for event in enrollment.events:
            step_order, template_id = place(enrollment, event)
            is_email = template_id is not None or actions.get(step_order) == "EMAIL"
            if event.kind == "step_executed" and is_email:
                count(enrollment, template_id, "executed")
                if is_email_step(event, enrollment, objects):
                    count(enrollment, template_id, "sent")
            if event.kind in kinds.ENGAGEMENTS:
                count(enrollment, template_id, event.kind)
        answered = {
            place(enrollment, event) for event in enrollment.events if event.kind in kinds.ENGAGEMENTS
        }
        for _, step_order, template_id in counting_meetings(enrollment, metric_rules):
            is_email = template_id is not None or actions.get(step_order) == "EMAIL"
            # a meeting on no known step is on no e-mail, whatever else is on none
            if is_email or (step_order is not None and (step_order, template_id) in answered):
                count(enrollment, template_id, "meetings")

    report = []
    for (portal_id, sequence_id, template_id), measures in templates.items():
        people = {name: set(measures.get(name, [])) for name in ("executed", *kinds.ENGAGEMENTS, "meetings")}
        sent_to = people["executed"] | people["opened"] | people["clicked"] | people["replied"]
        number = {
            "open": len(people["opened"]),
            "click": len(people["clicked"]),
            "reply": len(people["replied"]),
            "meeting": len(people["meetings"]),
        }
        row = {
            "portal_id": portal_id,
            "sequence_id": sequence_id,
            "template_id": template_id,
            "sent": len(measures.get("sent", [])),
            "enrollments_sent": len(sent_to),
            "opened": number["open"],
            "clicked": number["click"],
            "replied": number["reply"],
            "meeting_booked": number["meeting"],
        }
        for name, having in number.items():
            row |= rates.with_interval(f"{name}_rate", having, len(sent_to))
        report.append(row)
    return report


def engagement_by_hour(enrollments: list[Enrollment], objects: Objects, account: dict) -> list[dict]:
    """By (account, sequence, ISO weekday, hour): sent e-mails, opens, clicks and replies, as events."""
    measure_of = {"opened": "total_opens", "clicked": "total_clicks", "replied": "total_replies"}
    hours: dict[tuple, dict[str, int]] = {}
    for enrollment in enrollments:
        for event in enrollment.events:
            measure = measure_of.get(event.kind)
            if event.kind == "step_executed" and is_email_step(event, enrollment, objects):
                measure = "sent"
            if measure is None:
                continue
            local = calendars.local(event.occurred_at, account)
            key = (enrollment.portal_id, enrollment.sequence_id, local.isoweekday(), local.hour)
            of_hour = hours.setdefault(
                key, {"sent": 0, "total_opens": 0, "total_clicks": 0, "total_replies": 0}
            )
            of_hour[measure] += 1
    names = ("portal_id", "sequence_id", "weekday", "hour")
    return [dict(zip(names, key, strict=True)) | of_hour for key, of_hour in hours.items()]


def send_hours(
    enrollments: list[Enrollment], objects: Objects, account: dict, metric_rules: str
) -> list[dict]:
    """By (account, sequence, ISO weekday, hour of sending): e-mail steps, and what became of them.

    An e-mail step counts once, when its e-mail was first sent; on no known step its template tells it.
    """
    hours: dict[tuple, list[set[str]]] = {}
    for enrollment in enrollments:
        if enrollment.started_at is None:
            continue
        emails: dict[tuple, list] = {}
        for event in enrollment.of_kind("step_executed"):
            if is_email_step(event, enrollment, objects):
                emails.setdefault(_email(event.step_order, event.template_id), []).append(event.occurred_at)
        became: dict[tuple, set[str]] = {}
        for event in enrollment.events:
            if event.kind in kinds.ENGAGEMENTS:
                became.setdefault(_email(event.step_order, event.template_id), set()).add(event.kind)
        for _, step_order, template_id in counting_meetings(enrollment, metric_rules):
            became.setdefault(_email(step_order, template_id), set()).add("meeting_booked")
        for email, times in emails.items():
            local = calendars.local(min(times), account)
            key = (enrollment.portal_id, enrollment.sequence_id, local.isoweekday(), local.hour)
            hours.setdefault(key, []).append(became.get(email, set()))

    report = []
    for key, sent in hours.items():
        row = dict(zip(("portal_id", "sequence_id", "weekday", "hour"), key, strict=True))
        row |= {"sent": len(sent)}
        names = {"open": "opened", "click": "clicked", "reply": "replied", "meeting": "meeting_booked"}
        for name, kind in names.items():
            row[kind] = len([became for became in sent if kind in became])
            row |= rates.with_interval(f"{name}_rate", row[kind], len(sent))
        report.append(row)
    return report


def _email(step_order: int | None, template_id: str | None) -> tuple:
    """What tells e-mails of one enrollment apart."""
    return (step_order, template_id if step_order is None else None)


def deliverability(rows: list[dict], objects: Objects) -> list[dict]:
    """By (account, user, domain of the recipient), over enrollments that were sent an e-mail."""

    def key_of(row: dict) -> tuple:
        contact = objects.contacts.get(row["contact_id"])
        return (row["portal_id"], row["enrolled_by_user_id"], domain_of(contact.email if contact else None))

    reached = [
        row for row in started(rows) if row["emails_sent"] > 0 or row["is_bounced"] or row["is_unsubscribed"]
    ]
    names = ("portal_id", "enrolled_by_user_id", "recipient_domain")
    report = []
    for key, group in groups(reached, key_of).items():
        bounced = len([row for row in group if row["is_bounced"]])
        unsubscribed = len([row for row in group if row["is_unsubscribed"]])
        report.append(
            dict(zip(names, key, strict=True))
            | {
                "enrollments": len(group),
                "emails_sent": sum(row["emails_sent"] for row in group),
                "bounced": bounced,
                "unsubscribed": unsubscribed,
                "bounce_rate": rates.rate(bounced, len(group)),
                "unsubscribe_rate": rates.rate(unsubscribed, len(group)),
            }
        )
    return report


def domain_of(email: str | None) -> str | None:
    """The first word after the last @, in lower case: a display name or spaces may stand around it."""
    if email is None or "@" not in email:
        return None
    domain = ""
    for sign in email.rsplit("@", 1)[1].lstrip(" \t\u00a0\u200b"):
        if sign.isspace() or sign == "\u200b" or sign in '<>()",;':
            break
        domain += sign
    return domain.lower() or None
