"""dbt's documentation of the models, as one page that needs no server and no network."""

from __future__ import annotations

from pathlib import Path

from sequence_warehouse.build.dbt_build import run_dbt
from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.settings import Settings


def build_site(settings: Settings) -> Path:
    """Write every model, column, test, metric and example question to ``work/docs/index.html``.

    Reads the warehouse's catalog, so it must have been built. Raises UserError when it was not, or when
    dbt cannot read the project.
    """
    if not settings.database.exists():
        raise UserError(f"There is no warehouse in {settings.warehouse} to document: `make run` builds one.")
    if run_dbt(settings, ["--quiet", "docs", "generate", "--no-compile"]) != 0:
        raise UserError(f"dbt could not write its documentation; its log is in {settings.work / 'logs'}.")
    target = settings.work / "dbt"
    page = (target / "index.html").read_text(encoding="utf-8")
    for name in ("manifest", "catalog"):
        content = (target / f"{name}.json").read_text(encoding="utf-8")
        # within a script: no text in it may end that script. `docs generate --static` does not see to it
        page = page.replace(f'"{name.upper()}.JSON INLINE DATA"', content.replace("<", "\\u003c"))
    settings.docs.mkdir(parents=True, exist_ok=True)
    site = settings.docs / "index.html"
    site.write_text(page, encoding="utf-8")
    return site
