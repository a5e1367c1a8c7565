"""dbt's own unit tests: one for every decision in the models, run on an empty warehouse."""

from __future__ import annotations

import os

import pytest

from sequence_warehouse.build import build, run_dbt
from sequence_warehouse.load import load
from sequence_warehouse.settings import Settings
from tests.conftest import light_project


@pytest.mark.slow
def test_every_dbt_unit_test_passes(tmp_path, capfd):
    landing = tmp_path / "landing"
    contacts = landing / "portal=1001" / "objects" / "contacts"
    contacts.mkdir(parents=True)
    (contacts / "none.jsonl").touch()
    settings = Settings(landing, tmp_path / "warehouse", light_project(tmp_path / "project"))
    load(settings)
    build(settings).raise_for_failures()
    status = run_dbt(settings, ["--quiet", "test", "--select", "test_type:unit"])
    assert status == 0, capfd.readouterr().out[-6000:]
    assert os.environ["SEQUENCE_WAREHOUSE_HOME"] == str(settings.warehouse)
