"""An Airflow of the project's own: metadata in ``.airflow``, nothing outside the project touched."""

from __future__ import annotations

import os
from pathlib import Path

from sequence_warehouse.settings import PROJECT

POOL = "duckdb_writer"


def environment(home: Path = PROJECT / ".airflow") -> dict[str, str]:
    """Variables for every Airflow process of this project; set before airflow is imported."""
    variables = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "2",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "DO_NOT_TRACK": "1",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "GX_ANALYTICS_ENABLED": "false",
    }
    paths = [str(PROJECT), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    variables["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))
    return variables


def prepare(home: Path = PROJECT / ".airflow") -> None:
    """Set the environment and create the metadata database, once for each version of Airflow."""
    from importlib.metadata import version

    os.environ.update(environment(home))
    marker = home / f"metadata-{version('apache-airflow')}"
    if marker.exists():
        return
    home.mkdir(parents=True, exist_ok=True)
    from airflow.models.pool import Pool
    from airflow.utils.db import upgradedb

    upgradedb()
    Pool.create_or_update_pool(
        POOL, slots=1, description="DuckDB has one writer", include_deferred=False
    )
    marker.touch()
