"""The parts of the training that need no PyTorch: labels on sentences, the split, rewriting."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import msgspec
import pytest

pytest.importorskip("numpy")
pytest.importorskip("tokenizers")

from tokenizers import Tokenizer

from streams.coder.actors import find_actors
from streams.coder.document import prepare
from streams.coder.encoder import TOKENIZER, data_folder
from streams.coder.lexicon import Lexicon
from streams.coder.passages import Markers
from streams.coder.training.card import CARD, CODER, UNFITTED, tell_coder
from streams.coder.training.folds import folds
from streams.coder.training.gold import STANCES, Labelled, article_of, coverage, label, split
from streams.coder.training.rewrite import rewrite

WELCOME = "Colombia's foreign minister welcomed the decision."


@pytest.fixture(scope="module")
def markers() -> Markers:
    return Markers(Tokenizer.from_file(str(data_folder() / TOKENIZER)))


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.load()


def row(number: int = 1, watch: str = "ECU-PER", **changes: Any) -> dict[str, Any]:
    plain = {
        "id": f"t-{number}", "watch": watch, "title": "Lima and Quito talk again", "source": "The Test",
        "published_at": f"2024-05-{number:02}T08:00:00Z", "relevant": True,
        "text": f"Peru and Ecuador will reopen embassies.\n\n{WELCOME}",
        "stances": [{"holder": "COL", "stance": "favor", "basis": "self", "evidence": WELCOME}],
        "events": [
            {"type": "diplomatic_ties", "parties": ["ECU", "PER"], "status": "planned", "date": None,
             "evidence": "will reopen embassies"},
        ],
    }  # fmt: skip
    return {**plain, **changes}


def lot(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - a test must be repeatable


def labelled(data: dict[str, Any], lexicon: Lexicon, markers: Markers) -> Labelled:
    document = prepare(article_of(data))
    return label(data, document, find_actors(document, lexicon), markers)


def test_labels_stand_on_the_sentence_of_their_evidence(lexicon: Lexicon, markers: Markers) -> None:
    found = labelled(row(), lexicon, markers)
    assert found.document.words(found.document.sentences[found.stances[0].sentence or 0]) == WELCOME
    assert [step.sentence for step in found.steps] == [1]
    assert coverage([found]) == {
        "holders": (1, 1), "stance evidence": (1, 1), "parties": (2, 2), "step evidence": (1, 1),
    }  # fmt: skip


def test_evidence_that_is_not_in_the_text_is_counted_as_missing(lexicon: Lexicon, markers: Markers) -> None:
    events = [{**row()["events"][0], "evidence": "words from elsewhere"}]
    found = labelled(row(events=events), lexicon, markers)
    assert found.steps[0].sentence is None
    assert coverage([found])["step evidence"] == (0, 1)


def test_the_split_leaves_out_whole_relationships(lexicon: Lexicon, markers: Markers) -> None:
    pairs = ["ECU-PER", "IND-PAK", "CHN-JPN", "KEN-SOM", "GRC-TUR"]
    rows = [row(number + 1, pairs[number % 5]) for number in range(20)]
    rows += [row(number + 1, "syria", id=f"s-{number}") for number in range(10)]
    articles = [labelled(data, lexicon, markers) for data in rows]
    kept, left = split(articles, 0.2, seed=7)
    pairs_kept = {article.watch.id for article in kept if article.watch.is_pair}
    pairs_left = {article.watch.id for article in left if article.watch.is_pair}
    assert len(kept) + len(left) == len(articles)
    assert pairs_left
    assert not pairs_kept & pairs_left
    newest = [article for article in left if article.watch.id == "syria"]
    assert {article.row["id"] for article in newest} == {"s-8", "s-9"}
    assert split(articles, 0.2, seed=7)[1] == left


def test_the_parts_hold_every_article_once_and_every_pair_whole(lexicon: Lexicon, markers: Markers) -> None:
    pairs = ["ECU-PER", "IND-PAK", "CHN-JPN", "KEN-SOM", "GRC-TUR", "IRN-SAU", "ISR-MAR", "ARM-AZE"]
    rows = [row(number + 1, pairs[number % 8]) for number in range(16)]
    rows += [row(number + 1, "syria", id=f"s-{number}") for number in range(10)]
    articles = [labelled(data, lexicon, markers) for data in rows]
    parts = folds(articles)
    assert sorted(str(one.row["id"]) for part in parts for one in part) == sorted(
        str(one.row["id"]) for one in articles
    )
    homes = [{one.watch.id for one in part if one.watch.is_pair} for part in parts]
    assert sum(map(len, homes)) == len(pairs)
    assert parts[0] == split(articles, 0.2, seed=7)[1]
    times = [[one.document.published for one in part if one.watch.id == "syria"] for part in parts[1:]]
    assert times[0]
    assert max(times[0]) < min(times[1]) < max(times[1]) < min(times[2])


def test_rewriting_turns_an_attitude_that_hangs_on_one_word(lexicon: Lexicon, markers: Markers) -> None:
    found = labelled(row(), lexicon, markers)
    again = rewrite(found, markers, lot(1))
    assert again is not None
    words = str(markers.tokenizer.decode(again.script.tokens.tolist(), skip_special_tokens=False))
    assert "condemned the decision" in words
    assert [STANCES[stance.stance] for stance in again.stances] == ["against"]
    assert [step.optional for step in again.steps] == [False]
    assert "welcomed" in str(markers.tokenizer.decode(found.script.tokens.tolist())), "the original stays as it was"


def test_what_has_no_such_word_is_left_alone(lexicon: Lexicon, markers: Markers) -> None:
    text = "Peru and Ecuador will reopen embassies.\n\nColombia sent its minister."
    stances = [{"holder": "COL", "stance": "favor", "basis": "self", "evidence": "sent its minister"}]
    assert rewrite(labelled(row(text=text, stances=stances), lexicon, markers), markers, lot(1)) is None


def test_a_condition_put_to_a_readiness_keeps_the_sentences_apart(lexicon: Lexicon, markers: Markers) -> None:
    said = "Ecuador is ready to open its embassy."
    stances = [{"holder": "ECU", "stance": "favor", "basis": "self", "evidence": said}]
    found = labelled(row(text=f"{said}\n\n{WELCOME}", stances=stances, events=[]), lexicon, markers)
    seen = set()
    for seed in range(20):
        again = rewrite(found, markers, lot(seed))
        assert again is not None
        seen.add(STANCES[again.stances[0].stance])
        starts = [int(again.script.tokens[start]) for start in again.script.starts]
        assert set(starts) <= set(markers.breaks.tolist())
    assert seen == {"against", "conditional"}


def test_the_card_tells_the_coders_scores_apart_from_the_encoders(tmp_path: Path) -> None:
    before = f"# Card\n\n{CODER.format(told=UNFITTED)}\n## Scores of the encoder alone\n| stance | 0.700 |\n"
    tmp_path.joinpath(CARD).write_text(before, encoding="utf-8")
    for score in (0.5, 0.7434):
        tell_coder(tmp_path, 660, {"stance F1": score})
    after = tmp_path.joinpath(CARD).read_text(encoding="utf-8")
    assert "| stance F1 | 0.743 |" in after
    assert "0.500" not in after
    assert UNFITTED not in after
    assert after.endswith("\n\n## Scores of the encoder alone\n| stance | 0.700 |\n")


def test_a_folder_without_a_card_gets_none(tmp_path: Path) -> None:
    tell_coder(tmp_path, 1, {"stance F1": 0.5})
    assert not list(tmp_path.iterdir())


def test_the_bundled_card_tells_what_the_bundled_blend_was_fitted_with() -> None:
    fitted = msgspec.json.decode(data_folder().joinpath("blend.json").read_bytes())["fitted"]
    card = data_folder().joinpath(CARD).read_text(encoding="utf-8")
    for told in fitted.partition("Cross-validated: ")[2].split("; "):
        name, _, value = told.rpartition(" ")
        assert f"| {name} | {value} |" in card
