"""docker-compose.yml, Dockerfile and .env: valid by their own tools, and without a secret of their own."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import compose_spec
import pytest
import yaml

from sequence_warehouse.config.project import PROJECT
from tests.deployment import compose

FILE = PROJECT / "docker-compose.yml"
REQUIRED = ("POSTGRES_PASSWORD", "ADMIN_PASSWORD", "FERNET_KEY", "JWT_SECRET", "API_SECRET_KEY")


@pytest.fixture
def deployment(tmp_path) -> Path:
    """A folder with the file and new secrets."""
    shutil.copy(FILE, tmp_path)
    subprocess.run([PROJECT / "scripts/new_env.sh", tmp_path], check=True, capture_output=True)
    return tmp_path


def test_the_file_follows_the_compose_specification(deployment) -> None:
    # the parser does not fill in variables
    content = yaml.safe_dump(compose.read(compose.env_file(deployment / ".env")))
    parsed = compose_spec.PyCompose.from_yaml(content)
    assert set(parsed.service_names()) == {
        "postgres",
        "init",
        "api-server",
        "scheduler",
        "dag-processor",
        "triggerer",
    }


def test_the_compose_tool_reads_it_as_the_tests_do(deployment) -> None:
    """With the tool where it is installed; the tests' own reading is checked in any case."""
    services = compose.read(compose.env_file(deployment / ".env"))["services"]
    assert services["scheduler"]["environment"]["SEQUENCE_WAREHOUSE_HOME"] == "/data/warehouse"
    tool = shutil.which("docker-compose")
    if tool is None:
        print("docker-compose is not installed: only the specification's parser has read the file")
        return
    made = subprocess.run([tool, "config"], cwd=deployment, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    resolved = yaml.safe_load(made.stdout)["services"]
    for name, service in services.items():
        assert set(service["environment"].items()) <= set(resolved[name]["environment"].items()), name
        # `config` writes a dollar sign as two, so that its output is a file again
        assert service.get("command") == resolved[name].get("command"), name


@pytest.mark.parametrize("name", REQUIRED)
def test_a_secret_has_no_default(name, deployment) -> None:
    variables = compose.env_file(deployment / ".env")
    assert len(variables.pop(name)) >= 20
    with pytest.raises(ValueError, match=f"{name}: run scripts/new_env.sh first"):
        compose.read(variables)


def test_secrets_are_new_each_time_private_and_never_made_twice(deployment, tmp_path_factory) -> None:
    before = (deployment / ".env").read_text()
    other = tmp_path_factory.mktemp("other")
    for folder in (deployment, other):
        subprocess.run([PROJECT / "scripts/new_env.sh", folder], check=True, capture_output=True)
    assert (deployment / ".env").read_text() == before
    mine, theirs = (compose.env_file(folder / ".env") for folder in (deployment, other))
    assert not set(mine.values()) & set(theirs.values())
    for name in (".env", "connections.env"):
        assert (deployment / name).stat().st_mode & 0o077 == 0
        assert f"/{name}" in (PROJECT / ".gitignore").read_text().split()


def test_airflow_runs_without_root_and_only_on_loopback_from_outside(deployment) -> None:
    services = compose.read(compose.env_file(deployment / ".env"))["services"]
    for name in set(services) - {"postgres"}:
        assert services[name]["user"] == "10001:10001" and services[name]["cap_drop"] == ["ALL"]
    for name in ("scheduler", "triggerer"):
        assert "--skip-serve-logs" in services[name]["command"], "no log server"
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports == ["127.0.0.1:8080:8080"]
    images = re.findall(
        r"^(?:FROM|    image:) (\S+)", (PROJECT / "Dockerfile").read_text() + FILE.read_text(), re.M
    )
    assert images and all(re.search(r":\d+\.\d+", image) for image in images), "pinned by version"


def test_what_a_process_of_the_image_writes_is_readable_by_its_user_alone() -> None:
    (line,) = re.findall(r"^ENTRYPOINT (.+)$", (PROJECT / "Dockerfile").read_text(), re.M)
    command = [*json.loads(line), "sh", "-c", 'umask; echo "$1"', "sh", "one 'argument' $HOME"]
    made = subprocess.run(command, check=True, capture_output=True, text=True)
    assert made.stdout == "0077\none 'argument' $HOME\n"


def test_the_dockerfile_has_no_fault_that_its_linter_knows() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    made = subprocess.run([linter, PROJECT / "Dockerfile"], capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr


def test_what_the_image_copies_is_there_and_not_ignored() -> None:
    allowed = {line[1:] for line in (PROJECT / ".dockerignore").read_text().split() if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (PROJECT / "Dockerfile").read_text(), re.M)
    names = {name for line in copied for name in line.split()}
    assert names == allowed
    assert all((PROJECT / name).exists() for name in names)
