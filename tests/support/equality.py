"""Whether two publications hold the same rows: that a change of the code changed nothing, table by table.

    python -m tests.support.equality <warehouse before> <warehouse after> [--renamed names.toml]

Both hold the same landing folder, loaded in the same steps. Every published table is compared as a multiset
of rows, both ways, over its Parquet. Two names of the same thing are told by a file:

    [tables]
    "reports.opens" = "reports.opened"      # before = after; without their columns none

    [columns."reports.opened"]              # by the table's name after
    opens = "opened"                        # before = after

    [values."reports.metrics".metric]       # by table and column after: values that are such names
    opens = "opened"                        # before = after

Told, and no difference: tables and columns that are only there after. A difference: those only there before,
another type, rows. What must differ is compared by what it stands for:

* ids and times of loads (`load_id`, `loaded_at`, `…_loaded_at`, `rejected_at`) by the number of the load,
* numbers with a floating point by their first twelve digits: sums depend on the order of their terms,
* and not at all: the tables of the runs themselves, which tell when and how long (HISTORY).

The exit status is 0 when nothing differs, else 1.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from sequence_warehouse.storage import history
from sequence_warehouse.storage.database import connect, identifier, literal

HISTORY = tuple(f"ops.{table}" for table in history.TABLES)
TIMES_OF_LOADS = ("loaded_at", "rejected_at")
SHOWN_ROWS = 3


@dataclass(frozen=True)
class Names:
    """Names before -> names after; columns and values by the names after of what they are in."""

    tables: dict[str, str] = field(default_factory=dict)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    values: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path | None) -> Names:
        return cls(**tomllib.loads(path.read_text(encoding="utf-8"))) if path else cls()


@dataclass
class Report:
    """compared: tables. added: what only the later publication has. differences: sentences."""

    compared: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)


def compare(before: Path, after: Path, names: Names = Names()) -> Report:
    """before, after: warehouses, each with a publication."""
    report = Report()
    with connect() as connection:
        old, new = (_register(connection, side, path) for side, path in (("old", before), ("new", after)))
        was = {names.tables.get(table, table): table for table in old}
        report.added += [f"table {table}" for table in new if table not in was]
        report.differences += [f"{was[table]} is not there any more" for table in was if table not in new]
        for table in sorted(was.keys() & set(new)):
            _compare_table(connection, was[table], table, names, report)
        for table, renamed in names.columns.items():
            columns = _columns(connection, "old", was[table]) if table in was else {}
            report.differences += [
                f"{table}: the file of names renames {column}, which was not there"
                for column in renamed
                if column not in columns
            ]
    return report


def _compare_table(
    connection: duckdb.DuckDBPyConnection, was: str, table: str, names: Names, report: Report
) -> None:
    renamed = names.columns.get(table, {})
    old = {renamed.get(name, name): kind for name, kind in _columns(connection, "old", was).items()}
    new = _columns(connection, "new", table)
    report.compared.append(table)
    report.added += [f"column {table}.{name}" for name in new if name not in old]
    report.differences += [f"{table}.{name} is not there any more" for name in old if name not in new]
    both = [name for name in old if name in new]
    report.differences += [
        f"{table}.{name} was {old[name]} and is {new[name]}" for name in both if old[name] != new[name]
    ]
    back = {name: name_before for name_before, name in renamed.items()}
    values = names.values.get(table, {})
    rows_before = _rows("old", was, {name: back.get(name, name) for name in both}, new, values)
    rows_after = _rows("new", table, {name: name for name in both}, new, {})
    for sign, some, others in (("before", rows_before, rows_after), ("after", rows_after, rows_before)):
        rest = connection.execute(f"{some} except all {others}").fetchall()
        if rest:
            shown = "; ".join(
                str(dict(zip(both, row, strict=True))) for row in sorted(rest, key=str)[:SHOWN_ROWS]
            )
            report.differences.append(f"{table}: {len(rest)} rows only {sign}: {shown}")


def _rows(
    side: str, table: str, columns: dict[str, str], kinds: dict[str, str], renamed: dict[str, dict[str, str]]
) -> str:
    """columns: name to compare by -> column. renamed: by such names, values that are called otherwise."""
    selected = []
    for name, column in columns.items():
        value = _value(side, column, kinds[name])
        whens = [f"when {literal(old)} then {literal(new)}" for old, new in renamed.get(name, {}).items()]
        value = f"case {value} {' '.join(whens)} else {value} end" if whens else value
        selected.append(f"{value} as {identifier(name)}")
    return f"select {', '.join(selected)} from {_view(side, table)}"


def _value(side: str, column: str, kind: str) -> str:
    name = identifier(column)
    if column == "load_id":
        return f"split_part({name}, '-', 1)"
    if column.endswith(TIMES_OF_LOADS):
        numbers = f"select max(split_part(load_id, '-', 1)) from {_view(side, 'ops.loads')} as loads"
        return f"({numbers} where loads.loaded_at = {name})"
    if kind in ("DOUBLE", "FLOAT"):
        return f"cast(format('{{:.12g}}', {name}) as double)"
    return name


def _register(connection: duckdb.DuckDBPyConnection, side: str, warehouse: Path) -> list[str]:
    """A view of each published table that is compared; their names."""
    parquet = (warehouse / "published").resolve(strict=True) / "parquet"
    tables = [f"{path.parent.name}.{path.name}" for path in sorted(parquet.glob("*/*")) if path.is_dir()]
    tables = [table for table in tables if table not in HISTORY]
    for table in tables:
        files = literal(parquet / table.replace(".", "/") / "**" / "*.parquet")
        connection.execute(
            f"create view {_view(side, table)} as from read_parquet({files}, hive_partitioning = false)"
        )
    return tables


def _columns(connection: duckdb.DuckDBPyConnection, side: str, table: str) -> dict[str, str]:
    """Column -> its type."""
    described = connection.execute(f"describe from {_view(side, table)}").fetchall()
    return {name: kind for name, kind, *_ in described}


def _view(side: str, table: str) -> str:
    return identifier(f"{side} {table}")


def _lines(report: Report) -> Iterator[str]:
    yield f"{len(report.compared)} tables compared; not compared: {', '.join(HISTORY)}"
    yield from (f"added: {what}" for what in report.added)
    yield from (f"DIFFERENT: {what}" for what in report.differences)
    yield "equal" if not report.differences else f"{len(report.differences)} differences"


def main(arguments: list[str] | None = None) -> int:
    description = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=description)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--renamed", type=Path, help="a file of names before and after")
    options = parser.parse_args(arguments)
    report = compare(options.before, options.after, Names.read(options.renamed))
    print("\n".join(_lines(report)))
    return 1 if report.differences else 0


if __name__ == "__main__":
    sys.exit(main())
