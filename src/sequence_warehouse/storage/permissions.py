"""Who may read what we write: its owner alone, and publications also a group of readers, by a setting.

Customers' names and e-mail addresses lie in every file. Landing folders that others made keep their modes.
"""

from __future__ import annotations

import contextlib
import grp
import itertools
import logging
import os
import shutil
import stat
from pathlib import Path

from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.storage.layout import INVENTORY, LOCK_FILE, ORIGIN_FILE, VERSION

log = logging.getLogger(__name__)

# What lies in a warehouse folder besides publications; anything else there is somebody else's.
_OURS = (
    "raw",
    "work",
    "history",
    INVENTORY,
    "data_docs",
    LOCK_FILE,
    ORIGIN_FILE,
    ".lock",
    f".{ORIGIN_FILE}",
)


def keep_private() -> None:
    """From now on this process, and all that it starts, writes files that only their owner may read.

    Libraries (DuckDB, dbt, Airflow, Great Expectations) write by the process's umask.
    """
    os.umask(0o077)


def tighten(settings: Settings) -> None:
    """Give a warehouse the modes that it would have if it were made now, as one of an older version has not.

    Raises UserError when the group of readers is none, or the owner is no member of it.
    """
    for name in _OURS:
        # a folder may lie on another disk
        _change_all((settings.warehouse / name).resolve(), 0o700, 0o600)
    seal(settings, *settings.versions.glob(VERSION))


def seal(settings: Settings, *versions: Path) -> None:
    """Make versions read-only for everybody, and let readers come to them, if there are any.

    Raises UserError as ``tighten`` does.
    """
    group = _group(settings)
    for folder in filter(Path.is_dir, (settings.warehouse, settings.versions)):
        _change(str(folder), folder.stat(), 0o700 if group is None else 0o710, group)
    modes = (0o700, 0o400) if group is None else (0o750, 0o440)
    for version in versions:
        _change_all(version, *modes, group)


def remove(folder: Path) -> bool:
    """Remove a folder of ours that somebody may be reading. False: not all of it could go; try again later.

    It is renamed first, so that nobody opens half of it.
    """
    hidden = folder if folder.name.startswith(".") else folder.with_name(f".{folder.name}")
    try:
        folder.rename(hidden)
        shutil.rmtree(hidden)
    except OSError as error:  # a network file system keeps what is open
        log.warning("%s could not be removed (%s): it is tried again later", folder, error.strerror)
        return False
    return True


def _change_all(root: Path, folder_mode: int, file_mode: int, group: int | None = None) -> None:
    """Change a file, or a folder and all below it, but no link, and nothing through one."""
    names = (os.path.join(parent, name) for parent, *both in os.walk(root) for name in (*both[0], *both[1]))
    kept = []
    for name in itertools.chain((str(root),), names):
        with contextlib.suppress(FileNotFoundError):  # of another run, which has renamed or removed it
            found = os.lstat(name)
            if not stat.S_ISLNK(found.st_mode):
                mode = folder_mode if stat.S_ISDIR(found.st_mode) else file_mode
                if not _change(name, found, mode, group):
                    kept.append(name)
    if kept:
        log.warning(
            "%d files keep their modes, first %s: they are another user's, or their file system has none",
            len(kept),
            kept[0],
        )


def _change(name: str, found: os.stat_result, mode: int, group: int | None) -> bool:
    """False: the mode is another one and stays."""
    if group is not None and group != found.st_gid:
        try:
            os.chown(name, -1, group)
        except PermissionError:
            raise UserError(
                f"{name} cannot be given to the group of readers: whoever runs this must own the warehouse "
                "and be a member of SEQUENCE_WAREHOUSE_READERS_GROUP."
            ) from None
    if stat.S_IMODE(found.st_mode) == mode:
        return True
    try:
        os.chmod(name, mode)
    except FileNotFoundError:
        raise
    except OSError:
        return False
    return True


def _group(settings: Settings) -> int | None:
    """The number of the group of readers; None when there is none."""
    name = settings.readers_group
    if not name:
        return None
    try:
        return int(name) if name.isdigit() else grp.getgrnam(name).gr_gid
    except KeyError:
        raise UserError(
            f"There is no group {name} on this machine: make it, or name another one with "
            "SEQUENCE_WAREHOUSE_READERS_GROUP."
        ) from None
