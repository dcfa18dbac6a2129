"""The gate on quality: it holds, it fails, and it knows what it was measured on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import Detente
from streams.cli import _floors
from streams.errors import DetenteError, InputError

GOLD = Path(__file__).parents[1] / "gold" / "origins.jsonl"
MEASURES = {"stance macro F1": (0.5, None, None)}


@pytest.fixture
def floors(tmp_path: Path) -> Path:
    path = tmp_path / "floors.toml"
    digest = _floors.data_digest([str(GOLD)])
    path.write_text(f'[rules]\ndata = "{digest}"\nmodel = ""\n[rules.least]\n"stance macro F1" = 0.5\n')
    return path


def test_scores_at_their_floors_pass(floors: Path) -> None:
    (line,) = _floors.require(str(floors), "rules", [str(GOLD)], MEASURES)
    assert "stance macro F1" in line


def test_a_score_under_its_floor_fails_and_is_named(floors: Path) -> None:
    with pytest.raises(DetenteError, match=r"stance macro F1 is 0\.499, not 0\.500"):
        _floors.require(str(floors), "rules", [str(GOLD)], {"stance macro F1": (0.499,)})


def test_floors_for_other_data_or_another_reader_are_no_floors(floors: Path, tmp_path: Path) -> None:
    other = tmp_path / "origins.jsonl"
    other.write_bytes(GOLD.read_bytes() + b"\n")
    with pytest.raises(InputError, match=r"rules\.data"):
        _floors.require(str(floors), "rules", [str(other)], MEASURES)
    with pytest.raises(InputError, match="blend: no floors"):
        _floors.require(str(floors), "blend", [str(GOLD)], MEASURES)


def test_a_floor_under_an_unknown_measure_is_an_error(floors: Path) -> None:
    floors.write_text(floors.read_text() + '"beauty" = 0.9\n')
    with pytest.raises(InputError, match="beauty"):
        _floors.require(str(floors), "rules", [str(GOLD)], MEASURES)


def test_the_digest_does_not_depend_on_folder_or_order(tmp_path: Path) -> None:
    copies = [tmp_path / name for name in ("a.jsonl", "b.jsonl")]
    for copy in copies:
        copy.write_bytes(GOLD.read_bytes())
    paths = [str(copy) for copy in copies]
    assert _floors.data_digest(paths) == _floors.data_digest(paths[::-1])


def test_the_command_exits_by_the_gate(detente: Detente, floors: Path) -> None:
    arguments = ("evaluate", GOLD, "--reader", "rules", "--boot", "0", "--json", "--floors", floors)
    done = detente(*arguments)
    value = json.loads(done.stdout)["splits"]["all"]["measures"]["stance macro F1"][0]
    floors.write_text(floors.read_text().replace("= 0.5", f"= {value - 0.01}"))
    assert detente(*arguments).returncode == 0
    floors.write_text(floors.read_text().replace(f"= {value - 0.01}", "= 1.01"))
    done = detente(*arguments)
    assert done.returncode == 1
    assert "reads worse than its floors" in done.stderr
