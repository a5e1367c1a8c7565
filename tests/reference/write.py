"""Writing landed records to a landing folder, one load at a time."""

from __future__ import annotations

import json
from pathlib import Path

from .landed import LandedRecord


def write_load(landing: Path, records: list[LandedRecord], load: int) -> list[Path]:
    """Write the records of one load as JSON lines; the paths of the files written.

    A record's `path` is relative to the landing folder and its `line` is the line it gets;
    lines that no record asks for stay blank.
    """
    files: dict[str, dict[int, dict]] = {}
    for landed in records:
        if landed.load == load:
            files.setdefault(landed.path, {})[landed.line] = landed.record
    written = []
    for path, lines in sorted(files.items()):
        file = landing / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding="utf-8") as out:
            for number in range(1, max(lines) + 1):
                if number in lines:
                    out.write(json.dumps(lines[number], ensure_ascii=False))
                out.write("\n")
        written.append(file)
    return written
