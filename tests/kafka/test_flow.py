"""The whole flow through a broker: same results as the pure core, whatever happens to the workers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from streams import settle, topics
from streams.records import encode
from streams.settings import Settings
from workers_at_work import (
    Worker,
    alert_ids,
    bundled,
    events,
    expected,
    on_topic,
    publish,
    settle_all,
    wait_until,
    working,
)

pytestmark = pytest.mark.kafka

STOP_SECONDS = 10.0


@pytest.fixture
def own(settings: Settings) -> Settings:
    """Settings of a worker that reads by rules, commits often and takes small batches, so that much can go wrong."""
    return replace(settings, metrics_port=0, reader="rules", batch_size=7, commit_interval=0.2)


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
    assert alert_ids(own) == {alert.id for alert in wanted.alerts}
    assert events(own) == {event.event_id: encode(event) for event in wanted.events.values()}
    metrics = {(found.watch, found.window, found.start): found for found in on_topic(own, topics.METRICS)}  # type: ignore[attr-defined]
    assert {encode(metric) for metric in metrics.values()} == {encode(metric) for metric in wanted.metrics.values()}


def test_a_killed_workers_successor_goes_on_and_nothing_is_lost_or_told_twice(own: Settings, tmp_path: Path) -> None:
    articles = bundled()
    publish(own, articles)
    for least in (10, 60, 150):
        with working(own, tmp_path) as worker:
            wait_until(lambda least=least: len(alert_ids(own)) >= least, f"{least} alerts")  # type: ignore[misc]
            worker.kill()
    with working(own, tmp_path) as worker:
        settle_all(own, worker)
    wanted = expected(own, articles)
    assert alert_ids(own) == {alert.id for alert in wanted.alerts}
    assert events(own) == {event.event_id: encode(event) for event in wanted.events.values()}
    outcomes = on_topic(own, topics.CODINGS)
    assert {found.article_id for found in outcomes} == {article.id for article in articles}  # type: ignore[attr-defined]


def test_a_stopped_worker_has_handled_nothing_twice_and_its_successor_knows_what_it_knew(
    own: Settings, tmp_path: Path
) -> None:
    articles = bundled()
    publish(own, articles)
    with working(own, tmp_path) as worker:
        wait_until(lambda: len(alert_ids(own)) >= 20, "20 alerts")
        code, seconds = worker.stop()
        assert code == 0, worker.log.read_text()
        assert seconds < STOP_SECONDS
    assert len(on_topic(own, topics.CODINGS)) < len(articles)
    with working(own, tmp_path) as worker:
        settle_all(own, worker)
        assert worker.stop()[0] == 0
    assert len(on_topic(own, topics.CODINGS)) == len(expected(own, articles).metrics and articles)
    wanted = expected(own, articles)
    assert events(own) == {event.event_id: encode(event) for event in wanted.events.values()}
    assert len(on_topic(own, topics.ALERTS)) == len(wanted.alerts), "no alert was sent twice"


def test_articles_that_come_twice_raise_nothing_new(own: Settings, tmp_path: Path) -> None:
    articles = bundled()[:40]
    publish(own, articles)
    with working(own, tmp_path) as worker:
        settle_all(own, worker)
        before = on_topic(own, topics.ALERTS), events(own), on_topic(own, topics.METRICS)[-1]
        publish(own, articles)
        settle_all(own, worker)
    assert (on_topic(own, topics.ALERTS), events(own), on_topic(own, topics.METRICS)[-1]) == before


def test_two_workers_share_the_partitions_and_one_takes_over(own: Settings, tmp_path: Path) -> None:
    # Dynamic members, who leave when they stop: the successor of a static one would have to bear its name.
    own = replace(own, group_instance="")
    articles = bundled()
    with working(own, tmp_path, 0) as first, working(own, tmp_path, 1) as second:
        first.wait_for("partitions of all topics")
        second.wait_for("partitions of all topics")
        wait_until(lambda: _shares(first, second) == ({0, 1, 2, 3}, set()), "the partitions to be shared")
        publish(own, articles[:60], partition=None)
        settle_all(own, first, second)
        assert first.stop()[0] == 0
        publish(own, articles[60:], partition=None)
        settle_all(own, second)
    outcomes = [found.article_id for found in on_topic(own, topics.CODINGS)]  # type: ignore[attr-defined]
    assert sorted(outcomes) == sorted(article.id for article in articles), "each once"
    days = {(found.watch, found.start): found for found in on_topic(own, topics.METRICS) if found.window == "day"}  # type: ignore[attr-defined]
    concerned = [found for found in on_topic(own, topics.CODINGS) if found.watch is not None]  # type: ignore[attr-defined]
    assert sum(found.articles for found in days.values()) == len(concerned), "counted in one place only"


def _shares(*workers: Worker) -> tuple[set[int], set[int]]:
    """Return the partitions that somebody has, and those that two have, as the logs tell."""
    held = []
    for worker in workers:
        lines = [line for line in worker.log.read_text().splitlines() if "partitions of all topics" in line]
        text = lines[-1].rpartition(":")[2] if lines else ""
        held.append({int(number) for number in text.replace(",", " ").split() if number.isdecimal()})
    every = set().union(*held)
    twice = {number for number in every if sum(number in share for share in held) > 1}
    return every, twice
