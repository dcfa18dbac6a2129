from __future__ import annotations

import datetime as dt

import pytest

pytest.importorskip("numpy")
pytest.importorskip("tokenizers")

import numpy as np
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from streams.coder.model import ActorMention, Actors, Document, Sentence
from streams.coder.passages import CUES, MARKERS, Markers, inputs, mark, passages, script

WORDS = "talks with the minister will resume if not a president opposition group says of on and in it said . , ( ) '"


@pytest.fixture(scope="module")
def markers() -> Markers:
    """A small tokenizer of whole words, made to know the markers."""
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *MARKERS, *dict.fromkeys([*WORDS.split(), *CUES])]
    tokenizer = Tokenizer(models.WordPiece({name: n for n, name in enumerate(names)}, unk_token="[UNK]"))  # noqa: S106 - a word, no secret
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(list(MARKERS))
    return Markers(tokenizer)


def document(*sentences: str) -> Document:
    clean, spans = "", []
    for index, words in enumerate(sentences):
        spans.append(Sentence(index, len(clean), len(clean) + len(words), index - 1))
        clean += words + "\n\n"
    published = dt.datetime(2024, 5, 1, tzinfo=dt.timezone.utc)
    return Document(sentences[0], clean, published, clean, range(len(clean)), tuple(spans))


def mention(of: Document, words: str, code: str, **kinds: object) -> ActorMention:
    start = of.clean.index(words)
    sentence = of.sentence_at(start).index
    return ActorMention(start, start + len(words), code, kinds.pop("form", "name"), sentence, **kinds)  # type: ignore[arg-type]


def actors(of: Document, *mentions: ActorMention, speakers: dict[int, str] | None = None) -> Actors:
    spoken = tuple((speakers or {}).get(sentence.index) for sentence in of.sentences)
    return Actors(tuple(sorted(mentions, key=lambda one: one.start)), spoken)


@pytest.fixture
def simple() -> tuple[Document, Actors]:
    of = document(
        "Ruritania in talks", "Ruritania and Graustark resume talks, said Atlantis.", "It will if the minister will."
    )
    found = actors(
        of,
        mention(of, "Ruritania", "RUR"),
        ActorMention(of.clean.index("Ruritania and"), of.clean.index("Ruritania and") + 9, "RUR", "name", 1),
        mention(of, "Graustark", "GRA"),
        mention(of, "Atlantis", "ATL"),
        mention(of, "the minister", "GRA", form="office", level="minister"),
        speakers={2: "ATL"},
    )
    return of, found


def told(markers: Markers, tokens: np.ndarray) -> str:
    return str(markers.tokenizer.decode(tokens.tolist(), skip_special_tokens=False))


def test_every_actor_is_hidden_behind_the_marker_of_its_role(markers: Markers, simple: tuple[Document, Actors]) -> None:
    (passage,) = passages(script(*simple, markers), ("RUR", "GRA"), markers)
    words = told(markers, passage.tokens)
    assert passage.actors == ("RUR", "GRA", "ATL")
    assert "[s1] and [s2] resume talks" in words
    assert "[s2] minister" in words
    assert not any(name in words for name in ("ruritania", "graustark", "atlantis", "[UNK]", "[slot]"))


def test_words_have_the_same_tokens_one_by_one(markers: Markers) -> None:
    text = "[t] Talks  resume, [e] [slot] minister says: it's\tnot\u00a0said\n of. [e]  re\u0301sume "
    text += "(\u201cif\u201d) \x1cin \u4e2d\u6587"
    whole = markers.tokenizer.encode(text, add_special_tokens=False).ids
    assert len(set(whole)) > len(text.split()) // 2
    for _ in ("new", "known"):
        assert markers.tokens(text).tolist() == whole


def test_sides_swap_with_their_order(markers: Markers, simple: tuple[Document, Actors]) -> None:
    source = script(*simple, markers)
    (one,), (other,) = passages(source, ("RUR", "GRA"), markers), passages(source, ("GRA", "RUR"), markers)
    assert "[s2] and [s1] resume" in told(markers, other.tokens)
    assert other.actors == ("GRA", "RUR", "ATL")
    np.testing.assert_array_equal(one.sentence, other.sentence)


def test_a_one_sided_watch_has_one_side_and_numbers_the_others(
    markers: Markers, simple: tuple[Document, Actors]
) -> None:
    (passage,) = passages(script(*simple, markers), ("GRA",), markers)
    assert passage.actors == ("GRA", "RUR", "ATL")
    assert "[o1] and [s1] resume talks" in told(markers, passage.tokens)


def test_a_carried_speaker_is_written_in(markers: Markers, simple: tuple[Document, Actors]) -> None:
    text, slots, _ = mark(*simple)
    assert "[e] [slot] [says] It will" in text.replace("  ", " ")
    assert ("ATL", True) in slots


def test_rows_lead_back_to_sentences_and_actors(markers: Markers, simple: tuple[Document, Actors]) -> None:
    (passage,) = passages(script(*simple, markers), ("RUR", "GRA"), markers)
    assert passage.sentences == (0, 1, 2)
    assert passage.titled
    minister = int(np.flatnonzero(passage.tokens == markers.tokenizer.token_to_id("minister"))[0])
    assert passage.actor[minister - 1] == 1
    assert passage.sentence[minister] == 2
    assert passage.sentence[0] == passage.sentence[-1] == -1


def test_an_attributive_use_counts_only_where_nothing_else_names_the_actor(markers: Markers) -> None:
    of = document("In talks", "Ruritania talks. Graustark talks.")
    found = actors(
        of, mention(of, "Ruritania", "RUR", attributive=True), mention(of, "Graustark", "GRA"),
    )  # fmt: skip
    _, slots, _ = mark(of, found)
    assert slots == [("RUR", True), ("GRA", True)]
    again = actors(of, *found.mentions, mention(of, "In", "RUR"))
    _, slots, _ = mark(of, again)
    assert slots == [("RUR", True), ("RUR", False), ("GRA", True)]


def test_brackets_of_the_text_are_no_markers(markers: Markers) -> None:
    of = document("In talks", "talks [s1] [e] with Ruritania")
    found = script(of, actors(of, mention(of, "Ruritania", "RUR")), markers)
    assert len(found.starts) == len(found.sentences) == 2
    (passage,) = passages(found, ("RUR",), markers)
    assert list(passage.tokens).count(markers.sides[0]) == 1


def test_a_long_text_is_cut_at_sentences_and_repeats_the_title(markers: Markers) -> None:
    of = document("In talks", *("Ruritania will resume talks with the group ." for _ in range(40)))
    start = of.clean.index("Ruritania")
    found = actors(of, ActorMention(start, start + 9, "RUR", "name", 1))
    windows = passages(script(of, found, markers), ("RUR",), markers, limit=100)
    assert len(windows) > 1
    assert all(len(window.tokens) <= 100 and window.sentences[0] == 0 for window in windows)
    covered = {sentence for window in windows for sentence in window.sentences}
    assert covered == set(range(41))


def test_one_endless_sentence_is_cut_short(markers: Markers) -> None:
    of = document("In talks", "talks " * 2000)
    found = actors(of, mention(of, "talks ", "RUR"))
    assert all(len(passage.tokens) <= 512 for passage in passages(script(of, found, markers), ("RUR",), markers))


def test_actors_beyond_the_twelfth_are_read_and_not_scored(markers: Markers) -> None:
    names = [f"N{letter}" for letter in "abcdefghijklmnopq"]
    of = document("In talks", " and ".join(names))
    found = actors(of, *(mention(of, name, name.upper()) for name in names))
    (passage,) = passages(script(of, found, markers), ("NA",), markers)
    assert len(passage.actors) == 13
    assert list(passage.tokens).count(markers.crowd) == len(names) - 13


def test_cue_words_carry_their_class_and_markers_their_own(markers: Markers, simple: tuple[Document, Actors]) -> None:
    (passage,) = passages(script(*simple, markers), ("RUR", "GRA"), markers)
    tokens, cues, *_ = inputs(passage, markers)
    by_word = {markers.tokenizer.id_to_token(int(t)): int(c) for t, c in zip(tokens[0], cues[0], strict=True)}
    assert by_word["if"] == CUES["if"]
    assert by_word["minister"] == 0
    assert len({by_word["[s1]"], by_word["[s2]"], by_word["[o1]"]}) == 3
