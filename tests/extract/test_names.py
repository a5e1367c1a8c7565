"""Names from outside never become paths, and what is called so is landed and loaded all the same."""

from __future__ import annotations

import json
import random

import pytest

from hubspot_simulator.api import serve
from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.extract import Account, names, running
from sequence_warehouse.extract.landing import Landing
from sequence_warehouse.extract.state import StreamState
from sequence_warehouse.extract.transport import segment
from sequence_warehouse.load.discovery import is_hidden
from sequence_warehouse.runs import steps
from sequence_warehouse.storage.database import connect
from tests.extract.conftest import TOKEN, Extractor, landed_lines

ODD = [
    "..", ".", "../../portal=2/objects/contacts", "/etc/x", "a/b", "a%2Fb", "_x", ".x", "x.tmp", "x.TMP", "~",
    "Demo", "demo", "DEMO", "portal=7", "Bjørn", "bjo\u0308rn", "a\\b", "new\nline", "*?[a]", "$(x) `x` '\"",
    " x", "x ", "L" * 3000, "L" * 3001, "l" * 3000, "%", "%41", "con", "👍",
]  # fmt: skip


def test_no_two_names_share_a_file_and_none_leaves_its_folder():
    generator = random.Random(7)
    drawn = ["".join(generator.choices("aA./_~%\0\udc80ø-", k=generator.randint(0, 6))) for _ in range(3000)]
    everything = {*ODD, *drawn, "nul\0l", ""}
    files = {names.file_name(name).casefold() for name in everything}
    assert len(files) == len(everything), "not even where A is a"
    for file in files:
        assert file.isascii() and file.isprintable() and 0 < len(file.encode()) < 200
        assert not is_hidden(file) and not {"/", "\\", "\0", ".", "*", "["} & set(file)
    assert all(names.event_type(names.events_of(name)) == name for name in everything)
    assert names.file_name("e_v2_sequence_step_executed") == "e_v2_sequence_step_executed"
    assert names.events_of("pe1-2_demo") == "events/pe1-2_demo"


def test_event_types_with_odd_names_are_landed_in_their_folder_and_loaded(tmp_path):
    events = [
        {
            "id": f"{number}-{copy}",
            "eventType": name,
            "objectType": "CONTACT",
            "objectId": "501",
            "occurredAt": f"2026-01-0{copy}T00:00:00Z",
            "properties": {},
        }
        for number, name in enumerate(ODD)
        for copy in (1, 2)
    ]
    place = tmp_path / "served" / "portal=1001" / "events"
    place.mkdir(parents=True)
    (place / "all.jsonl").write_text("".join(f"{json.dumps(event)}\n" for event in events))
    with serve(tmp_path / "served", token=TOKEN) as hubspot:
        extractor = Extractor(hubspot, tmp_path / "landing", streams=("events",))
        summaries = extractor.run()
        assert len(summaries) == len(ODD) and {one["landed"] for one in summaries} == {2}
        assert {one["landed"] for one in extractor.run()} == {0}, "each has a state of its own"
    found = [record for _, record in landed_lines(extractor.landing)]
    assert sorted(found, key=lambda one: one["id"]) == sorted(events, key=lambda one: one["id"])
    assert {path.name for path in tmp_path.iterdir()} == {"served", "landing"}
    assert {path.name for path in extractor.landing.iterdir()} == {"_state", "portal=1001"}
    assert {path.name for path in (extractor.landing / "portal=1001").iterdir()} == {"events"}

    steps.load_step(Settings(extractor.landing, tmp_path / "warehouse"), "odd")
    with connect() as connection:
        rows = connection.execute(
            "select event_id from read_parquet(?, union_by_name = true, hive_partitioning = false) "
            "where reason is null",
            [str(tmp_path / "warehouse/raw/*/events*/**/*.parquet")],
        ).fetchall()
    assert sorted(one for (one,) in rows) == sorted(event["id"] for event in events)


def test_an_id_in_a_files_name_or_in_an_address_stays_one_part_of_it(tmp_path):
    with StreamState(tmp_path / "_state", "sequences") as state:
        landing = Landing(tmp_path / "portal=1" / "objects" / "sequences", state)
        for odd in ODD:
            landing.land([{"id": odd}], f"sequence-{odd}")
    files = [path for path in tmp_path.rglob("*") if path.is_file() and "_state" not in path.parts]
    assert len(files) == len(ODD)
    assert all(path.parent == landing._folder and path.name.endswith(".jsonl.gz") for path in files)
    assert all("/" not in segment(odd) and "?" not in segment(odd) for odd in ODD)
    assert segment("..") == "%2E%2E" and segment(501) == "501"


@pytest.mark.parametrize(
    "portal", ["", ".", "..", "../1001", "a/b", "1001\n", "1" * 65, "10\x0001", "_1", "portal=../x", "*", "é"]
)
def test_what_is_no_portal_is_refused_and_its_failure_kept_in_the_state_only(tmp_path, portal):
    with pytest.raises(UserError, match="is no portal: give the number"):
        Account.find(portal, {"HUBSPOT_TOKEN": "x"})
    running.keep_failure(tmp_path / "landing", portal, "owners", "run-1", "no portal")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.parent.parent for path in files] == [tmp_path / "landing" / "_state"]
    if portal != "*":
        assert running.failure_of_run(tmp_path / "landing", "run-1", portal) == "no portal"


def test_a_folders_name_instead_of_a_portal_is_told_what_to_write():
    with pytest.raises(UserError, match="'portal=1001' is no portal: write 1001"):
        names.check_portal("portal=1001")
    assert names.check_portal("1001") == "1001" and names.portal_folder("Acme-1") == "portal=Acme-1"
