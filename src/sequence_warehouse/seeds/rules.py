"""What must hold of the rows of a seed: filled cells, keys, conditions and tests of ``_seeds.yml``."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
from jinja2 import Environment

from sequence_warehouse.config.errors import UserError
from sequence_warehouse.seeds.description import Seed
from sequence_warehouse.seeds.reading import Row
from sequence_warehouse.storage.database import connect, identifier


def check_cells(seed: Seed, rows: list[Row]) -> None:
    """Raises UserError for the first empty cell that must be filled, or key that is there twice."""
    for row in rows:
        for column in seed.types:
            if column in seed.filled and not row.cells[column]:
                raise row.wrong(f"has no {column}", "fill the cell, or remove the row")
    for key in seed.keys:
        seen: dict[tuple[str, ...], Row] = {}
        for row in rows:
            values = tuple(row.cells[column] for column in key if column in row.cells)
            first = seen.setdefault(values, row)
            if first is not row:
                where = "" if first.source == row.source else f" of {first.source.name}"
                what = f"says again what line {first.line}{where} says of {', '.join(values)}"
                raise row.wrong(what, "remove one of the two")


def check_conditions(project: Path, seed: Seed, rows: list[Row]) -> None:
    """Raises UserError for the first row that does not meet what ``_seeds.yml`` asks."""
    if not rows or not (seed.conditions or seed.tests):
        return
    words = {"kinds": lambda: ", ".join(f"'{kind}'" for kind in _kinds(project))}
    with connect() as connection:
        _write(connection, seed, rows)
        for condition in seed.conditions:
            sql = Environment().from_string(condition).render(words)
            place = connection.execute(f"select min(row) from seed where not ({sql})").fetchone()
            if place and place[0] is not None:
                raise rows[place[0]].wrong(f"does not meet the condition {sql}", "change the row")
        for test in seed.tests:
            path = project / "tests" / "dbt" / "generic" / f"{test}.sql"
            if not path.exists():  # a project may do without dbt's tests
                continue
            text = path.read_text(encoding="utf-8")
            found = re.search(r"\{#\s*(.*?)\s*#\}\s*\{% test .*? %\}(.*)\{% endtest %\}", text, re.DOTALL)
            assert found is not None, f"{test} has a comment and one test"
            sql = Environment().from_string(found[2]).render(model="seed")
            places = connection.execute(f"select row from ({sql}) order by row").fetchall()
            if places:
                sentence = " ".join(found[1].split()).split(". ")[0].rstrip(".")
                raise _misfit(rows, rows[places[0][0]], sentence)


def _misfit(rows: list[Row], row: Row, sentence: str) -> UserError:
    """A row that does not fit, told by a row of the user's own where there is one: it is the news."""
    of_user = [one for one in rows if one.source.path.parent != rows[0].source.path.parent]
    if row in of_user or not of_user:
        return row.wrong("does not go with the other rows", sentence)
    return of_user[0].wrong(f"does not go with line {row.line} of {row.source.name}", sentence)


def _kinds(project: Path) -> list[str]:
    """The kinds of events, as macros/event_kinds.sql lists them."""
    text = (project / "macros" / "event_kinds.sql").read_text(encoding="utf-8")
    return re.findall(r"^\s+'(\w+)': \[", text, re.MULTILINE)


def _write(connection: duckdb.DuckDBPyConnection, seed: Seed, rows: list[Row]) -> None:
    columns = ", ".join(f"{identifier(column)} {kind}" for column, kind in seed.types.items())
    connection.execute(f"create table seed (row integer, {columns})")
    places = ", ".join("?" for _ in range(len(seed.types) + 1))
    connection.executemany(
        f"insert into seed values ({places})",
        [[place, *(row.cells[column] or None for column in seed.types)] for place, row in enumerate(rows)],
    )
