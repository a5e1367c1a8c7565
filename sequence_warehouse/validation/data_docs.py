"""Data Docs of both borders in one static site.

    <site>/index.html            both borders' latest run; needs nothing from the network
    <site>/<border>/index.html   Great Expectations' own pages of that run
    <site>/<border>/report.json  the rows the first page is made of

A border's folder is built beside the site and replaced by rename, so that nobody reads half a run
and earlier runs are gone. Upstream's pages take their styles from the network (Bootstrap and
others): without it they are complete but plain.
"""

import html
import json
import os
import shutil
from pathlib import Path

from sequence_warehouse.validation.report import CRITICAL, ValidationReport

SITE = "latest"
_BORDERS = {"raw": "What landed (raw)", "marts": "What is published (marts)"}


def index_page(site: Path) -> Path:
    """Where the site starts."""
    return site / "index.html"


def stage(site: Path, border: str) -> Path:
    """An empty folder beside the border's, on the same file system; left-overs are removed."""
    staged = site / f".{border}.new"
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    return staged


def site_config(staged: Path) -> dict:
    """Great Expectations' configuration of a static site in that folder."""
    return {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str(staged.absolute()),
        },
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
    }


def publish(staged: Path, site: Path, report: ValidationReport) -> None:
    """Put the staged pages and the report in place of the border's last run; renew the index."""
    summary = {
        "run_id": report.run_id,
        "border": report.border,
        "success": report.success,
        "rows": report.as_dicts(),
    }
    (staged / "report.json").write_text(
        json.dumps(summary, indent=1, ensure_ascii=False), encoding="utf-8"
    )
    current, old = site / report.border, site / f".{report.border}.old"
    shutil.rmtree(old, ignore_errors=True)
    if current.exists():
        current.rename(old)
    staged.rename(current)
    shutil.rmtree(old, ignore_errors=True)

    sections = "\n".join(
        _section(site, border, title)
        for border, title in _BORDERS.items()
        if (site / border / "report.json").is_file()
    )
    new = site / ".index.html.new"
    new.write_text(_PAGE.replace("SECTIONS", sections), encoding="utf-8")
    os.replace(new, index_page(site))


def _section(site: Path, border: str, title: str) -> str:
    summary = json.loads((site / border / "report.json").read_text(encoding="utf-8"))
    rows = summary["rows"]
    failed = [row for row in rows if not row["success"]]
    critical = sum(row["severity"] == CRITICAL for row in failed)
    # Failures first: whoever opens the page wants to know what is wrong.
    ordered = sorted(rows, key=lambda row: (row["success"], row["severity"] != CRITICAL))
    state = "passed" if summary["success"] else "failed"
    pages = f'<a href="{border}/index.html">Data Docs</a>' if _has_pages(site, border) else ""
    return (
        f'<h2>{title}: <span class="{state}">{state}</span></h2>\n'
        f"<p>Run {html.escape(summary['run_id'])}: {len(rows)} expectations, {critical} failed "
        f"critically, {len(failed) - critical} warnings. {pages}</p>\n"
        "<table><tr><th>Result</th><th>Table</th><th>Columns</th><th>Expected</th>"
        "<th>Observed</th></tr>\n" + "\n".join(_line(row) for row in ordered) + "\n</table>"
    )


def _has_pages(site: Path, border: str) -> bool:
    return (site / border / "index.html").is_file()


def _line(row: dict) -> str:
    result = "passed" if row["success"] else "failed" if row["severity"] == CRITICAL else "warning"
    cells = (row["table_name"], row["column_name"] or "", row["description"], row["observed"])
    return f'<tr class="{result}"><td>{result}</td>' + "".join(
        f"<td>{html.escape(cell)}</td>" for cell in cells
    ) + "</tr>"


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Data validation</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid #ddd; padding: .3rem .6rem; text-align: left; vertical-align: top }
td { overflow-wrap: anywhere }
tr.failed td:first-child, span.failed { color: #b00020; font-weight: 600 }
tr.warning td:first-child { color: #8a5a00; font-weight: 600 }
tr.passed td:first-child, span.passed { color: #1b6e2c }
</style></head><body>
<h1>Data validation</h1>
SECTIONS
</body></html>
"""
