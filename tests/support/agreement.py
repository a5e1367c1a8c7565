"""A warehouse over random accounts, and all in which its tables are not those of the reference.

Hundreds of random accounts are portals of one landing folder, so that one build serves them all.
"""

from __future__ import annotations

import csv
import datetime
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import duckdb

from sequence_warehouse.build.dbt_build import build
from sequence_warehouse.build.declared import PUBLISHED_SCHEMAS
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.load import load
from sequence_warehouse.storage.database import connect, identifier
from sequence_warehouse.validate import landed, marts, validate
from tests.reference import model, random_logs, write
from tests.support.projects import light_project

# Of these schemas the reference computes every column of every table; of `ops` it computes these tables.
SCHEMAS = ("core", "reports")
OPS = ("unmapped_properties", "field_issues", "freshness", "enrollment_status")


class Arrival(NamedTuple):
    """When a load was made, and the id it got."""

    number: int
    load_id: str
    began: datetime.datetime
    ended: datetime.datetime


class Case:
    """Random accounts, their settings, and the loads in which they arrive: as many of each seed."""

    def __init__(self, seeds: tuple[int, ...], folder: Path, portals: int = 80) -> None:
        generators = [random.Random(seed) for seed in seeds]
        self.accounts: dict[str, dict] = {}
        self.snapshots = {("*", "sequence_performance")}
        self.names: dict[str, dict[tuple[str, str], str]] = {"folders": {}, "templates": {}}
        self.loads: dict[int, list] = defaultdict(list)
        self.arrivals: list[Arrival] = []
        for number in range(portals):
            portal = str(70_000 + number)
            rng = generators[number % len(seeds)]
            records = random_logs.random_account(rng, portal, depends_on_loads=True)
            if setting := random_logs.random_setting(rng):
                self.accounts[portal] = setting | {"account_name": f"Account {number}" if number % 3 else ""}
            self.snapshots |= {(portal, kind) for kind in random_logs.random_snapshots(rng)}
            for seed, names in zip(self.names, random_logs.random_names(rng), strict=True):
                self.names[seed] |= {(portal, its_id): name for its_id, name in names.items()}
            for record in random_logs.deliver(rng, records):
                self.loads[record.load].append(record)
        self.settings = Settings(folder / "landing", folder / "warehouse", light_project(folder / "project"))
        names = ("account_name", "time_zone", "plan", "created_on", "currency")
        self._append(
            "accounts", [[key, *(row[name] or "" for name in names)] for key, row in self.accounts.items()]
        )
        self._append("snapshot_streams", sorted(self.snapshots))
        for seed, names in self.names.items():
            self._append(seed, [(*key, name) for key, name in names.items()])

    def _append(self, seed: str, rows: list) -> None:
        with (self.settings.project / "seeds" / f"{seed}.csv").open("a", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(rows)

    def load_and_build_each(self) -> None:
        for number in sorted(self.loads):
            self.load(number)
            self.build()
            if number in {min(self.loads), max(self.loads)}:
                self.validate_borders()

    def load(self, number: int) -> None:
        write.write_load(self.settings.landing, self.loads[number], number)
        began = datetime.datetime.now(datetime.UTC)
        report = load(self.settings)
        assert report.files_loaded > 0 and report.load_id
        self.arrivals.append(Arrival(number, report.load_id, began, datetime.datetime.now(datetime.UTC)))

    def validate_borders(self) -> None:
        """Whatever the data, and be it the first half of an export: nothing critical may fail."""
        for border, prepare in (("raw", landed.prepare_raw), ("marts", marts.prepare_marts)):
            suites = self.settings.project / "expectations"
            report = validate(prepare(self.settings), suites, None, border, "random")
            assert [str(row) for row in report.failed_critical] == []

    def build(self, full_refresh: bool = False) -> str | None:
        report = build(replace(self.settings, full_refresh=full_refresh))
        report.raise_for_failures()
        return report.full_refresh

    def set_variable(self, name: str, value: str) -> None:
        path = self.settings.project / "dbt_project.yml"
        lines = [
            f"  {name}: {value}" if line.startswith(f"  {name}:") else line
            for line in path.read_text().split("\n")
        ]
        path.write_text("\n".join(lines))

    def test_models(self) -> None:
        """From now on with dbt's tests of the single models, too."""
        path = self.settings.project / "dbt_project.yml"
        path.write_text(path.read_text().split("\ndata_tests:")[0])

    def differences(self, metric_rules: str = "current") -> list[str]:
        with connect(self.settings.database, read_only=True) as connection:
            return list(differences(connection, self.expected(metric_rules), self.arrivals))

    def expected(self, metric_rules: str = "current") -> dict[str, list[dict]]:
        records = [record for number in sorted(self.loads) for record in self.loads[number]]
        return model.build(records, self.accounts, metric_rules, frozenset(self.snapshots), **self.names)

    def unproven(self) -> list[str]:
        with connect(self.settings.database, read_only=True) as connection:
            return list(unproven(connection))


def differences(
    connection: duckdb.DuckDBPyConnection, expected: dict[str, list[dict]], arrivals: list[Arrival]
) -> Iterator[str]:
    """Tables and columns that one side alone has, and rows that are not the same on both.

    expected: table -> rows. Every table of SCHEMAS is looked at, and of others those that are expected.
    """
    built = _columns(connection)
    for schema, table in built:
        if schema in SCHEMAS and table not in expected:
            yield f"{table}: the reference does not compute it"
    names = {table: (schema, table) for schema, table in built}
    for table, rows in expected.items():
        if table not in names:
            yield f"{table}: only in the reference"
            continue
        schema, _ = names[table]
        have = built[schema, table]
        columns = list(rows[0]) if rows else have
        if lacking := [column for column in columns if column not in have]:
            yield f"{table}: only in the reference: {', '.join(lacking)}"
            continue
        if schema in SCHEMAS and (more := [column for column in have if column not in columns]):
            yield f"{table}: the reference does not compute {', '.join(more)}"
        yield from _rows_that_differ(connection, f"{schema}.{table}", columns, rows, arrivals)


def unproven(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Tables without a row and columns that never change: to agree on these proves little."""
    for (schema, table), columns in _columns(connection).items():
        if schema not in SCHEMAS:
            continue
        counts = ", ".join(f"count(distinct {identifier(column)})" for column in columns)
        rows, *values = connection.execute(f"select count(*), {counts} from {schema}.{table}").fetchone()
        if not rows:
            yield f"{table}: no row"
            continue
        for column, number in zip(columns, values, strict=True):
            if number < 2:
                yield f"{table}: {column} has {number} values"


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], list[str]]:
    """(schema, table) -> its columns, of what would be published."""
    found: dict[tuple[str, str], list[str]] = {}
    for schema, table, column in connection.execute(
        """
        select table_schema, table_name, column_name
        from information_schema.columns
        where list_contains(?, table_schema)
        order by all
        """,
        [list(PUBLISHED_SCHEMAS)],
    ).fetchall():
        found.setdefault((schema, table), []).append(column)
    return found


def _rows_that_differ(
    connection, table: str, columns: list[str], rows: list[dict], arrivals
) -> Iterator[str]:
    selected = ", ".join(map(identifier, columns))
    built = connection.execute(f"select {selected} from {table}").fetchall()
    have = Counter(
        tuple(_built(column, value, arrivals) for column, value in zip(columns, row, strict=True))
        for row in built
    )
    want = Counter(tuple(_comparable(row[column]) for column in columns) for row in rows)
    name = table.split(".")[1]
    for sign, rest in (("only built", have - want), ("only in the reference", want - have)):
        for row in rest:
            yield f"{name} {sign}: {dict(zip(columns, row, strict=True))}"


def _built(column: str, value: object, arrivals: list[Arrival]) -> object:
    """A value as the reference says it: which load it was, and JSON without its spelling."""
    if column == "load_id":
        return next((one.number for one in arrivals if one.load_id == value), value)
    if column == "loaded_at":
        return next((one.number for one in arrivals if one.began <= value <= one.ended), value)
    return _comparable(json.loads(value) if column == "properties" else value)


def _comparable(value: object) -> object:
    if isinstance(value, float):
        return round(value, 9)
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC)
    return json.dumps(value, sort_keys=True) if isinstance(value, dict) else value
