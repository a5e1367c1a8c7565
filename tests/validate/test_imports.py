"""What importing costs: DAG files import the package, so nothing heavy may come with it."""

import subprocess
import sys
from pathlib import Path

from sequence_warehouse.validate import gx_import

ROOT = Path(__file__).parents[2]


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_the_package_imports_nothing_heavy():
    heavy = "great_expectations, pandas, numpy, sqlalchemy, duckdb"
    code = (
        "import sys, sequence_warehouse.validate\n"
        f"print([name for name in '{heavy}'.split(', ') if name in sys.modules])"
    )

    assert python(code) == "[]"


def test_a_module_put_off_is_imported_when_it_is_used_and_never_before(monkeypatch):
    monkeypatch.setattr(gx_import, "_PUT_OFF", ("colorsys",))
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    with gx_import._cheap_imports():
        import colorsys as put_off
    assert "colorsys" not in sys.modules

    assert put_off.rgb_to_hsv(0, 0, 0) == (0, 0, 0)
    import colorsys

    assert put_off.rgb_to_hsv is colorsys.rgb_to_hsv
