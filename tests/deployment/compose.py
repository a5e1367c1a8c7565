"""docker-compose.yml as the compose tool reads it, and its services as processes of this machine.

Commands and environment come from the file, so a test of the processes is a test of the file.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import yaml

from sequence_warehouse.config.project import PROJECT

_VARIABLE = re.compile(r"\$(?:(?P<escaped>\$)|\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<text>[^}]*))?\})")


def read(variables: dict[str, str], path: Path = PROJECT / "docker-compose.yml") -> dict:
    """The file with its variables filled in. Raises ValueError for a required one that is missing."""

    def fill(value):
        if isinstance(value, dict):
            return {name: fill(part) for name, part in value.items()}
        if isinstance(value, list):
            return [fill(part) for part in value]
        return (
            _VARIABLE.sub(lambda found: _value(found, variables), value) if isinstance(value, str) else value
        )

    return fill(yaml.safe_load(path.read_text()))


def _value(found: re.Match[str], variables: dict[str, str]) -> str:
    if found["escaped"]:
        return "$"
    if value := variables.get(found["name"]):
        return value
    if found["kind"] == "-":
        return found["text"]
    raise ValueError(f"{found['name']}: {found['text']}")


def env_file(path: Path) -> dict[str, str]:
    """The variables of a file as scripts/new_env.sh writes it."""
    lines = (line for line in path.read_text().splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def native(service: dict, places: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    """Command and environment of a service for this machine: addresses and folders are other ones here."""

    def here(text: str) -> str:
        for container, machine in places.items():
            text = text.replace(container, machine)
        return text

    environment = {name: here(value) for name, value in service["environment"].items()}
    environment["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment["HOME"] = os.environ.get("HOME", "/")
    return [here(word) for word in service["command"]], environment
