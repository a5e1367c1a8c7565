"""The adaptation to DuckDB is still needed, and can be applied more than once."""

import subprocess
import sys
from pathlib import Path

import pytest

from sequence_warehouse.validation import duckdb_dialect
from sequence_warehouse.validation.gx_import import import_great_expectations

ROOT = Path(__file__).parents[2]

WITHOUT_ADAPTATION = """
import sys
from sequence_warehouse.validation import duckdb_dialect
duckdb_dialect.adapt_to_duckdb = lambda: None
from pathlib import Path
from sequence_warehouse.validation import validate
report = validate(Path(sys.argv[1]), Path(sys.argv[2]), None, "raw", "run-1")
print(*(row.observed for row in report.rows if not row.success), sep="\\n")
"""


def test_without_the_adaptation_the_known_failure_still_occurs(database, one_suite):
    command = [sys.executable, "-c", WITHOUT_ADAPTATION]
    arguments = [str(database("raw")), str(one_suite("raw", "raw.rejected_records"))]
    done = subprocess.run(
        command + arguments, cwd=ROOT, capture_output=True, text=True, timeout=60
    )

    assert done.returncode == 0, done.stderr
    assert "list index out of range" in done.stdout, (
        "Great Expectations now computes metrics on DuckDB without our adaptation (or fails in "
        f"another way). If the suites pass without it, remove {duckdb_dialect.__name__} and this "
        f"test. Failures seen without it: {done.stdout or 'none'}"
    )


def test_applying_it_twice_adds_duckdb_once():
    import_great_expectations()
    duckdb_dialect.adapt_to_duckdb()
    from great_expectations.execution_engine import sqlalchemy_execution_engine as upstream

    assert upstream._PERSISTED_CONNECTION_DIALECTS.count("duckdb") == 1


def test_it_says_so_when_upstream_has_changed(monkeypatch):
    import_great_expectations()
    from great_expectations.execution_engine import sqlalchemy_execution_engine as upstream

    monkeypatch.delattr(upstream, "_PERSISTED_CONNECTION_DIALECTS")
    with pytest.raises(RuntimeError, match="no longer has the tuple"):
        duckdb_dialect.adapt_to_duckdb()
