"""A user's own rows over the shipped ones, by the seed's key.

    <config>/seeds/accounts.csv            rows that are new, or replace the shipped row of their key
    <config>/seeds/accounts.removed.csv    keys of shipped rows that do not count

The files may also lie in ``<config>`` itself. A file has the key's columns and any of the others: a column
that it does not have keeps what is shipped, and is empty in a new row.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from sequence_warehouse.config.errors import UsageError
from sequence_warehouse.seeds.description import Seed
from sequence_warehouse.seeds.reading import Row, Source, read

_REMOVED = ".removed"


def find(config: Path, seeds: dict[str, Seed]) -> dict[str, Source]:
    """Name of a seed, with ``.removed`` for rows that do not count -> the user's file.

    Raises UsageError for a CSV file of another name, and for two of one name.
    """
    found: dict[str, Source] = {}
    for path in sorted([*config.glob("*.csv"), *(config / "seeds").glob("*.csv")]):
        name = path.stem
        if name.removesuffix(_REMOVED) not in seeds:
            near = get_close_matches(name, seeds, 1)
            advice = f"did you mean {near[0]}.csv?" if near else f"the seeds are {', '.join(sorted(seeds))}."
            raise UsageError(f"{path} is no seed: {advice}")
        if name in found:
            raise UsageError(f"There are two files {path.name}, {found[name].path} and {path}: remove one.")
        found[name] = Source(path, str(path))
    return found


def merge(seed: Seed, shipped: list[Row], own: dict[str, Source]) -> list[Row]:
    """The rows of a seed with the user's own over them, in the order of the shipped ones, new ones behind."""
    rows = {_key(seed, row): row for row in shipped}
    if len(rows) < len(shipped):
        return shipped  # a key twice, which is told of the whole
    for row in _own_rows(seed, own.get(f"{seed.name}{_REMOVED}"), seed.grain):
        if rows.pop(_key(seed, row), None) is None:
            raise row.wrong(f"removes {', '.join(_key(seed, row))}", "no shipped row has this key")
    for row in _own_rows(seed, own.get(seed.name), seed.grain):
        known = rows.get(_key(seed, row))
        cells = dict.fromkeys(seed.types, "") | (known.cells if known else {}) | row.cells
        rows[_key(seed, row)] = Row(row.source, row.line, cells)
    return list(rows.values())


def _own_rows(seed: Seed, source: Source | None, needed: list[str]) -> Iterator[Row]:
    seen: dict[tuple[str, ...], int] = {}
    for row in read(source, seed, needed) if source else ():
        if (first := seen.setdefault(_key(seed, row), row.line)) != row.line:
            what = f"says again what line {first} says of {', '.join(_key(seed, row))}"
            raise row.wrong(what, "remove one of the two")
        yield row


def _key(seed: Seed, row: Row) -> tuple[str, ...]:
    return tuple(row.cells[column] for column in seed.grain)
