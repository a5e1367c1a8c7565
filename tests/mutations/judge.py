"""Whether any check notices the mutation in this copy of the project: run in it, in a process of its own.

The checks are asked from the cheapest on, and the first that fails is the answer. Of SQL: the unit tests of
the mutated model, a build, and then the tables against what the reference computed before. Of the reference:
its own tests, then what it computes now against the tables that were built before.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Tests that hold a file of this name, of SQL or of the reference, against something else.
OTHER_TESTS = {"values": ("tests/load/test_values.py", "tests/load/test_odd_json.py")}
OWN_TESTS = "tests/reference"
# Half a minute of hundreds of random accounts.
SLOW_OWN_TESTS = "tests/reference/test_random_logs.py"


def main(kind: str, stem: str, subject: str, prepared: Path) -> int:
    """subject: the model, macro or var that is mutated, in the file of that stem.

    Prints one line of JSON: {"killed_by": the check or None, "how": its first words,
    "judged": whether the checks themselves ran}."""
    of_sql = kind != "reference"
    checks = _sql_checks(stem, subject, prepared) if of_sql else _reference_checks(stem, prepared)
    outcome: dict[str, object] = {"killed_by": None, "how": "", "judged": True}
    try:
        for name, failure in checks:
            if failure:
                outcome |= {"killed_by": name, "how": failure}
                break
    except Exception as error:  # of the judge, not of the mutant: that is no death
        outcome |= {"judged": False, "how": f"{type(error).__name__}: {error}"}
    outcome["how"] = " ".join(str(outcome["how"]).split())[:300]
    print("\n" + json.dumps(outcome))
    return 0


def load_case(prepared: Path, warehouse: Path) -> Any:
    """The prepared accounts and loads, over a warehouse."""
    from sequence_warehouse.config.settings import Settings
    from tests.support.agreement import Case

    case = Case.__new__(Case)
    with (prepared / "case.pickle").open("rb") as stream:
        vars(case).update(pickle.load(stream))
    case.settings = Settings(Path("landing").absolute(), warehouse, Path.cwd())
    return case


def _reference_checks(stem: str, prepared: Path) -> Iterator[tuple[str, str]]:
    from sequence_warehouse.storage.database import connect
    from tests.reference import reports
    from tests.support import agreement

    yield "own tests", _pytest(OWN_TESTS, "--ignore", SLOW_OWN_TESTS)
    _set_scores(reports.MIN_ENDED)
    case = load_case(prepared, prepared / "last")
    with connect(case.settings.database, read_only=True) as connection:
        try:
            expected = case.expected()
        except Exception as error:  # of the mutated reference
            yield "does not run", f"{type(error).__name__}: {error}"
            return
        found = agreement.differences(connection, expected, case.arrivals)
        yield "agreement", next(iter(found), "")
    if stem in OTHER_TESTS:
        yield "other test", _pytest(*OTHER_TESTS[stem])
    yield "own tests", _pytest(SLOW_OWN_TESTS)


def _sql_checks(stem: str, subject: str, prepared: Path) -> Iterator[tuple[str, str]]:
    from sequence_warehouse.storage.database import connect
    from tests.support import agreement

    graph = json.loads((prepared / "graph.json").read_text())
    is_model = subject in graph["models"]
    users = [subject] if is_model else graph["users"].get(subject, [])
    is_below_facts = bool(set(users) & set(graph["below_facts"]))
    case = load_case(prepared, Path("warehouse").absolute())
    shutil.copytree(prepared / "last", case.settings.warehouse)
    if is_model:
        yield "unit test", _unit_tests(case, users, graph)
    if is_below_facts:
        # the facts of all that came before, then of what came later: increments decide about rows, too
        case.settings.database.unlink()
        _replace(prepared / "first", case.settings.warehouse)
        yield "build", _dbt(case, "build", ["resource_type:seed", *graph["below_facts"]], without="test")
        _replace(prepared / "last", case.settings.warehouse)
        yield "build", _dbt(case, "build", ["*"])
    elif users:
        yield "build", _dbt(case, "build", [f"{user}+" for user in users])
    with (prepared / "expected.pickle").open("rb") as stream:
        expected = pickle.load(stream)
    with connect(case.settings.database, read_only=True) as connection:
        found = agreement.differences(connection, expected, case.arrivals)
        yield "agreement", next(iter(found), "")
    if users and not is_model:
        yield "unit test", _unit_tests(case, users, graph)
    if stem in OTHER_TESTS:
        yield "other test", _pytest(*OTHER_TESTS[stem])


def _set_scores(least: dict[str, int]) -> None:
    """Small accounts have few ended enrollments: some of them shall have a score."""
    from sequence_warehouse.build.dbt_build import project_variables

    variables = project_variables(Path.cwd())
    for name in least:
        least[name] = variables[f"{name}_min_ended"]


def _unit_tests(case: Any, models: list[str], graph: dict) -> str:
    """Of scores under the variables of the project: those of the case are others."""
    tests = [f"test_type:unit,{model}" for model in models]
    scores = {
        name: value
        for name, value in graph["variables"].items()
        if name.startswith("sender_score") and set(models) & set(graph["users"][name])
    }
    return _dbt(case, "test", [*tests, *(["--vars", json.dumps(scores)] if scores else [])])


def _replace(prepared: Path, warehouse: Path) -> None:
    """What was loaded, and nothing of what was built."""
    for part in ("raw", "inventory"):
        shutil.rmtree(warehouse / part, ignore_errors=True)
        shutil.copytree(prepared / part, warehouse / part)


def _dbt(case: Any, command: str, selected: list[str], without: str = "exposure") -> str:
    """What failed first, or nothing."""
    from sequence_warehouse.build.dbt_build import run_dbt

    more = ["--exclude-resource-type", "unit_test", "--exclude-resource-type", without]
    more = more if command == "build" else []
    told = case.settings.work / "dbt" / "run_results.json"
    told.unlink(missing_ok=True)  # those of the command before say nothing of this one
    status = run_dbt(case.settings, ["--quiet", command, *more, "--select", *selected])
    if not told.exists():
        return f"dbt {command} does not run" if status else ""
    results = json.loads(told.read_text())["results"]
    bad = [one for one in results if one["status"] not in ("success", "pass", "skipped", "no-op")]
    return f"{bad[0]['unique_id'].split('.')[-1]}: {bad[0]['message']}" if bad else ""


def _pytest(*arguments: str) -> str:
    import subprocess

    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "--no-header",
        "-p",
        "no:cacheprovider",
        *arguments,
    ]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)
    if done.returncode == 0:
        return ""
    failed = [line for line in done.stdout.split("\n") if line.startswith(("FAILED", "ERROR"))]
    return (failed or [done.stdout[-300:] + done.stderr[-300:]])[0]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4], Path(sys.argv[4])))
