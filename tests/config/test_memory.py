"""How much memory DuckDB may use: what is left, the setting, and that every connection keeps to it."""

from __future__ import annotations

import os
import re
import socket
import sys
from pathlib import Path

import duckdb
import psutil
import pytest
import yaml
from dbt.config.renderer import ProfileRenderer
from dbt_common.context import set_invocation_context

from benchmarks.memory import watch
from sequence_warehouse.build.dbt_build import BuildReport, NodeResult, _prepare
from sequence_warehouse.cli.main import main
from sequence_warehouse.config import memory
from sequence_warehouse.config.errors import UsageError, UserError
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.storage.database import clear_spill, config, connect

MIB = 2**20


def write(root: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return root


def group(folder: str, limit: str, used: int, cached: int = 0) -> dict[str, str]:
    return {
        f"sys/fs/cgroup/{folder}memory.max": limit + "\n",
        f"sys/fs/cgroup/{folder}memory.current": f"{used}\n",
        f"sys/fs/cgroup/{folder}memory.stat": f"anon 1\ninactive_file {cached}\n",
    }


def old_group(folder: str, limit: int, used: int, cached: int = 0) -> dict[str, str]:
    return {
        f"sys/fs/cgroup/memory/{folder}memory.limit_in_bytes": f"{limit}\n",
        f"sys/fs/cgroup/memory/{folder}memory.usage_in_bytes": f"{used}\n",
        f"sys/fs/cgroup/memory/{folder}memory.stat": f"inactive_file 1\ntotal_inactive_file {cached}\n",
    }


OLD = "9:name=systemd:/\n4:cpu,memory:/docker/a\n"


@pytest.mark.parametrize(
    ("files", "left"),
    [
        ({}, 1000 * MIB),
        ({"proc/self/cgroup": "0::/\n", **group("", "max", 5)}, 1000 * MIB),
        ({"proc/self/cgroup": "0::/\n", **group("", str(600 * MIB), 200 * MIB)}, 400 * MIB),
        ({"proc/self/cgroup": "0::/\n", **group("", str(600 * MIB), 200 * MIB, 50 * MIB)}, 450 * MIB),
        (
            {
                "proc/self/cgroup": "0::/pod/box\n",
                **group("pod/", str(300 * MIB), 100 * MIB),
                **group("pod/box/", "max", 10 * MIB),
            },
            200 * MIB,
        ),
        ({"proc/self/cgroup": "0::/not/here\n", **group("", str(600 * MIB), 200 * MIB)}, 400 * MIB),
        ({"proc/self/cgroup": OLD, **old_group("docker/a/", 500 * MIB, 300 * MIB, 20 * MIB)}, 220 * MIB),
        ({"proc/self/cgroup": OLD, **old_group("", 500 * MIB, 300 * MIB)}, 200 * MIB),
        ({"proc/self/cgroup": OLD, **old_group("docker/a/", 2**63 - 4096, 300 * MIB)}, 1000 * MIB),
        ({"proc/self/cgroup": "0::/\n", **group("", str(100 * MIB), 200 * MIB)}, 0),
    ],
)
def test_what_is_left_is_of_the_machine_or_of_the_narrowest_group_around(files, left, tmp_path, monkeypatch):
    machine = psutil.virtual_memory()._replace(available=1000 * MIB)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: machine)
    assert memory.memory_left(write(tmp_path, files)) == left


@pytest.mark.parametrize(
    ("text", "size"),
    [("2GB", 2 * 10**9), ("1536MiB", 1536 * MIB), (" 2.5 gib ", 2560 * MIB), ("1TiB", 2**40)],
)
def test_the_limit_is_a_size_with_a_unit_and_goes_on_to_other_processes(text, size, monkeypatch):
    monkeypatch.setenv("SEQUENCE_WAREHOUSE_MEMORY_LIMIT", text)
    settings = Settings.from_environment()
    assert settings.memory_limit == size
    handed_on = settings.environment()["SEQUENCE_WAREHOUSE_MEMORY_LIMIT"]
    monkeypatch.setenv("SEQUENCE_WAREHOUSE_MEMORY_LIMIT", handed_on)
    assert 0 <= size - Settings.from_environment().memory_limit < 1024


def test_without_the_setting_half_of_what_is_left_is_used(monkeypatch):
    for text in (None, ""):
        if text is None:
            monkeypatch.delenv("SEQUENCE_WAREHOUSE_MEMORY_LIMIT", raising=False)
        else:
            monkeypatch.setenv("SEQUENCE_WAREHOUSE_MEMORY_LIMIT", text)
        limit = Settings.from_environment().memory_limit
        assert memory.LEAST <= limit <= max(memory.LEAST, psutil.virtual_memory().total // 2)
        assert limit == Settings(Path("a"), Path("b")).memory_limit, "the same for the life of a process"


@pytest.mark.parametrize(
    ("limit", "given", "threads"),
    [("256MiB", "", 1), ("1GiB", "", 2), ("3GiB", "", 6), ("1TB", "", 16), ("256MiB", "9", 9)],
)
def test_threads_are_as_many_as_the_memory_bears_or_as_asked(limit, given, threads, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 16)
    monkeypatch.setenv("SEQUENCE_WAREHOUSE_MEMORY_LIMIT", limit)
    monkeypatch.setenv("SEQUENCE_WAREHOUSE_THREADS", given)
    assert Settings.from_environment().threads == threads


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("MEMORY_LIMIT", text) for text in ("2", "2 apples", "GB", "-1GB", "80%", "none", "100MB", "0GB")),
        *(("THREADS", text) for text in ("0", "-1", "two", "1.5")),
        *(("LOCK_WAIT", text) for text in ("-1", "long", "nan", "inf")),
        *(("KEPT_VERSIONS", text) for text in ("0", "all")),
        ("KEPT_LOG_DAYS", "1 week"),
        ("MERGED_LOADS", "-5"),
    ],
)
def test_a_wrong_value_is_one_sentence_with_its_name_and_what_is_allowed(name, text, monkeypatch, capsys):
    monkeypatch.setenv(f"SEQUENCE_WAREHOUSE_{name}", text)
    with pytest.raises(UsageError) as caught:
        Settings.from_environment()
    assert f"SEQUENCE_WAREHOUSE_{name} is {text!r}: it must be a" in str(caught.value)
    assert main(["docs"]) == 2
    assert capsys.readouterr().err == f"error: {caught.value}\n"


def test_a_connection_keeps_to_the_settings_and_spills_into_the_warehouse(tmp_path):
    settings = Settings(tmp_path, tmp_path / "warehouse", threads=1, memory_limit=64 * MIB)
    with connect(settings=settings) as connection:
        limit, threads, spill = connection.execute(
            "select current_setting('memory_limit'), current_setting('threads'), "
            "current_setting('temp_directory')"
        ).fetchone()
        assert (limit, threads) == ("64.0 MiB", 1)
        assert Path(spill).parent == settings.spill
        # 100 MB that a sort must keep
        connection.execute(
            "create temp table big as select range as id, repeat(md5(range::varchar), 8) as text "
            "from range(400_000) order by hash(range)"
        )
        assert any(Path(spill).iterdir())
    assert list(settings.spill.rglob("*.*")) == [], "closed, it leaves nothing"


@pytest.mark.parametrize("threads", [1, 3])
def test_dbt_has_the_limit_the_threads_and_the_folder_too(threads, tmp_path, monkeypatch):
    for name in os.environ:
        monkeypatch.setenv(name, os.environ[name])  # what building sets is for this test only
    settings = Settings(tmp_path, tmp_path / "warehouse", threads=threads, memory_limit=300 * MIB)
    _prepare(settings)
    set_invocation_context(os.environ)
    profile = yaml.safe_load((PROJECT / "profiles.yml").read_text())["sequence_warehouse"]
    target = ProfileRenderer({}).render_data(profile)["outputs"]["duckdb"]
    assert int(target["threads"]) == 1
    with duckdb.connect(config=target["config_options"]) as connection:
        asked = (
            "current_setting('memory_limit'), current_setting('threads'), current_setting('temp_directory')"
        )
        found = connection.execute(f"select {asked}").fetchone()
    assert found == ("300.0 MiB", threads, config(settings)["temp_directory"])


def test_a_build_that_ran_out_of_memory_says_which_setting_gives_more():
    said = "Out of Memory Error: failed to allocate 2.0 MiB Possible solutions: * Increasing memory (SET …)"
    failed = NodeResult("big", "model", "error", 1.0, None, said)
    with pytest.raises(UserError, match=r"allocate 2.0 MiB; raise SEQUENCE_WAREHOUSE_MEMORY_LIMIT or lower"):
        BuildReport(results=[failed]).raise_for_failures()


def test_no_part_of_the_product_opens_duckdb_but_by_the_one_function_that_bounds_it():
    opening = r"duckdb\.connect\(|duckdb\.sql\(|duckdb:///"
    allowed = {"database.py", "runner.py", "portals.py"}
    for path in (PROJECT / "src").rglob("*.py"):
        assert path.name in allowed or not re.search(opening, path.read_text()), path


def test_what_killed_processes_left_of_their_memory_on_disk_goes_and_nothing_else(tmp_path):
    settings = Settings(tmp_path, tmp_path / "warehouse")
    host, parent = socket.gethostname(), os.getppid()
    ended = next(pid for pid in range(2**22, 2**22 + 99) if not psutil.pid_exists(pid))
    names = [f"{host}-{parent}", f"{host}-{ended}", f"{host}-{os.getpid()}", "elsewhere-7", "older-7"]
    write(settings.spill, {f"{name}/duckdb_temp_storage-0.tmp": "rest" for name in names})
    os.utime(settings.spill / "older-7", (0, 0))
    clear_spill(settings)
    assert sorted(path.name for path in settings.spill.iterdir()) == sorted([names[0], "elsewhere-7"])


def test_the_watcher_sums_all_processes_and_kills_them_above_its_limit():
    hold = "import time; held = bytearray(60 * 2**20); time.sleep({})"
    both = (
        "import subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {hold.format(60)!r}])\n" + hold.format(60)
    )
    killed = watch([sys.executable, "-c", both], limit_mib=110)
    assert killed.was_killed
    assert killed.status == 137
    assert killed.peak_mib > 110
    assert killed.resident_mib < 110, "no process alone was that large"
    assert killed.wall_seconds < 50
    ended = watch([sys.executable, "-c", "raise SystemExit(3)"], limit_mib=1000)
    assert (ended.status, ended.was_killed) == (3, False)
