"""Docs use the terms of docs/glossary.md; words that they replace do not come back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sequence_warehouse.config.project import PROJECT

# old word -> the term; names in backticks (the column `border`) are not prose
REPLACED = {
    r"borders?": "validation",
    r"claim(?:s|ed|ing)?": "lock, for the warehouse; say, list or state elsewhere",
    r"anew": "again",
    r"enrolment\w*": "enrollment",
    r"labelled": "labeled",
    r"normalised": "normalized",
    r"licence": "license",
}
PROSE = [
    *PROJECT.glob("*.md"),
    *(PROJECT / "docs").rglob("*.md"),
    *(PROJECT / "expectations").glob("*.md"),
    *(PROJECT / "models").rglob("*.md"),
]
DESCRIBED = [*(PROJECT / "models").rglob("*.yml"), *(PROJECT / "dags").glob("*.py")]
# a release note may have to name what it replaced
PAGES = [page for page in PROSE + DESCRIBED if page.name != "CHANGELOG.md"]


def replaced_words(text: str) -> list[str]:
    """The words of the old language in a text, without code in backticks."""
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    return re.findall(rf"\b(?:{'|'.join(REPLACED)})\b", prose, flags=re.IGNORECASE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_a_page_uses_the_terms_of_the_glossary(page: Path):
    assert replaced_words(page.read_text()) == []


def test_prose_is_looked_at_and_code_is_not():
    assert replaced_words("A failed Border.\nThe column `border`.\n```\nclaim\n```\nclaimed") == [
        "Border",
        "claimed",
    ]
