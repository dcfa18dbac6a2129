from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest
import yaml

from streams.cli.main import cli
from streams.settings import PREFIX, Settings, load, table

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}


def specification() -> dict[str, Any]:
    """Return the compose specification's JSON Schema, which check-jsonschema carries (it is not imported)."""
    package = importlib.util.find_spec("check_jsonschema")
    assert package is not None
    assert package.origin is not None
    file = Path(package.origin).parent / "builtin_schemas/vendor/compose-spec.json"
    return dict(json.loads(file.read_text(encoding="utf-8")))


def problems(document: dict[str, Any]) -> list[str]:
    schema = specification()
    validator = jsonschema.validators.validator_for(schema)(schema)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def variables() -> list[tuple[str, str, str]]:
    return [
        (service, name, value)
        for service, content in SERVICES.items()
        for name, value in content.get("environment", {}).items()
        if name.startswith(PREFIX)
    ]


def test_the_file_follows_the_compose_specification() -> None:
    assert problems(COMPOSE) == []


def test_the_specification_would_notice_a_mistake() -> None:
    worker = {**SERVICES["worker"], "healtcheck": {}}
    assert problems({**COMPOSE, "services": {**SERVICES, "worker": worker}})


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_a_health_check(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] == "CMD"
    assert not check.get("disable")
    assert check["timeout"]
    assert check["interval"]


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_runs_hardened(name: str) -> None:
    service = SERVICES[name]
    user = service["user"].partition(":")[0]
    assert user.isdecimal()
    assert user != "0"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "no-new-privileges:true" in service["security_opt"]
    assert not service.get("privileged")


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_on_loopback_only(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))
    assert SERVICES[name].get("network_mode") != "host"


def test_no_two_services_take_the_same_port() -> None:
    ports = [port.split(":")[1] for service in SERVICES.values() for port in service.get("ports", [])]
    assert len(ports) == len(set(ports))


def test_every_setting_that_is_passed_exists_and_takes_its_value() -> None:
    assert variables()
    known = {row.variable for row in table()}
    for service, name, value in variables():
        assert name in known, f"{service}: {name}"
        load(environ={name: value})


def test_our_services_use_the_brokers_inner_listener() -> None:
    kafka = SERVICES["kafka"]["environment"]
    listeners = dict(item.split("://") for item in kafka["KAFKA_ADVERTISED_LISTENERS"].split(","))
    assert listeners == {"INTERNAL": "kafka:19092", "HOST": "127.0.0.1:9092"}
    assert {service["environment"][f"{PREFIX}BOOTSTRAP_SERVERS"] for service in OURS.values()} == {"kafka:19092"}
    assert kafka["KAFKA_PROCESS_ROLES"] == "broker,controller"
    assert len(kafka["CLUSTER_ID"]) == 22  # what a Kafka cluster id has


@pytest.mark.parametrize("name", OURS)
def test_our_services_call_commands_that_exist(name: str) -> None:
    commands = cli.list_commands(click.Context(cli))
    assert OURS[name]["command"][0] in commands


def test_images_are_pinned_and_the_broker_is_the_one_that_is_tested() -> None:
    images = [service["image"] for service in SERVICES.values() if "build" not in service]
    assert all(re.fullmatch(r"[a-z/]+:v?\d+\.\d+\.\d+", image) for image in images)
    pom = (ROOT / "tests/kafka/pom.xml").read_text()
    version = re.search(r"<kafka\.version>(.+?)</kafka\.version>", pom)
    assert version is not None
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{version[1]}"


def test_volumes_are_named_and_bound_files_exist() -> None:
    used = set()
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            if isinstance(volume, str):
                used.add(volume.partition(":")[0])
            else:
                assert volume["read_only"] is True
                assert (ROOT / volume["source"]).exists()
    assert used == set(COMPOSE["volumes"])


def test_nothing_of_ours_starts_before_the_topics_are_made() -> None:
    assert SERVICES["topics"]["depends_on"] == {"kafka": {"condition": "service_healthy"}}
    for name, service in OURS.items():
        if name != "topics":
            assert service["depends_on"] == {"topics": {"condition": "service_completed_successfully"}}
    assert SERVICES["topics"]["restart"] == SERVICES["replay"]["restart"] == "no"


def test_replay_and_webhooks_run_only_when_asked_for() -> None:
    asked_for = {name: service["profiles"] for name, service in SERVICES.items() if "profiles" in service}
    assert asked_for == {"replay": ["replay"], "webhooks": ["webhooks"]}


def test_a_worker_has_time_to_stop_in_peace() -> None:
    for service in OURS.values():
        assert float(service["stop_grace_period"].removesuffix("s")) > Settings().shutdown_timeout


def test_the_image_is_made_of_what_the_builder_is_given() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    copied = {word for line in re.findall(r"^COPY (?!--)(.+) \S+$", dockerfile, re.MULTILINE) for word in line.split()}
    given = {line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines() if line[:1] == "!"}
    assert copied == given
    assert all((ROOT / name).exists() for name in copied)
    user = re.search(r"^USER (\S+)$", dockerfile, re.MULTILINE)
    assert user is not None
    assert {service["user"] for service in OURS.values()} == {user[1]}
    for name in re.findall(rf"{PREFIX}\w+", dockerfile):
        assert name in {row.variable for row in table()}


def test_prometheus_scrapes_the_workers_where_they_listen() -> None:
    config = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())
    jobs = {job["job_name"]: job for job in config["scrape_configs"]}
    (found,) = jobs["detente-worker"]["dns_sd_configs"]
    assert found["names"] == ["worker"]
    assert found["port"] == Settings().metrics_port
    assert SERVICES["worker"]["expose"] == [str(Settings().metrics_port)]
    assert f":{Settings().metrics_port}/readyz" in SERVICES["worker"]["healthcheck"]["test"][-1]


@pytest.mark.parametrize(
    ("name", "variable"),
    [("rss", "RSS_METRICS_PORT"), ("page", "PAGE_PORT"), ("webhooks", "WEBHOOK_METRICS_PORT")],
)
def test_prometheus_scrapes_every_process_where_it_listens(name: str, variable: str) -> None:
    config = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())
    (job,) = [job for job in config["scrape_configs"] if job["job_name"] == f"detente-{name}"]
    service = SERVICES[name]
    port = service["environment"][PREFIX + variable]
    if "profiles" in service:
        (found,) = job["dns_sd_configs"]
        assert (found["names"], found["port"]) == ([name], int(port))
    else:
        assert job["static_configs"] == [{"targets": [f"{name}:{port}"]}]
    assert port in service.get("expose", []) or f"127.0.0.1:{port}:{port}" in service["ports"]
    assert f":{port}/readyz" in service["healthcheck"]["test"][-1]
