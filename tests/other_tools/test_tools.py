"""One account, as every tool writes it, is the same account in the warehouse."""

from __future__ import annotations

import pytest

from tests.other_tools.conftest import Told
from tests.other_tools.expected import TOOLS

pytestmark = pytest.mark.slow
CASES = [
    pytest.param(tool.name, fact, value, id=f"{tool.name}-{fact}")
    for tool in TOOLS
    for fact, value in tool.expected().items()
]


@pytest.mark.parametrize(("tool", "fact", "value"), CASES)
def test_a_tools_folder_tells(tool: str, fact: str, value: object, told: Told):
    assert told.facts[tool][fact] == value


def test_the_build_over_all_tools_passes_its_own_tests(told: Told):
    told.report.raise_for_failures()
