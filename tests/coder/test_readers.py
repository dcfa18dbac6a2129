from __future__ import annotations

import logging

import pytest

from streams.coder import readers
from streams.coder.coder import load_lexicon
from streams.errors import DetenteError

LEXICON = load_lexicon()


@pytest.fixture
def no_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "_encoder", lambda: "the model file is missing")
    readers._tell_once.cache_clear()


def test_rules_by_name() -> None:
    assert readers.make_reader(LEXICON, "rules").name == "rules"


def test_without_the_model_the_rules_answer_and_say_so_once(no_encoder: None, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert readers.make_reader(LEXICON).name == "rules"
        assert readers.make_reader(LEXICON).name == "rules"
    assert [record.getMessage() for record in caplog.records] == [
        "the encoder cannot be used (the model file is missing): articles are read by rules"
    ]


@pytest.mark.parametrize("name", ["blend", "encoder"])
def test_what_is_asked_for_by_name_is_not_replaced(no_encoder: None, name: readers.ReaderName) -> None:
    with pytest.raises(DetenteError, match="the model file is missing"):
        readers.make_reader(LEXICON, name)


def test_with_the_model_the_blend_reads() -> None:
    assert readers.make_reader(LEXICON).name == "blend"
    assert readers.make_reader(LEXICON, "encoder").name == "encoder"
