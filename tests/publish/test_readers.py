"""Nobody who reads a publication, or writes into one, disturbs the next; nobody reads half of two."""

import errno
import json
import threading

import duckdb
import pytest

from sequence_warehouse.storage import permissions, publication
from sequence_warehouse.storage.publication import current_version
from sequence_warehouse.validate import marts
from tests.support.holders import held_for_writing


def test_a_tool_that_holds_the_last_versions_for_writing_neither_stops_nor_changes_the_next(built) -> None:
    first, second = (built.publish()["version"] for _ in range(2))
    tables = built.sql("select count(*) from duckdb_tables()")
    before = {name: path.stat().st_ino for name, path in built.partitions().items()}
    held = [built.settings.versions / name / "sequences.duckdb" for name in (first, second)]
    with held_for_writing(held[0]), held_for_writing(held[1]):
        with pytest.raises(duckdb.IOException):
            duckdb.connect(str(held[1]), read_only=True)
        built.change("insert into core.dim_contacts values ('1001', 'new', null)")
        marts.prepare_marts(built.settings)
        drift = duckdb.connect(str(built.settings.database)).execute(
            "select table_name, rows, previous_rows from audit.publication order by all"
        )
        assert drift.fetchall() == [
            ("dim_contacts", 3, 2),
            ("fct_sequence_events", 8, 8),
            ("loads", 1, 1),
            ("sequence_performance", 1, 1),
        ]
        drift.close()
        for _ in range(3):  # by then both of the tool's are gone
            built.publish()
        assert not held[0].parent.exists() and not held[1].parent.exists()
        assert built.sql("select count(*) from core.dim_contacts") == [(3,)]
    assert built.sql("select count(*) from duckdb_tables()") == tables
    assert {name: path.stat().st_ino for name, path in built.partitions().items()} == before


def test_who_resolves_the_link_first_never_mixes_versions_while_a_publisher_switches(built) -> None:
    made = [built.publish()["version"]]
    built.change(
        "insert into core.dim_contacts select '1001', n::varchar, null from range(100, 200) as t (n)"
    )
    made.append(built.publish()["version"])
    over = threading.Event()

    def switch() -> None:
        while not over.is_set():
            for version in made:
                publication.switch(built.settings.published, built.settings.versions / version)

    publisher = threading.Thread(target=switch)
    publisher.start()
    try:
        seen = set()
        for _ in range(20):
            version = current_version(built.settings)
            told = json.loads((version / "version.json").read_text())
            with duckdb.connect(str(version / "sequences.duckdb"), read_only=True) as file:
                in_file = file.execute("select count(*) from core.dim_contacts").fetchone()[0]
            with publication.connect_to(version) as views:
                in_parquet = views.execute("select count(*) from core.dim_contacts").fetchone()[0]
            assert in_file == in_parquet == told["rows"]["core.dim_contacts"]
            seen.add(told["version"])
    finally:
        over.set()
        publisher.join()
    assert seen == set(made)


def test_what_was_opened_stays_with_its_version_when_another_is_published(built) -> None:
    built.publish()
    with publication.connect_to(current_version(built.settings)) as opened:
        built.change("delete from core.dim_contacts; delete from core.fct_sequence_events")
        built.publish()
        assert opened.execute("select count(*) from core.dim_contacts").fetchone() == (2,)
        assert opened.execute("select count(*) from core.fct_sequence_events").fetchone() == (8,)
    with publication.connect_to(current_version(built.settings)) as opened:
        assert opened.execute("select count(*) from core.fct_sequence_events").fetchone() == (0,)


def test_a_version_that_nobody_can_describe_is_followed_by_one_that_needs_nothing_of_it(built) -> None:
    built.publish()
    for damaged in ("{", "", None):
        told = current_version(built.settings) / "version.json"
        told.unlink()
        if damaged is not None:
            told.write_text(damaged)
        marts.prepare_marts(built.settings)
        built.publish()
        assert built.sql("select count(*) from core.dim_contacts") == [(2,)]


def test_an_old_version_that_cannot_be_removed_stops_no_publication_and_goes_later(
    built, monkeypatch, caplog
) -> None:
    made = [built.publish()["version"] for _ in range(3)]
    remove = permissions.shutil.rmtree

    def busy(folder, *more) -> None:
        raise OSError(errno.ENOTEMPTY, "Directory not empty", str(folder))

    monkeypatch.setattr(permissions.shutil, "rmtree", busy)
    made.append(built.publish()["version"])
    assert current_version(built.settings).name == made[-1]
    assert "could not be removed (Directory not empty): it is tried again later" in caplog.text
    assert not (built.settings.versions / made[0]).exists(), "nobody opens half of it"
    monkeypatch.setattr(permissions.shutil, "rmtree", remove)
    made.append(built.publish()["version"])
    assert sorted(path.name for path in built.settings.versions.iterdir()) == made[-3:]
