"""Every metric of the worker, declared once: base units, bounded labels, all children present from the start.

A registry of our own keeps out what libraries register for themselves. The children are made at once, so that a
counter that has never counted is 0 on the first scrape, and a rate over it is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
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
from prometheus_client.metrics import MetricWrapperBase

import streams
from streams.records import AlertKind, EventType, Origin, Outcome, Severity, Stage, StanceValue, Status

AGENTS = ("coder", "ledger", "positions", "tallies")
REASONS = {
    "decode": ("empty", "not_json", "schema", "state"),
    "process": ("exception", "input"),
    "produce": ("too_large", "refused", "undelivered"),
}
"""The closed list of reasons for a dead letter, by stage."""

# A batch takes from a millisecond (tallies) to seconds (a hundred articles through the encoder).
SECONDS_BUCKETS = (0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
# The core takes ten microseconds for a tally and up to a second for a long article through the encoder.
RECORD_BUCKETS = (0.0001, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
# From the flow itself (under a second) over a feed's polling (minutes) to news that is found days later.
DELAY_BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 900, 3600, 21600, 86400, 259200)
DELAYS = ("publication", "arrival", "record")
OTHER = "other"
"""The label of watches that are no built-in ones nor the operator's own: pairs are without number."""

disable_created_metrics()  # type: ignore[no-untyped-call] # they double the series, and nothing here asks when a counter began
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

BUILD = Info("detente_build", "The version that runs.", registry=REGISTRY)
CODER = Info("detente_coder", "The reader and the digest of the lexicon that code the articles.", registry=REGISTRY)
RECORDS = Counter("detente_records", "Records handled to their end.", ["agent"], registry=REGISTRY)
ARTICLES = Counter(
    "detente_articles",
    "Articles coded, by where they come from and their best outcome on any watch.",
    ["origin", "outcome"],
    registry=REGISTRY,
)
CODINGS = Counter("detente_codings", "Outcomes of articles, one for each watch.", ["outcome"], registry=REGISTRY)
STANCES = Counter("detente_stances", "Stances found in articles.", ["watch", "stance"], registry=REGISTRY)
MENTIONS = Counter("detente_mentions", "Reports of steps found in articles.", ["type"], registry=REGISTRY)
EVENTS = Counter(
    "detente_events",
    "Steps that came to a status: new ones, and changes of known ones. Background counts too.",
    ["watch", "type", "status"],
    registry=REGISTRY,
)
ALERTS = Counter(
    "detente_alerts", "Alerts sent, counting again what is sent again.", ["kind", "severity"], registry=REGISTRY
)
POSITIONS = Gauge(
    "detente_positions", "Actors by the stance that they hold on a watch.", ["watch", "stance"], registry=REGISTRY
)
INDEX = Gauge(
    "detente_rapprochement_index", "The index of a watch at the end of its newest day.", ["watch"], registry=REGISTRY
)
INDEX_DAY = Gauge(
    "detente_rapprochement_index_day_timestamp_seconds",
    "The newest day of a watch that anything was told of.",
    ["watch"],
    registry=REGISTRY,
)
ALERT_DELAY_SECONDS = Histogram(
    "detente_alert_delay_seconds",
    "Time to an alert: since publication (live articles only), arrival at the producer, or the article's record.",
    ["since"],
    buckets=DELAY_BUCKETS,
    registry=REGISTRY,
)
DEAD_LETTERS = Counter(
    "detente_dead_letters", "Records that could not be handled.", ["agent", "stage", "reason"], registry=REGISTRY
)
RECORD_SECONDS = Histogram(
    "detente_record_seconds",
    "Time of the pure core for one record; for the agent coder: the coding of one article.",
    ["agent"],
    buckets=RECORD_BUCKETS,
    registry=REGISTRY,
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
READ_AGAIN = Counter(
    "detente_read_again",
    "Times that fetched records were dropped on their way to an agent, and read again.",
    registry=REGISTRY,
)
LAG = Gauge(
    "detente_lag_records", "Records of this worker's partitions that wait.", ["agent", "topic"], registry=REGISTRY
)
PARTITIONS = Gauge("detente_assigned_partitions", "Partitions that this worker has.", ["agent"], registry=REGISTRY)
LAST_HANDLED = Gauge(
    "detente_last_handled_timestamp_seconds",
    "When a record was last handled.",
    ["agent"],
    registry=REGISTRY,
)
NEWEST_RECORD = Gauge(
    "detente_newest_record_timestamp_seconds",
    "When the newest record that was handled was sent to its topic.",
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

# The live page: served with the page itself, at its own port.
PAGE_PARTS = ("page", "api", "stream", "feed", "probe", "other")
"""What is asked for: the page and its files, its data, its stream of alerts, the Atom feed, health and metrics."""
PAGE_TOPICS = ("alerts", "events", "positions", "metrics")
PAGE_REGISTRY = CollectorRegistry()
ProcessCollector(registry=PAGE_REGISTRY)
PlatformCollector(registry=PAGE_REGISTRY)
PAGE_REQUESTS = Counter(
    "detente_page_requests", "Answers of the live page, by what was asked for and the status's first digit.",
    ["part", "status"], registry=PAGE_REGISTRY,
)  # fmt: skip
PAGE_STREAMS = Gauge(
    "detente_page_streams", "Pages that are open and hear alerts as they come.", registry=PAGE_REGISTRY
)
PAGE_RECORDS = Counter("detente_page_records", "Records read for the live page.", ["topic"], registry=PAGE_REGISTRY)
PAGE_LAG = Gauge(
    "detente_page_lag_records", "Records that the live page has not read yet.", ["topic"], registry=PAGE_REGISTRY
)
PAGE_NEWEST_RECORD = Gauge(
    "detente_page_newest_record_timestamp_seconds",
    "When the newest record that the live page shows was sent to its topic.",
    ["topic"],
    registry=PAGE_REGISTRY,
)


AGENT_METRICS = (
    RECORDS,
    RECORD_SECONDS,
    BATCH_SECONDS,
    RESTORES,
    RESTORE_SECONDS,
    PARTITIONS,
    LAST_HANDLED,
    NEWEST_RECORD,
)
SOURCES = {
    "coder": ("articles",),
    "ledger": ("mentions",),
    "positions": ("stances",),
    "tallies": ("codings", "events"),
}
"""What each agent reads, by the names of the topics without their prefix."""
CHILDREN: tuple[tuple[MetricWrapperBase, tuple[Sequence[str], ...]], ...] = (
    *((metric, (AGENTS,)) for metric in AGENT_METRICS),
    (ARTICLES, (get_args(Origin), get_args(Outcome))),
    (CODINGS, (get_args(Outcome),)),
    (MENTIONS, (get_args(EventType),)),
    (ALERTS, (get_args(AlertKind), get_args(Severity))),
    (ALERT_DELAY_SECONDS, (DELAYS,)),
    (PAGE_REQUESTS, (PAGE_PARTS, ("2", "3", "4", "5"))),
    (PAGE_RECORDS, (PAGE_TOPICS,)),
    (PAGE_LAG, (PAGE_TOPICS,)),
    (PAGE_NEWEST_RECORD, (PAGE_TOPICS,)),
    (WEBHOOK_ATTEMPTS, (WEBHOOK_RESULTS,)),
    (WEBHOOK_DELIVERIES, (WEBHOOK_ENDS,)),
)
"""The values of the labels, by metric, in the order of its labels."""
WATCH_CHILDREN: tuple[tuple[MetricWrapperBase, tuple[Sequence[str], ...]], ...] = (
    (STANCES, (get_args(StanceValue),)),
    (POSITIONS, (get_args(StanceValue),)),
    (EVENTS, (get_args(EventType), get_args(Status))),
)
"""The same for metrics whose first label is the watch."""


def _declare_children() -> None:
    BUILD.info({"version": streams.__version__})
    CODER.info({"reader": "", "lexicon": ""})
    for metric, values in CHILDREN:
        for labels in product(*values):
            metric.labels(*labels)
    for agent in AGENTS:
        for topic in SOURCES[agent]:
            LAG.labels(agent, topic)
        for stage in get_args(Stage):
            for reason in REASONS[stage]:
                DEAD_LETTERS.labels(agent, stage, reason)
    know_watches(())


def know_watches(ids: Iterable[str]) -> frozenset[str]:
    """Make the children of these watches and of all others together; return the ids.

    Some 6,000 series for the built-in watches, a scrape of half a megabyte: made when a watch is first heard of, they
    would hide its first event from every rate, which is the one that people wait for.
    """
    known = frozenset(ids)
    for metric, values in WATCH_CHILDREN:
        for labels in product((*sorted(known), OTHER), *values):
            metric.labels(*labels)
    return known


_declare_children()


def exposition() -> bytes:
    """Return all metrics in Prometheus' text format."""
    return generate_latest(REGISTRY)
