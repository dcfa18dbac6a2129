from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from streams.coder.tables import read_entries
from streams.errors import InputError
from streams.watches.codes import BODIES, STATES, is_known, name_of
from streams.watches.registry import (
    MAX_WORLD_PAIRS,
    check_files,
    expand_world,
    load_watches,
    parse_watch,
    resolve,
    split_pair,
)

GOLD = Path(__file__).parents[1] / "gold"
FALL = dt.date(2024, 12, 8)


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return folder


def test_there_are_more_than_sixty_watches_and_each_file_is_named_after_its_watch() -> None:
    watches = load_watches()
    assert len(watches) >= 60
    folder = Path(__file__).parents[2] / "streams/watches"
    assert {file.stem for file in folder.glob("*.toml")} == set(watches)


def test_every_relationship_of_the_labelled_articles_is_built_in() -> None:
    wanted = set()
    for file in GOLD.glob("*.jsonl"):
        wanted |= {json.loads(line).get("watch") for line in file.read_text("utf-8").splitlines() if line}
    assert wanted - {None} <= set(load_watches())


def test_pairs_hold_two_states_in_alphabetical_order() -> None:
    for watch in load_watches().values():
        if watch.is_pair:
            assert watch.id == "-".join(sorted(watch.sides))
            assert watch.title == " and ".join(name_of(code) for code in watch.sides)


def test_damascus_loses_its_allies_with_the_old_government() -> None:
    syria = resolve("syria")
    for code in ("RUS", "IRN", "HZB"):
        assert syria.allied(code, FALL - dt.timedelta(days=1))
        assert not syria.allied(code, FALL)
    assert set(syria.inside) == {"SYR-OPP", "SYR-KRD", "SYR-NGO"}


def test_any_two_codes_are_a_watch_under_the_id_that_was_asked_for() -> None:
    assert resolve("TUR-EGY").sides == ("EGY", "TUR")
    assert resolve("TUR-EGY").id == "TUR-EGY"
    assert resolve("FJI-NRU").title == "Fiji and Nauru"
    assert resolve("SYR-OPP-TUR").sides == ("SYR-OPP", "TUR")
    assert split_pair("EU-RUS") == ("EU", "RUS")


@pytest.mark.parametrize("watch_id", ["siria", "SYR-XYZ", "IRN-IRN", "irn-sau", "", "-", "SYR-", "syria "])
def test_what_is_no_watch_is_an_error_with_a_way_out(watch_id: str) -> None:
    with pytest.raises(InputError) as raised:
        resolve(watch_id)
    assert "detente watches list" in raised.value.hint


def test_near_matches_are_listed() -> None:
    with pytest.raises(InputError, match="syria"):
        resolve("siria")
    with pytest.raises(InputError, match="EGY-QAT"):
        resolve("QAT")
    with pytest.raises(InputError, match="IRN-SAU"):
        resolve("irn-sau")


def test_the_world_expands_to_the_pairs_of_states() -> None:
    assert [watch.id for watch in expand_world(["SYR", "EU", "TUR", "SYR", "RUS-OPP", "RUS"])] == [
        "RUS-SYR",
        "RUS-TUR",
        "SYR-TUR",
    ]
    assert expand_world(["TUR"]) == []
    assert expand_world(["IRN", "SAU"]) == [resolve("IRN-SAU")]


def test_a_survey_of_the_world_stays_within_the_limit_and_keeps_the_most_named() -> None:
    pairs = expand_world(list(STATES))
    assert len(pairs) == MAX_WORLD_PAIRS
    assert {code for watch in pairs for code in watch.sides} == set(list(STATES)[:10])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('first = "XYZ"', "first: unknown actor code 'XYZ'"),
        ('first = "SYR"\nsecond = "SYR"', "second: a watch needs two different sides"),
        ('first = "SYR"\ninside = ["OPP"]', "inside: unknown actor code"),
        ('first = "SYR"\nallies = [{code = "RUS", until = "soon"}]', r"allies\[0\].until: "),
        ('first = "SYR"\nallies = [{code = "RUS", untill = 2024-12-08}]', "unknown field `untill`"),
        ('first = "SYR"\nallies = [{code = "RUS", since = 2024-12-08, until = 2020-01-01}]', "before it begins"),
        ('first = "SYR"\nname = "x"', "unknown field `name`"),
        ('title = "x"', "missing required field `first`"),
        ('first = "SYR', "not TOML"),
        ('id = "world"\nfirst = "SYR"', "id: 'world' is kept"),
    ],
)
def test_a_bad_watch_file_is_an_error_that_names_file_and_field(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as raised:
        parse_watch(text, "mine.toml")
    assert raised.value.message.startswith("mine.toml: ")


def test_own_watches_come_beside_the_built_in_ones(tmp_path: Path) -> None:
    write(tmp_path, "mine.toml", 'id = "gulf"\ntitle = "Qatar and anybody"\nfirst = "QAT"\nwords = ["the peninsula"]')
    assert resolve("gulf", tmp_path).words == ("the peninsula",)
    assert "syria" in load_watches(tmp_path)
    with pytest.raises(InputError):
        resolve("gulf")


def test_a_second_watch_of_one_id_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, "a.toml", 'id = "gulf"\nfirst = "QAT"')
    write(tmp_path, "b.toml", 'id = "gulf"\nfirst = "OMN"')
    with pytest.raises(InputError, match="defined twice"):
        load_watches(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    write(other, "a.toml", 'id = "syria"\nfirst = "SYR"')
    with pytest.raises(InputError, match="exists already"):
        load_watches(other)
    with pytest.raises(InputError, match="no such directory"):
        load_watches(tmp_path / "none")


def test_all_errors_of_a_folder_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, "a.toml", 'first = "XYZ"')
    write(tmp_path, "b.toml", 'first = "SYR')
    write(tmp_path, "c.toml", 'id = "mine"\nfirst = "SYR"')
    write(tmp_path, "d.toml", 'id = "syria"\nfirst = "SYR"')
    (tmp_path / "e.toml").write_bytes(b"\xff\xfe\x00")
    count, errors = check_files([tmp_path])
    assert count == 5
    assert len(errors) == 4


def test_the_lexicon_knows_no_code_that_watches_do_not() -> None:
    codes = {entry.code for entry in read_entries() if entry.layer == "actor" and entry.code}
    assert sorted(code for code in codes if not is_known(code)) == []
    assert set(STATES) <= codes
    assert not set(STATES) & set(BODIES)
