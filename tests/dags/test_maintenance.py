"""Maintenance and backfill in this process: no table changes, and what is old is gone."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import replace

import pytest

from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.runs import maintenance
from sequence_warehouse.storage.raw import load_ids
from tests.dags.test_dag_run import published_tables
from tests.support.holders import held_for_writing
from tests.support.projects import small_project

MAINTENANCE = PROJECT / "dags" / "sequence_warehouse_maintenance_dag.py"
BACKFILL = PROJECT / "dags" / "sequence_warehouse_backfill_dag.py"


@pytest.mark.slow
def test_loads_that_are_merged_and_rebuilt_from_give_the_same_tables(
    tmp_path, small_landing, run_dag
) -> None:
    project = small_project(tmp_path / "project")
    settings = Settings(
        tmp_path / "landing", tmp_path / "warehouse", project, merged_loads=2, kept_versions=1
    )
    for part in ("portal=1001/objects", "portal=1002", "portal=1001/events"):
        shutil.copytree(small_landing / part, settings.landing / part)
        assert run_dag(settings).state == "success"
    before = published_tables(settings)
    assert before["core.fct_enrollments"] and len(load_ids(settings.raw)) == 3

    assert run_dag(settings, MAINTENANCE).state == "success"
    assert len(load_ids(settings.raw)) == 1
    assert not (settings.warehouse / "lock.json").exists()
    version = settings.published.resolve()
    assert run_dag(settings).state == "success"
    assert settings.published.resolve() == version, "merging is no news"

    # what is lost by now is made again of what landed, to the last row
    (part,) = settings.raw.glob("merged_to=000002*/events/*.parquet")
    part.write_bytes(part.read_bytes()[:-99])
    shutil.rmtree(next(settings.raw.glob("load_id=*")))
    # "facts" is refreshed under the real scheduler, in tests/deployment
    with held_for_writing(settings.published / "sequences.duckdb"):
        assert run_dag(settings, MAINTENANCE).state == "success"
        assert run_dag(settings, BACKFILL, {"full_refresh": "all"}).state == "success"
    assert settings.published.resolve() != version and not version.exists()
    assert published_tables(settings) == before
    assert len(list(settings.versions.iterdir())) == 1, "as many as the setting says"


def test_old_publications_go_and_the_current_one_stays(tmp_path) -> None:
    settings = Settings(tmp_path, tmp_path / "warehouse", kept_versions=2)
    for number in range(1, 6):
        (settings.versions / f"{number:06d}-20260101T000000Z").mkdir(parents=True)
    oldest = settings.versions / "000001-20260101T000000Z"
    settings.published.symlink_to(oldest)
    assert len(maintenance.retention_step(settings, "run-1")) == 2
    assert oldest.exists(), "what readers are pointed to is never removed"
    assert len(list(settings.versions.iterdir())) == 3
    maintenance.retention_step(replace(settings, kept_versions=1), "run-1")
    assert len(list(settings.versions.iterdir())) == 2


def test_old_logs_go_young_ones_and_links_stay(tmp_path) -> None:
    settings = Settings(tmp_path, tmp_path / "warehouse", kept_log_days=30)
    airflow, outside = tmp_path / "logs", tmp_path / "outside.txt"
    outside.touch()
    old = time.time() - 31 * 24 * 3600
    for folder in (settings.work / "logs", settings.work / "runs", airflow / "dag_id=a" / "run_id=b"):
        folder.mkdir(parents=True)
        (folder / "young").touch()
        (folder / "old").touch()
        os.utime(folder / "old", (old, old))
    gone = airflow / "dag_id=a" / "run_id=c"
    gone.mkdir()
    (gone / "old").touch()
    (airflow / "latest").symlink_to(outside)
    for path in (gone / "old", gone):
        os.utime(path, (old, old))
    assert maintenance.logs_step(settings, "run-1", airflow) == 4
    assert sorted(path.name for path in tmp_path.rglob("*") if path.name in {"young", "old"}) == ["young"] * 3
    assert (airflow / "latest").is_symlink() and outside.exists()
    os.utime(gone, (old, old))
    maintenance.logs_step(settings, "run-1", airflow)
    assert not gone.exists() and (airflow / "dag_id=a" / "run_id=b").exists()
