"""What in a folder others than its owner may read, write or enter."""

from __future__ import annotations

from pathlib import Path


def open_to_others(*folders: Path) -> list[Path]:
    """Files and folders, these included, that are open to anybody but their owner."""
    paths = [path for folder in folders for path in (folder, *folder.rglob("*"))]
    return [path for path in paths if not path.is_symlink() and path.lstat().st_mode & 0o077]
