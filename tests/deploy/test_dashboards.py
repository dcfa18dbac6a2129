"""Dashboards, rules and docs tell of the metrics that the code declares: no more, and no less."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.expressions import GRAFANA, ROOT, asked, declared, module, rules

BOARDS = module("panels").BOARDS
UNPLOTTED = module("panels").UNPLOTTED
FILES = sorted((GRAFANA / "dashboards").glob("*.json"))


def expressions() -> list[str]:
    return [
        expression for board in BOARDS for _, panels in board.rows for panel in panels for expression, _ in panel.series
    ]


def test_the_files_are_what_the_generator_makes() -> None:
    wanted: dict[str, str] = module("generate").files()
    found = {path.name: path.read_text(encoding="utf-8") for path in FILES}
    assert found == wanted, "run `make generated`"


def test_the_list_of_metrics_is_fresh() -> None:
    # In a process of its own: whatever ran here before has left its own labels among the declared ones.
    page = subprocess.run([sys.executable, "-m", "streams.metrics_docs"], capture_output=True, text=True, check=True)
    assert (ROOT / "deploy/METRICS.md").read_text(encoding="utf-8") == page.stdout, "run `make generated`"


def test_dashboards_and_rules_ask_for_what_exists() -> None:
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    known = set(declared()) | recorded
    for expression in [*expressions(), *(rule["expr"] for rule in rules())]:
        assert asked(expression) <= known, expression


def test_every_metric_is_on_a_panel_or_left_out_with_a_reason() -> None:
    by_name = {rule["record"]: rule["expr"] for rule in rules() if "record" in rule}
    names = {name for expression in expressions() for name in asked(expression)}
    names |= {name for record in names & set(by_name) for name in asked(by_name[record])}
    shown = {declared()[name] for name in names if name in declared()}
    every = set(declared().values())
    assert every - shown == set(UNPLOTTED)
    assert all(UNPLOTTED.values())


def test_every_recorded_series_is_used() -> None:
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    texts = [*expressions(), *(rule["expr"] for rule in rules())]
    assert {name for text in texts for name in asked(text)} >= recorded


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_dashboards_are_provisioned_and_laid_out(path: Any) -> None:
    board = json.loads(path.read_text(encoding="utf-8"))
    source = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text())["datasources"][0]
    assert source["url"] == "http://prometheus:9090"
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        if panel["type"] in ("row", "news"):
            continue
        assert panel["datasource"]["uid"] == source["uid"]
        assert panel["targets"]
        assert panel["description"]
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells)), "panels overlap"


def lost(given: Any, kept: Any, place: str = "") -> list[str]:
    """Return the places in ``given`` that ``kept`` tells otherwise or not at all."""
    if isinstance(given, dict) and isinstance(kept, dict):
        return [found for key in given for found in lost(given[key], kept.get(key), f"{place}/{key}")]
    if isinstance(given, list) and isinstance(kept, list) and len(given) == len(kept):
        return [
            found
            for number, pair in enumerate(zip(given, kept, strict=True))
            for found in lost(*pair, f"{place}/{number}")
        ]
    return [] if given == kept else [place]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_grafana_s_own_types_know_every_field(path: Any) -> None:
    """A field that Grafana does not have, or a value of a wrong type, would not come back from its types."""
    register_default_plugins()
    board = json.loads(path.read_text(encoding="utf-8"))
    kept = json.loads(JSONEncoder().encode(Dashboard.from_json(board)))
    assert lost(board, kept) == []
    board["panels"][1]["options"]["colour"] = "blue"
    kept = json.loads(JSONEncoder().encode(Dashboard.from_json(board)))
    assert lost(board, kept) == ["/panels/1/options/colour"]
