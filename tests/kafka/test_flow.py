"""The whole flow through a broker: same results as the pure core, whatever happens to the workers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from streams import settle, topics, workers
from streams.records import encode
from streams.settings import Settings
from workers_at_work import (
    alert_ids,
    alerts_on,
    bundled,
    expected,
    in_substance,
    newest_events,
    on_topic,
    publish,
    settle_all,
    shares,
    wait_until,
    working,
)

pytestmark = pytest.mark.kafka

STOP_SECONDS = 10.0
BATCH = 7
MOST_AGAIN = 6 * BATCH
"""A worker that is put out of its group, as a busy machine may bring about by late heartbeats, cannot commit the batch
in hand, nor what it acknowledged in the last ``commit_interval``, about five such batches: its successor does them
again, with equal ids. Workers that come and go in order cost nothing (``fault_rebalance.py``)."""


@pytest.fixture
def own(settings: Settings) -> Settings:
    """Settings of a worker that reads by rules, commits often and takes small batches, so that much can go wrong."""
    return replace(settings, metrics_port=0, reader="rules", batch_size=BATCH, commit_interval=0.2, session_timeout=6.0)


def test_the_topics_hold_what_the_backtest_says(own: Settings, tmp_path: Path) -> None:
    articles = bundled()
    publish(own, articles)
    with working(own, tmp_path) as worker:
        settle_all(own, worker)
    wanted = expected(own, articles)
    counts = settle.count(own, {})
    assert counts == settle.Counts(
        coded=len(articles),
        relevant=wanted.relevant,
        stances=wanted.stances,
        mentions=wanted.mentions,
        events=len(wanted.standing_events()),
        alerts=len({alert.id for alert in wanted.alerts}),
        dead_letters=0,
    )
    assert alert_ids(alerts_on(own)) == alert_ids(wanted.alerts)
    assert in_substance(newest_events(own)) == in_substance(wanted.events.values())
    tallied = {(found.watch, found.window, found.start): found for found in on_topic(own, topics.METRICS)}  # type: ignore[attr-defined]
    assert _counts(tallied.values()) == _counts(wanted.metrics.values())


def _counts(metrics: Iterable[Any]) -> set[bytes]:
    """Return the tallies without the index, which is that of the moment and differs with what came first.

    Those that count nothing are left out: of an event that moves from one day to another within a batch only its last
    state is sent, so that the first day may never hear of it.
    """
    return {
        encode(msgspec.structs.replace(metric, index=0.0)) for metric in metrics if metric.articles or metric.events
    }


def test_a_killed_workers_successor_goes_on_and_nothing_is_lost_or_told_twice(own: Settings, tmp_path: Path) -> None:
    articles = bundled()
    publish(own, articles)
    for least in (10, 60, 150):
        with working(own, tmp_path) as worker:
            worker.wait_until(lambda least=least: len(alerts_on(own)) >= least, f"{least} alerts")  # type: ignore[misc]
            worker.kill()
    with working(own, tmp_path) as worker:
        settle_all(own, worker)
    wanted = expected(own, articles)
    assert alert_ids(alerts_on(own)) == alert_ids(wanted.alerts)
    assert in_substance(newest_events(own)) == in_substance(wanted.events.values())
    outcomes = on_topic(own, topics.CODINGS)
    assert {found.article_id for found in outcomes} == {article.id for article in articles}  # type: ignore[attr-defined]


def test_a_stopped_worker_has_handled_nothing_twice_and_its_successor_knows_what_it_knew(
    own: Settings, tmp_path: Path
) -> None:
    articles = bundled()
    publish(own, articles)
    with working(own, tmp_path) as worker:
        worker.wait_until(lambda: len(alerts_on(own)) >= 20, "20 alerts")
        code, seconds = worker.stop()
        assert code == 0, worker.log.read_text()
        assert seconds < STOP_SECONDS
    assert len(on_topic(own, topics.CODINGS)) < len(articles)
    with working(own, tmp_path) as worker:
        settle_all(own, worker)
        assert worker.stop()[0] == 0
    assert len(on_topic(own, topics.CODINGS)) == len(articles)
    wanted = expected(own, articles)
    assert in_substance(newest_events(own)) == in_substance(wanted.events.values())
    sent = [alert.id for alert in alerts_on(own)]
    assert len(sent) == len(set(sent)), "no alert was sent twice"


def test_articles_that_come_twice_raise_nothing_new(own: Settings, tmp_path: Path) -> None:
    articles = bundled()[:40]
    publish(own, articles)
    with working(own, tmp_path) as worker:
        settle_all(own, worker)
        before = alerts_on(own), newest_events(own), on_topic(own, topics.METRICS)[-1]
        publish(own, articles)
        settle_all(own, worker)
    assert (alerts_on(own), newest_events(own), on_topic(own, topics.METRICS)[-1]) == before


def test_two_workers_share_the_partitions_and_the_work(own: Settings, tmp_path: Path) -> None:
    articles = bundled()
    with (
        working(workers.numbered(own, 0), tmp_path, 0) as first,
        working(workers.numbered(own, 1), tmp_path, 1) as second,
    ):
        wait_until(
            lambda: shares(first, second) == ({0, 1, 2, 3}, set()) and all(shares(one)[0] for one in (first, second)),
            "each worker to have a share of the partitions",
        )
        publish(own, articles, partition=None)
        settle_all(own, first, second)
        for worker in (first, second):
            assert not worker.said("partitions differ by topic")
    outcomes = [found.article_id for found in on_topic(own, topics.CODINGS)]  # type: ignore[attr-defined]
    assert set(outcomes) == {article.id for article in articles}
    assert len(outcomes) - len(articles) <= MOST_AGAIN
    days = {(found.watch, found.start): found for found in on_topic(own, topics.METRICS) if found.window == "day"}  # type: ignore[attr-defined]
    concerned = {(found.article_id, found.watch) for found in on_topic(own, topics.CODINGS) if found.watch is not None}  # type: ignore[attr-defined]
    assert sum(found.articles for found in days.values()) == len(concerned), "counted in one place only, and once"
