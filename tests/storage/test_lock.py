"""One run at a time: who may claim the warehouse, who must wait, and who may take over."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.storage import lock


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A warehouse that is not there yet, and no patience."""
    monkeypatch.delenv(lock.PROCESS_VARIABLE, raising=False)
    return Settings(landing=tmp_path / "landing", warehouse=tmp_path / "warehouse", lock_wait=0)


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """From now on, runs belong to a process: ``by_hand(process_id)``."""
    return lambda process: monkeypatch.setenv(lock.PROCESS_VARIABLE, str(process))


def held_by(settings: Settings) -> str | None:
    path = settings.warehouse / "lock.json"
    return json.loads(path.read_text())["run_id"] if path.exists() else None


def test_a_second_run_is_refused_in_a_sentence_that_says_who_holds_the_warehouse(settings, by_hand) -> None:
    by_hand(os.getpid())
    lock.acquire(settings, "run-1")
    with pytest.raises(
        UserError, match=r"Another run \(run-1, since 20\d\d-.*\) is using the warehouse .*: wait"
    ):
        lock.acquire(settings, "run-2")
    assert held_by(settings) == "run-1"


def test_a_second_run_waits_and_goes_on_once_the_first_has_ended(tmp_path: Path, by_hand) -> None:
    by_hand(os.getpid())
    settings = Settings(landing=tmp_path, warehouse=tmp_path / "warehouse", lock_wait=20)
    lock.acquire(settings, "run-1")
    timer = threading.Timer(0.3, lock.release, (settings, "run-1"))
    timer.start()
    started = time.monotonic()
    lock.acquire(settings, "run-2")
    assert 0.2 < time.monotonic() - started < 10
    assert held_by(settings) == "run-2"


def test_scheduled_runs_take_over_from_their_own_dag_and_from_another_only_when_it_is_over(
    settings, monkeypatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CTX_DAG_ID", "main")
    lock.acquire(settings, "run-1")
    lock.acquire(settings, "run-2")
    monkeypatch.setenv("AIRFLOW_CTX_DAG_ID", "backfill")
    for run_id in ("run-2", "run-3"):
        with pytest.raises(UserError, match="Another run"):
            lock.acquire(settings, run_id)
    lock.release(settings, "run-2")
    assert held_by(settings) == "run-2", "the same id of another DAG is another run"
    lock.acquire(settings, "run-3", is_over=lambda dag_id, run_id: (dag_id, run_id) == ("main", "run-2"))
    assert held_by(settings) == "run-3"


def test_a_run_may_claim_again_what_it_holds_and_keeps_its_first_time(settings) -> None:
    lock.acquire(settings, "run-1")
    before = (settings.warehouse / "lock.json").read_text()
    lock.acquire(settings, "run-1")
    assert (settings.warehouse / "lock.json").read_text() == before


def test_only_the_run_that_holds_the_warehouse_gives_it_back(settings) -> None:
    lock.acquire(settings, "run-1")
    lock.release(settings, "run-2")
    assert held_by(settings) == "run-1"
    lock.release(settings, "run-1")
    assert held_by(settings) is None
    lock.release(settings, "run-1")


def test_the_claim_of_a_process_that_is_gone_is_void(settings, by_hand) -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    by_hand(process.pid)
    lock.acquire(settings, "run-1")
    by_hand(os.getpid())
    with pytest.raises(UserError):
        lock.acquire(settings, "run-2")
    process.communicate()
    lock.acquire(settings, "run-2")
    assert held_by(settings) == "run-2"


def test_a_process_that_was_given_the_number_of_a_dead_one_is_not_its_owner(settings, by_hand) -> None:
    by_hand(os.getpid())
    lock.acquire(settings, "run-1")
    path = settings.warehouse / "lock.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"process_start": "1"}))
    lock.acquire(settings, "run-2")
    assert held_by(settings) == "run-2"


def test_the_claim_of_another_host_s_process_stands_for_nobody_here_can_see_it(settings, by_hand) -> None:
    by_hand(2**22 - 1)
    lock.acquire(settings, "run-1")
    path = settings.warehouse / "lock.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"host": "elsewhere"}))
    with pytest.raises(UserError, match="run-1"):
        lock.acquire(settings, "run-2")


def test_a_scheduled_run_takes_over_from_an_older_scheduled_run(settings) -> None:
    lock.acquire(settings, "scheduled-1")
    lock.acquire(settings, "scheduled-2")
    assert held_by(settings) == "scheduled-2"


def test_a_run_by_hand_and_a_scheduled_run_keep_each_other_out(settings, by_hand, monkeypatch) -> None:
    lock.acquire(settings, "scheduled")
    by_hand(os.getpid())
    with pytest.raises(UserError, match="scheduled"):
        lock.acquire(settings, "by-hand")
    monkeypatch.delenv(lock.PROCESS_VARIABLE)
    lock.release(settings, "scheduled")
    by_hand(os.getpid())
    lock.acquire(settings, "by-hand")
    monkeypatch.delenv(lock.PROCESS_VARIABLE)
    with pytest.raises(UserError, match="by-hand"):
        lock.acquire(settings, "scheduled")


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"run_id": "x"}', "null", '"text"'])
def test_a_lock_file_that_was_cut_off_or_is_of_another_version_holds_nobody_out(
    content: str, settings, by_hand
) -> None:
    by_hand(os.getpid())
    settings.warehouse.mkdir()
    (settings.warehouse / "lock.json").write_text(content)
    lock.release(settings, "run-1")
    lock.acquire(settings, "run-1")
    assert held_by(settings) == "run-1"


def test_of_many_runs_that_claim_at_once_one_gets_the_warehouse(settings, by_hand) -> None:
    by_hand(os.getpid())
    outcomes: list[str] = []

    def claim(run_id: str) -> None:
        try:
            lock.acquire(settings, run_id)
            outcomes.append(run_id)
        except UserError:
            pass

    threads = [threading.Thread(target=claim, args=(f"run-{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [held_by(settings)]
