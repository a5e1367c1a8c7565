"""Mutations of the SQL and of the reference: does any test notice a small change of a definition?

    nice python -m tests.mutations.mutations /tmp/before                       draw, judge, report
    nice python -m tests.mutations.mutations /tmp/after --same-as /tmp/before  the same, on another state
    nice python -m tests.mutations.mutations /tmp/more --same-as /tmp/before --survivors --portals 80

Draws small changes (rules.py), makes each in a copy of the project and asks the cheapest checks that
can notice it (judge.py). A mutation that nothing notices has survived: it changes nothing that anybody could
see, or a test is missing. A small agreement sees less than the test does: `--survivors --portals 80` asks
again about those that survived.

The folder holds the report (report.jsonl, a line a mutation) and what is prepared once: random accounts,
loaded and built, and what the reference computes of them. Run again, it goes on where it was stopped. With
--same-as the mutations are those of an earlier report, wherever their lines are now; those that have no place
any more are told. What is prepared is of one state of the project: another state needs another folder.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import pickle
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from sequence_warehouse.build.dbt_build import project_variables
from sequence_warehouse.config.project import PROJECT
from tests.mutations import rules
from tests.mutations.rules import Mutation, Place
from tests.reference import reports
from tests.support.agreement import Case

# Of an ended enrollment a sender has few in random accounts: so many make a score.
SCORES = {"sender_score": 3, "sender_score_by_sequence": 2}
SECONDS = 600


def main(arguments: list[str] | None = None) -> int:
    description = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=description)
    parser.add_argument("folder", type=Path, help="of the report and of what is prepared")
    parser.add_argument(
        "--number", type=int, default=60, help="of mutations, a third of them of the reference"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--portals", type=int, default=24, help="random accounts of the agreement")
    parser.add_argument("--same-as", type=Path, metavar="FOLDER", help="take the mutations of this report")
    parser.add_argument("--survivors", action="store_true", help="of them those that survived")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--list", action="store_true", help="say what would be drawn, and do nothing")
    options = parser.parse_args(arguments)

    available = rules.places(PROJECT)
    if options.same_as:
        rows = [row for row in read(options.same_as) if row["killed_by"] is None or not options.survivors]
        wanted = [Mutation(**row["mutation"]) for row in rows if row["line"] is not None]
    else:
        wanted = rules.draw(available, options.number, options.seed)
    if options.list:
        for mutation in wanted:
            place = rules.find(available, mutation)
            print(f"{mutation.file}:{place.line if place else '?'}: {mutation.text} -> {mutation.becomes}")
        return 0
    prepare(options.folder, options.portals)
    for kind, some in (("sql", "int_enrollments"), ("reference", "enrollments")):
        outcome = ask(options.folder, kind, some, some, lambda copy: None)
        if outcome["killed_by"] or not outcome["judged"]:
            raise SystemExit(f"Nothing is mutated yet, and already a check fails: {outcome}")
    known = {row["key"] for row in read(options.folder)}
    waiting = [mutation for mutation in wanted if mutation.key not in known]

    def judge_one(mutation: Mutation) -> None:
        row = judge(options.folder, mutation, rules.find(available, mutation))
        with (options.folder / "report.jsonl").open("a") as stream:
            stream.write(json.dumps(row) + "\n")
        print(sentence(row), flush=True)

    with ThreadPoolExecutor(options.processes) as pool:
        list(pool.map(judge_one, waiting))
    print("\n".join(summary(read(options.folder), read(options.same_as) if options.same_as else [])))
    return 0


def prepare(folder: Path, portals: int) -> None:
    """Random accounts in a warehouse as of their second load (`first`) and of their last one (`last`).

    Raises SystemExit when the folder was prepared for another state of what is mutated.
    """
    state = hashlib.sha256()
    for _, path in rules.files(PROJECT):
        state.update(path.read_bytes())
    prepared = folder / "state.txt"
    if prepared.exists():
        if prepared.read_text() != state.hexdigest():
            raise SystemExit(f"{folder} is of another state of the project: name another folder.")
        return
    folder.mkdir(parents=True, exist_ok=True)
    for half in ("first", "last"):  # of a preparation that was stopped
        shutil.rmtree(folder / half, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="mutations-") as temporary:
        case = Case((1,), Path(temporary), portals)
        # where it stays: views of staged records name its files
        case.settings = replace(case.settings, warehouse=folder.absolute() / "last")
        for name, least in SCORES.items():
            case.set_variable(f"{name}_min_ended", str(least))
            reports.MIN_ENDED[name] = least
        for number in sorted(case.loads):
            case.load(number)
            if number == 2:
                shutil.copytree(case.settings.warehouse, folder / "first", dirs_exist_ok=True)
        case.build()
        if found := case.differences():
            raise SystemExit(f"Nothing is mutated yet, and already there are differences: {found[:3]}")
        _copy_project(case.settings.project, folder / "project")
        with (folder / "case.pickle").open("wb") as stream:
            pickle.dump({name: value for name, value in vars(case).items() if name != "settings"}, stream)
        with (folder / "expected.pickle").open("wb") as stream:
            pickle.dump(case.expected(), stream)
        manifest = json.loads((case.settings.work / "dbt" / "manifest.json").read_text())
        (folder / "graph.json").write_text(json.dumps(graph(manifest, project_variables(PROJECT))))
        prepared.write_text(state.hexdigest())


def _copy_project(of_case: Path, target: Path) -> None:
    """The code, with the dbt project of the case, whose seeds and variables are its own."""
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT, check=True, capture_output=True, text=True)
    for name in listed.stdout.split("\n"):
        if (PROJECT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, target / name)
    shutil.copytree(of_case, target, dirs_exist_ok=True)


def graph(manifest: dict, variables: dict) -> dict:
    """What the judge must know of the project.

    models: names. below_facts: the incremental ones and what they are built from. users: macro or var -> the
    models that it decides about. variables: as they are without the case's own.
    """
    nodes = {uid: node for uid, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    below: set[str] = set()
    waiting = [uid for uid, node in nodes.items() if node["config"]["materialized"] == "incremental"]
    while waiting:
        uid = waiting.pop()
        if uid in nodes and uid not in below:
            below.add(uid)
            waiting += nodes[uid]["depends_on"]["nodes"]

    def macros_of(names: list[str], seen: set[str]) -> set[str]:
        for name in set(names) - seen:
            if name in manifest["macros"]:
                seen.add(name)
                macros_of(manifest["macros"][name]["depends_on"]["macros"], seen)
        return seen

    users: dict[str, set[str]] = {name: set() for name in variables}
    for node in nodes.values():
        texts = [node["raw_code"]]
        for uid in macros_of(node["depends_on"]["macros"], set()):
            macro = manifest["macros"][uid]
            if macro["package_name"] == node["package_name"]:
                users.setdefault(macro["name"], set()).add(node["name"])
                texts.append(macro["macro_sql"])
        for name in re.findall(r"""var\(\s*['"](\w+)""", "\n".join(texts)):
            users.setdefault(name, set()).add(node["name"])
    return {
        "models": sorted(node["name"] for node in nodes.values()),
        "below_facts": sorted(nodes[uid]["name"] for uid in below),
        "users": {name: sorted(some) for name, some in users.items()},
        "variables": variables,
    }


def judge(folder: Path, mutation: Mutation, place: Place | None) -> dict:
    """The row of the report: where the mutation is, and which check noticed it."""
    row = {"key": mutation.key, "mutation": mutation.as_row(), "line": None, "killed_by": None, "how": ""}
    if place is None:
        return row | {"how": "does not apply any more"}
    began = time.monotonic()
    outcome = ask(
        folder, place.mutation.kind, place.mutation.stem, subject(place), lambda copy: _write(copy, place)
    )
    seconds = round(time.monotonic() - began, 1)
    return row | {"file": place.mutation.file, "line": place.line, "seconds": seconds} | outcome


def ask(folder: Path, kind: str, stem: str, subject: str, mutate: Callable[[Path], None]) -> dict:
    """What the judge says of a copy of the project: {"killed_by", "how", "judged"}."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as temporary:
        copy = Path(temporary) / "project"
        shutil.copytree(folder / "project", copy)
        mutate(copy)
        command = [sys.executable, "-m", "tests.mutations.judge", kind, stem, subject, str(folder.absolute())]
        try:
            done = subprocess.run(
                command,
                cwd=copy,
                env=os.environ | {"PYTHONPATH": str(copy), "DBT_LOG_LEVEL_FILE": "none", "DO_NOT_TRACK": "1"},
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
            return json.loads(done.stdout.strip().split("\n")[-1])
        except subprocess.TimeoutExpired:
            return {"killed_by": None, "how": f"more than {SECONDS} seconds", "judged": False}
        except (json.JSONDecodeError, IndexError):
            return {"killed_by": None, "how": done.stderr[-300:], "judged": False}


def subject(place: Place) -> str:
    """The model, macro, var or module that is mutated."""
    if place.mutation.kind == "vars":
        return place.mutation.text.split(":")[0]
    macros = re.findall(r"{%-? macro (\w+)", "\n".join(place.mutated.splitlines()[: place.line]))
    return macros[-1] if macros else place.mutation.stem


def _write(copy: Path, place: Place) -> None:
    """Into the copy: of the project file the var alone, the case has its own of others."""
    path = copy / place.mutation.file
    if place.mutation.kind == "vars":
        text = path.read_text()
        lines = [
            f"  {place.mutation.becomes}" if line.startswith(f"  {subject(place)}:") else line
            for line in text.split("\n")
        ]
        path.write_text("\n".join(lines))
    else:
        path.write_text(place.mutated)


def read(folder: Path) -> list[dict]:
    file = folder / "report.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def sentence(row: dict) -> str:
    """One mutation and what became of it."""
    mutation = row["mutation"]
    if row["line"] is None:
        return f"NO PLACE   {mutation['file']}: {mutation['text']}"
    if not row.get("judged", True):
        return f"NOT JUDGED {row['file']}:{row['line']}: {mutation['text']}: {row['how'][:200]}"
    verdict = f"killed by {row['killed_by']} ({row['how'][:100]})" if row["killed_by"] else "SURVIVED"
    change = f"{mutation['text']}  ->  {mutation['becomes']}"
    return f"{row['file']}:{row['line']}: {mutation['rule']}: {change}\n    {verdict}, {row['seconds']} s"


def summary(rows: list[dict], before: list[dict]) -> list[str]:
    """How many died of what, who survived, and what is not as it was before."""
    lost = [row for row in rows if not row.get("judged", True)]
    applied = [row for row in rows if row["line"] is not None and row not in lost]
    killers = Counter(row["killed_by"] or "SURVIVED" for row in applied)
    lines = [
        f"{len(applied)} mutations: "
        + ", ".join(f"{number} {name}" for name, number in killers.most_common())
    ]
    lines += [sentence(row) for row in applied if row["killed_by"] is None]
    lines += [sentence(row) for row in rows if row["line"] is None or row in lost]
    was = {row["key"]: row for row in before}
    for row in applied:
        if row["key"] in was and bool(was[row["key"]]["killed_by"]) != bool(row["killed_by"]):
            lines.append(f"NOT AS BEFORE (killed by {was[row['key']]['killed_by']}): {sentence(row)}")
    return lines


if __name__ == "__main__":
    sys.exit(main())
