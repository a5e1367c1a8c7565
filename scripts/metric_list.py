"""The metrics that dbt_project.yml lists, as columns of reports and as parts of the semantic layer.

``macros/metrics.sql`` makes the SQL of the same sets; dbt compares names and types of both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sequence_warehouse.build.dbt_build import project_variables


@dataclass(frozen=True)
class Metric:
    """A count or sum; the comment above the list says what each field means."""

    name: str
    description: str
    where: str | None = None
    distinct: str | None = None
    sum: str | None = None
    data_type: str = "bigint"
    rate: str | None = None
    monthly: bool = False
    per_enrollment: str | None = None
    holds: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Raises ValueError where fields contradict each other: only one of them would be taken."""
        if self.sum and (self.where or self.distinct):
            raise ValueError(f"Metric {self.name}: a sum is over all rows; leave out `where` and `distinct`.")
        if self.rate and self.distinct:
            raise ValueError(f"Metric {self.name}: a distinct count has no rate; leave out `rate`.")


@dataclass(frozen=True)
class Ratio:
    """One metric over another. is_share: its confidence interval stands beside it."""

    name: str
    numerator: str
    denominator: str
    description: str
    is_share: bool


def read_sets(project: Path) -> dict[str, list[Metric | Ratio]]:
    """Set of metrics, by the name of its macro -> its metrics in the order of the list."""
    variables = project_variables(project)
    metrics = [Metric(**entry) for entry in variables["metrics"]]
    steps = [Metric(**entry) for entry in variables["step_metrics"]]
    rated = [metric for metric in metrics if metric.rate]
    return {
        "additive_measures": [metric for metric in metrics if not metric.distinct],
        "distinct_measures": [
            *(metric for metric in metrics if metric.distinct),
            *(_over_contacts(metric) for metric in rated),
        ],
        "measure_rates": [ratio for metric in rated for ratio in (_rate(metric), _contact_rate(metric))],
        "monthly_counts": [metric for metric in metrics if metric.monthly],
        "monthly_ratios": [_per_enrollment(metric) for metric in metrics if metric.per_enrollment],
        "step_measures": steps,
        "step_rates": [_step_rate(metric) for metric in steps if metric.rate],
    }


def columns(metric: Metric | Ratio) -> list[tuple[str, str, str]]:
    """(name, data type, description) of each column that shows the metric in a report."""
    if isinstance(metric, Metric):
        return [(metric.name, metric.data_type, metric.description)]
    bounds = ("lower", "upper") if metric.is_share else ()
    return [
        (metric.name, "double", metric.description),
        *((f"{metric.name}_{bound}", "double", f"{{{{ doc('rate_{bound}') }}}}") for bound in bounds),
    ]


def step_names(sets: dict[str, list[Metric | Ratio]]) -> dict[str, str]:
    """Column of the step reports -> metric of the semantic layer: where enrollments have a metric of the
    same name, the steps' begins with step_."""
    taken = {metric.name for name, of_set in sets.items() if not name.startswith("step") for metric in of_set}
    names = [metric.name for name in ("step_measures", "step_rates") for metric in sets[name]]
    return {name: f"step_{name}" if name in taken else name for name in names}


def label(name: str) -> str:
    """A metric's name as people read it."""
    return name.replace("_", " ").replace("email", "e-mail").capitalize()


def _over_contacts(metric: Metric) -> Metric:
    return Metric(
        f"contact_{metric.name}",
        f"Distinct contacts with at least one enrollment that counts in `{metric.name}`; "
        "they do not add over rows.",
        where=metric.where,
        distinct="contact_id",
    )


def _rate(metric: Metric) -> Ratio:
    description = f"`{metric.name}` over `enrollments`; null where there are none."
    return Ratio(metric.rate, metric.name, "enrollments", description, is_share=True)


def _contact_rate(metric: Metric) -> Ratio:
    description = (
        f"`contact_{metric.name}` over `contacts`: who was enrolled again counts once. "
        "Null where no contact is known."
    )
    return Ratio(f"contact_{metric.rate}", f"contact_{metric.name}", "contacts", description, is_share=False)


def _per_enrollment(metric: Metric) -> Ratio:
    description = f"`{metric.name}` over `enrollments`."
    return Ratio(metric.per_enrollment, metric.name, "enrollments", description, is_share=False)


def _step_rate(metric: Metric) -> Ratio:
    description = f"`{metric.name}` over `steps_executed`; null where none was."
    return Ratio(metric.rate, metric.name, "steps_executed", description, is_share=not metric.sum)
