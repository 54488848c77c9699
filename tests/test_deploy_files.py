"""The files of a deployment name only what exists, and keep what must be kept."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

BASE_DIR = Path(__file__).resolve().parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PORTAL_SERVICES = [name for name, service in SERVICES.items() if service.get("image") == "unionportal"]


def variables_read() -> set[str]:
    """The environment variables that the code reads or `.env.example` explains."""
    names: set[str] = set()
    for file in ("settings.py", "postgres.py", "gunicorn.py"):
        source = (BASE_DIR / "unionportal" / file).read_text("utf-8")
        names |= set(re.findall(r"""(?:env(?:\.\w+)?|_secret|environ\.get)\(\s*["']([A-Z_]+)["']""", source))
    return names | example_variables()


def example_variables() -> set[str]:
    return set(re.findall(r"(?m)^#?\s?([A-Z][A-Z_]+)=", (BASE_DIR / ".env.example").read_text("utf-8")))


def stages(dockerfile: str) -> list[list[str]]:
    """The Dockerfile's instructions, by stage, without comments and with continued lines joined."""
    joined = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", dockerfile))
    found: list[list[str]] = []
    for line in filter(None, map(str.strip, joined.splitlines())):
        if line.startswith("FROM "):
            found.append([])
        found[-1].append(line)
    return found


@pytest.fixture(scope="module")
def final_stage() -> list[str]:
    return stages((BASE_DIR / "Dockerfile").read_text("utf-8"))[-1]


@pytest.mark.parametrize("service", PORTAL_SERVICES)
def test_compose_sets_only_variables_that_the_portal_reads(service: str) -> None:
    assert set(SERVICES[service]["environment"]) <= variables_read()


def test_compose_asks_only_for_variables_that_the_example_explains() -> None:
    text = (BASE_DIR / "docker-compose.yml").read_text("utf-8")
    assert set(re.findall(r"\$\{([A-Z_]+)", text)) <= example_variables()


def test_the_dockerfile_sets_only_variables_that_something_reads(final_stage: list[str]) -> None:
    named = {
        name
        for line in final_stage
        if line.startswith("ENV ")
        for name in re.findall(r"\b([A-Z_]+)=", line.removeprefix("ENV "))
    }
    assert named - {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"} <= variables_read()


def test_every_secret_that_production_demands_is_explained_in_the_example() -> None:
    source = (BASE_DIR / "unionportal" / "settings.py").read_text("utf-8")
    demanded = set(re.findall(r'_secret\("([A-Z_]+)"', source)) | {"DATABASE_URL", "ALLOWED_HOSTS"}
    assert demanded <= example_variables()


def test_the_portal_comes_with_database_worker_migration_and_proxy() -> None:
    assert set(SERVICES) == {"database", "migrate", "web", "worker", "proxy"}


@pytest.mark.parametrize("service", sorted(set(SERVICES) - {"migrate"}))
def test_every_lasting_service_has_a_health_check_and_comes_back_after_a_crash(service: str) -> None:
    assert SERVICES[service]["healthcheck"]["test"]
    assert SERVICES[service]["restart"] == "unless-stopped"


def test_data_and_uploads_lie_in_named_volumes() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or (BASE_DIR / source).exists(), volume
    assert "database:/var/lib/postgresql/data" in SERVICES["database"]["volumes"]
    for service in ("web", "worker"):
        data_dir = SERVICES[service]["environment"]["PORTAL_DATA_DIR"]
        assert f"data:{data_dir}" in SERVICES[service]["volumes"]


def test_only_the_proxy_is_reachable_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if service.get("ports")] == ["proxy"]


def test_nothing_starts_before_the_tables_are_there() -> None:
    for service in ("web", "worker"):
        assert SERVICES[service]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_the_proxy_overwrites_the_headers_that_the_portal_believes() -> None:
    caddyfile = (BASE_DIR / "deploy" / "Caddyfile").read_text("utf-8")
    assert "header_up X-Forwarded-For {remote_host}" in caddyfile
    assert "header_up X-Forwarded-Proto {scheme}" in caddyfile
    assert SERVICES["web"]["environment"]["PROXY_COUNT"] == "1"


def test_the_container_runs_as_an_ordinary_user(final_stage: list[str]) -> None:
    users = [line.removeprefix("USER ") for line in final_stage if line.startswith("USER ")]
    assert users and users[-1] not in {"root", "0"}
    last_write = max(number for number, line in enumerate(final_stage) if line.startswith(("RUN ", "COPY ")))
    assert last_write < final_stage.index(f"USER {users[-1]}")


def test_the_container_runs_gunicorn_as_the_demonstration_does(final_stage: list[str]) -> None:
    command = final_stage[-1]
    serve = (BASE_DIR / "unionportal" / "management" / "commands" / "serve.py").read_text("utf-8")
    assert command.startswith("CMD ") and "python:unionportal.gunicorn" in command
    assert "python:unionportal.gunicorn" in serve


def test_no_secret_and_no_data_can_get_into_the_image() -> None:
    lines = (BASE_DIR / ".dockerignore").read_text("utf-8").split()
    assert lines[0] == "*"
    let_in = {line[1:] for line in lines if line.startswith("!")}
    assert not let_in & {".env", ".git", ".venv", "media", "tests"}
    assert all((BASE_DIR / name).exists() for name in let_in)


def test_the_throwaway_secrets_satisfy_production() -> None:
    done = subprocess.run(
        [BASE_DIR / "deploy" / "with-throwaway-secrets", "env"], capture_output=True, text=True, check=True
    )
    values = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    assert values["PORTAL_ENV"] == "production"
    assert len(values["SECRET_KEY"]) >= 50
    assert len(values["PRIVACY_HASH_KEY"]) >= 40
