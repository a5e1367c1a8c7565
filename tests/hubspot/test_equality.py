"""What is extracted is what the account has: with no fault, with each fault, with many, killed or not."""

from __future__ import annotations

import random

import pytest

from sequence_warehouse.database import connect
from sequence_warehouse.hubspot_sim import FAULTS, STOPPING, random_plan
from sequence_warehouse.load import load
from sequence_warehouse.settings import Settings
from tests.hubspot.conftest import Extractor, assert_same

SURVIVABLE = [fault for fault in FAULTS if fault not in STOPPING]


def test_an_empty_landing_folder_gets_every_record_once(extractor):
    extractor.run()
    assert_same(extractor.landing, extractor.hubspot.landing)


@pytest.mark.parametrize("fault", SURVIVABLE)
def test_each_fault_alone_loses_and_doubles_nothing(extractor, fault):
    argument = ":0.02" if fault == "slow" else ""
    extractor.hubspot.faults = f"{fault}{argument}@0.15,seed=11"
    extractor.run()
    assert_same(extractor.landing, extractor.hubspot.landing)


def check_random_plan(hubspot, landing, seed: int) -> None:
    generator = random.Random(seed)
    plan = random_plan(generator)
    print(f"seed {seed}: {plan}")
    hubspot.faults = plan
    extractor = Extractor(
        hubspot,
        landing,
        event_page=generator.choice([7, 40, 100]),
        object_page=generator.choice([9, 100]),
        search_page=generator.choice([11, 200]),
    )
    extractor.run()
    assert_same(extractor.landing, hubspot.landing)


@pytest.mark.parametrize("seed", range(10))
def test_random_faults_lose_and_double_nothing(hubspot, tmp_path, seed):
    check_random_plan(hubspot, tmp_path / "landing", seed)


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 150))
def test_many_more_random_faults(hubspot, tmp_path, seed):
    check_random_plan(hubspot, tmp_path / "landing", seed)


@pytest.mark.slow
def test_loading_what_was_extracted_is_loading_what_was_served(extractor, tmp_path):
    """The raw records of both loads, by type, id and content; nothing rejected."""
    extractor.hubspot.faults = "429@0.05,half-page@0.05,expired-token@0.05"
    extractor.run()
    raw = {}
    for name, landing in {"extracted": extractor.landing, "served": extractor.hubspot.landing}.items():
        settings = Settings(landing, tmp_path / name)
        assert load(settings).rejected == 0
        with connect() as connection:
            raw[name] = connection.execute(
                f"""
                select object_type, object_id, record::varchar from '{settings.raw}/*/objects/*.parquet'
                where object_type <> 'sequence_performance'
                union all
                select event_type, event_id, null from '{settings.raw}/*/events/*.parquet'
                order by all
                """
            ).fetchall()
    import json

    def normal(rows):
        return sorted(
            (kind, identifier, json.dumps(json.loads(text), sort_keys=True) if text else "")
            for kind, identifier, text in rows
        )

    assert normal(raw["extracted"]) == normal(raw["served"])


@pytest.mark.slow
def test_the_published_tables_are_those_of_the_served_files(extractor, tmp_path):
    from sequence_warehouse import steps

    extractor.run()
    tables = {}
    for name, landing in {"extracted": extractor.landing, "served": extractor.hubspot.landing}.items():
        settings = Settings(landing, tmp_path / name)
        for step in ("load", "build", "publish"):
            getattr(steps, f"{step}_step")(settings, "run")
        tables[name] = published(settings)
    assert tables["extracted"].keys() == tables["served"].keys()
    assert tables["served"]["core.fct_enrollments"]
    for table, rows in tables["served"].items():
        assert tables["extracted"][table] == rows, table


def published(settings: Settings) -> dict[str, list[tuple]]:
    """Rows of core and reports, without the columns that say from which file and load they came."""
    parquet = settings.published / "parquet" / "core" / "fct_sequence_events"
    aside = {"load_id", "loaded_at", "source_file", "line_number", "updated_at"}
    with connect(settings.published / "sequences.duckdb", read_only=True) as connection:
        names = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() "
            "where schema_name in ('core', 'reports')"
        ).fetchall()
        sources = {name: name for (name,) in names}
        sources["core.fct_sequence_events"] = f"read_parquet('{parquet}/**/*.parquet')"
        found = {}
        for name, source in sources.items():
            columns = [row[0] for row in connection.execute(f"describe select * from {source}").fetchall()]
            kept = ", ".join(f'"{column}"' for column in columns if column not in aside)
            query = f"select {kept} from {source}"
            found[name] = sorted(map(str, connection.execute(query).fetchall()))
        return found
