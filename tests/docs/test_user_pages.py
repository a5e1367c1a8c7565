"""What users read first: README is short, the documented SQL works, all tables and reasons are listed."""

from __future__ import annotations

import re

import pytest

from sequence_warehouse.build import declared
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.load.parsing import REASONS
from sequence_warehouse.storage.database import connect

README = (PROJECT / "README.md").read_text()
REPORTS = (PROJECT / "docs/reports.md").read_text()
LANDING_FOLDER = (PROJECT / "docs/landing-folder.md").read_text()
QUERIES = re.findall(r"```sql\n(.*?)```", REPORTS, flags=re.DOTALL)


def test_the_readme_fits_on_a_screen_and_a_half():
    assert len(README.splitlines()) <= 90


def test_the_readme_leads_to_every_page_for_users():
    pages = {page.stem for page in (PROJECT / "docs").glob("*.md")}
    missing = [page for page in pages if f"(docs/{page}.md" not in README]
    assert missing == ["decisions"]  # the architecture leads there
    assert "(docs/landing-folder.md#rejected-records)" in README
    assert "\n## Rejected records\n" in LANDING_FOLDER


@pytest.mark.slow
def test_every_sample_query_answers(published_sample):
    assert len(QUERIES) >= 5
    with connect(published_sample.published / "sequences.duckdb", read_only=True) as connection:
        for query in QUERIES:
            assert connection.execute(query).fetchall(), query


@pytest.mark.slow
def test_the_python_example_reads_one_version(published_sample, tmp_path, monkeypatch):
    (example,) = re.findall(r"```python\n(.*?)```", REPORTS, flags=re.DOTALL)
    (tmp_path / "warehouse").symlink_to(published_sample.warehouse)
    monkeypatch.chdir(tmp_path)
    found: dict = {}
    exec(example, found)
    assert found["version"].parent.name == "versions"
    assert all(len(found[name]) for name in ("funnel", "events", "senders"))


@pytest.mark.slow
def test_every_published_table_is_listed_and_no_other(published_sample):
    named = set(re.findall(r"^\| `((?:core|reports|ops)\.\w+)` \|", REPORTS, flags=re.MULTILINE))
    with connect(published_sample.published / "sequences.duckdb", read_only=True) as connection:
        tables = {".".join(table) for table in declared.row_counts(connection, "sequences")}
    assert named == tables | {"core.fct_sequence_events"}
    in_readme = set(re.findall(r"`((?:core|reports|ops)\.\w+)`", README))
    assert in_readme and in_readme <= named


def test_every_reason_of_rejection_is_listed_and_no_other():
    section = LANDING_FOLDER.split("| reason | means |")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE)) == set(REASONS)
