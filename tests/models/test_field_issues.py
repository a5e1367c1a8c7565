"""What staging could not read is counted."""

from __future__ import annotations

import re

from sequence_warehouse.config.project import PROJECT

MODELS = PROJECT / "models"


def test_every_staging_model_that_says_what_it_could_not_read_is_counted():
    counted = (MODELS / "ops/field_issues.sql").read_text()
    telling = {
        path.stem
        for path in (MODELS / "staging").glob("stg_*.yml")
        if re.search(r"^ +- name: field_issues$", path.read_text(), re.MULTILINE)
    }
    assert telling and {name for name in telling if f"'{name}'" not in counted} == set()
