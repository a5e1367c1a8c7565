"""A BI tool that opens the published database for writing, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# It ends as one that is killed: what it wrote stays beside the database.
_TOOL = """
import os, sys, duckdb
connection = duckdb.connect(sys.argv[1])
connection.execute("create table main.mine as select 1 as one")
print("open", flush=True)
sys.stdin.read()
os._exit(0)
"""


@contextmanager
def held_for_writing(database: Path) -> Iterator[None]:
    """While inside, nobody else can open the database; the tool has written into it."""
    database = database.resolve()
    database.chmod(0o600)  # its owner may do as he likes
    command = [sys.executable, "-c", _TOOL, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as tool:
        assert tool.stdout.readline() == "open\n"
        assert Path(f"{database}.wal").exists()
        yield
        tool.stdin.close()
