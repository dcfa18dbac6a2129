"""Offsets with holes, real ones and such as a fetch that was dropped would leave: commits pass the first kind only."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

import kafka
import pytest

from faults.injected import Fault
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


@pytest.mark.parametrize("committed", [False, True], ids=["nothing committed yet", "something committed"])
def test_a_fetch_that_was_dropped_is_read_again(kafka_at: str, folder: Path, whole: Unbroken, committed: bool) -> None:
    """Faust drops what arrives while a rebalance has stopped the flow; before the first commit it seeks nowhere."""
    with Scene.on(kafka_at, folder, whole.articles) as scene:
        if committed:
            scene.publish(whole.articles[:1])
            scene.start()
            scene.settle()
            scene.running[0].kill()
        scene.publish(whole.articles[int(committed) :])
        worker = scene.start(fault=Fault(stopped_fetches=3))
        scene.settle()
        state = "something" if committed else "nothing"
        scene.conclude(whole, f"fetches dropped while the flow is stopped, {state} committed before", 1)
        if not committed:
            assert "were dropped: read again" in worker.log.read_text()
