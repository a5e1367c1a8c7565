"""What is asked for is what the models read."""

from __future__ import annotations

import re

import pytest

from scripts import scopes_page
from sequence_warehouse import seeds
from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.extract.catalog import OBJECTS, linked, scopes, streams
from sequence_warehouse.extract.options import Options

# Members of an object itself, not properties.
TOP_LEVEL = {"createdAt", "updatedAt"}


def used(object_type: str) -> set[str]:
    """The fields that staging reads of an object type."""
    path = PROJECT / f"models/staging/stg_hubspot__{object_type}.sql"
    return (
        set(re.findall(r"object_field\(names, ['\"](\w+)['\"]\)", path.read_text()))
        if path.exists()
        else set()
    )


@pytest.mark.parametrize("object_type", OBJECTS)
def test_every_property_that_staging_reads_is_asked_for(object_type):
    assert used(object_type) - TOP_LEVEL <= set(OBJECTS[object_type].properties)
    assert used(object_type) or object_type == "emails"


def test_the_seed_has_the_number_and_the_singular_of_every_type_of_objects_that_is_asked_for():
    rows = {row["object_type"]: row for row in seeds.rows(PROJECT / "seeds" / "object_types.csv")}
    assert all(rows[object_type]["type_id"] and rows[object_type]["singular"] for object_type in OBJECTS)


def test_records_that_name_contacts_are_those_whose_links_the_models_read():
    rows = seeds.rows(PROJECT / "seeds" / "object_types.csv")
    read = {row["object_type"] for row in rows if row["linked_type"] == "contacts"}
    assert {"deals", "tasks", "meetings", "emails"} <= set(linked()) == read & set(OBJECTS)


def test_the_page_names_the_scopes_of_every_stream():
    rows = re.findall(r"^\| `([\w.-]+)`[^|]*\|([^|]*)\|$", (PROJECT / "docs/hubspot.md").read_text(), re.M)
    table = {scope: set(re.findall(r"`([\w/…]+)`", text)) for scope, text in rows}
    for stream in [*streams(), "events/…"]:
        assert scopes(stream) and {scope for scope in table if stream in table[scope]} == set(scopes(stream))


def test_the_table_of_scopes_is_as_it_was_written():
    text = (PROJECT / scopes_page.PAGE).read_text()
    assert "written by `make generate`: scopes" in text
    assert scopes_page.page(text) == text


def test_what_is_asked_for_by_ids_comes_after_the_objects():
    assert streams().index("associations") > max(map(streams().index, OBJECTS))
    assert streams()[-1] == "enrollment_status"


def test_options_come_from_the_environment(monkeypatch):
    prefix = "SEQUENCE_WAREHOUSE_HUBSPOT_"
    monkeypatch.setenv(f"{prefix}OVERLAP_HOURS", "24.5")
    monkeypatch.setenv(f"{prefix}EVENT_TYPES", "seed, e_custom")
    monkeypatch.setenv(f"{prefix}EXTRA_PROPERTIES", "contacts:jobtitle,phone;deals:hs_x")
    options = Options.of(Settings.from_environment())
    assert options.overlap_hours == 24.5
    assert options.event_types == ("seed", "e_custom")
    assert options.performance_versions == ("2026-09", "2026-09-beta")
    assert options.extra_properties == {"contacts": ("jobtitle", "phone"), "deals": ("hs_x",)}
    monkeypatch.setenv(f"{prefix}EVENT_PAGE", "many")
    with pytest.raises(UserError, match="EVENT_PAGE is 'many': it must be a whole number"):
        Options.of(Settings.from_environment())
