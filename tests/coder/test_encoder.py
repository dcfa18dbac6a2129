from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from streams.coder import encoder
from streams.coder.actors import find_actors
from streams.coder.document import prepare
from streams.coder.encoder import EncoderReader, available
from streams.coder.lexicon import Lexicon
from streams.coder.model import Actors, Document
from streams.errors import DetenteError
from streams.records import Article
from streams.watches.registry import expand_world, resolve

REASON = available()


@pytest.fixture(scope="module")
def model() -> EncoderReader:
    assert REASON is None, f"the encoder ships with the package: {REASON}"
    return EncoderReader()


@pytest.fixture(scope="module")
def read() -> tuple[Document, Actors]:
    """An article on two states, made up for the test."""
    article = Article(
        id="t-1",
        title="Lima and Quito to reopen embassies",
        text=(
            "Peru and Ecuador will reopen their embassies next month, the two foreign ministers said on Monday after "
            "a meeting in Quito.\n\nEcuador's government welcomed the step. Colombia said that it rejects "
            "any rapprochement between the two neighbours and will not attend.\n\nThe harvest was good this year."
        ),
        source="The Test",
        published_at=dt.datetime(2024, 5, 6, tzinfo=dt.timezone.utc),
    )
    document = prepare(article)
    return document, find_actors(document, Lexicon.load())


def test_importing_the_module_needs_no_library() -> None:
    blocked = (
        "import sys; sys.modules.update(numpy=None, onnxruntime=None, tokenizers=None); import streams.coder.encoder"
    )
    subprocess.run([sys.executable, "-c", blocked], check=True)


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "LIBRARIES", ("numpy", "no_such_library"))
    assert available() == "no_such_library not installed"
    monkeypatch.setattr(encoder, "LIBRARIES", ())
    reason = available(tmp_path)
    assert reason is not None
    assert "reader.onnx" in reason
    with pytest.raises(DetenteError) as caught:
        EncoderReader(tmp_path)
    assert "rules" in caught.value.hint


def test_a_model_that_the_settings_do_not_describe_is_refused(tmp_path: Path, model: EncoderReader) -> None:
    for name in (encoder.MODEL, encoder.TOKENIZER, encoder.SETTINGS):
        shutil.copy(encoder.data_folder() / name, tmp_path / name)
    with (tmp_path / encoder.MODEL).open("ab") as file:
        file.write(b"\0")
    with pytest.raises(DetenteError, match="is not the model"):
        EncoderReader(tmp_path)


def test_it_reads_steps_and_stances(model: EncoderReader, read: tuple[Document, Actors]) -> None:
    (reading,) = model.read(*read, [resolve("ECU-PER")])
    best = {(step.type, max(step.status, key=lambda name: step.status[name])) for step in reading.steps}
    assert ("diplomatic_ties", "planned") in best
    by_holder = {stance.holder: stance for stance in reading.stances}
    assert by_holder["ECU"].probabilities["favor"] >= reading.notes["favor"]
    assert by_holder["COL"].probabilities["against"] >= reading.notes["against"]
    assert not read[0].sentences[by_holder["COL"].sentence].is_title


def test_readings_come_in_the_order_of_the_watches(model: EncoderReader, read: tuple[Document, Actors]) -> None:
    watches = [resolve(name) for name in ("COL-ECU", "ECU-PER", "COL-PER")]
    readings = model.read(*read, watches)
    assert [reading.watch for reading in readings] == watches
    assert readings[1] == model.read(*read, watches[1:2])[0]


def test_a_watch_whose_sides_are_not_named_has_nothing(model: EncoderReader, read: tuple[Document, Actors]) -> None:
    (reading,) = model.read(*read, [resolve("IND-PAK")])
    assert (reading.stances, reading.steps) == ((), ())


def test_equal_articles_give_equal_readings(model: EncoderReader, read: tuple[Document, Actors]) -> None:
    watches = [resolve("ECU-PER")]
    assert model.read(*read, watches) == model.read(*read, watches) == EncoderReader(threads=2).read(*read, watches)


@pytest.mark.parametrize("text", ["", " ", "?", "[s1] [e] [slot]", "Peru " * 3000, "\x00\ufeff\ud7ff Ecuador"])
def test_no_text_breaks_it(model: EncoderReader, text: str) -> None:
    published = dt.datetime(2024, 5, 6, tzinfo=dt.timezone.utc)
    document = prepare(Article(id="t", title="", text=text, source="The Test", published_at=published))
    actors = find_actors(document, Lexicon.load())
    assert len(model.read(document, actors, [resolve("ECU-PER"), resolve("syria")])) == 2


def test_of_very_many_pairs_the_closest_are_read_and_the_rest_say_so(model: EncoderReader) -> None:
    names = ["Peru", "Ecuador", "Brazil", "Chile", "Bolivia", "Uruguay", "Colombia"]
    text = "Peru and Ecuador will reopen their embassies, Peru said after talks with Ecuador.\n\n" + "\n\n".join(
        f"{name} held elections on Sunday, its radio said." for name in names
    )
    published = dt.datetime(2024, 5, 6, tzinfo=dt.timezone.utc)
    document = prepare(Article(id="t", title="", text=text, source="The Test", published_at=published))
    found = find_actors(document, Lexicon.load())
    watches = expand_world(sorted(found.codes()))
    readings = model.read(document, found, watches)
    unread = {reading.watch.id for reading in readings if reading.notes.get("unread")}
    assert len(readings) == len(watches) > encoder.MOST_PASSES
    assert len(unread) == len(watches) - encoder.MOST_PASSES
    assert "ECU-PER" not in unread
