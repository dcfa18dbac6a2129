from __future__ import annotations

import copy
from typing import Any

import click
import jsonschema
import kubernetes_validate
import pytest

from deploy.manifests import FOLDER, SCALED_OBJECT, containers, kustomizations, objects, of_kind, pods, volumes
from producers.rss.feeds import load_feeds
from streams import topics
from streams.cli.main import cli
from streams.settings import PREFIX, Settings, load, table

OLDEST, NEWEST = "1.30", "1.37"
"""The oldest version that some cloud still runs, and the newest that schemas are at hand for."""
OWN = [(name, item) for name, item in objects() if not item["apiVersion"].startswith("keda.sh/")]
PAGES = {"worker": "/readyz", "page": "/readyz", "webhooks": "/readyz"}
SCALER = next(iter(of_kind("ScaledObject")))


def base_settings() -> dict[str, str]:
    lines = (FOLDER / "base/settings.env").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line)


def variables(container: dict[str, Any]) -> dict[str, str]:
    own = {item["name"]: item["value"] for item in container.get("env", ())}
    return {**base_settings(), **own}


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize(("name", "item"), OWN, ids=[name for name, _ in OWN])
def test_every_object_follows_the_schemas_of_kubernetes(name: str, item: dict[str, Any], version: str) -> None:
    kubernetes_validate.validate(item, version, strict=True)


def test_the_schemas_would_notice_a_mistake() -> None:
    wrong = copy.deepcopy(next(iter(of_kind("Deployment"))))
    wrong["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, NEWEST, strict=True)


def test_the_autoscaler_has_only_fields_that_keda_documents() -> None:
    jsonschema.validate(SCALER, SCALED_OBJECT)
    wrong = copy.deepcopy(SCALER)
    wrong["spec"]["triggers"][0]["metadata"]["lagTreshold"] = "1"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, SCALED_OBJECT)


def test_the_autoscaler_looks_at_our_group_and_topic_and_stops_at_the_partitions() -> None:
    (trigger,) = SCALER["spec"]["triggers"]
    assert trigger["metadata"]["consumerGroup"] == Settings().group
    assert trigger["metadata"]["topic"] == topics.full_name(Settings(), topics.ARTICLES)
    assert trigger["metadata"]["bootstrapServers"] == base_settings()["DETENTE_BOOTSTRAP_SERVERS"]
    assert SCALER["spec"]["maxReplicaCount"] == int(base_settings()["DETENTE_PARTITIONS"])
    assert SCALER["spec"]["scaleTargetRef"]["name"] in {item["metadata"]["name"] for item in of_kind("Deployment")}


@pytest.mark.parametrize("folder", kustomizations())
def test_every_file_is_named_in_its_kustomization(folder: str) -> None:
    found = kustomizations()[folder]
    generated = found.get("configMapGenerator", ())
    named = {*found["resources"]}
    named |= {name for one in generated for name in (*one.get("envs", ()), *one.get("files", ()))}
    here = FOLDER / folder
    assert named - {"../base"} == {path.name for path in here.iterdir() if path.name != "kustomization.yaml"}
    assert all((here / name).exists() for name in named)


def test_what_pods_take_settings_and_files_from_is_made() -> None:
    generated = {one["name"] for one in kustomizations()["base"]["configMapGenerator"]}
    used = {
        source["configMapRef"]["name"]
        for container in containers().values()
        for source in container["envFrom"]
        if "configMapRef" in source
    }
    used |= {
        volume["configMap"]["name"]
        for pod in pods().values()
        for volume in pod.get("volumes", ())
        if "configMap" in volume
    }
    assert used == generated
    claims = {item["metadata"]["name"] for item in of_kind("PersistentVolumeClaim")}
    assert {volume["claimName"] for volume in volumes("persistentVolumeClaim")} == claims


@pytest.mark.parametrize("name", containers())
def test_every_setting_exists_and_has_an_allowed_value(name: str) -> None:
    given = variables(containers()[name])
    assert given.keys() <= {row.variable for row in table()}
    assert all(variable.startswith(PREFIX) for variable in given)
    load(environ=given)


@pytest.mark.parametrize("name", containers())
def test_every_container_runs_a_command_that_exists(name: str) -> None:
    first = containers()[name]["args"][0]
    assert cli.get_command(click.Context(cli), first) is not None


@pytest.mark.parametrize("name", pods())
def test_every_pod_runs_hardened(name: str) -> None:
    pod = pods()[name]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in pod["containers"]:
        own = container["securityContext"]
        assert own["readOnlyRootFilesystem"] is True
        assert own["allowPrivilegeEscalation"] is False
        assert own["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}


@pytest.mark.parametrize("item", of_kind("Deployment"), ids=lambda item: item["metadata"]["name"])
def test_every_service_is_probed_where_it_listens(item: dict[str, Any]) -> None:
    (container,) = item["spec"]["template"]["spec"]["containers"]
    name = item["metadata"]["name"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    for kind in ("startupProbe", "livenessProbe"):
        assert container[kind]["httpGet"]["port"] in ports
    if name in PAGES:
        assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
        assert container["readinessProbe"]["httpGet"]["path"] == PAGES[name]
    settings = load(environ=variables(container)).settings
    listens = {
        "worker": settings.metrics_port,
        "rss": settings.rss_metrics_port,
        "page": settings.page_port,
        "webhooks": settings.webhook_metrics_port,
    }
    assert set(ports.values()) == {listens[name]}
    assert (settings.page_host if name == "page" else settings.metrics_host) == "0.0.0.0"  # noqa: S104 - inside a pod
    assert item["spec"]["template"]["metadata"]["annotations"]["prometheus.io/port"] == str(listens[name])


@pytest.mark.parametrize("item", of_kind("Deployment", "PodDisruptionBudget", "Job"), ids=lambda item: item["kind"])
def test_selectors_find_their_pods(item: dict[str, Any]) -> None:
    labels = [one["spec"]["template"]["metadata"]["labels"] for one in of_kind("Deployment", "Job")]
    selector = item["spec"].get("selector")
    if selector is not None:
        assert selector["matchLabels"] in labels
    else:
        assert item["spec"]["template"]["metadata"]["labels"] in labels


def test_a_worker_gets_the_time_to_finish_its_batch() -> None:
    assert pods()["worker"]["terminationGracePeriodSeconds"] > Settings().shutdown_timeout


def test_who_writes_has_somewhere_to_write() -> None:
    container = containers()["rss"]
    mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    settings = load(environ=variables(container)).settings
    assert settings.data_dir in mounts
    assert str(settings.rss_feeds).rpartition("/")[0] in mounts


def test_the_feeds_that_come_along_can_be_read() -> None:
    assert load_feeds(FOLDER / "base/feeds.toml")
