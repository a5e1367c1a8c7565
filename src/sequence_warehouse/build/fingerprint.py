"""Whether anything changed that a publication depends on: what was loaded, and what it is made with."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

from sequence_warehouse.config.settings import Settings
from sequence_warehouse.seeds import Seeds
from sequence_warehouse.storage import inventory, publication
from sequence_warehouse.storage.database import connect
from sequence_warehouse.storage.raw import load_ids, relation

_FILES = (
    "dbt_project.yml",
    "profiles.yml",
    "models/**/*.sql",
    "models/**/*.yml",
    "macros/**/*.*",
    "seeds/*.*",
    "tests/dbt/**/*.*",
    "expectations/**/*.json",
)
_CODE = Path(__file__).resolve().parents[1]
_PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb", "great-expectations")


def fingerprint(settings: Settings) -> str:
    """A hash of loads, models, macros, seeds, suites, vars, code and versions: equal = same result."""
    digest = hashlib.sha256()
    digest.update(repr(_loads(settings.raw)).encode())
    if mends := inventory.mends(settings.raw):  # what was published may have been made of damaged loads
        digest.update(f"mended {mends}".encode())
    for folder, patterns in ((settings.project, _FILES), (_CODE, ("**/*.py",))):
        for pattern in patterns:
            for path in sorted(folder.glob(pattern)):
                digest.update(str(path.relative_to(folder)).encode())
                digest.update(path.read_bytes())
    for path in Seeds.of(settings).files():
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    for package in _PACKAGES:
        digest.update(version(package).encode())
    return digest.hexdigest()


def _loads(raw: Path) -> list[str]:
    """The loads that brought something: one that only saw touched files changes no result."""
    if not load_ids(raw):
        return []
    with connect() as connection:
        rows = connection.execute(
            f"select distinct load_id from {relation(raw, 'files')} where status = 'loaded' order by load_id"
        ).fetchall()
    return [load_id for (load_id,) in rows]


def published_fingerprint(published: Path) -> str | None:
    """The fingerprint of the current publication, or None when there is none."""
    return publication.content(published).get("fingerprint")
