"""The command line of ``make metrics``: a question of the semantic layer, its answer as a table."""

from __future__ import annotations

import argparse
import csv
from datetime import datetime
from pathlib import Path

from sequence_warehouse.config.settings import Settings
from sequence_warehouse.semantic.metrics import Metrics

_SHOWN_ROWS = 1000
_SHOWN_WIDTH = 10_000


def run(settings: Settings, arguments: list[str]) -> int:
    """Answer one question on standard output. Returns the exit status; raises UserError."""
    options = _parser().parse_args(arguments)
    with Metrics(settings) as metrics:
        if options.command == "list":
            _list(metrics, options)
            return 0
        question = {
            "metrics": options.metrics,
            "group_by": options.group_by,
            "where": options.where,
            "start": options.start_time,
            "end": options.end_time,
            # a table is easier to read by its keys than in the order that a join leaves
            "order": options.order or options.group_by,
            "limit": options.limit,
        }
        if options.explain:
            print(metrics.sql(**question))
            return 0
        answer = metrics.answer(**question)
        if options.csv:
            with options.csv.open("w", newline="", encoding="utf-8") as stream:
                writer = csv.writer(stream)
                writer.writerow(answer.columns)
                writer.writerows(answer.fetchall())
        else:
            answer.show(max_rows=_SHOWN_ROWS, max_width=_SHOWN_WIDTH)
    return 0


def _list(metrics: Metrics, options: argparse.Namespace) -> None:
    if options.what == "dimensions":
        print("\n".join(metrics.dimensions(options.metrics)))
        return
    for name, label, description in metrics.describe():
        print(f"{name}  ({label}): {description}")


def _parser() -> argparse.ArgumentParser:
    def words(text: str) -> list[str]:
        return [word.strip() for word in text.split(",") if word.strip()]

    parser = argparse.ArgumentParser(prog="metrics", description="Ask the semantic layer.")
    commands = parser.add_subparsers(dest="command", required=True)

    query = commands.add_parser("query", help="metrics, grouped and filtered, as a table")
    query.add_argument("--metrics", type=words, required=True, help="such as enrollments,open_rate")
    query.add_argument("--group-by", type=words, default=[], help="such as metric_time__month,account")
    query.add_argument(
        "--where",
        action="append",
        default=[],
        help="such as \"{{ Dimension('sequence__sequence_name') }} = 'Win back'\"; may be repeated",
    )
    query.add_argument("--start-time", type=datetime.fromisoformat, help="first day, such as 2026-01-01")
    query.add_argument("--end-time", type=datetime.fromisoformat, help="last day")
    query.add_argument("--order", type=words, default=[], help="such as --order=-open_rate,account")
    query.add_argument("--limit", type=int, help="rows at the most")
    query.add_argument("--csv", type=Path, help="write this file instead of printing a table")
    query.add_argument("--explain", action="store_true", help="print the SQL instead of its answer")

    listing = commands.add_parser("list", help="the metrics, or what they can be grouped by")
    listing.add_argument("what", nargs="?", choices=["metrics", "dimensions"], default="metrics")
    listing.add_argument("--metrics", type=words, default=[], help="dimensions that all of these have")
    return parser
