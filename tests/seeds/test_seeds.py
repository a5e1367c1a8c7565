"""Seeds are read as people save them, or one sentence says which line is wrong and how to mend it."""

import csv
import json
import shutil
from pathlib import Path

import duckdb
import pytest

from sequence_warehouse.build.dbt_build import build
from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.load import load
from sequence_warehouse.seeds import Seeds
from sequence_warehouse.seeds.description import described
from sequence_warehouse.storage.database import connect
from tests.support.projects import light_project, small_project

SHIPPED = sorted(path.name for path in (PROJECT / "seeds").glob("*.csv"))
ACCOUNTS = "portal_id,account_name,time_zone,plan,created_on,currency\n"
ROW = "1001,Blåbær & søn,Europe/Oslo,Sales Hub Starter,2021-03-15,NOK\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A project with the shipped seeds, to save them anew."""
    for part in ("seeds", "macros", "tests/dbt"):
        shutil.copytree(PROJECT / part, tmp_path / "project" / part)
    (tmp_path / "landing").mkdir()
    return Settings(
        landing=tmp_path / "landing", warehouse=tmp_path / "warehouse", project=tmp_path / "project"
    )


def with_delimiter(text: str, delimiter: str) -> str:
    return "\n".join(delimiter.join(row) for row in csv.reader(text.splitlines())) + "\n"


def reordered(text: str) -> str:
    return "\n".join(",".join(reversed(row)) for row in csv.reader(text.splitlines())) + "\n"


SAVED = {
    "as it is": lambda text: text.encode(),
    "byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "semicolons": lambda text: with_delimiter(text, ";").encode(),
    "tabs": lambda text: with_delimiter(text, "\t").encode(),
    "sep line": lambda text: ("sep=;\n" + with_delimiter(text, ";")).encode(),
    "Excel": lambda text: b"\xef\xbb\xbf" + with_delimiter(text, ";").replace("\n", "\r\n").encode(),
    "mixed line ends": lambda text: text.replace("\n", "\r\n", 2).encode(),
    "old line ends": lambda text: text.replace("\n", "\r").encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "cp1252": lambda text: text.encode("cp1252"),
    "empty rows and columns": lambda text: text.replace("\n", ",,\n").encode() + b",,,,,,,\n\n",
    "capitals": lambda text: (text.split("\n")[0].upper() + "\n" + text.partition("\n")[2]).encode(),
    "quotes": lambda text: ('"' + text.strip().replace(",", '","').replace("\n", '"\n"') + '"\n').encode(),
    "another order": lambda text: reordered(text).encode(),
    "spaces": lambda text: text.replace(",", " , ").encode(),
}


@pytest.mark.parametrize("saved", SAVED)
def test_a_seed_says_the_same_however_it_was_saved(saved: str, settings: Settings) -> None:
    for name, text in {
        "accounts.csv": ACCOUNTS + ROW,
        "event_types.csv": (PROJECT / "seeds" / "event_types.csv").read_text(),
    }.items():
        path = settings.project / "seeds" / name
        path.write_text(text, encoding="utf-8")
        expected = Seeds.of(settings).rows(path.stem)
        path.write_bytes(SAVED[saved](text))
        assert Seeds.of(settings).rows(path.stem) == expected
        assert Seeds.of(settings).check() == []
        folder = Seeds.of(settings).prepare(settings.work)
        with (folder / name).open(encoding="utf-8", newline="") as stream:
            assert list(csv.DictReader(stream)) == expected
        assert "\r" not in (folder / name).read_bytes().decode()


def test_seeds_as_shipped_are_read_in_place(settings: Settings) -> None:
    assert Seeds.of(settings).prepare(settings.work) == settings.project / "seeds"
    assert {f"{name}.csv" for name in described(settings.project / "seeds")} == set(SHIPPED)


WRONG = {
    "another column": (
        "event_types.csv",
        "event_type,sort\n",
        r"line 1, has no column kind: the columns are",
    ),
    "unknown column": ("missing_values.csv", "spelling,more\nNA,x\n", r"line 1, has an unknown column more"),
    "column twice": (
        "missing_values.csv",
        "spelling,spelling\nNA,x\n",
        r"line 1, has the column spelling twice",
    ),
    "no header": ("missing_values.csv", "NULL\nNA\n", r"line 1, has no column spelling"),
    "empty": ("missing_values.csv", "", r"line 1, has no column spelling"),
    "too many cells": (
        "accounts.csv",
        ACCOUNTS + ROW + "1,a,b,c,,d,e\n",
        r"line 3, has 7 cells for 6 columns",
    ),
    "too few cells": ("accounts.csv", ACCOUNTS + "1,a\n", r"line 2, has 2 cells for 6 columns"),
    "day of two readings": (
        "accounts.csv",
        ACCOUNTS + ROW.replace("2021-03-15", "03/04/2021"),
        r"line 2, holds '03/04/2021' as created_on, which is no certain day: write it as in 2021-03-15",
    ),
    "id of Excel": ("accounts.csv", ACCOUNTS + ROW.replace("1001", "1.0E+03"), r"in which digits are lost"),
    "thousands": ("accounts.csv", ACCOUNTS + ROW.replace("1001", '"1,000"'), r"which may be two numbers"),
    "a workbook": ("accounts.csv", "PK\x03\x04", r"is a workbook: save it as CSV"),
    "Excel's day": ("accounts.csv", ACCOUNTS + ROW.replace("2021-03-15", "44270"), r"is no certain day"),
    "the same twice": ("accounts.csv", ACCOUNTS + ROW + ROW, r"line 3, says again what line 2 says of 1001"),
    "no id": ("accounts.csv", ACCOUNTS + ROW.replace("1001", ""), r"line 2, has no portal_id"),
    "no number": (
        "property_aliases.csv",
        "canonical_property,source_property,priority\nsequence_id,a,first\n",
        r"line 2, holds 'first' as priority: write a value of the type integer",
    ),
    "open quote": ("missing_values.csv", 'spelling\n"NA\n', r"cannot be read"),
    "after a sep line": ("accounts.csv", "sep=,\n" + ACCOUNTS + "1,a\n", r"line 3, has 2 cells"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_seed_is_one_sentence_with_its_line(case: str, settings: Settings) -> None:
    name, text, sentence = WRONG[case]
    (settings.project / "seeds" / name).write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=sentence) as raised:
        Seeds.of(settings).check()
    assert not settings.warehouse.exists()
    assert name in str(raised.value)
    assert "\n" not in str(raised.value)


def test_values_of_excel_are_those_that_dbt_reads(settings: Settings) -> None:
    accounts = ACCOUNTS + ROW.replace("1001", "1001.0").replace("2021-03-15", "2021-03-15 00:00:00")
    (settings.project / "seeds" / "accounts.csv").write_text(accounts)
    types = (settings.project / "seeds" / "event_types.csv").read_text()
    (settings.project / "seeds" / "event_types.csv").write_text(types.replace(",true,", ",TRUE,"))
    folder = Seeds.of(settings).prepare(settings.work)
    assert Seeds.of(settings).rows("accounts")[0]["portal_id"] == "1001"
    assert (folder / "accounts.csv").read_text() == ACCOUNTS + ROW
    assert (folder / "event_types.csv").read_text() == types


@pytest.mark.parametrize("zone", ["Europe/Olso", "CET+1", "../etc/passwd", "Oslo", "W. Europe Standard Time"])
def test_an_unknown_time_zone_is_told_and_nothing_else(zone: str, settings: Settings) -> None:
    (settings.project / "seeds" / "accounts.csv").write_text(
        ACCOUNTS + ROW.replace("1001", "1000") + ROW.replace("Europe/Oslo", zone)
    )
    (sentence,) = Seeds.of(settings).check()
    assert "line 3" in sentence
    assert zone in sentence
    assert "account 1001" in sentence


def test_a_build_takes_seeds_that_excel_has_saved(tmp_path: Path) -> None:
    project = small_project(tmp_path / "project")
    for name in ("accounts.csv", "event_types.csv", "missing_values.csv"):
        path = project / "seeds" / name
        path.write_bytes(SAVED["Excel"](path.read_text()))
    settings = Settings(
        landing=tmp_path / "landing", warehouse=tmp_path / "warehouse", project=project, threads=2
    )
    event = settings.landing / "portal=1001" / "events" / "a.csv"
    event.parent.mkdir(parents=True)
    event.write_text("id,eventType,objectId,occurredAt,it's\n1,e_call_started,5,2026-01-01,7\n")
    aliases = project / "seeds" / "property_aliases.csv"
    aliases.write_text(aliases.read_text() + "sequence_id,it's,2\nstep_order,step's,2\n")
    words = project / "seeds" / "missing_values.csv"
    words.write_bytes(words.read_bytes() + b"'NULL'\r\n")
    load(settings)
    report = build(settings)
    report.raise_for_failures()
    with duckdb.connect(str(settings.database), read_only=True) as connection:
        assert connection.execute("select count(*), min(portal_id) from seeds.accounts").fetchone() == (
            2,
            "1001",
        )
        query = "select event_name, sequence_id from staging.stg_hubspot__events"
        assert connection.execute(query).fetchall() == [("Call started", "7")]
        words = connection.execute("select spelling from seeds.missing_values").fetchall()
        assert words[-1] == ("'NULL'",)


def test_a_missing_seed_is_a_sentence(settings: Settings) -> None:
    (settings.project / "seeds" / "event_types.csv").unlink()
    with pytest.raises(UserError, match=r"The seed event_types is missing: put seeds/event_types.csv back"):
        Seeds.of(settings).check()


@pytest.mark.parametrize("zone", ["europe/oslo", "US/Eastern", "PST", ""])
def test_a_time_zone_that_the_models_know_is_not_told(zone: str, settings: Settings) -> None:
    (settings.project / "seeds" / "accounts.csv").write_text(ACCOUNTS + ROW.replace("Europe/Oslo", zone))
    assert Seeds.of(settings).check() == []


@pytest.mark.slow
def test_no_sign_in_a_seed_or_a_name_of_a_folder_becomes_sql_or_jinja(tmp_path: Path) -> None:
    odd = """it's "odd"; drop schema core; -- {{ 7 * 7 }} {% raw %} %s $1 \\"""
    settings = Settings(tmp_path / "landing", tmp_path / "warehouse", light_project(tmp_path / "project"))
    for seed, row in {
        "accounts": [odd, odd, "Europe/Oslo", "Sales Hub Professional", "2020-01-01", "NOK"],
        "event_types": [odd, "enrolled", odd, "true", "", "false"],
        "property_aliases": ["sequence_id", odd, "9"],
        "missing_values": [odd],
        "unenrolled_sources": [odd, "replied"],
        "export_columns": ["events", "id", odd],
        "object_properties": ["contacts", "email", odd],
        "object_type_names": ["contacts", odd],
        "property_prefixes": [odd, "9"],
        "snapshot_streams": [odd, odd],
    }.items():
        with (settings.project / "seeds" / f"{seed}.csv").open("a", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerow(row)
    events = settings.landing / f"portal={odd}" / "events"
    events.mkdir(parents=True)
    with (events / f"{odd}.csv").open("w", newline="") as stream:
        lines = csv.writer(stream)
        lines.writerow([odd, "eventType", "objectType", "objectId", "occurredAt", "properties"])
        properties = json.dumps({odd: "77", "hs_enrollment_id": odd})
        lines.writerow(["1", odd, "CONTACT", "501", "2024-03-01T10:00:00Z", properties])
    load(settings)
    build(settings).raise_for_failures()
    with connect(settings.database, read_only=True) as connection:
        rows = connection.execute(
            "select portal_id, account_name, event_type, event_name, event_id, sequence_id, f.enrollment_id "
            "from core.fct_sequence_events as f join core.dim_accounts using (portal_id)"
        ).fetchall()
        enrollments = connection.execute(
            "select sequence_id, contact_id from core.fct_enrollments"
        ).fetchall()
    assert rows == [(odd, odd, odd, odd, "1", "77", "derived:501:77:1")]
    assert enrollments == [("77", "501")]
