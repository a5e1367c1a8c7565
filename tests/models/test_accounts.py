"""What an account says of itself comes from one model, which no incremental model is built from."""

from __future__ import annotations

import re

from sequence_warehouse.settings import PROJECT

SQL = {path.stem: path.read_text() for path in (PROJECT / "models").rglob("*.sql")}
READS = {name: set(re.findall(r"ref\(['\"](\w+)['\"]\)", text)) for name, text in SQL.items()}


def test_everything_that_asks_what_an_account_is_reads_one_model():
    readers = {name for name, names in READS.items() if names & {"accounts", "stg_hubspot__accounts"}}
    assert readers == {"int_accounts"}


def test_no_incremental_model_is_built_from_what_may_change_with_the_account():
    """Landed information changes as data does: what was built by the old one would stay."""
    below = {"int_accounts"}
    while more := {name for name, names in READS.items() if names & below} - below:
        below |= more
    assert "fct_enrollments" in below, "the walk finds what follows"
    assert [name for name in sorted(below) if "materialized = 'incremental'" in SQL[name]] == []
