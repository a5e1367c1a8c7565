"""dbt's own unit tests: one for every decision in the models, run on an empty warehouse.

They run under other constants than the project's: a unit test that needs a value names it
(``overrides``), so that a constant may change without it.
"""

from __future__ import annotations

import json
import os
from datetime import date, timedelta

import pytest

from sequence_warehouse.build.dbt_build import build, project_variables, run_dbt
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.load import load
from tests.support.projects import light_project


def other_constants() -> dict[str, object]:
    """The project's vars: numbers doubled, days a year later, words and the lists of metrics as they are."""

    def other(value: object) -> object:
        if isinstance(value, int):
            return 2 * value
        if not isinstance(value, str):
            return value
        try:
            return (date.fromisoformat(value) + timedelta(days=365)).isoformat()
        except ValueError:
            return value

    return {name: other(value) for name, value in project_variables(PROJECT).items()}


@pytest.mark.slow
def test_every_dbt_unit_test_passes(tmp_path, capfd):
    landing = tmp_path / "landing"
    contacts = landing / "portal=1001" / "objects" / "contacts"
    contacts.mkdir(parents=True)
    (contacts / "none.jsonl").touch()
    settings = Settings(landing, tmp_path / "warehouse", light_project(tmp_path / "project"))
    load(settings)
    build(settings).raise_for_failures()
    constants = json.dumps(other_constants())
    status = run_dbt(settings, ["--quiet", "test", "--select", "test_type:unit", "--vars", constants])
    assert status == 0, capfd.readouterr().out[-6000:]
    assert os.environ["SEQUENCE_WAREHOUSE_HOME"] == str(settings.warehouse)
