"""Pages and state: what is landed once, what a killed run leaves, who may write."""

from __future__ import annotations

import gzip
import json
from contextlib import suppress
from pathlib import Path

import pytest

from sequence_warehouse.extract.errors import HubspotError
from sequence_warehouse.extract.landing import Landing
from sequence_warehouse.extract.running import failure_of_run
from sequence_warehouse.extract.state import StreamState, known_objects
from sequence_warehouse.load.discovery import discover


def lines(folder) -> list[dict]:
    return [
        json.loads(line)
        for path in sorted(folder.glob("*.jsonl.gz"))
        for line in gzip.decompress(path.read_bytes()).splitlines()
    ]


@pytest.fixture
def state(tmp_path):
    with StreamState(tmp_path / "_state", "deals") as state:
        yield state


def test_a_page_is_one_file_of_lines_and_its_state(tmp_path, state):
    landing = Landing(tmp_path / "x", state)
    records = [{"id": "1", "a": "ø\n"}, {"id": "2", "a": 1.5}]
    assert landing.land(records, "all", cursor=5) == 2
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["00000001-all.jsonl.gz"]
    assert lines(tmp_path / "x") == records
    assert state.get("cursor") == 5


def test_the_same_record_again_is_left_out_and_a_changed_one_is_not(tmp_path, state):
    landing = Landing(tmp_path / "x", state)
    landing.land([{"id": "1", "a": 1}, {"id": "1", "a": 1}], "all")
    assert landing.land([{"a": 1, "id": "1"}], "all") == 0, "the order of members is no content"
    assert landing.land([{"id": "1", "a": 2}], "all") == 1
    assert landing.land([{"id": "1", "a": 1}], "all") == 1, "as it was before is a change too"
    assert lines(tmp_path / "x") == [{"id": "1", "a": 1}, {"id": "1", "a": 2}, {"id": "1", "a": 1}]


def test_an_empty_page_writes_nothing_but_moves_the_state(tmp_path, state):
    landing = Landing(tmp_path / "x", state)
    assert landing.land([], "all", cursor=9) == 0
    assert not (tmp_path / "x").exists() and state.get("cursor") == 9


def test_a_page_that_the_state_does_not_know_is_taken_over(tmp_path, state, monkeypatch):
    """Killed between the rename and the commit."""
    landing = Landing(tmp_path / "x", state)
    landing.land([{"id": "1"}], "all")
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(StreamState, "commit", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        landing.land([{"id": "2"}], "all")
    (tmp_path / "x" / "00000003-all.jsonl.gz.tmp").write_bytes(b"half")

    again = Landing(tmp_path / "x", state)
    assert again.land([{"id": "2"}, {"id": "3"}], "all") == 1
    assert lines(tmp_path / "x") == [{"id": "1"}, {"id": "2"}, {"id": "3"}]
    assert not list((tmp_path / "x").glob("*.tmp"))


def test_old_records_are_forgotten_and_the_others_kept(tmp_path, state):
    landing = Landing(tmp_path / "x", state, at=lambda record: record["at"])
    landing.land([{"id": "1", "at": 10}, {"id": "2", "at": 20}], "all")
    state.commit(forget_before=15)
    assert landing.land([{"id": "2", "at": 20}], "all") == 0
    assert landing.land([{"id": "1", "at": 10}], "all") == 1


def test_a_lost_state_is_made_again_from_what_was_landed_and_no_file_is_overwritten(tmp_path, state):
    landing = Landing(tmp_path / "x", state)
    for number in "123":
        landing.land([{"id": number}], f"page-{number}")
    before = sorted((tmp_path / "x").iterdir())
    with StreamState(tmp_path / "_other", "deals") as lost:
        again = Landing(tmp_path / "x", lost)
        assert again.land([{"id": "2"}, {"id": "4"}], "page-1") == 1
    assert sorted((tmp_path / "x").iterdir())[:3] == before
    assert lines(tmp_path / "x") == [{"id": "1"}, {"id": "2"}, {"id": "3"}, {"id": "4"}]


def test_one_process_at_a_time_holds_a_stream(tmp_path, state):
    with pytest.raises(HubspotError, match="Another process is extracting deals"):
        StreamState(tmp_path / "_state", "deals", lock_wait=0.1)
    with StreamState(tmp_path / "_state", "contacts", lock_wait=0.1):
        pass


def test_the_load_does_not_look_at_the_state(tmp_path):
    with StreamState(tmp_path / "_state" / "portal=1", "deals") as state:
        Landing(tmp_path / "portal=1" / "objects" / "deals", state).land([{"id": "1"}], "all")
        state.write_summary({"outcome": "done"})
    assert [file.source_file for file in discover(tmp_path)] == [
        "portal=1/objects/deals/00000001-all.jsonl.gz"
    ]


def damage_the_middle(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))


@pytest.mark.parametrize(
    "damage",
    [
        Path.unlink,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"garbage" * 99),
        lambda path: path.write_bytes(path.read_bytes()[:-4096]),
        lambda path: path.with_name("deals.sqlite-journal").write_bytes(b"garbage" * 99),
        damage_the_middle,
    ],
    ids=["missing", "empty", "garbage", "truncated", "journal", "middle"],
)
def test_a_damaged_state_is_made_again_from_what_was_landed(damage, tmp_path):
    folder, records = tmp_path / "x", [{"id": str(number)} for number in range(900)]
    with StreamState(tmp_path / "_state", "deals") as state:
        Landing(folder, state).land(records, "all", cursor=5)
    damage(tmp_path / "_state" / "deals.sqlite")
    with suppress(HubspotError), StreamState(tmp_path / "_state", "deals") as state:
        Landing(folder, state).land(records, "all", cursor=6)
    # what only a query notices is set aside after it
    with StreamState(tmp_path / "_state", "deals") as state:
        assert Landing(folder, state).land([*records, {"id": "new"}], "all", cursor=7) == 1
    assert len(lines(folder)) == 901


def test_a_damaged_state_of_another_stream_is_named(tmp_path):
    (tmp_path / "deals.sqlite").write_bytes(b"garbage" * 99)
    with pytest.raises(HubspotError, match=r"The state of deals, .*: extract deals first"):
        known_objects(tmp_path, "deals", "", 10)


def test_a_landed_page_that_is_damaged_is_asked_for_again(tmp_path, caplog):
    with StreamState(tmp_path / "_state", "deals") as state:
        Landing(tmp_path / "x", state).land([{"id": "1"}], "all", cursor=5)
    (page,) = (tmp_path / "x").iterdir()
    page.write_bytes(page.read_bytes()[:-9])
    with StreamState(tmp_path / "_lost", "deals") as state:
        assert Landing(tmp_path / "x", state).land([{"id": "1"}], "all", cursor=5) == 1
    assert "00000001-all.jsonl.gz is damaged" in caplog.text
    assert len(list((tmp_path / "x").iterdir())) == 2


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"null"])
def test_a_damaged_summary_says_nothing(content, tmp_path):
    folder = tmp_path / "_state" / "portal=1"
    folder.mkdir(parents=True)
    (folder / "deals.json").write_bytes(content)
    (folder / "tasks.json").write_text('{"run_id": "run", "outcome": "failed", "message": "No."}')
    assert failure_of_run(tmp_path, "run") == "No."
