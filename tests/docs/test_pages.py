"""The pages beside the code: their links lead somewhere, and the sources' table is that of the tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sequence_warehouse.config.project import PROJECT
from tests.other_tools.expected import TOOLS, Tool

PAGES = [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")]
SOURCES = PROJECT / "docs/sources"
ROWS = re.findall(r"^\| .* \| (`\w+`(?:, `\w+`)*) \|(.*)$", (SOURCES / "README.md").read_text(), re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_links_between_pages_resolve(page: Path):
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
    missing = [link for link in links if not (page.parent / link).exists()]
    assert not missing


def test_every_page_of_a_source_is_in_the_index():
    index = (SOURCES / "README.md").read_text()
    missing = [page.name for page in SOURCES.glob("*.md") if f"({page.name})" not in index]
    assert missing == ["README.md"]


def test_the_table_of_sources_has_every_folder_of_the_tests():
    assert sorted(name for names, _ in ROWS for name in re.findall(r"\w+", names)) == sorted(
        tool.name for tool in TOOLS
    )


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_the_table_of_sources_tells_what_the_tests_expect(tool: Tool):
    (cells,) = [cells for names, cells in ROWS if f"`{tool.name}`" in names]
    expected = tool.expected()
    numbers = [
        len(expected["enrollments"]),
        len(expected["deals"]),
        sum(credit is not None for credit in expected["deal_credit"].values()),
        sum(expected["closed_won"].values()),
    ]
    assert [int(cell) for cell in cells.split("|")[:4]] == numbers


def test_every_path_that_the_recipes_name_is_there():
    page = (PROJECT / "CONTRIBUTING.md").read_text()
    paths = re.findall(r"`((?:models|macros|seeds|tests|src|docs|scripts)/[\w./]+\.\w+)`", page)
    missing = [path for path in paths if not (PROJECT / path).exists() and "tickets" not in path]
    assert len(paths) > 10 and missing == []
