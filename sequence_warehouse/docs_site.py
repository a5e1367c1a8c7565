"""dbt's documentation of the models, as one page that needs no server and no network."""

from __future__ import annotations

import shutil
from pathlib import Path

from sequence_warehouse.build import run_dbt
from sequence_warehouse.settings import Settings, UserError


def build_site(settings: Settings) -> Path:
    """Write every model, column, test, metric and example question to ``work/docs/index.html``.

    Reads the warehouse's catalog, so it must have been built. Raises UserError when it was not, or when
    dbt cannot read the project.
    """
    if not settings.database.exists():
        raise UserError(f"There is no warehouse in {settings.warehouse} to document: `make run` builds one.")
    if run_dbt(settings, ["--quiet", "docs", "generate", "--static", "--no-compile"]) != 0:
        raise UserError(f"dbt could not write its documentation; its log is in {settings.work / 'logs'}.")
    settings.docs.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copyfile(settings.work / "dbt" / "static_index.html", settings.docs / "index.html"))
