"""Who takes over from whom, on Apache Kafka only: the embedded broker never expires a member that is gone.

Not named ``test_…``: `make test-kafka` names it, `make test` passes it by.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from streams import topics, workers
from streams.settings import Settings
from workers_at_work import bundled, on_topic, publish, settle_all, shares, wait_until, working

pytestmark = pytest.mark.kafka


@pytest.fixture
def own(settings: Settings) -> Settings:
    """Settings of workers that are missed soon: six seconds are the least that brokers allow."""
    return replace(settings, metrics_port=0, reader="rules", batch_size=7, commit_interval=0.2, session_timeout=6.0)


@pytest.mark.parametrize("how", [pytest.param("stopped", marks=pytest.mark.chaos), "killed"])
def test_the_partitions_of_a_worker_that_is_gone_are_worked_on(own: Settings, tmp_path: Path, how: str) -> None:
    articles = bundled()
    first, second = (workers.numbered(own, number) for number in (0, 1))
    with working(first, tmp_path, 0) as gone, working(second, tmp_path, 1) as stays:
        wait_until(lambda: shares(gone, stays) == ({0, 1, 2, 3}, set()), "the partitions to be shared")
        publish(own, articles[:60], partition=None)
        settle_all(own, gone, stays)
        if how == "killed":
            gone.kill()
        else:
            assert gone.stop()[0] == 0
        publish(own, articles[60:], partition=None)
        settle_all(own, stays)
    # Faust forgets at a rebalance what was acknowledged since the last commit: such articles are handled again.
    outcomes = {found.article_id for found in on_topic(own, topics.CODINGS)}  # type: ignore[attr-defined]
    assert outcomes == {article.id for article in articles}
    days = {(found.watch, found.start): found for found in on_topic(own, topics.METRICS) if found.window == "day"}  # type: ignore[attr-defined]
    concerned = {(found.article_id, found.watch) for found in on_topic(own, topics.CODINGS) if found.watch is not None}  # type: ignore[attr-defined]
    assert sum(found.articles for found in days.values()) == len(concerned), "counted once"
