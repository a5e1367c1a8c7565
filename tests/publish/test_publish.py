"""A publication is a new version beside the old ones, complete, and current by one rename."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from sequence_warehouse.build import declared
from sequence_warehouse.config.errors import UserError
from sequence_warehouse.publish import publishing as module
from sequence_warehouse.storage import history

TABLES = ["core.dim_contacts", "reports.sequence_performance", "ops.loads"]


def versions(built) -> list[str]:
    return sorted(path.name for path in built.settings.versions.iterdir())


def test_a_version_folder_holds_the_database_the_parquet_and_what_is_in_it(built) -> None:
    summary = built.publish()
    folder = built.settings.published.resolve()
    assert folder == built.settings.versions / summary["version"]
    assert sorted(path.name for path in folder.iterdir()) == ["parquet", "sequences.duckdb", "version.json"]
    assert json.loads((folder / "version.json").read_text()) == summary
    assert (summary["run_id"], summary["fingerprint"]) == ("run-1", "fingerprint")
    assert {table: rows for table, rows in summary["rows"].items() if rows} == {
        "core.dim_contacts": 2,
        "core.fct_sequence_events": 8,
        "ops.loads": 1,
        "ops.runs": 1,
        "reports.sequence_performance": 1,
    }


def test_published_is_a_relative_link_so_that_a_warehouse_may_be_moved(built, tmp_path: Path) -> None:
    built.publish()
    assert not os.path.isabs(os.readlink(built.settings.published))
    moved = built.settings.warehouse.rename(tmp_path / "moved")
    assert (moved / "published" / "sequences.duckdb").is_file()


def test_the_switch_is_one_rename_that_no_reader_can_see_half_of(built, monkeypatch) -> None:
    built.publish()
    before = built.settings.published.resolve()
    seen = []
    replace = Path.replace

    def watch(source: Path, target: Path) -> Path:
        if target == built.settings.published:
            seen.append((built.settings.published.resolve(), (source / "sequences.duckdb").is_file()))
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", watch)
    summary = built.publish()
    assert seen == [(before, True)]
    assert built.settings.published.resolve().name == summary["version"]
    assert [path.name for path in built.settings.warehouse.iterdir() if path.name.startswith(".pub")] == []


def test_a_reader_of_the_old_version_goes_on_reading_it(built, reader: Callable) -> None:
    built.publish()
    path = built.settings.published / "sequences.duckdb"
    with reader(path) as old:
        for contact in range(3, 8):
            built.change(f"insert into core.dim_contacts values ('1001', '{contact}', null)")
            built.publish()
        assert old.execute("select count(*) from core.dim_contacts").fetchone() == (2,)
    with reader(path) as new:
        assert new.execute("select count(*) from core.dim_contacts").fetchone() == (7,)


def test_the_last_three_versions_stay(built) -> None:
    made = [built.publish()["version"] for _ in range(5)]
    assert made == sorted(made)
    assert versions(built) == made[-3:]


def test_version_names_sort_when_the_clock_goes_back(built) -> None:
    built.publish()
    first = built.settings.published.resolve()
    later = first.rename(first.with_name("000001-29990101T000000Z"))
    built.settings.published.unlink()
    built.settings.published.symlink_to(later)
    assert built.publish()["version"].startswith("000002-")


def test_every_table_is_the_same_in_the_database_as_parquet_and_as_built(built) -> None:
    built.publish()
    with duckdb.connect(str(built.settings.database), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for table in TABLES:
            rows = connection.execute(f"from {table} order by all").fetchall()
            folder = table.replace(".", "/")
            assert rows
            assert built.sql(f"from {table} order by all") == rows
            assert built.sql(f"from read_parquet('{{parquet}}/{folder}/*.parquet') order by all") == rows
        rows = connection.execute("from core.fct_sequence_events order by all").fetchall()
    columns = "columns(* exclude (portal, month))"
    glob = "{parquet}/core/fct_sequence_events/**/*.parquet"
    assert built.sql(f"select {columns} from read_parquet('{glob}') order by all") == rows


def test_types_are_the_contract_s_in_the_database_and_in_parquet(built) -> None:
    built.publish()
    relations = {
        table: (table, f"read_parquet('{{parquet}}/{table.replace('.', '/')}/*.parquet')") for table in TABLES
    }
    relations["core.fct_sequence_events"] = (
        "read_parquet('{parquet}/core/fct_sequence_events/**/*.parquet')",
    )
    for both in relations.values():
        for relation in both:
            types = {name: kind for name, kind, *_ in built.sql(f"describe from {relation}")}
            assert {kind for name, kind in types.items() if name.endswith("_id")} <= {"VARCHAR"}
            assert {kind for name, kind in types.items() if name.endswith("_at")} <= {
                "TIMESTAMP WITH TIME ZONE"
            }
    ids = built.sql("select distinct portal_id from core.dim_contacts order by all")
    big = "read_parquet('{parquet}/core/fct_sequence_events/**/*.parquet')"
    assert built.sql(f"select distinct portal_id from {big} order by all") == ids == [("007",), ("1001",)]


def test_the_big_table_is_parquet_only_a_file_for_each_portal_and_month_in_utc(built) -> None:
    built.publish()
    assert list(built.partitions()) == [
        f"portal={portal}/month=2026-{month}"
        for portal in ("007", "1001")
        for month in ("01", "02", "03", "04")
    ]
    assert built.sql("select * from duckdb_tables() where table_name = 'fct_sequence_events'") == []


def test_what_the_project_declares_in_the_published_schemas_is_published_and_nothing_else(built) -> None:
    built.change("create table reports.my_scratch as select 1 as one")
    built.publish()
    published = {
        f"{schema}.{table}"
        for schema, table in built.sql("select schema_name, table_name from duckdb_tables()")
    }
    assert published == {*TABLES, *(f"ops.{table}" for table in history.TABLES)}


def test_a_declared_view_is_published_as_the_rows_that_it_has(built) -> None:
    # as dbt writes one: it names its tables with their database
    built.change("create or replace view core.a_view as select * from sequences.core.dim_contacts")
    built.declare(*TABLES, "core.a_view", "core.fct_sequence_events")
    assert built.publish()["rows"]["core.a_view"] == 2
    assert built.sql("from core.a_view order by all") == built.sql("from core.dim_contacts order by all")
    assert not built.sql("select 1 from duckdb_views() where not internal")


def test_what_is_declared_and_was_not_built_is_an_error_and_the_old_version_stays(built) -> None:
    before = built.publish()["version"]
    built.declare(*TABLES, "core.fct_sequence_events", "reports.never_built")
    with pytest.raises(UserError, match=r"although the project declares it: reports\.never_built\."):
        built.publish()
    assert built.settings.published.resolve().name == before


def test_what_the_project_no_longer_declares_is_dropped_and_published_no_more(built) -> None:
    built.publish()
    built.change(
        """
        create schema audit; create schema seeds;
        create table audit.publication (rows bigint); create table main.mine (one bigint);
        create table seeds."It's old" (one bigint); create view staging.old as select 1 as one;
        """
    )
    built.declare("core.fct_sequence_events", "core.dim_contacts", "staging.not_published")
    assert declared.drop_others(built.settings) == [
        "core.a_view",
        "ops.loads",
        "reports.sequence_performance",
        "seeds.It's old",
        "staging.old",
    ]
    assert declared.drop_others(built.settings) == []
    built.publish()
    assert built.sql("select table_name from duckdb_tables() where schema_name <> 'ops'") == [
        ("dim_contacts",)
    ]
    assert not (built.settings.published / "parquet" / "reports").exists()
    with duckdb.connect(str(built.settings.database)) as work:
        left = work.execute("select table_name from duckdb_tables() order by all").fetchall()
    assert left == [
        ("dim_contacts",),
        ("fct_sequence_events",),
        ("mine",),
        ("not_published",),
        ("publication",),
    ]


def test_descriptions_of_tables_and_columns_are_published(built) -> None:
    columns = {"contact_id": {"description": "HubSpot's id."}, "portal_id": {"description": ""}}
    description = "Grain: one row per contact. It's described."
    built.declare("core.fct_sequence_events", "core.dim_contacts", description=description, columns=columns)
    built.publish()
    assert built.sql("select table_name, comment from duckdb_tables() where comment is not null") == [
        ("dim_contacts", "Grain: one row per contact. It's described.")
    ]
    assert built.sql("select column_name, comment from duckdb_columns() where comment is not null") == [
        ("contact_id", "HubSpot's id.")
    ]


def test_the_runs_before_and_the_one_that_publishes_are_published_with_their_versions(built) -> None:
    for run_id in ("run-0", "run-1"):  # the second was tried before
        history.append(built.settings, "runs", run_id, [{"run_id": run_id, "outcome": "failed"}])
    version = built.publish()["version"]
    assert built.sql("select run_id, outcome, version from ops.runs order by all") == [
        ("run-0", "failed", None),
        ("run-1", "published", version),
    ]
    assert built.sql("select count(*) from ops.model_results") == [(0,)]


def test_stray_names_among_the_versions_are_left_alone(built) -> None:
    built.settings.versions.mkdir(parents=True)
    for name in (".DS_Store", "notes.txt"):
        (built.settings.versions / name).touch()
    built.publish()
    assert {path.name for path in built.settings.versions.iterdir()} > {".DS_Store", "notes.txt"}


def test_partitions_that_did_not_change_are_the_same_file_and_changed_ones_are_not(built) -> None:
    built.publish()
    before = {name: path.stat().st_ino for name, path in built.partitions().items()}
    built.change(
        "update core.fct_sequence_events set sequence_id = '78' where portal_id = '007' and event_id = 'e1'"
    )
    built.publish()
    after = {name: path.stat().st_ino for name, path in built.partitions().items()}
    assert before.keys() == after.keys()
    assert [name for name in before if before[name] != after[name]] == ["portal=007/month=2026-02"]
    big = "read_parquet('{parquet}/core/fct_sequence_events/**/*.parquet')"
    assert built.sql(f"select portal_id, event_id from {big} where sequence_id = '78'") == [("007", "e1")]


def test_a_partition_outlives_the_version_that_wrote_it(built) -> None:
    for _ in range(5):
        built.publish()
    assert built.sql(
        "select count(*) from read_parquet('{parquet}/core/fct_sequence_events/**/*.parquet')"
    ) == [(8,)]


def test_a_partition_without_rows_is_gone_and_a_new_one_is_there(built) -> None:
    built.publish()
    built.change("delete from core.fct_sequence_events where portal_id = '007' and event_id in ('e0', 'e1')")
    built.change(
        "update core.fct_sequence_events set occurred_at = '2027-01-01' "
        "where portal_id = '1001' and event_id = 'e3'"
    )
    built.publish()
    assert list(built.partitions()) == [
        "portal=007/month=2026-03",
        "portal=007/month=2026-04",
        "portal=1001/month=2026-01",
        "portal=1001/month=2026-02",
        "portal=1001/month=2026-03",
        "portal=1001/month=2027-01",
    ]
    big = "read_parquet('{parquet}/core/fct_sequence_events/**/*.parquet')"
    assert built.sql(f"select count(*) from {big}") == [(6,)]


def test_an_event_that_moves_to_another_month_is_in_one_partition_only(built) -> None:
    built.publish()
    built.change("update core.fct_sequence_events set occurred_at = '2026-01-01' where event_id = 'e3'")
    built.publish()
    big = "read_parquet('{parquet}/core/fct_sequence_events/**/*.parquet', filename = true)"
    assert built.sql(
        f"select count(*), count(*) filter (filename like '%2026-01/%') from {big} where event_id = 'e3'"
    ) == [(2, 2)]


def test_a_file_system_without_hard_links_gets_copies(built, monkeypatch: pytest.MonkeyPatch) -> None:
    built.publish()

    def refuse(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(module.os, "link", refuse)
    built.publish()
    assert built.sql(
        "select count(*) from read_parquet('{parquet}/core/fct_sequence_events/**/*.parquet')"
    ) == [(8,)]
    assert {path.stat().st_nlink for path in built.partitions().values()} == {1}


def test_what_a_killed_publication_left_is_removed(built) -> None:
    current = built.publish()["version"]
    left_over = built.settings.versions / ".000002-20260301T000000Z"
    (left_over / "parquet").mkdir(parents=True)
    (left_over / "sequences.duckdb").write_text("half")
    (built.settings.warehouse / ".published").symlink_to("versions/nowhere")
    summary = built.publish()
    assert versions(built) == [current, summary["version"]]
    assert not os.path.lexists(built.settings.warehouse / ".published")


def test_a_publication_killed_before_the_switch_leaves_the_old_one_current(built, monkeypatch) -> None:
    before = built.publish()["version"]

    def fail(*_: object) -> None:
        raise RuntimeError("the power went")

    for step in (module, "_publish_events"), (module.publication, "switch"):
        with monkeypatch.context() as broken:
            broken.setattr(*step, fail)
            with pytest.raises(RuntimeError, match="the power went"):
                built.publish()
        assert built.settings.published.resolve().name == before
        assert built.sql("select count(*) from core.dim_contacts") == [(2,)]
    assert built.publish()["version"] > before


def test_a_table_that_lost_rows_on_the_way_is_refused_and_the_old_version_stays(built, monkeypatch) -> None:
    before = built.publish()["version"]
    copy = module._copy_table

    def lossy(connection, schema: str, table: str, query: str) -> None:
        copy(connection, schema, table, f"from ({query}) limit 1")

    monkeypatch.setattr(module, "_copy_table", lossy)
    with pytest.raises(
        UserError, match=r"differ from the built ones in rows: \[\('core', 'dim_contacts'\)\]"
    ):
        built.publish()
    assert built.settings.published.resolve().name == before


def test_an_empty_warehouse_publishes_empty_tables(empty) -> None:
    summary = empty.publish()
    assert {name for name, rows in summary["rows"].items() if rows} == {"ops.runs"}
    big = "read_parquet('{parquet}/core/fct_sequence_events/**/*.parquet')"
    assert empty.sql(f"select count(*), any_value(typeof(portal_id)) from {big}") == [(0, None)]
    assert (
        dict((name, kind) for name, kind, *_ in empty.sql(f"describe from {big}"))["portal_id"] == "VARCHAR"
    )
    empty.change("insert into ops.loads values ('000001', 1)")
    empty.publish()
    assert empty.sql("select * from ops.loads") == [("000001", 1)]
