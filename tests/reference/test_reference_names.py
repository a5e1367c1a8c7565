"""Examples worked out by hand: what templates are called, and the names beside ids."""

from __future__ import annotations

import pytest

from . import model
from .test_reference_examples import Log


def templates(log: Log, **seeds) -> dict[str, tuple[str | None, str | None]]:
    """Template id -> its name and what tells it."""
    rows = model.build(log.records, {}, **seeds)["dim_templates"]
    return {row["template_id"]: (row["template_name"], row["name_source"]) for row in rows}


def email(log: Log, template: object, subject: str, direction: str = "EMAIL", **more) -> Log:
    properties = {"hs_template_id": template, "hs_email_subject": subject, "hs_email_direction": direction}
    return log.object("emails", f"m{len(log.records)}", properties=properties, **more)


def test_an_object_names_a_template_before_the_seed_and_the_seed_before_subjects():
    log = Log().object("templates", "1", name="Own").object("templates", "2", name=" ")
    for template in ("1", "2", "3"):
        email(log, template, "Subject")
    portal = log.records[0].portal_id
    seeded = {(portal, "1"): "Seeded", (portal, "2"): "Seeded", ("another", "3"): "Seeded"}
    assert templates(log, templates=seeded) == {
        "1": ("Own", "object"),
        "2": ("Seeded", "seed"),
        "3": ("Subject", "subject"),
    }


@pytest.mark.parametrize(
    ("subjects", "name"),
    [(["M", "A", "M", "Z"], "M"), (["b", "a"], "a"), (["b", "B"], "B"), ([" ", "a", ""], "a"), ([""], None)],
)
def test_of_subjects_the_most_frequent_counts_and_on_a_tie_the_first_of_the_alphabet(subjects, name):
    log = Log()
    for subject in subjects:
        email(log, 7, subject)
    assert templates(log) == {"7": (name, name and "subject")}


def test_archived_emails_count_and_answers_do_not():
    log = email(email(email(Log(), "7", "A"), "7", "B", archived=True), "7", "B", archived=True)
    for _ in range(4):
        email(log, "7", "Re: B", direction="incoming_email")
    assert templates(log) == {"7": ("B", "subject")}


def test_whatever_names_a_template_gives_it_a_row():
    step = {"stepOrder": 0, "actionType": "TASK", "taskPattern": {"templateId": 2}}
    log = Log().object("sequences", "S", steps=[step]).enroll()
    log.event("step_executed", 10, enrollment="E", template="1").event("opened", 20, template="3")
    email(log, "4", "Re: Hello", direction="INCOMING_EMAIL")
    portal = log.records[0].portal_id
    found = templates(log, templates={(portal, "5"): "Seeded"})
    assert found == dict.fromkeys("1234", (None, None)) | {"5": ("Seeded", "seed")}


def test_names_stand_beside_the_ids_of_reports_and_of_no_cube():
    log = Log().object("sequences", "S", name="Welcome", folderId="61").enroll()
    log.event("step_executed", 10, enrollment="E", step="0", template="1")
    tables = model.build(log.records, {}, folders={(log.records[0].portal_id, "61"): "Campaigns"})
    (row,) = tables["sequence_performance"]
    assert (row["sequence_name"], row["folder_name"]) == ("Welcome", "Campaigns")
    (row,) = tables["step_funnel"]
    assert (row["sequence_name"], row["template_name"]) == ("Welcome", None)
    for cube in ("step_contacts", "step_metrics_daily", "enrollment_metrics_daily", "fct_enrollments"):
        assert not [column for column in tables[cube][0] if column.endswith("_name")]
