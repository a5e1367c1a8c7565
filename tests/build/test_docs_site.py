"""The documentation is one page, complete, and asks nobody else for anything."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pytest

from sequence_warehouse.build import docs_site
from sequence_warehouse.build.docs_site import build_site
from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.config.settings import Settings

PAGES = sorted((PROJECT / "models" / "reports").glob("*.md"))
REPORTS = sorted(path.stem for path in (PROJECT / "models" / "reports").glob("*.sql"))


def questions(page: Path) -> list[tuple[str, str]]:
    """(question, SQL) of a report's page."""
    return re.findall(r"\*\*([^*]+\?)\*\*\s+```sql\n(.*?)```", page.read_text(), re.DOTALL)


def test_every_report_has_its_page_and_its_description_shows_it():
    assert [page.stem for page in PAGES] == REPORTS
    for page in PAGES:
        assert "**On HubSpot's screens**" in page.read_text(), page.stem
        assert f"doc('{page.stem}_questions')" in page.with_suffix(".yml").read_text(), page.stem


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_its_two_questions_are_answered_by_their_sql(page, published_sample):
    asked = questions(page)
    assert len(asked) >= 2
    with duckdb.connect(str(published_sample.published / "sequences.duckdb"), read_only=True) as connection:
        for question, sql in asked:
            assert f"reports.{page.stem}" in sql, question
            assert connection.execute(sql).fetchall(), f"{question} is answered by no row"


@pytest.mark.slow
def test_the_publication_holds_the_page_and_the_page_holds_everything(published_sample):
    page = (published_sample.published / "docs" / "index.html").read_text()
    manifest = json.loads((published_sample.work / "dbt" / "manifest.json").read_text())
    assert manifest["metadata"]["send_anonymous_usage_stats"] is False
    for name in REPORTS:
        assert f'"model.sequence_warehouse.{name}"' in page
    for exposure in ("sales_dashboard", "bi_tools"):
        assert f'"exposure.sequence_warehouse.{exposure}"' in page
    # nothing that a browser would fetch: scripts, styles, pictures and fonts are in the page
    assert re.findall(r"""<(?:script|img|iframe)[^>]+src=["']?(?:https?:)?//""", page) == []
    assert re.findall(r"""<link[^>]+href=["']?(?:https?:)?//""", page) == []


def test_no_text_of_the_project_or_the_catalog_ends_the_script_that_holds_it(tmp_path, monkeypatch):
    settings = Settings(tmp_path / "landing", tmp_path / "warehouse")
    target = settings.work / "dbt"
    target.mkdir(parents=True)
    settings.database.touch()
    hostile = {"path": "a</script><script>alert(1)</script>", "comment": "<!-- <script> \\u0022"}
    for name in ("manifest", "catalog"):
        (target / f"{name}.json").write_text(json.dumps(hostile))
    script = 'n=["MANIFEST.JSON INLINE DATA","CATALOG.JSON INLINE DATA"];'
    (target / "index.html").write_text(f"<html><script>{script}</script></html>")
    monkeypatch.setattr(docs_site, "run_dbt", lambda *_: 0)
    page = build_site(settings).read_text()
    assert page.count("<") == 4 and "<!--" not in page
    inlined = page.removeprefix("<html><script>n=").removesuffix(";</script></html>")
    assert json.loads(inlined) == [hostile, hostile]


def test_without_a_warehouse_it_says_what_to_do(tmp_path):
    with pytest.raises(UserError, match="make run"):
        build_site(Settings(tmp_path / "landing", tmp_path / "warehouse"))
