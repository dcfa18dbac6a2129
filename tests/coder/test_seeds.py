"""The five real pages that the project began with; they lie beside the repository where they may be read."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import msgspec
import pytest

from producers.formats import ReadArticle, read_path
from streams.coder import scoring
from streams.coder.coder import Coder, load_lexicon
from streams.coder.readers import make_reader
from streams.coder.scoring import as_row

SHARED = Path(__file__).parents[3] / "shared"
PAGES = SHARED / "seeds"
LABELS = SHARED / "gold" / "seeds.jsonl"
STANCE_FLOOR = 0.80

pytestmark = pytest.mark.seeds


def test_stances_and_relevance_of_the_pages() -> None:
    gold = {row["id"]: row for row in map(json.loads, LABELS.read_text(encoding="utf-8").splitlines())}
    lexicon = load_lexicon()
    coder = Coder(make_reader(lexicon, "rules"), lexicon, [])
    counts = []
    for item in read_path(PAGES, watches=("syria",)):
        assert isinstance(item, ReadArticle)
        labels = gold[item.article.id]
        # The pages do not tell their dates; the labels assume one.
        when = msgspec.convert(labels["published_at"], dt.datetime)
        (coding,) = coder.code(msgspec.structs.replace(item.article, published_at=when))
        labels["text"] = item.article.text
        counts.append(scoring.count(labels, as_row(coding)))
    measures = scoring.measures(counts)
    assert len(counts) == len(gold)
    assert measures[scoring.ACCURACY] == 1.0
    assert measures["stance holder+stance F1"] >= STANCE_FLOOR
