"""Data Docs of both borders in one static site, which asks nothing of the network.

    <site>/index.html                        both borders' latest run, failures first
    <site>/<border>/validations/**/*.html    Great Expectations' page of each suite's result
    <site>/<border>/expectations/**/*.html   and of each suite
    <site>/<border>/report.json              the rows the index is made of

A border's folder is built beside the site and replaced by rename, so that nobody reads half a run
and earlier runs are gone.

Upstream's pages load styles, scripts and a logo with a time stamp from seven hosts; offline they
are bare, and online every reader is announced to those hosts. Those references are taken out and a
small style sheet put in. Upstream's own index pages are filled by those scripts, so they give way
to a page that leads to ours.
"""

import html
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

from sequence_warehouse.validate.page_style import INDEX_PAGE, REDIRECT_PAGE, UPSTREAM_STYLE
from sequence_warehouse.validate.report import CRITICAL, ValidationReport

SITE = "latest"
_BORDERS = {"raw": "What landed (raw)", "marts": "What is published (marts)"}
_ESCAPED = "sequence_warehouse.validate.escaped_pages"
_FROM_THE_NETWORK = re.compile(
    r"""<script\b.*?</script>|<(?:link|img)\b[^>]*(?:href|src)="https?://[^>]*>"""
    r"""|url\(['"]?https?://[^)]*\)""",
    re.DOTALL,
)


def index_page(site: Path) -> Path:
    """Where the site starts."""
    return site / "index.html"


def stage(site: Path, border: str) -> Path:
    """An empty folder beside the border's, on the same file system; left-overs are removed."""
    staged = site / f".{border}.new"
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    return staged


def site_config(staged: Path) -> dict[str, Any]:
    """Great Expectations' configuration of a static site in that folder."""
    return {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str(staged.absolute()),
        },
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder", "show_cta_footer": False},
        "site_section_builders": {
            "validations": {
                "renderer": {"module_name": _ESCAPED, "class_name": "ResultsPage"},
                "view": {"module_name": _ESCAPED, "class_name": "PageView"},
                "run_name_filter": {},
            },
            "expectations": {
                "renderer": {"module_name": _ESCAPED, "class_name": "SuitePage"},
                "view": {"module_name": _ESCAPED, "class_name": "PageView"},
            },
            # would be made of runs with that word in their names
            "profiling": "none",
        },
    }


def publish(staged: Path, site: Path, report: ValidationReport) -> None:
    """Put the staged pages and the report in place of the border's last run; renew the index."""
    _make_self_contained(staged)
    summary = {
        "run_id": report.run_id,
        "border": report.border,
        "success": report.success,
        "rows": report.as_dicts(),
    }
    (staged / "report.json").write_text(json.dumps(summary, indent=1, ensure_ascii=False), encoding="utf-8")
    current, old = site / report.border, site / f".{report.border}.old"
    shutil.rmtree(old, ignore_errors=True)
    if current.exists():
        current.rename(old)
    staged.rename(current)
    shutil.rmtree(old, ignore_errors=True)

    sections = "\n".join(
        _section(site, border, title, found)
        for border, title in _BORDERS.items()
        if (found := _summary(site / border / "report.json"))
    )
    new = site / ".index.html.new"
    new.write_text(INDEX_PAGE.replace("SECTIONS", sections), encoding="utf-8")
    os.replace(new, index_page(site))


def _make_self_contained(staged: Path) -> None:
    shutil.rmtree(staged / "static", ignore_errors=True)  # 4 MB, used by nothing that is left
    for page in staged.rglob("*.html"):
        text = _FROM_THE_NETWORK.sub("", page.read_text(encoding="utf-8"))
        page.write_text(text.replace("</head>", UPSTREAM_STYLE + "</head>", 1), encoding="utf-8")
    (staged / "index.html").write_text(REDIRECT_PAGE, encoding="utf-8")


def _summary(report: Path) -> dict[str, Any] | None:
    """A border's last run; None when there is none that can be read: its next run writes another."""
    try:
        summary = json.loads(report.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return summary if isinstance(summary, dict) and {"rows", "success"} <= summary.keys() else None


def _section(site: Path, border: str, title: str, summary: dict[str, Any]) -> str:
    rows = summary["rows"]
    failed = [row for row in rows if not row["success"]]
    critical = sum(row["severity"] == CRITICAL for row in failed)
    # Failures first: whoever opens the page wants to know what is wrong.
    ordered = sorted(rows, key=lambda row: (row["success"], row["severity"] != CRITICAL))
    state = "passed" if summary["success"] else "failed"
    pages = {
        page.stem.removeprefix("warehouse-"): page.relative_to(site).as_posix()
        for page in (site / border / "validations").rglob("*.html")
    }
    return (
        f'<h2 id="{border}">{title}: <span class="{state}">{state}</span></h2>\n'
        f"<p>Run {html.escape(summary['run_id'])}: {len(rows)} expectations, {critical} failed "
        f"critically, {len(failed) - critical} warnings.</p>\n"
        "<table><tr><th>Result</th><th>Table</th><th>Columns</th><th>Expected</th>"
        "<th>Observed</th></tr>\n"
        + "\n".join(_line(row, pages.get(row["suite"])) for row in ordered)
        + "\n</table>"
    )


def _line(row: dict[str, Any], page: str | None) -> str:
    result = "passed" if row["success"] else "failed" if row["severity"] == CRITICAL else "warning"
    table = html.escape(row["table_name"])
    if page:
        table = f'<a href="{html.escape(page)}">{table}</a>'
    texts = (row["column_name"] or "", row["description"], row["observed"])
    cells = [result, table, *(html.escape(text) for text in texts)]
    return f'<tr class="{result}">' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
