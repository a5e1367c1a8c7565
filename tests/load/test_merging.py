"""Merged loads: fewer files, the same rows, whatever moment a merge is cut off at."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.load import load
from sequence_warehouse.load.merging import merge
from sequence_warehouse.storage.database import connect
from sequence_warehouse.storage.raw import FAMILIES, load_ids, relation

# A merge that is killed at its n-th change of the file system.
KILLED = """
import os, pathlib, shutil, signal, sys
from sequence_warehouse.load.merging import merge
from sequence_warehouse.config.settings import Settings

changes = 0
def counted(change):
    def call(*arguments, **names):
        global changes
        changes += 1
        if changes == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
        return change(*arguments, **names)
    return call

pathlib.Path.rename, shutil.rmtree = counted(pathlib.Path.rename), counted(shutil.rmtree)
pathlib.Path.mkdir = counted(pathlib.Path.mkdir)
folder = pathlib.Path(sys.argv[1])
merge(Settings(folder / "landing", folder / "warehouse", merged_loads=3))
"""


@pytest.fixture
def settings(tmp_path) -> Settings:
    """Six loads with duplicates, a rejected line and a file that grew; all but the newest are published."""
    settings = Settings(tmp_path / "landing", tmp_path / "warehouse", merged_loads=3)
    for number in range(6):
        land(settings, number)
        load(settings)
    publish(settings, load_ids(settings.raw)[-2])
    return settings


def land(settings: Settings, number: int) -> None:
    folder = settings.landing / "portal=1001"
    for name in ("events", "objects/contacts"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    event = {"id": str(number // 2), "eventType": "t", "objectId": "5", "occurredAt": 1000 + number}
    (folder / "events" / f"{number}.jsonl").write_text(json.dumps(event) + "\nnot JSON\n")
    contact = {"id": "5", "updatedAt": f"2026-01-0{number + 1}T00:00:00Z", "properties": {}}
    with (folder / "objects/contacts/all.jsonl").open("a") as file:
        file.write(json.dumps(contact) + "\n")


def publish(settings: Settings, load_id: str) -> None:
    settings.published.mkdir(parents=True, exist_ok=True)
    (settings.published / "version.json").write_text(json.dumps({"load_id": load_id}))


def rows(settings: Settings) -> dict[str, list[tuple]]:
    """What every reader of raw storage sees."""
    with connect() as connection:
        return {
            family: connection.execute(
                f"select * from {relation(settings.raw, family)} order by all"
            ).fetchall()
            for family in FAMILIES
        }


def test_published_loads_but_the_newest_become_one_folder_and_no_row_changes(settings) -> None:
    before = rows(settings)
    assert len(before["objects"]) == 21 and {row[-1] for row in before["events"]} == set(
        load_ids(settings.raw)
    )
    counts = merge(settings)
    assert counts["merged_loads"] == 5 and counts["files_after"] < counts["files_before"] / 2
    assert rows(settings) == before
    assert len(load_ids(settings.raw)) == 1
    assert load(settings).load_id is None, "the ledger still knows every file"


def test_a_second_merge_adds_a_folder_and_ids_go_on(settings) -> None:
    merge(settings)
    for number in range(6, 10):
        land(settings, number)
        assert load(settings).load_id.startswith(f"{number + 1:06d}-")
    publish(settings, load_ids(settings.raw)[-1])
    before = rows(settings)
    assert merge(settings)["merged_loads"] == 4
    assert rows(settings) == before
    assert len(list(settings.raw.glob("merged_to=*"))) == 3, "the empty one, and one a merge"


def test_few_loads_unpublished_ones_and_merging_switched_off_are_left_alone(settings) -> None:
    before = rows(settings)
    assert merge(Settings(settings.landing, settings.warehouse, merged_loads=6))["merged_loads"] == 0
    assert merge(Settings(settings.landing, settings.warehouse, merged_loads=0))["merged_loads"] == 0
    publish(settings, "")
    assert merge(settings)["merged_loads"] == 0
    assert rows(settings) == before and len(load_ids(settings.raw)) == 6


def test_a_merge_that_is_killed_at_any_change_leaves_every_row_once(settings, tmp_path) -> None:
    before, kills = rows(settings), 0
    while True:
        done = subprocess.run(
            [sys.executable, "-c", KILLED, tmp_path, str(kills + 1)], cwd=PROJECT, capture_output=True
        )
        assert rows(settings) == before, f"after a kill at change {kills + 1}"
        if done.returncode == 0:
            break
        assert done.returncode == -9, done.stderr
        kills += 1
    assert kills > 5
    load(settings)
    assert rows(settings) == before and len(load_ids(settings.raw)) == 1
    assert not list(settings.raw.glob(".*"))


def test_dbt_reads_what_the_relation_reads(settings, monkeypatch) -> None:
    """The source of the models says the same as ``relation``, word for word but for spaces."""
    import jinja2
    import yaml

    merge(settings)
    source = yaml.safe_load((PROJECT / "models/staging/_hubspot__sources.yml").read_text())["sources"][0]
    template = source["config"]["meta"]["external_location"]
    text = jinja2.Template(template).render(env_var=lambda name, default: str(settings.warehouse))
    for family in FAMILIES:
        here, there = relation(settings.raw, family), text.replace("{name}", family)
        assert "".join(here.split()) == "".join(there.split())
