"""No model and no test compares every row with every other: DuckDB's plans of a whole build are read.

Such a join costs nothing on a sample and hours on ten million events. Whether one is harmless is not judged
by the sample's sizes but by the plan: one of its sides must have a single row (an aggregate without groups),
or come from nothing but seeds and constants, which do not grow with the events.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from sequence_warehouse.build.dbt_build import _prepare
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.storage.database import connect

# each row with each; ASOF joins and hash joins are none
LOOPS = {"NESTED_LOOP_JOIN", "BLOCKWISE_NL_JOIN", "CROSS_PRODUCT", "PIECEWISE_MERGE_JOIN", "IE_JOIN"}
CONSTANTS = {"COLUMN_DATA_SCAN", "DUMMY_SCAN", "EMPTY_RESULT"}


def loops(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    """The joins of a query that compare each row of one large side with each of another."""
    (_, text) = connection.execute(f"explain (format json) {query}").fetchone()
    nodes = [node for plan in json.loads(text) for node in _all(plan)]
    # what is materialized once: its definition is the first child
    defined = {_info(node, "Table Index"): node["children"][0] for node in nodes if _name(node) == "CTE"}
    return [
        f"{_name(node)} on {_info(node, 'Conditions') or _info(node, 'Condition')}"
        for node in nodes
        if _name(node) in LOOPS
        and not any(_is_one_row(side, defined) or _is_fixed(side, defined) for side in node["children"])
    ]


def _all(node: dict) -> Iterator[dict]:
    yield node
    for child in node["children"]:
        yield from _all(child)


def _name(node: dict) -> str:
    return node["name"].strip()


def _info(node: dict, key: str) -> str:
    return str(node["extra_info"].get(key, ""))


def _is_one_row(node: dict, defined: dict[str, dict]) -> bool:
    name, children = _name(node), node["children"]
    if name == "CTE_SCAN":
        return _info(node, "CTE Index") in defined and _is_one_row(defined[_info(node, "CTE Index")], defined)
    if name == "CTE":
        return _is_one_row(children[-1], defined)
    if name in {"UNGROUPED_AGGREGATE", "DUMMY_SCAN"}:
        return True
    if name in {"PROJECTION", "FILTER", "ORDER_BY", "STREAMING_LIMIT", "CROSS_PRODUCT", *LOOPS}:
        return all(_is_one_row(child, defined) for child in children)
    return False


def _is_fixed(node: dict, defined: dict[str, dict]) -> bool:
    leaves = [leaf for leaf in _all(node) if not leaf["children"]]
    return all(
        _name(leaf) in CONSTANTS
        or ".seeds." in _info(leaf, "Table")
        or (_info(leaf, "CTE Index") in defined and _is_fixed(defined[_info(leaf, "CTE Index")], defined))
        for leaf in leaves
    )


def compiled(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "compiled").rglob("*.sql") if path.is_file())


@pytest.mark.slow
def test_no_model_and_no_test_of_a_build_compares_every_row_with_every_other(
    published_sample, tmp_path, monkeypatch
):
    for name in os.environ:
        monkeypatch.setenv(name, os.environ[name])  # what dbt is told is for this test only
    # dbt opens its database to write: other processes read the sample's
    copied = replace(published_sample, warehouse=tmp_path / "warehouse", project=PROJECT)
    shutil.copytree(published_sample.warehouse, copied.warehouse, symlinks=True)
    _prepare(copied)
    folders = [
        f"--project-dir={PROJECT}",
        f"--profiles-dir={PROJECT}",
        f"--target-path={tmp_path / 'target'}",
    ]
    try:
        outcome = dbtRunner().invoke(["--quiet", "compile", *folders, f"--log-path={tmp_path}"])
    finally:
        DuckDBConnectionManager.close_all_connections()
    assert outcome.success
    # as they were in the first build, and as an increment runs them, with the tests of single models
    paths = compiled(published_sample.work / "dbt") + compiled(tmp_path / "target")
    queries = {path.read_text().strip(): path.name for path in paths}
    assert len(queries) > 250
    found = {}
    with connect(copied.database, read_only=True) as connection:
        # a table that the sample leaves empty must not make its join vanish
        connection.execute("set disabled_optimizers = 'statistics_propagation,empty_result_pullup'")
        for query, name in queries.items():
            if query and (joins := loops(connection, query)):
                found[name] = joins
    assert found == {}


def test_the_plans_tell_a_join_of_all_with_all_from_harmless_ones():
    with connect() as connection:
        connection.execute(
            "create schema seeds; create table seeds.bands as select range as low from range(9)"
        )
        for name in ("a", "b"):
            connection.execute(
                f"create table {name} as select range as id, 'open' as status, range as x, range as y "
                "from range(3000)"
            )
        harmless = [
            "select * from a join b using (id)",
            "select * from a left join b on a.id = b.id and a.x < b.x",
            "select * from a left join seeds.bands on a.x >= low",
            "select * from a where x > (select max(x) from b)",
            "select * from a cross join (select count(*) as n from b)",
            "with n as materialized (select max(x) as m from b) from a, n union all from b, n",
        ]
        for query in harmless:
            assert loops(connection, query) == [], query
        harmful = [
            "select * from a left join b on a.id = b.id and a.status = 'open'",
            "select * from a left join b on a.id = b.id and a.x = case a.y when 1 then b.x else b.y end",
            "select * from a semi join b on b.id in (a.id, 0)",
            "select * from a join b on a.x < b.x",
            "select * from a join b on a.x < b.x and a.y > b.y",
            "select * from a cross join b",
            "select * from a left join b on a.id = b.id or a.x = b.x",
        ]
        for query in harmful:
            assert loops(connection, query), query
