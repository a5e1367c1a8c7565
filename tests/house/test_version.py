"""One version number: the package, the dbt project, the image and the changelog tell the same."""

from __future__ import annotations

import re
import tomllib

import yaml

from sequence_warehouse.config.project import PROJECT


def test_every_place_that_tells_the_version_tells_the_packages():
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]
    image = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["x-airflow"]["image"]
    released = re.findall(r"^## (\d+\.\d+\.\d+)", (PROJECT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["version"] == version
    assert image == f"sequence-warehouse:${{SEQUENCE_WAREHOUSE_VERSION:-{version}}}"
    assert released[0] == version
