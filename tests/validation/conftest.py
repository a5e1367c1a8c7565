"""Tiny DuckDB files to validate, and the project's own suites."""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.validation.marts_sql import MARTS
from tests.validation.warehouse_sql import RAW

SUITES = Path(__file__).parents[2] / "expectations"


@pytest.fixture(scope="session")
def suites() -> Path:
    """The folder of the project's suites, by border."""
    return SUITES


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The good database of each border, built once; tests take copies."""
    folder = tmp_path_factory.mktemp("databases")
    paths = {}
    for border, sql in (("raw", RAW), ("marts", MARTS)):
        # Not `raw.duckdb`: DuckDB would not know whether `raw.events` means the file or the schema.
        paths[border] = folder / f"{border}_border.duckdb"
        with duckdb.connect(str(paths[border])) as connection:
            connection.execute(sql)
    return paths


@pytest.fixture
def database(databases: dict[str, Path], tmp_path: Path) -> Callable[..., Path]:
    """Copies the good database of a border and runs SQL on the copy: `database("raw", sql)`."""

    def build(border: str, sql: str = "") -> Path:
        path = tmp_path / databases[border].name
        shutil.copyfile(databases[border], path)
        with duckdb.connect(str(path)) as connection:
            connection.execute(sql or "select 1")
        return path

    return build


@pytest.fixture
def one_suite(tmp_path: Path) -> Callable[[str, str], Path]:
    """A suites folder with a single suite of the project: `one_suite("raw", "raw.events")`."""

    def build(border: str, name: str) -> Path:
        folder = tmp_path / "suites" / border
        folder.mkdir(parents=True)
        shutil.copyfile(SUITES / border / f"{name}.json", folder / f"{name}.json")
        return tmp_path / "suites"

    return build
