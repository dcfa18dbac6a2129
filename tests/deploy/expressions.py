"""Which metrics an expression asks for, and what must be known to ask for it."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from streams.metrics_docs import described

ROOT = Path(__file__).parents[2]
GRAFANA = ROOT / "deploy/grafana"
_NAME = re.compile(r"\b(?:[a-z_0-9]+:)*detente_\w+(?::\w+)?|\bdetente:[a-z_0-9:]+")


def asked(expression: str) -> set[str]:
    """Return the metrics and recorded series of ours in ``expression``, labels' values left out."""
    return set(_NAME.findall(re.sub(r'"[^"]*"', '""', expression)))


def declared() -> dict[str, str]:
    """Return the names that may be asked for, each with the metric that it belongs to."""
    names = {}
    for metric in described():
        endings = ("_bucket", "_sum", "_count") if metric.kind == "histogram" else ("",)
        names.update({metric.name + ending: metric.name for ending in endings})
    return names


def rules() -> list[dict[str, Any]]:
    """Return all rules of Prometheus."""
    paths = sorted((ROOT / "deploy/prometheus/rules").glob("*.yml"))
    groups = [group for path in paths for group in yaml.safe_load(path.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"]]


def module(name: str) -> ModuleType:
    """Return a script of deploy/grafana as a module."""
    sys.path.insert(0, str(GRAFANA))
    try:
        spec = importlib.util.spec_from_file_location(name, GRAFANA / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        found = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(found)
    finally:
        sys.path.remove(str(GRAFANA))
    return found
