"""`validate`: what it returns, what it leaves behind, and how it fails."""

import json
import re
from html.parser import HTMLParser

import duckdb
import pytest

from sequence_warehouse.validate import SuiteError, validate


def entry(kind: str, severity: str = "critical", **kwargs: object) -> dict:
    return {"type": kind, "kwargs": kwargs, "severity": severity, "description": f"about {kind}"}


@pytest.fixture
def own_suite(tmp_path):
    """A suites folder of the raw border with the given entries about raw.events."""

    def build(*entries: dict, table: str = "raw.events"):
        folder = tmp_path / "own" / "raw"
        folder.mkdir(parents=True, exist_ok=True)
        content = {"name": table, "table": table, "expectations": list(entries)}
        (folder / f"{table}.json").write_text(json.dumps(content), encoding="utf-8")
        return tmp_path / "own"

    return build


def test_a_row_holds_what_the_operations_table_needs(database, own_suite):
    path = database("raw", "update raw.events set event_id = null where line_number = 1")
    suites = own_suite(entry("expect_column_values_to_not_be_null", column="event_id"))
    report = validate(path, suites, None, "raw", "run-1")

    (row,) = report.as_dicts()
    assert row.pop("seconds") > 0
    assert row == {
        "run_id": "run-1",
        "border": "raw",
        "suite": "raw.events",
        "table_name": "raw.events",
        "expectation": "expect_column_values_to_not_be_null",
        "column_name": "event_id",
        "severity": "critical",
        "success": False,
        "observed": "1 of 3 rows, e.g. null",
        "unexpected_count": 1,
        "description": "about expect_column_values_to_not_be_null",
    }
    assert str(report.failed_critical[0]) == (
        "raw.events (event_id): expected: about expect_column_values_to_not_be_null; "
        "observed: 1 of 3 rows, e.g. null"
    )


def test_what_cannot_be_computed_failed_and_does_not_disturb_the_rest(database, own_suite):
    suites = own_suite(
        entry("expect_column_values_to_not_be_null", column="nowhere"),
        entry("expect_no_rows", query="select error('broken on purpose')"),
        entry("expect_no_rows", "warning", query=["selekt 1", "from raw.events"]),
        entry("expect_column_values_to_not_be_null", column="event_id"),
        entry("expect_no_rows", query="select 1 where false"),
    )
    report = validate(database("raw"), suites, None, "raw", "run-1")

    assert [row.success for row in report.rows] == [False, False, False, True, True]
    assert "nowhere" in report.rows[0].observed
    assert report.rows[1].observed.endswith("broken on purpose")
    assert report.rows[2].observed.startswith("error: ")
    assert all("\n" not in row.observed for row in report.rows)
    assert len(report.failed_critical) == 2
    assert len(report.warnings) == 1


def test_every_expectation_about_a_missing_table_failed_and_the_log_says_it_once(database, own_suite, caplog):
    suites = own_suite(
        entry("expect_column_values_to_not_be_null", column="a"),
        entry("expect_no_rows", query="select 1 where false"),
        table="raw.nothing",
    )
    report = validate(database("raw"), suites, None, "raw", "run-1")

    assert {row.observed for row in report.failed_critical} == {"error: there is no table raw.nothing"}
    assert len(report.failed_critical) == 2
    assert caplog.text.count("there is no table raw.nothing") == 1


def test_times_in_evidence_are_in_utc(database, own_suite):
    suites = own_suite(
        entry("expect_no_rows", query="select cast(min(occurred_at) as varchar) from raw.events")
    )
    report = validate(database("raw"), suites, None, "raw", "run-1")

    assert "2026-01-21 00:00:00+00" in report.rows[0].observed


def test_the_file_is_neither_changed_nor_kept_open(database, suites):
    path = database("raw")
    before = path.read_bytes()
    validate(path, suites, None, "raw", "run-1")

    assert path.read_bytes() == before
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table raw.mine as select 1 as one")


def test_data_docs_show_the_latest_run_of_both_borders_and_need_no_network(database, suites, tmp_path):
    site = tmp_path / "site"
    for border, run_id in (("raw", "run-1"), ("marts", "run-1"), ("raw", "run-2")):
        report = validate(database(border), suites, site, border, run_id)

    assert report.data_docs == site / "index.html"
    index = report.data_docs.read_text(encoding="utf-8")
    assert "Run run-2: " in index  # raw
    assert "Run run-1: " in index  # marts, kept beside it
    assert not list((site / "raw").rglob("run-1")), "the pages of the earlier run are gone"
    assert sorted(path.name for path in site.iterdir()) == ["index.html", "marts", "raw"]

    links = set(re.findall(r'<a href="([^"]+)"', index))
    assert len(links) == len(list(suites.glob("*/*.json")))
    assert all((site / link).is_file() for link in links)
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert not re.search(r'(src|<link[^>]*href)="https?:|url\(.?https?:|<script', text), page
    page = next((site / "marts").rglob("warehouse-reports.step_funnel.html"))
    assert "meeting_booked never exceeds steps_executed" in page.read_text(encoding="utf-8")


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><b title=\'x\' onclick="alert(1)">bold</b>',
    "' onmouseover='alert(1)",
    "</td></table><iframe src=javascript:alert(1)>",
    "<!-- a comment --><svg/onload=alert(1)>",
    "$html_success_icon &lt;u&gt;not markup&lt;/u&gt; <u>nor this</u>",
)


class Page(HTMLParser):
    """Elements and attributes of a page, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements, self.attributes, self.text = set(), set(), ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.add(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}

    def handle_comment(self, data):
        self.elements.add("a comment")

    def handle_data(self, data):
        self.text += data


def test_no_value_of_the_data_becomes_part_of_a_page(database, own_suite, tmp_path):
    # as evidence of a query, as example, in an error, in a description, as a run's name
    values = ", ".join("('" + value.replace("'", "''") + "')" for value in HOSTILE)
    plant = f"""
        create table raw.planted as
        select
            t.v as source_file, t.v as event_type, t.v as property_name, t.v as portal_id, 1 as one,
        from (values {values}) as t (v)
    """
    columns = ("source_file", "event_type", "property_name", "portal_id")
    entries = [entry("expect_no_rows", query="select * exclude (one) from raw.planted")]
    for column in columns:
        entries += [
            entry("expect_column_values_to_be_in_set", column=column, value_set=["<em>allowed</em>"]),
            entry("expect_column_distinct_values_to_be_in_set", column=column, value_set=["none"]),
            entry("expect_column_values_to_match_regex", column=column, regex="^(?<!x)never$"),
            entry("expect_no_rows", query=f"select error({column}) from raw.planted"),
        ]
    entries.append(entry("expect_column_values_to_be_in_set", column="one", value_set=[2]))
    for one in entries:
        one["description"] += ' <em>described</em> & "quoted"'
    pages = {}
    for name, run_id, sql in (
        ("tame", "run-1", plant.replace("t.v as", "'tame' as")),
        ("hostile", 'profiling-<script>alert(1)-" onclick="', plant),
    ):
        site = tmp_path / name
        suites = own_suite(*entries, table="raw.planted")
        report = validate(database("raw", sql), suites, site, "raw", run_id)
        assert len(report.rows) == len(entries)
        pages[name] = [Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))]
        assert len(pages[name]) == 4, "index, its neighbour that leads to it, result, suite"

    for tame, hostile in zip(pages["tame"], pages["hostile"], strict=True):
        assert hostile.elements == tame.elements and hostile.attributes == tame.attributes
        assert "em" not in hostile.elements and "&lt;em" not in hostile.text
    shown = "".join(page.text for page in pages["hostile"])
    for value in HOSTILE:
        assert value in shown, "as it is, not escaped twice"


def test_a_wrong_call_is_said_readably(database, own_suite, suites, tmp_path):
    with pytest.raises(ValueError, match="border must be one of raw, marts"):
        validate(database("raw"), suites, None, "staging", "run-1")
    with pytest.raises(FileNotFoundError, match="no database to validate at"):
        validate(tmp_path / "none.duckdb", suites, None, "raw", "run-1")
    with pytest.raises(SuiteError, match=r"raw.events.json: entry 0 \(expect_nothing\)"):
        validate(database("raw"), own_suite(entry("expect_nothing")), None, "raw", "run-1")
    (tmp_path / "text.duckdb").write_text("not a database", encoding="utf-8")
    with pytest.raises(RuntimeError, match=r"cannot open .*text\.duckdb read-only"):
        validate(tmp_path / "text.duckdb", suites, None, "raw", "run-1")


def test_a_database_open_for_writing_is_refused_and_not_left_open(database, suites):
    path = database("raw")
    with duckdb.connect(str(path)), pytest.raises(RuntimeError, match="read-only"):
        validate(path, suites, None, "raw", "run-1")
    assert validate(path, suites, None, "raw", "run-2").success


def test_a_suite_whose_table_the_project_no_longer_declares_only_warns_that_it_is_left_over(
    database, own_suite
):
    suites = own_suite(
        entry("expect_column_values_to_not_be_null", column="a"),
        entry("expect_no_rows", query="select 1 where false"),
        table="raw.nothing",
    )
    report = validate(database("raw"), suites, None, "raw", "run-1", declared={("raw", "events")})

    assert report.success
    assert [(row.table_name, row.severity, row.success) for row in report.rows] == [
        ("raw.nothing", "warning", False)
    ]
    assert report.warnings[0].observed.endswith("raw.nothing.json is left over")
