"""Offsets with holes, as transactions leave them and compaction does: commits must not fall behind."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

import kafka
import pytest

from faults.judgement import Unbroken
from faults.scene import Scene
from streams import kafka_client, topics
from streams.records import encode

pytestmark = pytest.mark.kafka

SETTLED_SECONDS = 30.0
"""A commit that comes past one hole a time needs more than two minutes for these articles."""


def test_holes_in_the_offsets_do_not_hold_commits_up(kafka_at: str, folder: Path, whole: Unbroken) -> None:
    with Scene.on(kafka_at, folder, whole.articles, commit_interval=1.0) as scene:
        name = topics.full_name(scene.direct, topics.ARTICLES)
        producer = kafka.KafkaProducer(**kafka_client.kafka_python(scene.direct), transactional_id=name)
        producer.init_transactions()
        for article in whole.articles[:-1]:  # the end of each transaction takes an offset of its own
            producer.begin_transaction()
            producer.send(name, encode(article), key=article.id.encode(), partition=0)
            producer.commit_transaction()
        producer.close()
        scene.publish(whole.articles[-1:])  # that the topic ends with a record, which is what lag counts to
        scene.start()
        begun = monotonic()
        scene.settle()
        took = monotonic() - begun
        found = scene.conclude(whole, "holes in the offsets: each article in a transaction of its own", 1)
        assert found.duplicates == 0
    assert took < SETTLED_SECONDS
