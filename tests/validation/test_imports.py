"""What importing costs: DAG files import the package, so nothing heavy may come with it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_the_package_imports_nothing_heavy():
    heavy = "great_expectations, pandas, numpy, sqlalchemy, duckdb"
    code = (
        "import sys, sequence_warehouse.validation\n"
        f"print([name for name in '{heavy}'.split(', ') if name in sys.modules])"
    )

    assert python(code) == "[]"


def test_great_expectations_comes_without_its_heaviest_imports_and_they_still_work_afterwards():
    code = (
        "import sys\n"
        "from sequence_warehouse.validation.gx_import import import_great_expectations\n"
        "import_great_expectations()\n"
        "print([name for name in ('altair', 'scipy.stats', 'pyspark') if name in sys.modules])\n"
        "from great_expectations.expectations.core import (\n"
        "    expect_column_kl_divergence_to_be_less_than as upstream)\n"
        "print(upstream.stats.entropy([1, 1]) > 0)\n"
        "from scipy import stats\n"
        "print(stats.entropy is upstream.stats.entropy)"
    )

    assert python(code).splitlines() == ["[]", "True", "True"]
