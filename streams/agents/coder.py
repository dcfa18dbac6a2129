"""Articles to codings, stances and mentions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from streams import topics
from streams.agents.shell import Output
from streams.coder.coder import Coder
from streams.records import Article, Record


class CoderCore:
    """The coder as an agent: no state, every article has an outcome."""

    name = "coder"
    sources = (topics.ARTICLES,)
    state: tuple[topics.Topic, ...] = ()

    def __init__(self, coder: Coder) -> None:
        self.coder = coder

    def restore(self, records: Sequence[Record]) -> None:
        """Return no state."""

    def handle(self, state: None, record: Article) -> Iterator[Output]:
        """Code one article for all its watches."""
        for coded in self.coder.code(record):
            coding = coded.coding
            yield Output(topics.CODINGS, coding.watch or coding.article_id, coding)
            for stance in coded.stances:
                yield Output(topics.STANCES, f"{stance.watch}|{stance.holder}", stance)
            for mention in coded.mentions:
                yield Output(topics.MENTIONS, mention.watch, mention)
