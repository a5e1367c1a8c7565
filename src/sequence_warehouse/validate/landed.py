"""What the validation of raw data looks at: the loads that no publication has seen."""

from __future__ import annotations

from pathlib import Path

from sequence_warehouse.config.settings import Settings
from sequence_warehouse.seeds import Seeds
from sequence_warehouse.storage.database import connect, literal, path_literal
from sequence_warehouse.storage.layout import LOAD
from sequence_warehouse.storage.publication import published_load
from sequence_warehouse.storage.raw import load_ids, relation


def prepare_raw(settings: Settings) -> Path:
    """A database of views over the loads that no publication has seen, of the types of objects that the seed
    knows, and of one row that sums the loads up.

    Returns its path. Without such a load it holds the newest one.
    """
    path = settings.work / "raw_audit.duckdb"
    for left_over in (path, path.with_name(f"{path.name}.wal")):
        left_over.unlink(missing_ok=True)
    loads = load_ids(settings.raw)
    published = published_load(settings.published)
    news = [load for load in loads if load > published] or loads[-1:]
    hive = "hive_partitioning = true, hive_types = {'load_id': varchar}"

    def read(loads: list[str], family: str) -> str:
        paths = ", ".join(path_literal(settings.raw, f"{LOAD}{load}/{family}/*.parquet") for load in loads)
        return f"read_parquet([{paths}], {hive})"

    with connect(path, settings=settings) as connection:
        connection.execute("create schema raw")
        for family in ("events", "objects"):
            connection.execute(
                f"create view raw.{family} as select * exclude (reason, message) "
                f"from {read(news, family)} where reason is null"
            )
        rejected = "portal_id, source_file, line_number, reason, message, record as raw_record, load_id"
        connection.execute(
            "create view raw.rejected_records as "
            + " union all ".join(
                f"select {rejected}, loaded_at as rejected_at "
                f"from {read(news, family)} where reason is not null"
                for family in ("events", "objects")
            )
        )
        connection.execute(f"create view raw.files as select * from {read(news, 'files')}")
        folder = Seeds.of(settings).prepare(settings.work)
        known = {
            name: f"read_csv({path_literal(folder / f'{name}.csv')}, all_varchar = true)"
            for name in ("event_types", "object_types")
        }
        connection.execute(
            f"create table raw.object_types as select object_type from {known['object_types']}"
        )
        connection.execute(
            f"""
            create table raw.load_summary as
            with earlier as (
                select
                    load_id,
                    count(*) as events,
                    max(occurred_at) as newest_occurred_at,
                from {relation(settings.raw, "events")}
                where reason is null and load_id < {literal(news[0])}
                group by all
            ),
            known as (select event_type from {known["event_types"]}),
            counted as (select
                (select count(*) from raw.files where status = 'loaded') as files,
                (select count(*) from raw.events) as events,
                (select count(*) from raw.objects) as objects,
                (select count(*) from raw.rejected_records) as rejected_records,
                (select max_by(events, load_id) from earlier) as previous_events,
                (select max(occurred_at) from raw.events) as newest_occurred_at,
                (select max(newest_occurred_at) from earlier) as previous_newest_occurred_at,
                (
                    select count(distinct event_type) from raw.events
                    where event_type not in (select known.event_type from known)
                ) as unknown_event_types,
                (select max(loaded_at) from raw.files) as loaded_at
            )
            select
                *,
                rejected_records / nullif(events + objects + rejected_records, 0) as rejected_share,
            from counted
            """
        )
    return path
