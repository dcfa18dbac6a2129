from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from streams.cli.main import cli

GOLD = Path(__file__).parents[1] / "gold"


def run(*args: str):
    return CliRunner().invoke(cli, ["evaluate", "--reader", "rules", "--boot", "20", *args])


def test_scores_of_a_labelled_file() -> None:
    result = run(str(GOLD / "origins.jsonl"), "--json", "--by-watch")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["articles"] == 6
    assert set(found["splits"]) == {"all", "syria"}
    value, low, high = found["splits"]["all"]["measures"]["stance holder+stance F1"]
    assert 0 <= low <= value <= high <= 1
    assert set(found["confusion"]) == {"favor", "against", "conditional", "none"}
    assert all(article["errors"] for article in found["worst"])


def test_the_report_for_people_names_measures_and_worst_articles() -> None:
    output = run(str(GOLD / "origins.jsonl")).stdout
    for words in ("stance macro F1", "event type+parties+status", "evidence same sentence", "as labelled", "missed:"):
        assert words in output


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"id": "a", "text": "x", "published_at": "2023-01-01T00:00:00Z"}', "watch"),
        ("{", "not JSON"),
        ('{"id": "a", "watch": "AAA-BBB", "text": "x", "published_at": "2023-01-01T00:00:00Z"}', "AAA-BBB"),
    ],
)
def test_a_line_that_is_no_labelled_article(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(content + "\n", encoding="utf-8")
    result = run(str(path))
    assert result.exception is not None
    assert f"{path}:1" in str(result.exception)
    assert message in str(result.exception)


def test_no_file() -> None:
    result = run("nowhere.jsonl")
    assert "nowhere.jsonl" in str(result.exception)


def coded(tmp_path: Path, *rows: object) -> str:
    path = tmp_path / "codings.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    return str(path)


def test_codings_of_models_that_had_not_seen_the_article_are_scored_as_they_are(tmp_path: Path) -> None:
    labels = json.loads((GOLD / "origins.jsonl").read_text(encoding="utf-8").splitlines()[0])
    stances = [{**stance, "confidence": 0.9} for stance in labels["stances"]]
    events = [{**event, "confidence": 0.9} for event in labels["events"]]
    file = coded(tmp_path, {"id": labels["id"], "stances": stances, "events": events})
    found = json.loads(run(str(GOLD / "origins.jsonl"), "--leave-out", file, "--json").stdout)
    assert found["articles"] == 1
    assert found["splits"]["all"]["measures"]["event type+parties+status F1"][0] == 1.0
    assert found["reliability"]["stances"]["error"] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("row", "message"),
    [({"id": "x"}, "stances"), ({"id": "x", "stances": 1, "events": []}, "lists"), ([], "no coding")],
)
def test_a_line_that_is_no_coding(tmp_path: Path, row: object, message: str) -> None:
    result = run(str(GOLD / "origins.jsonl"), "--leave-out", coded(tmp_path, row))
    assert f"{tmp_path / 'codings.jsonl'}:1" in str(result.exception)
    assert message in str(result.exception)


def test_codings_of_other_articles(tmp_path: Path) -> None:
    file = coded(tmp_path, {"id": "elsewhere", "stances": [], "events": []})
    assert "no coding of any" in str(run(str(GOLD / "origins.jsonl"), "--leave-out", file).exception)
