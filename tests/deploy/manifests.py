"""The Kubernetes manifests as the tests look at them, and what KEDA documents of a ScaledObject."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[2] / "deploy/kubernetes"

_SCALING = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "stabilizationWindowSeconds": {"type": "integer", "minimum": 0, "maximum": 3600},
        "selectPolicy": {"enum": ["Max", "Min", "Disabled"]},
        "policies": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["type", "value", "periodSeconds"],
                "properties": {
                    "type": {"enum": ["Pods", "Percent"]},
                    "value": {"type": "integer", "minimum": 1},
                    "periodSeconds": {"type": "integer", "minimum": 1, "maximum": 1800},
                },
            },
        },
    },
}
_KAFKA_TRIGGER = {
    "type": "object",
    "additionalProperties": False,
    "required": ["bootstrapServers", "consumerGroup", "topic"],
    "properties": {
        name: {"type": "string"}  # KEDA takes texts only, numbers and truths too
        for name in (
            "bootstrapServers", "consumerGroup", "topic", "lagThreshold", "activationLagThreshold", "offsetResetPolicy",
            "allowIdleConsumers", "scaleToZeroOnInvalidOffset", "excludePersistentLag", "limitToPartitionsWithLag",
            "ensureEvenDistributionOfPartitions", "partitionLimitation", "version", "sasl", "tls", "unsafeSsl",
        )
    },
}  # fmt: skip
SCALED_OBJECT: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["apiVersion", "kind", "metadata", "spec"],
    "properties": {
        "apiVersion": {"const": "keda.sh/v1alpha1"},
        "kind": {"const": "ScaledObject"},
        "metadata": {"type": "object", "required": ["name"]},
        "spec": {
            "type": "object",
            "additionalProperties": False,
            "required": ["scaleTargetRef", "triggers"],
            "properties": {
                "scaleTargetRef": {"type": "object", "required": ["name"]},
                "pollingInterval": {"type": "integer", "minimum": 1},
                "cooldownPeriod": {"type": "integer", "minimum": 0},
                "idleReplicaCount": {"type": "integer", "minimum": 0},
                "minReplicaCount": {"type": "integer", "minimum": 0},
                "maxReplicaCount": {"type": "integer", "minimum": 1},
                "fallback": {"type": "object"},
                "advanced": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "restoreToOriginalReplicaCount": {"type": "boolean"},
                        "horizontalPodAutoscalerConfig": {
                            "type": "object",
                            "additionalProperties": False,
                            "properties": {
                                "name": {"type": "string"},
                                "behavior": {
                                    "type": "object",
                                    "additionalProperties": False,
                                    "properties": {"scaleUp": _SCALING, "scaleDown": _SCALING},
                                },
                            },
                        },
                    },
                },
                "triggers": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["type", "metadata"],
                        "properties": {
                            "type": {"const": "kafka"},
                            "name": {"type": "string"},
                            "metricType": {"enum": ["AverageValue", "Value"]},
                            "authenticationRef": {"type": "object", "required": ["name"]},
                            "metadata": _KAFKA_TRIGGER,
                        },
                    },
                },
            },
        },
    },
}
"""The fields that KEDA's documentation (2.17) names for a ScaledObject with a Kafka trigger. Its own definition is no
schema that a package carries; this one is written from the documentation, and refuses whatever that does not name."""


def objects() -> list[tuple[str, dict[str, Any]]]:
    """Return all objects that are no kustomization, each with ``file: kind name``."""
    files = [path for path in sorted(FOLDER.rglob("*.yaml")) if path.name != "kustomization.yaml"]
    found = [(path.relative_to(FOLDER), item) for path in files for item in yaml.safe_load_all(path.read_text("utf-8"))]
    return [(f"{path}: {item['kind']} {item['metadata']['name']}", item) for path, item in found]


def of_kind(*kinds: str) -> list[dict[str, Any]]:
    """Return the objects of these kinds."""
    return [item for _, item in objects() if item["kind"] in kinds]


def pods() -> dict[str, dict[str, Any]]:
    """Return the specification of each pod by its name."""
    return {
        item["metadata"]["name"]: item["spec"]["template"]["spec"]
        for item in of_kind("Deployment", "Job", "StatefulSet")
    }


def volumes(kind: str) -> list[dict[str, Any]]:
    """Return what the pods' volumes of this kind say."""
    return [volume[kind] for pod in pods().values() for volume in pod.get("volumes", ()) if kind in volume]


def containers() -> dict[str, dict[str, Any]]:
    """Return each container by its name."""
    return {container["name"]: container for pod in pods().values() for container in pod["containers"]}


def kustomizations() -> dict[str, dict[str, Any]]:
    """Return each kustomization by its folder."""
    found = sorted(FOLDER.rglob("kustomization.yaml"))
    return {str(path.parent.relative_to(FOLDER)): yaml.safe_load(path.read_text("utf-8")) for path in found}
