"""The tool that mutates: what it draws, that it finds it again, and what it says of two states."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sequence_warehouse.config.project import PROJECT
from tests.mutations import mutations
from tests.mutations.rules import Mutation, draw, find, places

MODEL = """{{ config(materialized = 'view') }}

-- the first 60 of min(opened) and others: words, not rules
select
    min(opened) as opened,
    coalesce(a.user_id, b.user_id) as user_id,
from a
left join b on a.id = b.id
where
    a.at <= b.at
    and b.seconds < 60
order by opened desc, user_id
"""
REFERENCE = '''"""What is opened and replied, 60 at most."""


def most(rows: list[dict]) -> int:
    # opened or clicked
    return max(row["opened"] for row in rows if row["at"] is not None and row["at"] >= 60)
'''


@pytest.fixture
def project(tmp_path) -> Path:
    for folder in ("models", "macros", "tests/reference"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "models" / "funnel.sql").write_text(MODEL)
    (tmp_path / "tests" / "reference" / "most.py").write_text(REFERENCE)
    (tmp_path / "tests" / "reference" / "test_most.py").write_text("assert 60 >= 60 and True\n")
    (tmp_path / "dbt_project.yml").write_text("vars:\n  # up to 60\n  tolerance_seconds: 60\n")
    return tmp_path


def changes(project: Path, kind: str) -> set[tuple[str, str]]:
    found = [place.mutation for place in places(project).values()]
    return {(one.rule, one.becomes) for one in found if one.kind == kind}


def test_sql_is_mutated_where_it_decides_and_not_in_words_settings_and_names_that_are_given(project):
    assert changes(project, "sql") == {
        ("least most", "max(opened) as opened,"),
        ("another column", "min(clicked) as opened,"),
        ("coalesce", "coalesce(b.user_id, a.user_id) as user_id,"),
        ("join", "inner join b on a.id = b.id"),
        ("boundary", "a.at < b.at"),
        ("direction", "a.at > b.at"),
        ("and or", "or b.seconds < 60"),
        ("no condition", "(nothing)"),
        ("boundary", "and b.seconds <= 60"),
        ("direction", "and b.seconds > 60"),
        ("constant", "and b.seconds < 61"),
        ("no tie", "order by opened desc"),
        ("order", "order by opened asc, user_id"),
        ("another column", "order by clicked desc, user_id"),
    }
    assert changes(project, "vars") == {("var", "tolerance_seconds: 61")}


def test_the_reference_is_mutated_in_its_code_and_its_tests_are_not(project):
    line = 'return max(row["opened"] for row in rows if row["at"] is not None and row["at"] >= 60)'
    assert changes(project, "reference") == {
        ("least most", line.replace("max", "min")),
        ("another column", line.replace("opened", "clicked")),
        ("null", line.replace("is not None", "is None")),
        ("and or", line.replace("and", "or")),
        ("boundary", line.replace(">=", ">")),
        ("direction", line.replace(">=", "<")),
        ("constant", line.replace("60", "61")),
    }


def test_one_line_is_another_and_the_rest_of_the_file_is_as_it_was(project):
    for place in places(project).values():
        lines = (project / place.mutation.file).read_text().splitlines()
        mutated = place.mutated.splitlines()
        removed = place.mutation.becomes == "(nothing)"
        assert mutated[: place.line - 1] == lines[: place.line - 1]
        assert mutated[place.line - removed :] == lines[place.line :]
        assert len(mutated) == len(lines) - removed


def test_a_mutation_is_found_in_another_state_by_what_it_says_and_not_where_the_line_is_another(project):
    drawn = draw(places(project), 9, seed=1)
    model = project / "models" / "funnel.sql"
    model.write_text("-- one line more\n" + MODEL)
    assert draw(places(project), 9, seed=1) == drawn
    model.rename(project / "models" / "steps.sql")
    (project / "models" / "steps.sql").write_text(MODEL.replace("b.seconds < 60", "b.seconds < 90"))
    lost = [one.text for one in drawn if find(places(project), one) is None]
    assert set(lost) == {"and b.seconds < 60"} & {one.text for one in drawn}
    assert all(find(places(project), one) for one in drawn if one.text != "and b.seconds < 60")


def test_a_line_that_several_other_files_have_is_no_place(project):
    wanted = next(one.mutation for one in places(project).values() if one.mutation.rule == "join")
    shutil.copy(project / "models" / "funnel.sql", project / "models" / "one.sql")
    (project / "models" / "funnel.sql").rename(project / "models" / "two.sql")
    assert find(places(project), wanted) is None


def test_the_draw_is_the_seeds_a_third_is_of_the_reference_and_every_rule_has_its_turn():
    available = places(PROJECT)
    drawn = draw(available, 60, seed=1)
    assert drawn == draw(available, 60, seed=1) != draw(available, 60, seed=2)
    assert len({one.key for one in drawn}) == 60
    of_reference = [one for one in drawn if one.kind == "reference"]
    assert len(of_reference) == 20
    for some in (of_reference, [one for one in drawn if one.kind != "reference"]):
        rules = [one.rule for one in some]
        assert max(map(rules.count, rules)) - min(map(rules.count, rules)) <= 1
    for one in of_reference:
        compile(available[one.key].mutated, one.file, "exec")


def row(mutation: Mutation, killed_by: str | None, line: int | None = 3) -> dict:
    found = {"file": mutation.file, "line": line, "seconds": 1.0, "how": "", "killed_by": killed_by}
    return {"key": mutation.key, "mutation": mutation.as_row()} | found


def test_the_summary_names_survivors_what_has_no_place_and_what_is_not_as_before():
    one, two, three = (Mutation("sql", "m.sql", "join", f"line {n}", 0, 0, "x") for n in "123")
    rows = [row(one, "unit test"), row(two, None), row(three, None, line=None)]
    before = [row(one, None), row(two, None), row(three, "agreement")]
    first, *more = mutations.summary(rows, before)
    assert first == "2 mutations: 1 unit test, 1 SURVIVED"
    assert [line.split("\n")[0] for line in more] == [
        "m.sql:3: join: line 2  ->  x",
        "NO PLACE   m.sql: line 3",
        "NOT AS BEFORE (killed by None): m.sql:3: join: line 1  ->  x",
    ]


def test_what_facts_are_built_from_and_who_uses_a_macro_are_told_by_the_manifest():
    def node(name: str, parents: list[str], macros: list[str], materialized: str = "table") -> dict:
        depends_on = {"nodes": parents, "macros": macros}
        config = {"materialized": materialized}
        code = {"raw_code": "where at < {{ var('seconds') }}" if name == "c" else ""}
        return (
            code
            | {"name": name, "package_name": "p", "resource_type": "model", "config": config}
            | {"depends_on": depends_on}
        )

    def macro(name: str, macros: list[str], sql: str = "") -> dict:
        return {"package_name": "p", "name": name, "macro_sql": sql, "depends_on": {"macros": macros}}

    manifest = {
        "nodes": {
            "a": node("a", ["seed"], ["outer"]),
            "b": node("b", ["a"], [], "incremental"),
            "c": node("c", ["b"], []),
        },
        "macros": {"outer": macro("outer", ["inner"]), "inner": macro("inner", [], "{{ var('days') }}")},
    }
    graph = mutations.graph(manifest, {"days": 7, "seconds": 60, "unused": 1})
    assert graph["models"] == ["a", "b", "c"]
    assert set(graph["below_facts"]) == {"a", "b"}
    users = {"outer": ["a"], "inner": ["a"], "days": ["a"], "seconds": ["c"], "unused": []}
    assert graph["users"] == users


def test_a_mutation_of_a_macro_is_of_the_macro_and_not_of_all_in_its_file(project):
    macros = "{% macro one() %} min(a) {% endmacro %}\n{%- macro two() -%}\n max(b)\n{% endmacro %}\n"
    (project / "macros" / "all.sql").write_text(macros)
    subjects = {one.mutation.becomes: mutations.subject(one) for one in places(project).values()}
    assert (subjects["min(b)"], subjects["tolerance_seconds: 61"]) == ("two", "tolerance_seconds")
    assert (subjects["inner join b on a.id = b.id"], subjects["(nothing)"]) == ("funnel", "funnel")
