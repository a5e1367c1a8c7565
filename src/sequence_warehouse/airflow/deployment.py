"""Small commands of docker-compose.yml.

python -m sequence_warehouse.airflow.deployment             write the administrator's password file
python -m sequence_warehouse.airflow.deployment <address>   exit status 0 when Airflow's API there is healthy
"""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from pathlib import Path

from sequence_warehouse.airflow.local_airflow import USER, write_private


def write_password() -> None:
    """ADMIN_PASSWORD becomes the password of the web page and the API, also when it was another one."""
    path = Path(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private(path, json.dumps({USER: os.environ["ADMIN_PASSWORD"]}))


def is_healthy(address: str) -> bool:
    """Whether the API answers and reaches its database; the other processes have checks of their own."""
    try:
        with urllib.request.urlopen(f"{address}/api/v2/monitor/health", timeout=5) as answer:
            return bool(json.load(answer)["metadatabase"]["status"] == "healthy")
    except (OSError, ValueError, KeyError):
        return False


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(0 if is_healthy(sys.argv[1]) else 1)
    write_password()
