"""Which files of a landing folder are there, and what each claims to be."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sequence_warehouse import raw
from sequence_warehouse.settings import Settings, UsageError

TEXT_FORMATS = {"jsonl": "jsonl", "ndjson": "jsonl", "json": "json", "csv": "csv"}
FORMATS = {**TEXT_FORMATS, "parquet": "parquet"}


@dataclass(frozen=True)
class LandedFile:
    """One visible file below the landing folder.

    source_file: path relative to the landing folder, with ``/``. family: ``events``, ``objects`` or
    None when the file is not where the contract looks. object_type: the folder below ``objects``.
    file_format: jsonl, json, csv, parquet or None. modified_ns: nanoseconds since 1970.
    """

    path: Path
    source_file: str
    portal_id: str | None
    family: str | None
    object_type: str | None
    file_format: str | None
    gzipped: bool
    size_bytes: int
    modified_ns: int

    @property
    def problem(self) -> str | None:
        """Why the file cannot be looked into, as a sentence; None when it can."""
        if _utf8(str(self.path)) != str(self.path):
            return "The file's path is not UTF-8: rename it."
        if self.family is None:
            return (
                "The file is not where data is expected: put it under portal=<id>/events/ or "
                "portal=<id>/objects/<type>/."
            )
        if self.file_format is None:
            return (
                "The file's name ends in none of .jsonl, .ndjson, .json, .csv (each also with .gz) or "
                ".parquet: rename or convert it."
            )
        return None


def is_hidden(name: str) -> bool:
    """Names that a writer uses while it is not finished, or for itself."""
    return name.startswith((".", "_")) or name.endswith(".tmp")


def discover(landing: Path) -> Iterator[LandedFile]:
    """Every visible file below ``landing``, in the order of its path."""
    for folder, folders, names in os.walk(landing, followlinks=True):
        folders[:] = sorted(
            name for name in folders if not is_hidden(name) and not _is_loop(Path(folder, name))
        )
        for name in sorted(names):
            if is_hidden(name):
                continue
            path = Path(folder, name)
            try:
                status = path.stat()
            except FileNotFoundError:
                continue  # moved away between listing and looking: the next run sees where to
            yield classify(landing, path, status.st_size, status.st_mtime_ns)


def refuse_nothing(settings: Settings) -> None:
    """Raises UsageError when nothing was ever loaded, and nothing that can be is there: a wrong folder."""
    if any(name.startswith(raw.LOAD) for name in raw.folders(settings.raw)):  # be it lost
        return
    files, first = 0, None
    for file in discover(settings.landing):
        if file.problem is None:
            return
        files, first = files + 1, first or file
    found = (
        f"none of its files ({files}, first {first.source_file}) can be loaded"
        if first
        else "it has no files"
    )
    raise UsageError(
        f"Nothing was found in {settings.landing}: {found}. Put files under portal=<id>/events/ or "
        "portal=<id>/objects/<type>/, or name another folder with LANDING=<folder>."
    )


def _is_loop(folder: Path) -> bool:
    """Whether a folder is a link to one that it lies in."""
    return folder.is_symlink() and folder.parent.resolve().is_relative_to(folder.resolve())


def classify(landing: Path, path: Path, size_bytes: int, modified_ns: int) -> LandedFile:
    """What a path below ``landing`` claims to be; the file need not be there."""
    relative = path.relative_to(landing)
    parts = relative.parts
    portal = re.fullmatch(r"portal=(.+)", parts[0])
    family = object_type = None
    if portal and len(parts) >= 3 and parts[1] == "events":
        family = "events"
    elif portal and len(parts) >= 4 and parts[1] == "objects":
        family, object_type = "objects", parts[2].lower()
    file_format, gzipped = _format(parts[-1])
    return LandedFile(
        path=path,
        source_file=_utf8(relative.as_posix()),
        portal_id=_utf8(portal.group(1)) if portal else None,
        family=family,
        object_type=_utf8(object_type) if object_type else None,
        file_format=file_format,
        gzipped=gzipped,
        size_bytes=size_bytes,
        modified_ns=modified_ns,
    )


def _utf8(name: str) -> str:
    """A name that can be written down: bytes that are no UTF-8 as ``\\xff``."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _format(name: str) -> tuple[str | None, bool]:
    extensions = name.lower().split(".")[1:]
    gzipped = bool(extensions) and extensions[-1] == "gz"
    extension = extensions[-2 if gzipped else -1] if len(extensions) > gzipped else ""
    return (TEXT_FORMATS if gzipped else FORMATS).get(extension), gzipped
