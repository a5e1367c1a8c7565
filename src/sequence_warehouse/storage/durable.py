"""Writing so that a power cut leaves the old state or the new one: contents reach the disk before their name.

Without this a rename may be on disk before what it names, and a file be there and empty after a power cut.
"""

from __future__ import annotations

import os
from pathlib import Path


def replace(unfinished: Path, final: Path) -> None:
    """Make a file, or a folder with all that is in it, visible under its name by one rename.

    A file replaces one of that name; a folder's name must be free.
    """
    if unfinished.is_dir() and not unfinished.is_symlink():
        for folder, _, names in os.walk(unfinished):
            for name in names:
                if not os.path.islink(path := os.path.join(folder, name)):
                    _sync(path)
            _sync(folder)
    elif not unfinished.is_symlink():
        _sync(unfinished)
    unfinished.replace(final)
    _sync(final.parent)


def write(path: Path, content: str | bytes) -> None:
    """Write a small file, whole or not at all; its folder is made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # a process of its own name: others may be writing the same file
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    unfinished.write_bytes(content if isinstance(content, bytes) else content.encode())
    replace(unfinished, path)


def _sync(path: str | Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
