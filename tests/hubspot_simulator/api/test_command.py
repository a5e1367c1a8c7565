"""``python -m hubspot_simulator.api``: one line when ready, until a signal; errors in a sentence."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from sequence_warehouse.config.project import PROJECT

COMMAND = [sys.executable, "-m", "hubspot_simulator.api", "--enrollments", "20"]


def _start(*options: str, **variables: str) -> subprocess.Popen:
    return subprocess.Popen(
        [*COMMAND, *options],
        cwd=PROJECT,
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_line_when_ready_and_an_end_without_noise(number):
    process = _start("--port", "0", HUBSPOT_SIM_TOKEN="pat-given")
    try:
        names = dict(part.split("=", 1) for part in process.stdout.readline().split())
        assert names["HUBSPOT_TOKEN"] == "pat-given"
        answer = httpx.get(
            names["HUBSPOT_BASE_URL"] + "/crm/v3/owners", headers={"Authorization": "Bearer pat-given"}
        )
        assert answer.status_code == 200
        process.send_signal(number)
        out, error = process.communicate(timeout=20)
    finally:
        process.kill()
    assert (process.returncode, out, error) == (0, "", "")


def test_an_interrupt_before_it_is_ready_ends_it_too_and_leaves_nothing(tmp_path):
    process = _start("--port", "0", "--enrollments", "60000", TMPDIR=str(tmp_path))
    try:
        while not list(tmp_path.iterdir()):
            time.sleep(0.05)
        process.terminate()
        out, error = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, out, error) == (0, "", "")
    assert not list(tmp_path.iterdir())


def test_a_random_token_differs_from_start_to_start():
    tokens = set()
    for _ in range(2):
        process = _start("--port", "0", HUBSPOT_SIM_TOKEN="")
        tokens.add(process.stdout.readline().split("HUBSPOT_TOKEN=")[1])
        process.terminate()
        process.communicate(timeout=20)
    assert len(tokens) == 2


def test_errors_are_one_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        for options, words in (
            (["--port", str(taken.getsockname()[1])], "choose another one with PORT=n"),
            (["--faults", "428"], "There is no fault '428'"),
            (["--landing", "/nowhere"], "There is no folder"),
            (["--enrollments", "0"], "cannot be simulated"),
        ):
            process = _start(*options)
            out, error = process.communicate(timeout=30)
            assert (process.returncode, out) == (2, "")
            assert error.startswith("error: ") and error.count("\n") == 1 and words in error
