from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from producers.publisher import Failure, Publisher
from streams import topics
from streams.embedded import EmbeddedBroker
from streams.errors import DetenteError
from streams.kafka_read import read_topic
from streams.records import Article, decode, encode
from streams.settings import Settings

SHORT_SECONDS = 2.0


def article(number: int, text: str = "Ankara and Damascus talk.") -> Article:
    day = dt.datetime(2023, 1, 13, tzinfo=dt.timezone.utc)
    return Article(id=f"a{number}", title="Talks", text=text, source="Levant Wire", published_at=day)


def on_topic(settings: Settings) -> dict[str, Article]:
    reads = list(read_topic(settings, topics.ARTICLES))
    return {(read.key or b"").decode(): decode(read.value or b"", Article) for read in reads}


def test_what_is_accepted_is_on_the_topic_under_its_id(settings: Settings) -> None:
    told: list[Failure | None] = []
    with Publisher(settings) as publisher:
        for number in range(100):
            publisher.send(article(number), told.append)
        publisher.flush()
        assert publisher.pending == 0
        assert (publisher.accepted, publisher.failed) == (100, 0)
    assert told == [None] * 100
    assert on_topic(settings) == {f"a{number}": article(number) for number in range(100)}


def test_leaving_the_block_settles_all(settings: Settings) -> None:
    with Publisher(settings) as publisher:
        publisher.send(article(1))
    assert publisher.accepted == 1


def test_an_article_too_large_is_refused_and_the_others_go_through(settings: Settings) -> None:
    told: list[Failure | None] = []
    with Publisher(settings) as publisher:
        publisher.send(article(1), told.append)
        publisher.send(article(2, "x" * settings.record_bytes), told.append)
        publisher.send(article(3), told.append)
    assert told[0] is None
    assert told[2] is None
    failure = told[1]
    assert failure is not None
    assert (failure.article_id, failure.reason, failure.lasting) == ("a2", "too_large", False)
    assert "1,000,000" in failure.message
    assert on_topic(settings).keys() == {"a1", "a3"}


def test_the_largest_article_allowed_is_accepted(settings: Settings) -> None:
    around = len(encode(article(1, "")))
    with Publisher(settings) as publisher:
        publisher.send(article(1, "x" * (settings.record_bytes - around)))
    assert publisher.accepted == 1


@pytest.mark.parametrize("broken", ["\ud800", "a\udfffb"])
def test_an_article_that_is_no_unicode_is_refused(settings: Settings, broken: str) -> None:
    told: list[Failure | None] = []
    with Publisher(settings) as publisher:
        publisher.send(article(1, broken), told.append)
    assert told[0] is not None
    assert told[0].reason == "rejected"


def test_little_may_be_on_its_way_and_all_arrives(settings: Settings) -> None:
    size = len(encode(article(0)))
    with Publisher(settings, window_bytes=3 * size) as publisher:
        for number in range(9):
            publisher.send(article(number))
            assert publisher.pending <= 3
    assert publisher.accepted == 9


def test_a_missing_topic_is_told_on_opening_and_not_made(no_topics: Settings) -> None:
    with pytest.raises(DetenteError, match="does not exist") as caught:
        Publisher(no_topics)
    assert "detente topics create" in caught.value.hint
    with topics.admin(no_topics) as client:
        assert topics.full_name(no_topics, topics.ARTICLES) not in client.list_topics()


def test_no_broker_is_told_with_address_and_reason() -> None:
    with pytest.raises(DetenteError, match=r"127\.0\.0\.1:1: connection refused"):
        Publisher(replace(Settings(), bootstrap_servers="127.0.0.1:1", connect_timeout=0.3))


def test_a_broker_that_goes_away_is_a_failure_of_each_article_in_time() -> None:
    told: list[Failure | None] = []
    with EmbeddedBroker() as broker:
        settings = broker.settings(replace(Settings(), partitions=2, send_timeout=SHORT_SECONDS))
        topics.create(settings)
        with Publisher(settings) as publisher:
            publisher.send(article(1), told.append)
            publisher.flush()
            broker.stop()
            publisher.send(article(2), told.append)
            publisher.send(article(3), told.append)
            publisher.flush()
    assert told[0] is None
    failures = [failure for failure in told[1:] if failure is not None]
    assert [(failure.article_id, failure.reason, failure.lasting) for failure in failures] == [
        ("a2", "no_answer", True),
        ("a3", "no_answer", True),
    ]
    assert (publisher.accepted, publisher.failed) == (1, 2)


def test_leaving_by_an_interruption_settles_what_is_on_its_way(settings: Settings) -> None:
    with pytest.raises(KeyboardInterrupt), Publisher(settings) as publisher:
        for number in range(5):
            publisher.send(article(number))
        raise KeyboardInterrupt
    assert (publisher.accepted, publisher.pending) == (5, 0)
