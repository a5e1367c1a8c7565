"""All seeds of a run: the shipped ones, with the user's own rows over them."""

from __future__ import annotations

import csv
import io
import shutil
from dataclasses import dataclass
from pathlib import Path

from sequence_warehouse.config.errors import UsageError, UserError
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.config.sources import FILE as SETTINGS_FILE
from sequence_warehouse.seeds import overlay, rules
from sequence_warehouse.seeds.description import described
from sequence_warehouse.seeds.reading import Row, Source, read
from sequence_warehouse.seeds.zones import unknown_zones


@dataclass(frozen=True)
class Seeds:
    """project: folder of the dbt project. config: a user's own folder, or None."""

    project: Path = PROJECT
    config: Path | None = None

    @classmethod
    def of(cls, settings: Settings) -> Seeds:
        return cls(settings.project, settings.config)

    @property
    def shipped(self) -> Path:
        return self.project / "seeds"

    def rows(self, name: str) -> list[dict[str, str]]:
        """The rows of a seed, by column. Raises UserError in one sentence when it cannot be read."""
        return [row.cells for row in self._rows(name)]

    def check(self) -> list[str]:
        """Look at all seeds; nothing is written.

        Returns what a person should know, in sentences. Raises UserError that names the first file and line
        that is wrong.
        """
        told = self._own()
        for name, seed in described(self.shipped).items():
            rows = self._rows(name)
            rules.check_conditions(self.project, seed, rows)
            if name == "accounts":
                told += unknown_zones(rows)
        return told

    def prepare(self, work: Path) -> Path:
        """The folder of seeds that dbt can read: the shipped one, or copies below ``work`` where they differ.

        Raises UserError as ``rows`` does. Others may be reading the copies: each is replaced by a rename.
        """
        clean = work / "seeds"
        texts = {
            f"{name}.csv": _as_csv(list(seed.types), self.rows(name))
            for name, seed in described(self.shipped).items()
        }
        if all(_is_as_dbt_reads_it(self.shipped / name, text) for name, text in texts.items()):
            shutil.rmtree(clean, ignore_errors=True)
            return self.shipped
        clean.mkdir(parents=True, exist_ok=True)
        contents = {path.name: path.read_bytes() for path in self.shipped.iterdir() if path.is_file()}
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

    def files(self) -> list[Path]:
        """The user's own files: what is made of them changes with them."""
        return [source.path for source in self._sources().values()]

    def _rows(self, name: str) -> list[Row]:
        seed = described(self.shipped)[name]
        source = Source(self.shipped / f"{name}.csv", f"The seed {name} (seeds/{name}.csv)")
        if not source.path.exists():
            raise UserError(f"The seed {name} is missing: put seeds/{name}.csv back.")
        rows = overlay.merge(seed, read(source, seed, seed.types), self._sources())
        rules.check_cells(seed, rows)
        return rows

    def _sources(self) -> dict[str, Source]:
        return overlay.find(self.config, described(self.shipped)) if self.config else {}

    def _own(self) -> list[str]:
        """A sentence about the user's own files. Raises UsageError when the folder holds none that count."""
        if self.config is None:
            return []
        names = [path.name for path in self.files()]
        if not names and not (self.config / SETTINGS_FILE).exists():
            raise UsageError(
                f"{self.config} holds neither {SETTINGS_FILE} nor seeds such as seeds/accounts.csv: name "
                "your own folder with CONFIG=<folder>."
            )
        return [f"seeds of your own: {', '.join(names)} in {self.config}"] if names else []


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


def _as_csv(header: list[str], rows: list[dict[str, str]]) -> str:
    return _as_csv_lines([header, *(list(row.values()) for row in rows)])


def _as_csv_lines(lines: list[list[str]]) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows(lines)
    return stream.getvalue()
