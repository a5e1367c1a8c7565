"""The adaptation to DuckDB is still needed, and can be applied more than once."""

import subprocess
import sys
from pathlib import Path

import pytest

from sequence_warehouse.validate import duckdb_dialect
from sequence_warehouse.validate.gx_import import import_great_expectations

ROOT = Path(__file__).parents[2]

WITHOUT_ADAPTATION = """
import sys
from sequence_warehouse.validate import duckdb_dialect
duckdb_dialect.adapt_to_duckdb = lambda: None
from pathlib import Path
from sequence_warehouse.validate import validate
report = validate(Path(sys.argv[1]), Path(sys.argv[2]), None, "raw", "run-1")
print(*sorted({row.observed for row in report.rows if not row.success}), sep="\\n")
heavy = [name for name in ("altair", "scipy.stats", "pyspark") if name in sys.modules]
print("heavy modules:", heavy)
"""


@pytest.fixture(scope="module")
def output_without_adaptation(raw, suites):
    """What a fresh process prints that validates the raw border without the adaptation."""
    command = [sys.executable, "-c", WITHOUT_ADAPTATION, str(raw), str(suites)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_without_the_adaptation_the_known_failure_still_occurs(output_without_adaptation):
    assert "list index out of range" in output_without_adaptation, (
        "Great Expectations now computes metrics on DuckDB without our adaptation (or fails in "
        f"another way). If the suites pass without it, remove {duckdb_dialect.__name__} and this "
        f"test. Failures seen without it: {output_without_adaptation}"
    )


def test_importing_leaves_out_what_is_heavy_and_not_used(output_without_adaptation):
    assert "heavy modules: []" in output_without_adaptation


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
