"""Every metric of the worker, declared once: base units, bounded labels, all children present from the start.

A registry of our own keeps out what libraries register for themselves. The children are made at once, so that a
counter that has never counted is 0 on the first scrape, and a rate over it is right.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

import streams
from streams.records import Alert, AlertKind, Coding, EventType, Mention, Outcome, Record, Stage, Stance, StanceValue

AGENTS = ("coder", "ledger", "positions", "tallies")
REASONS = {
    "decode": ("empty", "not_json", "schema", "state"),
    "process": ("exception", "input"),
    "produce": ("too_large", "refused", "undelivered"),
}
"""The closed list of reasons for a dead letter, by stage."""

# A batch takes from a millisecond (tallies) to seconds (a hundred articles through the encoder).
SECONDS_BUCKETS = (0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

disable_created_metrics()  # type: ignore[no-untyped-call] # they double the series, and nothing here asks when a counter began
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

BUILD = Info("detente_build", "The version that runs.", registry=REGISTRY)
RECORDS = Counter("detente_records", "Records handled to their end.", ["agent"], registry=REGISTRY)
CODINGS = Counter("detente_codings", "Outcomes of articles, one for each watch.", ["outcome"], registry=REGISTRY)
STANCES = Counter("detente_stances", "Stances found in articles.", ["stance"], registry=REGISTRY)
MENTIONS = Counter("detente_mentions", "Reports of steps found in articles.", ["type"], registry=REGISTRY)
ALERTS = Counter("detente_alerts", "Alerts sent, counting again what is sent again.", ["kind"], registry=REGISTRY)
DEAD_LETTERS = Counter(
    "detente_dead_letters", "Records that could not be handled.", ["agent", "stage", "reason"], registry=REGISTRY
)
BATCH_SECONDS = Histogram(
    "detente_batch_seconds",
    "Time from taking a batch to the confirmation of all that came of it.",
    ["agent"],
    buckets=SECONDS_BUCKETS,
    registry=REGISTRY,
)
RESTORES = Counter("detente_state_restores", "Partitions whose state was read back.", ["agent"], registry=REGISTRY)
RESTORE_SECONDS = Counter("detente_state_restore_seconds", "Time reading state back.", ["agent"], registry=REGISTRY)
SEND_RETRIES = Counter("detente_send_retries", "Sends that had to be repeated.", registry=REGISTRY)
LAG = Gauge("detente_lag_records", "Records of this worker's partitions that wait.", ["agent"], registry=REGISTRY)
PARTITIONS = Gauge("detente_assigned_partitions", "Partitions that this worker has.", ["agent"], registry=REGISTRY)
LAST_HANDLED = Gauge(
    "detente_last_handled_timestamp_seconds",
    "When a record was last handled.",
    ["agent"],
    registry=REGISTRY,
)

# Feeds: a registry of their own, since `detente rss` is a process of its own and a worker has no feeds. One series
# for each feed is bounded by the feeds file. The children are made in producers/rss/watching.py.
FEEDS_REGISTRY = CollectorRegistry()
ProcessCollector(registry=FEEDS_REGISTRY)
PlatformCollector(registry=FEEDS_REGISTRY)
FEED_FETCHES = Counter("detente_feed_fetches", "Polls of feeds, by their end.", ["outcome"], registry=FEEDS_REGISTRY)
FEED_BYTES = Counter("detente_feed_received_bytes", "Bytes received for feeds.", registry=FEEDS_REGISTRY)
FEED_SECONDS = Histogram(
    "detente_feed_fetch_seconds",
    "Time of a feed's request with its redirects, without waiting for its turn.",
    buckets=SECONDS_BUCKETS,
    registry=FEEDS_REGISTRY,
)
FEED_ENTRIES = Counter(
    "detente_feed_entries", "Entries of feeds, by the rule that decided about them.", ["rule"], registry=FEEDS_REGISTRY
)
FEED_TEXTS = Counter(
    "detente_feed_texts", "Articles of feeds, by how their text was had.", ["from"], registry=FEEDS_REGISTRY
)
FEED_REFUSED = Counter(
    "detente_feed_refused_articles", "Articles that Kafka did not take.", ["reason"], registry=FEEDS_REGISTRY
)
FEEDS = Gauge("detente_feeds", "Feeds, by how they are.", ["state"], registry=FEEDS_REGISTRY)
FEED_LAST_SUCCESS = Gauge(
    "detente_feed_last_success_timestamp_seconds", "When a feed last answered well.", ["feed"], registry=FEEDS_REGISTRY
)
FEED_NEXT_POLL = Gauge(
    "detente_feed_next_poll_timestamp_seconds", "When a feed is polled next.", ["feed"], registry=FEEDS_REGISTRY
)

# Webhooks: a registry of their own as well, for `detente webhooks`.
WEBHOOK_RESULTS = ("ok", "refused", "failed", "timeout", "unreachable")
WEBHOOK_ENDS = ("delivered", "dead_letter")
WEBHOOKS_REGISTRY = CollectorRegistry()
ProcessCollector(registry=WEBHOOKS_REGISTRY)
PlatformCollector(registry=WEBHOOKS_REGISTRY)
WEBHOOK_ATTEMPTS = Counter(
    "detente_webhook_attempts",
    "Attempts to reach the receiver, by what came of them.",
    ["result"],
    registry=WEBHOOKS_REGISTRY,
)
WEBHOOK_DELIVERIES = Counter(
    "detente_webhook_deliveries", "Messages that came to their end, by which.", ["outcome"], registry=WEBHOOKS_REGISTRY
)
WEBHOOK_SECONDS = Histogram(
    "detente_webhook_attempt_seconds", "Time of one attempt.", buckets=SECONDS_BUCKETS, registry=WEBHOOKS_REGISTRY
)


def _declare_children() -> None:
    BUILD.info({"version": streams.__version__})
    for agent in AGENTS:
        for metric in (RECORDS, BATCH_SECONDS, RESTORES, RESTORE_SECONDS, LAG, PARTITIONS, LAST_HANDLED):
            metric.labels(agent)
        for stage in get_args(Stage):
            for reason in REASONS[stage]:
                DEAD_LETTERS.labels(agent, stage, reason)
    for metric, words in (
        (CODINGS, get_args(Outcome)),
        (STANCES, get_args(StanceValue)),
        (MENTIONS, get_args(EventType)),
        (ALERTS, get_args(AlertKind)),
        (WEBHOOK_ATTEMPTS, WEBHOOK_RESULTS),
        (WEBHOOK_DELIVERIES, WEBHOOK_ENDS),
    ):
        for word in words:
            metric.labels(word)


_declare_children()


def count_outputs(found: Iterable[Record]) -> None:
    """Count records that have been sent and confirmed, by what they say."""
    for record in found:
        if isinstance(record, Coding):
            CODINGS.labels(record.outcome).inc()
        elif isinstance(record, Stance):
            STANCES.labels(record.stance).inc()
        elif isinstance(record, Mention):
            MENTIONS.labels(record.type).inc()
        elif isinstance(record, Alert):
            ALERTS.labels(record.kind).inc()


def exposition() -> bytes:
    """Return all metrics in Prometheus' text format."""
    return generate_latest(REGISTRY)
