"""The suite files are read as promised, and mistakes in them are said readably."""

import json
from pathlib import Path

import pytest

from sequence_warehouse.validate.suites import SuiteError, load_suites

ENTRY = {
    "type": "expect_column_values_to_not_be_null",
    "for_each": ["a", "b"],
    "kwargs": {"column": "{column}"},
    "severity": "critical",
    "description": "{column} is never null",
}


def write(folder: Path, name: str = "s.t", **changes: object) -> Path:
    content = {"name": "s.t", "table": "s.t", "expectations": [ENTRY]} | changes
    (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


@pytest.mark.parametrize("border", ["raw", "marts"])
def test_every_suite_of_the_project_loads_and_is_named_like_its_file_and_table(suites, border):
    for suite in load_suites(suites / border):
        assert suite.name == suite.table_name == suite.path.stem
        assert suite.notes
        assert suite.expectations
        names = [(e.type, e.description, e.column_name) for e in suite.expectations]
        assert len(set(names)) == len(names), f"{suite.path} says something twice"


def test_for_each_makes_one_expectation_per_column(tmp_path):
    (suite,) = load_suites(write(tmp_path))

    assert [e.column_name for e in suite.expectations] == ["a", "b"]
    assert [e.description for e in suite.expectations] == ["a is never null", "b is never null"]
    assert suite.expectations[1].gx_kwargs == {"column": "b"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"table": "without_schema"}, "s.t.json"),
        ({"expectations": [ENTRY | {"severity": "fatal"}]}, "severity must be critical or warning"),
        ({"expectations": [ENTRY | {"kwargs": {}, "description": "x"}]}, "no {column}"),
        ({"expectations": [{"type": "x"}]}, "'severity' is missing"),
    ],
)
def test_a_mistake_names_the_file(tmp_path, changes, message):
    with pytest.raises(SuiteError, match=r"s\.t\.json") as error:
        load_suites(write(tmp_path, **changes))
    assert message in str(error.value)


def test_a_border_without_suites_is_an_error(tmp_path):
    with pytest.raises(SuiteError, match="nothing to validate"):
        load_suites(tmp_path)


def test_two_suites_of_one_name_are_an_error(tmp_path):
    write(tmp_path)
    with pytest.raises(SuiteError, match="used by another suite"):
        load_suites(write(tmp_path, name="other"))
