"""Commands of the project: ``python -m sequence_warehouse run|extract|airflow|…``; make calls them."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

from sequence_warehouse.config.errors import UsageError, UserError
from sequence_warehouse.config.settings import NO_LANDING, Settings
from sequence_warehouse.storage import origin, permissions


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 0, 1 with the reason in one line, 2 when nothing was even begun."""
    parser = argparse.ArgumentParser(prog="sequence_warehouse", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, description in {
        "run": "load, validate, build, validate and publish, by the Airflow DAG",
        "extract": "pull what is new from HubSpot into a landing folder, by the Airflow DAG",
        "airflow": "serve Airflow's scheduler and web page on loopback",
        "dbt": "run dbt on a warehouse",
        "metrics": "ask the published metrics, by MetricFlow",
        "docs": "write the documentation of every table and column",
    }.items():
        command = commands.add_parser(name, help=description, description=description)
        command.add_argument("--landing", type=Path, help="landing folder (default: the sample)")
        command.add_argument("--warehouse", type=Path, help="warehouse folder (default: warehouse)")
        command.add_argument("--full-refresh", action="store_true", help="rebuild every model")
        if name == "extract":
            command.add_argument("--portal", help="the folder to land under, as in portal=1001")
            command.add_argument("--sweep", action="store_true", help="look back 30 days, as every night")
        if name == "airflow":
            command.add_argument("--port", type=int, default=8080, help="of the web page")
        if name in {"dbt", "metrics"}:
            command.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)

    permissions.keep_private()
    try:
        settings = Settings.from_environment()
        if options.landing:
            settings = replace(settings, landing=options.landing.absolute())
        if options.warehouse:
            settings = replace(settings, warehouse=options.warehouse.absolute())
        settings = replace(settings, full_refresh=settings.full_refresh or options.full_refresh)
        return COMMANDS[options.command](settings, options)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_status
    except OSError as error:
        print(f"error: {error.strerror}: {error.filename}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("error: stopped; the last publication stands.", file=sys.stderr)
        return 130


def _run(settings: Settings, options: argparse.Namespace) -> int:
    _prepare_landing(settings)
    if not settings.landing.is_dir():
        raise UsageError(NO_LANDING.format(settings.landing))
    from sequence_warehouse import seeds
    from sequence_warehouse.cli import console
    from sequence_warehouse.load.discovery import refuse_nothing

    seeds.check(settings.project / "seeds")
    refuse_nothing(settings)
    return console.run(settings)


def _extract(settings: Settings, options: argparse.Namespace) -> int:
    from sequence_warehouse.cli import extract_command

    if not options.landing:
        raise UsageError("Name the folder to land in, as in: make extract LANDING=landing PORTAL=1001.")
    return extract_command.run(settings.landing, options.portal, options.sweep)


def _airflow(settings: Settings, options: argparse.Namespace) -> int:
    _prepare_landing(settings)
    from sequence_warehouse.airflow import local_airflow

    os.environ.update(settings.environment())
    return local_airflow.serve(options.port)


def _dbt(settings: Settings, options: argparse.Namespace) -> int:
    from sequence_warehouse.build.dbt_build import run_dbt

    return run_dbt(settings, [word for word in options.arguments if word != "--"])


def _metrics(settings: Settings, options: argparse.Namespace) -> int:
    from sequence_warehouse.cli import metrics_command

    return metrics_command.run(settings, [word for word in options.arguments if word != "--"])


def _docs(settings: Settings, options: argparse.Namespace) -> int:
    from sequence_warehouse.build.docs_site import build_site

    print(f"Documentation: {build_site(settings)}")
    return 0


def _prepare_landing(settings: Settings) -> None:
    """Refuse to mix. The bundled sample is simulated, not stored: the same bytes each time."""
    origin.refuse_mixture(settings)
    if settings.landing != origin.SAMPLE:
        return
    if settings.landing.exists():
        origin.mark_simulated(settings.landing)  # it may be older than markers are
        return
    from hubspot_simulator.landing import simulate

    print("Simulating two HubSpot accounts into sample/ ...", flush=True)
    simulate(settings.landing, ["1001", "1002"], enrollments=3000, seed=1)


COMMANDS = {
    "run": _run,
    "extract": _extract,
    "airflow": _airflow,
    "dbt": _dbt,
    "metrics": _metrics,
    "docs": _docs,
}

if __name__ == "__main__":
    sys.exit(main())
