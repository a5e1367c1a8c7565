"""Writing landed records to a landing folder, one load at a time."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from pathlib import Path

from . import random_logs
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


def write_random_accounts(landing: Path, rng: random.Random, accounts: int) -> None:
    """Accounts in which sequences, users, companies and templates are often unknown."""
    for number in range(accounts):
        portal = str(70_000 + number)
        lines = defaultdict(list)
        for record in random_logs.random_account(rng, portal):
            kind = "events" if record["kind"] == "event" else f"objects/{record['kind']}"
            lines[kind].append(json.dumps(record["record"]))
        for kind, texts in lines.items():
            path = landing / f"portal={portal}" / kind / "all.jsonl"
            path.parent.mkdir(parents=True)
            path.write_text("\n".join(texts) + "\n")
