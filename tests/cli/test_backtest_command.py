"""``detente backtest`` and ``detente rules`` as users run them."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from streams.cli.main import cli
from streams.errors import InputError

GOLD = Path(__file__).parents[1] / "gold" / "syria_timeline.jsonl"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, standalone_mode=False)


def test_same_input_same_bytes() -> None:
    first, second = (run("backtest", str(GOLD), "--from-labels", "--json") for _ in range(2))
    assert first.exception is None
    assert first.stdout == second.stdout
    rows = [json.loads(line) for line in first.stdout.splitlines()]
    alerts = [row for row in rows if row["record"] == "alert"]
    events = [row for row in rows if row["record"] == "event"]
    assert {"kind", "watch", "article_id", "event"} <= set(alerts[0])
    assert {"event_id", "type", "parties", "status", "date"} <= set(alerts[0]["event"])
    assert events[0]["reports"][0]["article_id"].startswith("syr-")


def test_people_get_tables() -> None:
    shown = run("backtest", str(GOLD), "--from-labels").stdout
    assert "120 articles" in shown
    assert "rapprochement index of syria" in shown


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.toml"
    path.write_text(resources.files("streams.rules").joinpath("example.toml").read_text("utf-8"), "utf-8")
    return path


def test_the_bundled_rules_pass_their_own_examples(rules: Path) -> None:
    assert "desk" in run("rules", "check", str(rules)).stdout
    told = run("rules", "test", str(rules))
    assert "0 wrong" in told.stdout


def test_a_wrong_example_fails(rules: Path) -> None:
    rules.write_text(rules.read_text("utf-8").replace("raised = false", "raised = true", 1), "utf-8")
    told = run("rules", "test", str(rules))
    assert told.return_value == 1
    assert "WRONG" in told.stdout


def test_backtest_shows_what_rules_tell(rules: Path) -> None:
    rows = run("backtest", str(GOLD), "--from-labels", "--json", "--rules", str(rules)).stdout.splitlines()
    found = [json.loads(row) for row in rows]
    noise = {row["subscription"]: row for row in found if row["record"] == "noise"}
    assert noise["desk"]["matched"] > noise["desk"]["held_back"] > 0
    assert any(row["record"] == "delivery" for row in found)
    assert "messages a week" in run("backtest", str(GOLD), "--from-labels", "--rules", str(rules)).stdout


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("kinds =", "kind =", "Did you mean kinds"),
        ('"TUR"', '"TURKEY"', "no code of an actor"),
        ('watches = ["syria"]', 'watches = ["syrai"]', "syrai"),
        ('cooldown = "6h"', 'cooldown = "six"', "is no time"),
        ("min_confidence = 0.6", "min_confidence = 6", "between 0 and 1"),
        ('name = "embassies"', 'name = "desk"', "two subscriptions"),
        ("# Alert rules", "colour = 1\n# Alert rules", "no such key"),
        ("[subscription.match]", "[subscription.match", "not valid TOML"),
    ],
)
def test_bad_rules_are_told_with_their_place(rules: Path, old: str, new: str, told: str) -> None:
    rules.write_text(rules.read_text("utf-8").replace(old, new), "utf-8")
    error = run("rules", "check", str(rules)).exception
    assert isinstance(error, InputError)
    assert told in str(error)
    assert str(rules) in str(error)


def test_bad_labels_are_told_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text('{"id": "x"}\n', "utf-8")
    error = run("backtest", str(path), "--from-labels").exception
    assert isinstance(error, InputError)
    assert f"{path}:1" in str(error)


def test_steps_are_scored_from_labels_and_from_the_coder() -> None:
    steps = GOLD.with_name("syria_steps.jsonl")
    shown = run("evaluate", "--steps", str(steps), str(GOLD), "--json", "--reader", "rules")
    found = json.loads(shown.stdout)
    assert found["labels"]["recall"] >= 0.97
    assert 0 < found["coder"]["recall"] <= 1
