"""What ``_seeds.yml`` says of each seed: its columns, keys, and what must hold of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

FILE = "_seeds.yml"


@dataclass(frozen=True)
class Seed:
    """types: column -> type. keys: sets of columns that tell rows apart, the grain first. filled: columns
    without empty cells. conditions: SQL that each row meets. tests: generic tests of the whole seed."""

    name: str
    types: dict[str, str]
    keys: list[list[str]]
    filled: set[str]
    conditions: list[str]
    tests: list[str]

    @property
    def grain(self) -> list[str]:
        return self.keys[0]


def described(folder: Path) -> dict[str, Seed]:
    """The seeds of a project's folder, by name."""
    path = folder / FILE
    return _parsed(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _parsed(path: Path, modified_ns: int) -> dict[str, Seed]:
    found = {}
    for seed in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["seeds"]:
        tests = seed.get("data_tests", [])
        grains = [test["holds"]["arguments"] for test in tests if "holds" in test]
        found[seed["name"]] = Seed(
            seed["name"],
            dict(seed["config"]["column_types"]),
            [grain["key"] for grain in grains],
            {column for grain in grains for column in grain.get("not_null", [])},
            [condition for grain in grains for condition in grain.get("conditions", [])],
            [name for test in tests for name in test if name != "holds"],
        )
    return found
