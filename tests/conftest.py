"""What tests share: one embedded broker for the session, and topics of one's own for each test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import pytest

from streams import topics
from streams.embedded import EmbeddedBroker
from streams.settings import Settings

CONNECT_SECONDS = 5.0
_prefixes = itertools.count()


@pytest.fixture(scope="session")
def broker() -> Iterator[EmbeddedBroker]:
    """Return a running embedded broker, shared by all tests: never stop it, take one of your own for that."""
    with EmbeddedBroker() as started:
        yield started


@pytest.fixture
def no_topics(broker: EmbeddedBroker) -> Settings:
    """Return settings for the shared broker under a topic prefix and group that nobody else uses."""
    number = next(_prefixes)
    own = replace(
        Settings(), topic_prefix=f"test{number}.", group=f"test{number}", partitions=4, connect_timeout=CONNECT_SECONDS
    )
    return broker.settings(own)


@pytest.fixture
def settings(no_topics: Settings) -> Settings:
    """Return settings as ``no_topics`` does, with the topics made."""
    topics.create(no_topics)
    return no_topics
