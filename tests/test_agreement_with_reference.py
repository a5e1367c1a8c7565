"""The models against the slow, obvious reference in plain Python, on random accounts.

Hundreds of random accounts are portals of one landing folder, so that one build serves them all. They
arrive in several loads, duplicated, shuffled and late; after the last, every table must be the
reference's, and so must a full refresh. A failure names the seed and the rows that differ.
"""

from __future__ import annotations

import csv
import datetime
import random
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from sequence_warehouse import audit
from sequence_warehouse.build import build
from sequence_warehouse.database import connect
from sequence_warehouse.load import load
from sequence_warehouse.settings import Settings
from sequence_warehouse.validation import validate
from tests.conftest import light_project
from tests.reference import model, random_logs, reports, write

PORTALS = 80
OPS = ("unmapped_properties", "field_issues", "freshness", "enrollment_status")


class Case:
    """Random accounts, their settings, and the loads in which they arrive: as many of each seed."""

    def __init__(self, seeds: tuple[int, ...], folder: Path) -> None:
        generators = [random.Random(seed) for seed in seeds]
        self.accounts: dict[str, dict] = {}
        self.snapshots = {("*", "sequence_performance")}
        self.names: dict[str, dict[tuple[str, str], str]] = {"folders": {}, "templates": {}}
        self.loads: dict[int, list] = defaultdict(list)
        for number in range(PORTALS):
            portal = str(70_000 + number)
            rng = generators[number % len(seeds)]
            records = random_logs.random_account(rng, portal, depends_on_loads=True)
            if setting := random_logs.random_setting(rng):
                self.accounts[portal] = setting
            self.snapshots |= {(portal, kind) for kind in random_logs.random_snapshots(rng)}
            for seed, names in zip(self.names, random_logs.random_names(rng), strict=True):
                self.names[seed] |= {(portal, its_id): name for its_id, name in names.items()}
            for record in random_logs.deliver(rng, records):
                self.loads[record.load].append(record)
        self.settings = Settings(folder / "landing", folder / "warehouse", light_project(folder / "project"))
        with (self.settings.project / "seeds" / "accounts.csv").open("a", newline="") as stream:
            for portal, setting in self.accounts.items():
                csv.writer(stream, lineterminator="\n").writerow(
                    [
                        portal,
                        "",
                        *(setting[key] or "" for key in ("time_zone", "plan", "created_on", "currency")),
                    ]
                )

        with (self.settings.project / "seeds" / "snapshot_streams.csv").open("a", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(sorted(self.snapshots))
        for seed, names in self.names.items():
            with (self.settings.project / "seeds" / f"{seed}.csv").open("a", newline="") as stream:
                csv.writer(stream, lineterminator="\n").writerows((*key, name) for key, name in names.items())

    def load_and_build_each(self) -> None:
        for number in sorted(self.loads):
            write.write_load(self.settings.landing, self.loads[number], number)
            assert load(self.settings).files_loaded > 0
            self.build()
            if number in {min(self.loads), max(self.loads)}:
                self.validate_borders()

    def validate_borders(self) -> None:
        """Whatever the data, and be it the first half of an export: nothing critical may fail."""
        for border, prepare in (("raw", audit.prepare_raw), ("marts", audit.prepare_marts)):
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
        records = [record for number in sorted(self.loads) for record in self.loads[number]]
        expected = model.build(records, self.accounts, metric_rules, frozenset(self.snapshots), **self.names)
        found = []
        with connect(self.settings.database, read_only=True) as connection:
            for table, rows in expected.items():
                schema = "core" if table.startswith(("fct_", "dim_")) else "reports"
                schema = "ops" if table in OPS else schema
                columns = list(rows[0])
                built = connection.execute(f"select {', '.join(columns)} from {schema}.{table}").fetchall()
                want = Counter(_comparable(row[column] for column in columns) for row in rows)
                have = Counter(_comparable(row) for row in built)
                for sign, rest in (("only built", have - want), ("only in the reference", want - have)):
                    found += [f"{table} {sign}: {dict(zip(columns, row, strict=True))}" for row in rest]
        return found


def _comparable(values) -> tuple:
    return tuple(
        round(value, 9)
        if isinstance(value, float)
        else value.astimezone(datetime.UTC)
        if isinstance(value, datetime.datetime)
        else value
        for value in values
    )


@pytest.mark.slow
def test_increments_full_refresh_and_every_rule_version_agree_with_the_reference(tmp_path, monkeypatch):
    seed = random.SystemRandom().randint(2, 2**32)
    print(f"seed {seed}")
    case = Case((1, seed), tmp_path)  # the same accounts each time, and new ones
    # small accounts have few ended enrollments: some of them shall have a score
    for name, least in (("sender_score", 3), ("sender_score_by_sequence", 2)):
        case.set_variable(f"{name}_min_ended", str(least))
        monkeypatch.setitem(reports.MIN_ENDED, name, least)
    case.load_and_build_each()
    assert case.differences()[:5] == [], f"after increments, seed {seed}"

    for rules in ("2022", "before_2022"):
        case.set_variable("metric_rules", f'"{rules}"')
        assert case.build() is None, "a var that only marts use rebuilds no incremental model"
        assert case.differences(rules)[:5] == [], f"under the rules {rules}, seed {seed}"

    case.set_variable("metric_rules", "current")
    case.test_models()
    case.build(full_refresh=True)
    assert case.differences()[:5] == [], f"after a full refresh, seed {seed}"
