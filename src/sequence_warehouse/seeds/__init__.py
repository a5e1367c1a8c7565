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

from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.storage.database import connect

_DELIMITERS = (",", ";", "\t", "|")
_ROUNDED = r"[+-]?\d+[.,]?\d*[eE][+-]?\d+"
_TRUTHS = dict.fromkeys(("true", "1", "1.0", "yes"), "true") | dict.fromkeys(
    ("false", "0", "0.0", "no"), "false"
)


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


def check(seeds: Path) -> list[str]:
    """Look at all seeds of a folder; nothing is written.

    Returns what a person should know, in sentences: an unknown time zone touches its account only. Raises
    UserError that names the first seed and line that is wrong.
    """
    told: list[str] = []
    for name, seed in _described(seeds).items():
        read = _read(seeds / f"{name}.csv", seed)
        if name == "accounts":
            told = _unknown_zones(read)
    return told


def prepare(settings: Settings) -> Path:
    """The folder of seeds that dbt can read: the project's, or copies of them, written where they differ.

    Raises UserError as ``check`` does. Others may be reading the copies: each is replaced by a rename.
    """
    seeds, clean = settings.project / "seeds", settings.work / "seeds"
    described = _described(seeds)
    texts = {
        f"{name}.csv": _as_csv(list(seed.types), [row for _, row in _read(seeds / f"{name}.csv", seed)])
        for name, seed in described.items()
    }
    if all(_is_as_dbt_reads_it(seeds / name, text) for name, text in texts.items()):
        shutil.rmtree(clean, ignore_errors=True)
        return seeds
    clean.mkdir(parents=True, exist_ok=True)
    contents = {path.name: path.read_bytes() for path in seeds.iterdir() if path.is_file()}
    contents |= {name: text.encode() for name, text in texts.items()}
    for path in clean.iterdir():
        if path.name not in contents:
            path.unlink()
    for name, content in contents.items():
        path = clean / name
        if not path.exists() or path.read_bytes() != content:
            unfinished = clean / f".{name}"
            unfinished.write_bytes(content)
            unfinished.replace(path)
    return clean


def folder(settings: Settings) -> Path:
    """Where dbt finds seeds that it can read: those of the project, or the copies that ``prepare`` wrote."""
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
        grains = [test["holds"]["arguments"] for test in seed.get("data_tests", []) if "holds" in test]
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
    skipped = next((place for place, line in enumerate(lines) if line.strip(" ,;\t\ufeff")), 0)
    told = re.fullmatch(r'"?sep=(.)"?', lines[skipped].strip(" \ufeff"))
    skipped += 1 if told else 0
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
    _check_values(read, seed)
    _check_keys(read, seed)
    return read


def _header(text: str, delimiter: str) -> list[str]:
    cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    return [cell.strip().strip("\ufeff").lower().replace(" ", "_") for cell in cells]


def _text(path: Path, seed: _Seed) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"The seed {seed.name} is missing: put seeds/{seed.name}.csv back.") from None
    if content.startswith(b"PK"):
        raise UserError(f"The seed {seed.name} (seeds/{seed.name}.csv) is a workbook: save it as CSV UTF-8.")
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
    is_number = kind in {"integer", "double"} or column.endswith("_id")
    if is_number and re.fullmatch(r"-?\d{1,3}([.,]\d{3})+", text):
        mend = "write it without a sign for thousands"
        raise _wrong(seed, line, f"holds {text!r} as {column}, which may be two numbers", mend)
    if kind == "integer" and re.fullmatch(r"-?\d+([.,]0+)?", text):
        return re.split("[.,]", text)[0]
    if kind == "double" and re.fullmatch(r"-?\d+([.,]\d+)?", text):
        return text.replace(",", ".")
    if kind == "boolean" and text.lower() in _TRUTHS:
        return _TRUTHS[text.lower()]
    if kind == "date":
        day = re.fullmatch(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})([T ]00:00(:00)?(\.0+)?Z?)?", text)
        try:
            return date(*map(int, day.groups()[:3])).isoformat()
        except (AttributeError, ValueError):
            mend = "write it as in 2021-03-15"
            raise _wrong(seed, line, f"holds {text!r} as {column}, which is no certain day", mend) from None
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
    """Sentences about zones that the models' DuckDB does not know; it knows some more than Python."""
    if all(not row["time_zone"] or is_time_zone(row["time_zone"]) for _, row in read):
        return []
    with connect() as connection:
        known = connection.execute("select lower(name) from pg_timezone_names()").fetchall()
    return [
        f"The seed accounts (seeds/accounts.csv), line {line}: there is no time zone {row['time_zone']!r}, "
        f"so account {row['portal_id']} is in UTC; write a name such as Europe/Oslo."
        for line, row in read
        if row["time_zone"] and (row["time_zone"].lower(),) not in known
    ]


def is_time_zone(name: str) -> bool:
    """Whether Python has a time zone of this name."""
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
