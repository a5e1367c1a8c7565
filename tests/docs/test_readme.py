"""The README's promises: its SQL runs, its tables are the published ones, its reasons the closed list."""

from __future__ import annotations

import re

import pytest

from sequence_warehouse.build import declared
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.load.parsing import REASONS
from sequence_warehouse.storage.database import connect

README = (PROJECT / "README.md").read_text()
QUERIES = re.findall(r"```sql\n(.*?)```", README, flags=re.DOTALL)


@pytest.mark.slow
def test_every_query_of_the_readme_answers(published_sample):
    assert len(QUERIES) >= 5
    with connect(published_sample.published / "sequences.duckdb", read_only=True) as connection:
        for query in QUERIES:
            assert connection.execute(query).fetchall(), query


@pytest.mark.slow
def test_its_python_reads_one_version(published_sample, tmp_path, monkeypatch):
    (example,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    (tmp_path / "warehouse").symlink_to(published_sample.warehouse)
    monkeypatch.chdir(tmp_path)
    found: dict = {}
    exec(example, found)
    assert found["version"].parent.name == "versions"
    assert all(len(found[name]) for name in ("funnel", "events", "senders"))


@pytest.mark.slow
def test_the_readme_names_every_published_table_and_no_other(published_sample):
    named = set(re.findall(r"^\| `((?:core|reports|ops)\.\w+)` \|", README, flags=re.MULTILINE))
    with connect(published_sample.published / "sequences.duckdb", read_only=True) as connection:
        tables = {".".join(table) for table in declared.row_counts(connection, "sequences")}
    assert named == tables | {"core.fct_sequence_events"}


def test_the_readme_lists_every_reason_and_no_other():
    section = README.split("| reason | means |")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE)) == set(REASONS)
