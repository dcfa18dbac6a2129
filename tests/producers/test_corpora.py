from __future__ import annotations

import json
from pathlib import Path

import pytest

from producers.corpora import FOLDER, corpora, corpus, labelled, labels
from streams.errors import InputError

GOLD = Path(__file__).parents[1] / "gold"
LABEL_FIELDS = {"relevant", "stances", "events"}


def _rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_bundled_corpora_are_found() -> None:
    assert corpora() == ("origins", "syria_timeline")


@pytest.mark.parametrize("name", corpora())
def test_articles_and_labels_together_are_the_gold_file(name: str) -> None:
    assert list(labelled(name)) == _rows(GOLD / f"{name}.jsonl")


@pytest.mark.parametrize("name", corpora())
def test_no_article_carries_a_label(name: str) -> None:
    assert not any(LABEL_FIELDS & row.keys() for row in _rows(corpus(name)))


@pytest.mark.parametrize("name", corpora())
def test_each_article_has_labels_and_ids_are_unique(name: str) -> None:
    ids = [row["id"] for row in _rows(corpus(name))]
    assert len(ids) == len(set(ids))
    assert ids == [row["id"] for row in _rows(labels(name))]


@pytest.mark.parametrize("name", corpora())
def test_evidence_stands_in_the_text_word_for_word(name: str) -> None:
    for row in labelled(name):
        for label in [*row["stances"], *row["events"]]:
            assert label["evidence"] in row["text"], row["id"]


def test_the_notice_names_every_corpus() -> None:
    notice = (FOLDER / "NOTICE.md").read_text(encoding="utf-8")
    assert all(f"`{name}.jsonl`" in notice for name in corpora())
    assert "no source" in notice


def test_an_unknown_corpus_is_named_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="nowhere") as caught:
        corpus("nowhere")
    assert "syria_timeline" in caught.value.hint
