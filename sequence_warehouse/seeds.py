"""The seeds of a project, as people save them: read where that is certain, checked before anything runs.

Excel and scripts write a byte order mark, semicolons or tabs, a line ``sep=;``, mixed line ends, UTF-16,
cp1252, columns in another order and empty ones behind. A dialect is certain when the header then names the
seed's columns. ``_seeds.yml`` says which these are, their types, and which cells must be filled.

Seeds that were saved otherwise than dbt reads them are written again, below ``work/seeds``, for dbt.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from sequence_warehouse.settings import Settings, UserError

_DELIMITERS = (",", ";", "\t", "|")
_ROUNDED = r"[+-]?\d+[.,]?\d*[eE][+-]?\d+"
_TRUTHS = {"true": "true", "1": "true", "yes": "true", "false": "false", "0": "false", "no": "false"}


@dataclass(frozen=True)
class _Seed:
    """What ``_seeds.yml`` says of a seed. types: column -> type. filled: columns without empty cells."""

    name: str
    types: dict[str, str]
    keys: list[list[str]]
    filled: set[str]


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a seed, by column. Raises UserError in one sentence when it cannot be read."""
    return [row for _, row in _read(path, _described(path.parent)[path.stem])]


def check(settings: Settings) -> list[str]:
    """Look at all seeds of the project; what dbt could not read as saved is written again for it.

    Returns what a person should know, in sentences: an unknown time zone touches its account only. Raises
    UserError that names the first seed and line that is wrong.
    """
    told: list[str] = []
    texts: dict[str, str] = {}
    described = _described(settings.project / "seeds")
    for path in sorted((settings.project / "seeds").glob("*.csv")):
        if (seed := described.get(path.stem)) is None:
            continue  # dbt says what it thinks of a seed that nobody describes
        read = _read(path, seed)
        _check_values(read, seed)
        _check_keys(read, seed)
        if seed.name == "accounts":
            told = _unknown_zones(read)
        texts[path.name] = _as_csv(list(seed.types), [row for _, row in read])
    clean = settings.work / "seeds"
    shutil.rmtree(clean, ignore_errors=True)
    if all(_is_as_dbt_reads_it(settings.project / "seeds" / name, text) for name, text in texts.items()):
        return told
    shutil.copytree(settings.project / "seeds", clean)
    for name, text in texts.items():
        (clean / name).write_text(text, encoding="utf-8")
    return told


def folder(settings: Settings) -> Path:
    """Where dbt finds seeds that it can read: those of the project, or the copies that ``check`` wrote."""
    clean = settings.work / "seeds"
    return clean if clean.is_dir() else settings.project / "seeds"


def _described(seeds: Path) -> dict[str, _Seed]:
    path = seeds / "_seeds.yml"
    return _parsed(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _parsed(path: Path, modified_ns: int) -> dict[str, _Seed]:
    described = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["seeds"]
    found = {}
    for seed in described:
        grains = [test["grain"]["arguments"] for test in seed.get("data_tests", []) if "grain" in test]
        found[seed["name"]] = _Seed(
            seed["name"],
            dict(seed["config"]["column_types"]),
            [grain["key"] for grain in grains],
            {column for grain in grains for column in grain.get("not_null", [])},
        )
    return found


def _read(path: Path, seed: _Seed) -> list[tuple[int, dict[str, str]]]:
    """(line, row) of a seed's rows, as its dialect has them."""
    lines = _text(path, seed).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    told = re.fullmatch(r'"?sep=(.)"?', lines[0].strip(" \ufeff") if lines else "")
    skipped = 1 if told else 0
    text = "\n".join(lines[skipped:])
    delimiters = (told[1],) if told else _DELIMITERS
    readings = {delimiter: _header(text, delimiter) for delimiter in delimiters}
    best = max(readings, key=lambda delimiter: len({*readings[delimiter]} & {*seed.types}))
    header = readings[best]
    for column in seed.types:
        if column not in header:
            raise _wrong(
                seed, 1 + skipped, f"has no column {column}", f"the columns are {', '.join(seed.types)}"
            )
    for column in header:
        if column and column not in seed.types:
            raise _wrong(
                seed,
                1 + skipped,
                f"has an unknown column {column}",
                "remove it, or describe it in _seeds.yml",
            )
    if twice := next((column for column in header if column and header.count(column) > 1), None):
        raise _wrong(seed, 1 + skipped, f"has the column {twice} twice", "remove one of them")
    read = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=best, strict=True)
    try:
        next(reader)
        line = reader.line_num
        for cells in reader:
            first, line = line + 1, reader.line_num
            cells = [cell.strip() for cell in cells]
            if not any(cells):
                continue
            if len(cells) < len(header) and not any(header[len(cells) :]):
                cells += [""] * (len(header) - len(cells))
            if len(cells) > len(header) and not any(cells[len(header) :]):
                cells = cells[: len(header)]
            if len(cells) != len(header):
                mend = f"write one cell for each of {', '.join(seed.types)}"
                raise _wrong(seed, first + skipped, f"has {len(cells)} cells for {len(header)} columns", mend)
            named = dict(zip(header, cells, strict=True))
            read.append((first + skipped, {column: named[column] for column in seed.types}))
    except csv.Error as error:
        raise _wrong(
            seed, reader.line_num + skipped, f"cannot be read ({error})", "close its quotes"
        ) from None
    return read


def _header(text: str, delimiter: str) -> list[str]:
    cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    return [cell.strip().strip("\ufeff").lower() for cell in cells]


def _text(path: Path, seed: _Seed) -> str:
    content = path.read_bytes()
    encodings = ["utf-16"] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UserError(f"The seed {seed.name} ({path.name}) is no text in UTF-8: save it as CSV UTF-8.")


def _check_values(read: list[tuple[int, dict[str, str]]], seed: _Seed) -> None:
    for line, row in read:
        for column, kind in seed.types.items():
            if column in seed.filled and not row[column]:
                raise _wrong(seed, line, f"has no {column}", "fill the cell, or remove the row")
            if row[column]:
                row[column] = _value(seed, line, column, kind, row[column])


def _value(seed: _Seed, line: int, column: str, kind: str, text: str) -> str:
    """A cell as dbt reads it. Raises UserError when it is no value of the column's type."""
    if kind == "integer" and re.fullmatch(r"-?\d+([.,]0+)?", text):
        return re.split("[.,]", text)[0]
    if kind == "double" and re.fullmatch(r"-?\d+([.,]\d+)?", text):
        return text.replace(",", ".")
    if kind == "boolean" and text.lower() in _TRUTHS:
        return _TRUTHS[text.lower()]
    if kind == "date":
        try:
            return date.fromisoformat(text.removesuffix(" 00:00:00").removesuffix("T00:00:00")).isoformat()
        except ValueError:
            mend = "write it as in 2021-03-15"
            raise _wrong(seed, line, f"holds {text!r} as {column}, which may be several days", mend) from None
    if kind == "varchar":
        is_id = column.endswith("_id")
        if is_id and re.fullmatch(_ROUNDED, text):
            mend = "write all its digits, in a column that is formatted as text"
            raise _wrong(seed, line, f"holds {text!r} as {column}, in which digits are lost", mend)
        return re.sub(r"^(\d+)[.,]0+$", r"\1", text) if is_id else text
    raise _wrong(seed, line, f"holds {text!r} as {column}", f"write a value of the type {kind}")


def _check_keys(read: list[tuple[int, dict[str, str]]], seed: _Seed) -> None:
    for key in seed.keys:
        seen: dict[tuple[str, ...], int] = {}
        for line, row in read:
            values = tuple(row[column] for column in key if column in row)
            if (first := seen.setdefault(values, line)) != line:
                what = f"says again what line {first} says of {', '.join(values)}"
                raise _wrong(seed, line, what, "remove one of the two")


def _unknown_zones(read: list[tuple[int, dict[str, str]]]) -> list[str]:
    return [
        f"The seed accounts (seeds/accounts.csv), line {line}: there is no time zone {row['time_zone']!r}, "
        f"so account {row['portal_id']} does without it; write a name such as Europe/Oslo."
        for line, row in read
        if row["time_zone"] and not is_time_zone(row["time_zone"])
    ]


def is_time_zone(name: str) -> bool:
    """Whether the IANA's database has a time zone of this name."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True


def _is_as_dbt_reads_it(path: Path, text: str) -> bool:
    """Whether a seed says, byte by byte, what it was read as; quotes that need not be there are no harm."""
    content = path.read_bytes()
    if content == text.encode():
        return True
    try:
        plain = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    if "\r" in plain or plain.startswith("\ufeff"):
        return False
    header, *cells = csv.reader(io.StringIO(plain, newline=""))
    return _as_csv_lines([header, *cells]) == text


def _as_csv(header: list[str], read: list[dict[str, str]]) -> str:
    return _as_csv_lines([header, *(list(row.values()) for row in read)])


def _as_csv_lines(lines: list[list[str]]) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows(lines)
    return stream.getvalue()


def _wrong(seed: _Seed, line: int, what: str, mend: str) -> UserError:
    return UserError(f"The seed {seed.name} (seeds/{seed.name}.csv), line {line}, {what}: {mend}.")
