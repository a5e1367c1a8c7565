"""Extract in a process of its own that kills itself at a given page: ``python -m tests.extract.killed``.

Arguments: landing folder, where to die (``before``, ``between``, ``after`` the page is renamed and noted),
at which page, ``--sweep`` or not, streams. The account comes from the environment. Not a test, but what
tests start.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

from sequence_warehouse.extract import Account, Options, extract
from sequence_warehouse.extract import landing as landing_module
from sequence_warehouse.extract.landing import Landing
from sequence_warehouse.extract.state import StreamState
from sequence_warehouse.storage import durable
from tests.extract.conftest import EXTRA


def main(landing: str, where: str, page: int, streams: list[str]) -> None:
    sweep = streams[0] == "--sweep"
    seen = 0

    def die(after: bool, method):
        def wrapped(self, *arguments, **values):
            nonlocal seen
            if not after:
                seen += 1
                if seen == page:
                    os.kill(os.getpid(), signal.SIGKILL)
            result = method(self, *arguments, **values)
            if after:
                seen += 1
                if seen == page:
                    os.kill(os.getpid(), signal.SIGKILL)
            return result

        return wrapped

    if where == "before":
        renamed = durable.replace
        landing_module.durable = SimpleNamespace(
            replace=lambda *paths: die(False, lambda self: renamed(*paths))(None)
        )
    elif where == "between":
        Landing._write = die(True, Landing._write)
    else:
        StreamState.commit = die(True, StreamState.commit)
    options = Options(
        landing=Path(landing),
        requests_per_10_seconds=0,
        searches_per_second=0,
        extra_properties=EXTRA,
        event_page=20,
        object_page=20,
    )
    account = Account.find("1001")
    for stream in streams[sweep:]:
        extract(account, options, stream, sweep=sweep)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:])
