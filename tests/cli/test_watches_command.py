from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from streams.settings import Settings
from streams.watches.registry import load_watches


def test_list_shows_every_watch_and_finds_words(detente: Any) -> None:
    done = detente("watches", "list", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["id"] for row in rows] == list(load_watches())
    found = detente("watches", "list", "iran", "saudi")
    assert found.returncode == 0
    assert "IRN-SAU" in found.stdout
    assert "syria" not in found.stdout
    assert detente("watches", "list", "atlantis").returncode == 2


def test_show_tells_sides_and_allies(detente: Any) -> None:
    done = detente("watches", "show", "syria")
    assert "Russia (RUS) until 2024-12-08" in done.stdout
    assert "every pair" in detente("watches", "show", "world").stdout
    assert json.loads(detente("watches", "show", "TUR-EGY", "--json").stdout)["first"] == "EGY"


def test_an_unknown_watch_is_an_error_with_near_ones(detente: Any) -> None:
    done = detente("watches", "show", "siria")
    assert done.returncode == 2
    assert "Near: syria" in done.stderr
    assert "Traceback" not in done.stderr


def test_check_names_file_and_field(detente: Any, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text('first = "XYZ"')
    done = detente("watches", "check", bad)
    assert done.returncode == 2
    assert f"{bad}: first: unknown actor code 'XYZ'" in done.stderr
    assert detente("watches", "check").returncode == 0


def test_own_watches_come_from_the_folder_in_the_settings(detente: Any, tmp_path: Path) -> None:
    (tmp_path / "gulf.toml").write_text('id = "gulf"\ntitle = "Qatar and anybody"\nfirst = "QAT"')
    done = detente("watches", "list", "gulf", settings=Settings(watches_dir=str(tmp_path)))
    assert "gulf" in done.stdout
    assert "watches_dir" in done.stdout
