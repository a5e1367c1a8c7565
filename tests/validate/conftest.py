"""Databases to validate: what landed, tiny and made by hand, and the sample as it was built."""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from sequence_warehouse.build.dbt_build import run_dbt
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.validate.marts import prepare_marts
from tests.validate.warehouse_sql import RAW

SUITES = PROJECT / "expectations"


@pytest.fixture(scope="session")
def suites() -> Path:
    """The folder of the project's suites, by border."""
    return SUITES


@pytest.fixture(scope="session")
def marts(published_sample: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A copy of the sample's working database, with the SQL of all of dbt's tests in its manifest."""
    settings = Settings(published_sample.landing, tmp_path_factory.mktemp("marts") / "warehouse")
    settings.work.mkdir(parents=True)
    shutil.copyfile(published_sample.database, settings.database)
    assert run_dbt(settings, ["--quiet", "compile", "--select", "test_type:data"]) == 0
    prepare_marts(settings)
    return settings


@pytest.fixture(scope="session")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Not `raw.duckdb`: DuckDB would not know whether `raw.events` means the file or the schema.
    path = tmp_path_factory.mktemp("raw") / "raw_border.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(RAW)
    return path


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Path]:
    """Copies the good database of a border and runs SQL on the copy: `database("raw", sql)`."""

    def build(border: str, sql: str = "") -> Path:
        good = request.getfixturevalue(border)
        good = good.database if isinstance(good, Settings) else good
        path = tmp_path / good.name
        shutil.copyfile(good, path)
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
