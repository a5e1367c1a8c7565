"""Write what dbt cannot read from where it is said once: ``make generate``, or look whether it is written.

Generated are whole files, and blocks of files between two marks, of which the first says what of.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from scripts import scopes_page, settings_page
from scripts.metric_list import Metric, Ratio, columns, label, read_sets, step_names
from sequence_warehouse.config.project import PROJECT

_MARK = "# written by `make generate`"
_BLOCK = re.compile(rf"( *){_MARK}: (.+)\n((?:.*\n)*?) *# end\n")
_SEMANTIC_METRICS = Path("models/semantic/metrics.yml")
_STARTED = "{{ Dimension('enrollment__is_started') }}"

Sets = dict[str, list[Metric | Ratio]]


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 1 when something differs that is only looked at."""
    parser = argparse.ArgumentParser(prog="generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, name what differs")
    return run(PROJECT, parser.parse_args(arguments).check)


def run(project: Path, check: bool) -> int:
    """Write what differs, or with check name it. Returns the exit status."""
    stale = {path: text for path, text in generated(project).items() if _text(path) != text}
    for path, text in stale.items():
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        print(f"{'differs' if check else 'written'}: {path.relative_to(project)}")
    return 1 if check and stale else 0


def generated(project: Path) -> dict[Path, str]:
    """Path -> text as it should be, of each file that is generated or has a generated block."""
    sets = read_sets(project)
    found = {project / _SEMANTIC_METRICS: _semantic_metrics(sets)}
    for path in sorted((project / "models").rglob("*.yml")):
        text = _text(path)
        if path not in found and _BLOCK.search(text):
            found[path] = _BLOCK.sub(lambda block: _block(project, sets, block), text)
    scopes = project / scopes_page.PAGE
    found[scopes] = scopes_page.page(_text(scopes))
    found[project / settings_page.PAGE] = settings_page.page()
    return found


def _block(project: Path, sets: Sets, block: re.Match) -> str:
    """The block anew: its marks, and between them what the first one says."""
    indent, made_of, _ = block.groups()
    kind, _, rest = made_of.partition(" ")
    lines = _KINDS[kind](project, sets, rest.split())
    return "".join(f"{indent}{line}\n" for line in (f"{_MARK}: {made_of}", *lines, "# end"))


def _columns(project: Path, sets: Sets, names: list[str]) -> Iterator[str]:
    """The columns of sets of metrics, in a contract."""
    for name in names:
        for metric in sets[name]:
            for column, data_type, description in columns(metric):
                yield _flow(
                    name=column,
                    data_type=json.dumps(data_type) if "," in data_type else data_type,
                    description=json.dumps(description),
                )


def _measures(project: Path, sets: Sets, names: list[str]) -> Iterator[str]:
    """Sets of metrics as the measures of a semantic model, by the names of their metrics."""
    renamed = step_names(sets) if "step_measures" in names else {}
    for metric in (metric for name in names for metric in sets[name]):
        if metric.sum:
            agg, expression = "sum", metric.sum
        elif metric.distinct:
            # ids are unique within an account only
            agg, expression = "count_distinct", f"portal_id || ':' || {metric.distinct}"
            if metric.where:
                expression = f"case when {metric.where} then {expression} end"
        elif metric.where:
            agg, expression = "sum_boolean", metric.where
        else:
            agg, expression = "count", "enrollment_id"
        yield _flow(name=renamed.get(metric.name, metric.name), agg=agg, expr=json.dumps(expression))


def _reports(project: Path, sets: Sets, names: list[str]) -> Iterator[str]:
    """Every report, as what an exposure depends on."""
    for path in sorted((project / "models" / "reports").glob("*.sql")):
        yield f"- ref('{path.stem}')"


_KINDS: dict[str, Callable[[Path, Sets, list[str]], Iterator[str]]] = {
    "columns": _columns,
    "measures": _measures,
    "reports": _reports,
}


def _semantic_metrics(sets: Sets) -> str:
    """Every metric of the semantic layer: those of reports, by the names of their columns."""
    of_steps = step_names(sets)
    lines = [f"{_MARK}: the metrics of dbt_project.yml", "metrics:"]
    for name, of_set in sets.items():
        if name == "monthly_counts":  # they are among the others
            continue
        is_of_steps = name in {"step_measures", "step_rates"}
        for metric in of_set:
            lines += _semantic_metric(metric, of_steps if is_of_steps else {}, is_started=not is_of_steps)
    return "\n".join(lines) + "\n"


def _semantic_metric(metric: Metric | Ratio, renamed: dict[str, str], is_started: bool) -> Iterator[str]:
    name = renamed.get(metric.name, metric.name)
    yield f"  - name: {name}"
    yield f"    label: {label(name)}"
    yield f"    description: {json.dumps(metric.description)}"
    if isinstance(metric, Ratio):
        numerator, denominator = (renamed.get(part, part) for part in (metric.numerator, metric.denominator))
        yield "    type: ratio"
        yield f"    type_params: {_flow(numerator=numerator, denominator=denominator)[2:]}"
        return
    yield "    type: simple"
    yield f"    type_params: {_flow(measure=name)[2:]}"
    if is_started:  # of the enrollments all are there, scheduled ones too
        yield f"    filter: {json.dumps(_STARTED)}"


def _flow(**fields: str) -> str:
    return "- {" + ", ".join(f"{name}: {value}" for name, value in fields.items()) + "}"


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
