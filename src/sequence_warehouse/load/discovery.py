"""Which files of a landing folder are there, and what each claims to be.

Only regular files inside of the landing folder are opened. What else is met there, and what cannot be looked
at, is told as a file that is refused, so that it stops nothing but itself.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from sequence_warehouse.config.errors import UsageError, UserError
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.storage import raw
from sequence_warehouse.storage.layout import LOAD, PORTAL

TEXT_FORMATS = {"jsonl": "jsonl", "ndjson": "jsonl", "json": "json", "csv": "csv"}
FORMATS = {**TEXT_FORMATS, "parquet": "parquet"}

# An id that is one word of text in a table, a log and a folder's name: no control characters, no line ends,
# no bytes that are no UTF-8.
_PORTAL = re.compile(r"portal=([^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+)")
_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
}
_NOT_THE_FILE = {errno.EMFILE, errno.ENFILE, errno.ENOMEM}


class Refusal(NamedTuple):
    """Why a file is not opened: a reason of the closed list, and one sentence."""

    reason: str
    message: str


@dataclass(frozen=True)
class LandedFile:
    """One visible file below the landing folder.

    source_file: path relative to the landing folder, with ``/``. portal_id: None when the file is in no
    folder of an account. family: ``events``, ``objects`` or None when the file is not where the contract
    looks. object_type: the folder below ``objects``. file_format: jsonl, json, csv, parquet or None.
    modified_ns: nanoseconds since 1970. refusal: why it is not looked into; None when it is.
    is_regular: there are bytes to read; else size and time are 0.
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
    refusal: Refusal | None = None
    is_regular: bool = True

    @property
    def known_family(self) -> str:
        """``family`` of a file that is looked into."""
        assert self.family is not None
        return self.family

    @property
    def known_format(self) -> str:
        """``file_format`` of a file that is looked into."""
        assert self.file_format is not None
        return self.file_format


def is_hidden(name: str) -> bool:
    """Names that a writer uses while it is not finished, or for itself."""
    return name.startswith((".", "_")) or name.endswith(".tmp")


def discover(landing: Path) -> Iterator[LandedFile]:
    """Every visible file below ``landing``, in the order of its path.

    Links to folders are not followed, so that the walk ends and no file is met twice. A folder that cannot
    be listed is told like a file. Raises UserError when the landing folder itself cannot be listed.
    """
    top = os.fspath(landing)
    real_top = os.path.realpath(top)
    folders = [top]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as listing:
                entries = sorted(
                    (entry for entry in listing if not is_hidden(entry.name)), key=lambda entry: entry.name
                )
        except FileNotFoundError:
            continue  # moved away between listing and looking: the next run sees where to
        except OSError as error:
            of_folder = Refusal("unreadable_file", unreadable(error, "folder"))
            if folder == top:
                raise UserError(f"The landing folder {landing}: {of_folder.message}") from error
            yield _classify(top, folder, of_folder)
            continue
        inner = []
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    inner.append(entry.path)
                    continue
                status, refusal = _look(entry, real_top)
            except FileNotFoundError:
                continue
            except OSError as error:
                status, refusal = None, Refusal("unreadable_file", unreadable(error))
            yield _classify(top, entry.path, refusal, status)
        folders += reversed(inner)


def refuse_nothing(settings: Settings) -> None:
    """Raises UsageError when nothing was ever loaded, and nothing that can be is there: a wrong folder."""
    if any(name.startswith(LOAD) for name in raw.folders(settings.raw)):  # be it lost
        return
    files, first = 0, None
    for file in discover(settings.landing):
        if file.refusal is None:
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


def unreadable(error: OSError, what: str = "file") -> str:
    """The sentence for a file that the system does not give out.

    Raises UserError when that is not for the file: the load must not pass for whole then.
    """
    if error.errno in _NOT_THE_FILE:
        raise UserError(
            f"The {what} {error.filename} could not be read, for want of the machine: {error.strerror}."
        ) from error
    return f"The {what} cannot be read ({error.strerror})."


def classify(landing: Path, path: Path, size_bytes: int, modified_ns: int) -> LandedFile:
    """What a path below ``landing`` claims to be by its name alone; nothing need be there."""
    named = _classify(os.fspath(landing), os.fspath(path), None)
    return replace(named, size_bytes=size_bytes, modified_ns=modified_ns, is_regular=True)


def _look(entry: os.DirEntry[str], real_top: str) -> tuple[os.stat_result | None, Refusal | None]:
    """What lies there, its status only when it is a regular file inside of the landing folder.

    Raises OSError, FileNotFoundError when nothing is there any more.
    """
    try:
        status = entry.stat()
    except FileNotFoundError:
        if not entry.is_symlink() or not os.path.lexists(entry.path):
            raise
        return None, Refusal("unreadable_file", "The link leads to nothing: put the file in its place.")
    if entry.is_symlink():
        real = os.path.realpath(entry.path)
        if os.path.commonpath([real_top, real]) != real_top:
            message = "The link leads out of the landing folder: put the file itself there."
            return None, Refusal("unsupported_file", message)
        if stat.S_ISDIR(status.st_mode):
            message = "The link leads to a folder: put the folder itself there."
            return None, Refusal("unsupported_file", message)
    if not stat.S_ISREG(status.st_mode):
        kind = _KINDS.get(stat.S_IFMT(status.st_mode), "something else")
        return None, Refusal("unsupported_file", f"It is no file but {kind}: put a file in its place.")
    return status, None


def _classify(
    top: str, path: str, refusal: Refusal | None, status: os.stat_result | None = None
) -> LandedFile:
    relative = os.path.relpath(path, top) if top == os.sep else path[len(top) + 1 :]
    parts = relative.split(os.sep)
    portal = _PORTAL.fullmatch(parts[0])
    family = object_type = None
    if portal and len(parts) >= 3 and parts[1] == "events":
        family = "events"
    elif portal and len(parts) >= 4 and parts[1] == "objects":
        family, object_type = "objects", parts[2].lower()
    file_format, gzipped = _format(parts[-1])
    return LandedFile(
        path=Path(path),
        source_file=_utf8(relative),
        portal_id=portal[1] if portal else None,
        family=family,
        object_type=_utf8(object_type) if object_type else None,
        file_format=file_format,
        gzipped=gzipped,
        size_bytes=status.st_size if status else 0,
        modified_ns=status.st_mtime_ns if status else 0,
        refusal=refusal or _misplaced(path, parts[0], family, file_format),
        is_regular=status is not None,
    )


def _misplaced(path: str, top: str, family: str | None, file_format: str | None) -> Refusal | None:
    if _utf8(path) != path:
        message = "The file's path is not UTF-8: rename it."
    elif family is None and top.startswith(PORTAL) and not _PORTAL.fullmatch(top):
        message = (
            "The folder's name is no portal=<id>: the id is empty or holds a line end or another control "
            "character: rename it."
        )
    elif family is None:
        message = (
            "The file is not where data is expected: put it under portal=<id>/events/ or "
            "portal=<id>/objects/<type>/."
        )
    elif file_format is None:
        message = (
            "The file's name ends in none of .jsonl, .ndjson, .json, .csv (each also with .gz) or "
            ".parquet: rename or convert it."
        )
    else:
        return None
    return Refusal("unsupported_file", message)


def _utf8(name: str) -> str:
    """A name that can be written down: bytes that are no UTF-8 as ``\\xff``."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _format(name: str) -> tuple[str | None, bool]:
    extensions = name.lower().split(".")[1:]
    gzipped = bool(extensions) and extensions[-1] == "gz"
    extension = extensions[-2 if gzipped else -1] if len(extensions) > gzipped else ""
    return (TEXT_FORMATS if gzipped else FORMATS).get(extension), gzipped
