from __future__ import annotations

import json
from typing import Any

from streams.cli.settings import markdown
from streams.settings import MASK, Settings, table

SECRET = "hunter2"  # noqa: S105 - of no use anywhere


def test_every_setting_is_shown_with_where_it_came_from(detente: Any) -> None:
    done = detente("settings", settings=Settings(partitions=3))
    assert done.returncode == 0
    lines = {line.split()[0]: line for line in done.stdout.splitlines() if line[:1].strip()}
    assert {row.name for row in table()} <= lines.keys()
    assert "environment" in lines["partitions"]
    assert "default" in lines["topic_prefix"]


def test_json_tells_the_same_and_masks_secrets(detente: Any) -> None:
    done = detente("--set", "group=mine", "settings", "--json", settings=Settings(sasl_password=SECRET))
    found = {row["name"]: row for row in json.loads(done.stdout)}
    assert (found["group"]["value"], found["group"]["source"]) == ("mine", "option")
    assert (found["sasl_password"]["value"], found["sasl_password"]["source"]) == (MASK, "environment")
    assert found["ssl_password"]["value"] == ""
    assert SECRET not in done.stdout


def test_plain_output_masks_secrets_too(detente: Any) -> None:
    done = detente("settings", settings=Settings(sasl_password=SECRET))
    assert SECRET not in done.stdout + done.stderr
    assert MASK in done.stdout


def test_docs_have_a_row_for_each_setting() -> None:
    told = markdown().splitlines()
    assert len(told) == 2 + len(table())
    assert all(line.count("|") - line.count("\\|") == 6 for line in told)


def test_a_misspelt_setting_is_an_error_with_a_suggestion(detente: Any) -> None:
    done = detente("--set", "partitons=4", "settings")
    assert done.returncode == 2
    assert "Did you mean partitions?" in done.stderr
