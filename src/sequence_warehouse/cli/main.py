"""The command ``sequence-warehouse``, which make calls: one sub-command for each thing that a person does."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from sequence_warehouse.cli import metrics_command
from sequence_warehouse.cli.options import ConfigOption, LandingOption, RefreshOption, WarehouseOption
from sequence_warehouse.config.errors import UsageError, UserError
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.storage import permissions

RUN, LOOK, DEVELOP = "Run", "Look", "Develop"

app = typer.Typer(
    name="sequence-warehouse",
    help="Turn raw HubSpot sales-sequence events into validated, published reports.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(metrics_command.app, name="metrics", rich_help_panel=LOOK)


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 0, 1 with the reason in one line, 2 when nothing was even begun."""
    permissions.keep_private()
    try:
        return app(args=arguments, standalone_mode=False) or 0
    except typer.TyperException as error:
        print(f"error: {error.format_message()}", file=sys.stderr)
        return 2  # the command line cannot be meant
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_status
    except OSError as error:
        print(f"error: {error.strerror}: {error.filename}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, typer.Abort):
        print("error: stopped; the last publication stands.", file=sys.stderr)
        return 130


@app.command(rich_help_panel=RUN)
def run(
    landing: LandingOption = None,
    warehouse: WarehouseOption = None,
    config: ConfigOption = None,
    full_refresh: RefreshOption = None,
) -> None:
    """Load, validate, build, validate and publish, by the Airflow DAG."""
    from sequence_warehouse.cli import landing as landing_folder

    settings = _settings(landing=landing, warehouse=warehouse, config=config, full_refresh=full_refresh)
    landing_folder.prepare(settings)
    from sequence_warehouse.cli import run_command  # seconds of imports

    run_command.check(settings)
    run_command.run(settings)


@app.command(rich_help_panel=RUN)
def extract(
    landing: LandingOption = None,
    portal: Annotated[str | None, typer.Option(help="Folder to land under, as in portal=1001.")] = None,
    sweep: Annotated[bool, typer.Option("--sweep", help="Look back 30 days, as every night.")] = False,
    config: ConfigOption = None,
) -> None:
    """Pull what is new from HubSpot into a landing folder, by the Airflow DAG."""
    from sequence_warehouse.cli import extract_command

    if landing is None:
        raise UsageError("Name the folder to land in, as in: make extract LANDING=landing PORTAL=1001.")
    extract_command.run(_settings(landing=landing, config=config), portal, sweep)


@app.command(rich_help_panel=RUN)
def airflow(
    landing: LandingOption = None,
    warehouse: WarehouseOption = None,
    config: ConfigOption = None,
    full_refresh: RefreshOption = None,
    port: Annotated[int, typer.Option(help="Port of the web page.", min=1, max=65535)] = 8080,
) -> int:
    """Serve Airflow's scheduler and web page on loopback."""
    import os

    from sequence_warehouse.airflow import local_airflow
    from sequence_warehouse.cli import landing as landing_folder

    settings = _settings(landing=landing, warehouse=warehouse, config=config, full_refresh=full_refresh)
    landing_folder.prepare(settings)
    os.environ.update(settings.environment())
    return local_airflow.serve(port, settings.airflow.home)


@app.command(rich_help_panel=LOOK)
def docs(warehouse: WarehouseOption = None, config: ConfigOption = None) -> None:
    """Write the documentation of every table and column, as one page."""
    from sequence_warehouse.build.docs_site import build_site

    print(f"Documentation: {build_site(_settings(warehouse=warehouse, config=config))}")


# what follows is dbt's, options too
@app.command(
    rich_help_panel=DEVELOP,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
def dbt(
    arguments: Annotated[list[str] | None, typer.Argument(help="A command of dbt, with its options.")] = None,
    warehouse: WarehouseOption = None,
    config: ConfigOption = None,
) -> int:
    """Run dbt on a warehouse."""
    from sequence_warehouse.build.dbt_build import run_dbt

    return run_dbt(_settings(warehouse=warehouse, config=config), arguments or [])


def _settings(**arguments: Path | bool | None) -> Settings:
    given: dict[str, Any] = dict(arguments)
    return Settings.from_environment(**given)
