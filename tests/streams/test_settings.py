"""Settings: where a value comes from, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.errors import InputError
from streams.settings import MASK, load, shown, table


def test_defaults_come_from_the_table() -> None:
    loaded = load(environ={})
    assert loaded.settings.partitions == 8
    assert set(loaded.sources.values()) == {"default"}


def test_options_beat_environment_beats_file(tmp_path: Path) -> None:
    file = tmp_path / "detente.toml"
    file.write_text('partitions = 2\ntopic_prefix = "file."\nlog_level = "error"\n')
    environ = {"DETENTE_PARTITIONS": "3", "DETENTE_TOPIC_PREFIX": "environment."}
    loaded = load({"partitions": 4, "reader": None}, environ=environ, file=file)
    assert (loaded.settings.partitions, loaded.sources["partitions"]) == (4, "option")
    assert (loaded.settings.topic_prefix, loaded.sources["topic_prefix"]) == ("environment.", "environment")
    assert (loaded.settings.log_level, loaded.sources["log_level"]) == ("error", "file")
    assert loaded.sources["reader"] == "default"


def test_a_misspelt_name_is_an_error_that_names_the_right_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"DETENTE_PARTITION.*\n.*partitions"):
        load(environ={"DETENTE_PARTITION": "3"})
    file = tmp_path / "x.toml"
    file.write_text("partitons = 3")
    with pytest.raises(InputError, match="partitons"):
        load(environ={}, file=file)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("DETENTE_PARTITIONS", "many", "not of type int"),
        ("DETENTE_PARTITIONS", "0", "between 1 and"),
        ("DETENTE_LOG_LEVEL", "loud", "must be one of"),
        ("DETENTE_CONNECT_TIMEOUT", "soon", "not of type float"),
    ],
)
def test_a_wrong_value_is_refused_with_its_place(name: str, value: str, message: str) -> None:
    with pytest.raises(InputError, match=f"{name}.*{message}"):
        load(environ={name: value})


def test_a_file_that_is_missing_or_broken_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.toml"):
        load(environ={}, file=tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe = ")
    with pytest.raises(InputError, match=r"bad\.toml"):
        load(environ={"DETENTE_CONFIG": str(tmp_path / "bad.toml")})


def test_secrets_are_never_shown() -> None:
    settings = load(environ={"DETENTE_SASL_PASSWORD": "open sesame"}).settings
    assert shown("sasl_password", settings.sasl_password) == MASK
    with pytest.raises(InputError) as caught:
        load({"sasl_password": 5}, environ={})
    assert "5" not in str(caught.value)


def test_every_row_says_what_it_is_for() -> None:
    for item in table():
        assert item.text.endswith((".", "?"))
        assert item.variable == f"DETENTE_{item.name.upper()}"
