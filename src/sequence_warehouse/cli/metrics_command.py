"""``sequence-warehouse metrics``: a question of the semantic layer, its answer as a table."""

from __future__ import annotations

import csv
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sequence_warehouse.cli.options import ConfigOption, WarehouseOption
from sequence_warehouse.config.settings import Settings

if TYPE_CHECKING:
    from sequence_warehouse.semantic.metrics import Metrics

_SHOWN_ROWS = 1000
_SHOWN_WIDTH = 10_000

app = typer.Typer(no_args_is_help=True, help="Ask the published metrics, by MetricFlow.")


class Listed(StrEnum):
    METRICS = "metrics"
    DIMENSIONS = "dimensions"


@app.callback()
def _read_settings(
    context: typer.Context, warehouse: WarehouseOption = None, config: ConfigOption = None
) -> None:
    context.obj = Settings.from_environment(warehouse=warehouse, config=config)


@app.command()
def query(
    context: typer.Context,
    metrics: Annotated[str, typer.Option(help="Such as enrollments,open_rate.")],
    group_by: Annotated[str, typer.Option(help="Such as metric_time__month,account.")] = "",
    where: Annotated[
        list[str] | None,
        typer.Option(help="Such as \"{{ Dimension('sequence__sequence_name') }} = 'Win back'\"; may repeat."),
    ] = None,
    start_time: Annotated[datetime | None, typer.Option(help="First day, such as 2026-01-01.")] = None,
    end_time: Annotated[datetime | None, typer.Option(help="Last day.")] = None,
    order: Annotated[str, typer.Option(help="Such as --order=-open_rate,account.")] = "",
    limit: Annotated[int | None, typer.Option(help="Rows at the most.")] = None,
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Write this file, print no table.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Print the SQL instead of its answer.")] = False,
) -> None:
    """Metrics, grouped and filtered, as a table."""
    groups = _words(group_by)
    with _opened(context) as opened:
        question: dict[str, Any] = {
            "metrics": _words(metrics),
            "group_by": groups,
            "where": where or [],
            "start": start_time,
            "end": end_time,
            # a table is easier to read by its keys than in the order that a join leaves
            "order": _words(order) or groups,
            "limit": limit,
        }
        if explain:
            print(opened.sql(**question))
            return
        answer = opened.answer(**question)
        if csv_file is None:
            answer.show(max_rows=_SHOWN_ROWS, max_width=_SHOWN_WIDTH)
            return
        with csv_file.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(answer.columns)
            writer.writerows(answer.fetchall())


@app.command("list")
def list_(
    context: typer.Context,
    what: Annotated[Listed, typer.Argument()] = Listed.METRICS,
    metrics: Annotated[str, typer.Option(help="Dimensions that all of these have.")] = "",
) -> None:
    """The metrics, or what they can be grouped by."""
    with _opened(context) as opened:
        if what is Listed.DIMENSIONS:
            print("\n".join(opened.dimensions(_words(metrics))))
            return
        for name, label, description in opened.describe():
            print(f"{name}  ({label}): {description}")


def _opened(context: typer.Context) -> Metrics:
    from sequence_warehouse.semantic.metrics import Metrics

    return Metrics(context.obj)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
