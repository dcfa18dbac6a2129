"""What the dashboards show: every panel with its question, its expressions and its unit; no Grafana here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["lines", "bars", "stat", "table", "gauges", "news", "text"]
FULL, HALF, THIRD, QUARTER = 24, 12, 8, 6
"""Widths, in the 24 columns of Grafana's grid."""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One panel; ``series`` are pairs of expression and legend."""

    title: str
    text: str
    series: tuple[tuple[str, str], ...] = ()
    unit: str = "short"
    kind: Kind = "lines"
    width: int = HALF
    height: int = 8
    may_be_empty: str = ""
    """Why it shows nothing on a system that is well; empty for a panel that always has data."""


@dataclass(frozen=True, kw_only=True)
class Board:
    """One dashboard: rows of panels under a heading."""

    uid: str
    title: str
    text: str
    rows: tuple[tuple[str, tuple[Panel, ...]], ...]
    range: str = "now-6h"
    by_watch: bool = False


def quantile(share: float, metric: str, by: str = "", labels: str = "") -> str:
    """Return the expression for a quantile of a histogram over the panel's rate interval."""
    keys = f"{by}, le" if by else "le"
    return f"histogram_quantile({share}, sum by ({keys}) (rate({metric}_bucket{labels}[$__rate_interval])))"


def rate(metric: str, by: str) -> str:
    """Return the expression for a rate by one label."""
    return f"sum by ({by}) (rate({metric}[$__rate_interval]))"


def increase(metric: str, by: str, span: str = "$__rate_interval") -> str:
    """Return the expression for an increase by some labels."""
    return f"sum by ({by}) (increase({metric}[{span}]))"


W = '{watch=~"$watch"}'
NO_ALERTS = "where no alert was raised in the time shown, there is no delay to show"
NO_WEBHOOKS = "only where `detente webhooks` runs and Prometheus scrapes it"
NO_PAGE = "only where `detente web` runs and Prometheus scrapes it"

DIPLOMACY = Board(
    uid="detente-diplomacy",
    title="Détente: diplomacy",
    text="Which relations mend, who stands where, what was told last.",
    range="now-30d",
    by_watch=True,
    rows=(
        (
            "Relations",
            (
                Panel(
                    title="Rapprochement index",
                    text="The decayed sum of the weights of a watch's events at the end of its newest day: above zero "
                    "relations mend.",
                    series=((f"watch:detente_rapprochement_index:max{W}", "{{watch}}"),),
                    width=16,
                    height=10,
                ),
                Panel(
                    title="Latest alerts",
                    text="The live page's Atom feed; the page itself, with the words that prove each alert, is at "
                    "http://127.0.0.1:6066/. It answers Grafana if page_allow_origin names Grafana's address.",
                    kind="news",
                    width=THIRD,
                    height=10,
                ),
                Panel(
                    title="Steps by type",
                    text="New steps and changes of status, as they were told. After a replay they stand at the time "
                    "of the replay, not of the steps: the live page's timeline has those.",
                    series=((increase(f"detente_events_total{W}", "type"), "{{type}}"),),
                    kind="bars",
                ),
                Panel(
                    title="Stances in articles",
                    text="What articles say actors think of improving ties.",
                    series=((increase(f"detente_stances_total{W}", "stance"), "{{stance}}"),),
                    kind="bars",
                ),
            ),
        ),
        (
            "Who stands where",
            (
                Panel(
                    title="Actors by their standing stance",
                    text="How many actors are for, against, or for it on a condition. The live page names them.",
                    series=((f"watch:detente_positions:sum{W} > 0", "{{watch}} {{stance}}"),),
                    kind="gauges",
                ),
                Panel(
                    title="Steps in the time shown",
                    text="By watch, type and status.",
                    series=(
                        (f"round({increase(f'detente_events_total{W}', 'watch, type, status', '$__range')}) > 0", ""),
                    ),
                    kind="table",
                ),
                Panel(
                    title="Alerts in the time shown",
                    text="By kind and severity, of all watches.",
                    series=((f"round({increase('detente_alerts_total', 'kind, severity', '$__range')}) > 0", ""),),
                    kind="table",
                ),
                Panel(
                    title="Silence",
                    text="Time since the newest day on which a watch was heard of: an old index is an old answer.",
                    series=((f"time() - detente_rapprochement_index_day_timestamp_seconds{W}", "{{watch}}"),),
                    kind="gauges",
                    unit="s",
                ),
            ),
        ),
    ),
)

PIPELINE = Board(
    uid="detente-pipeline",
    title="Détente: pipeline",
    text="Whether articles get through: rates, delays, lag, dead letters.",
    rows=(
        (
            "At a glance",
            (
                Panel(
                    title="Workers",
                    text="Workers that answer.",
                    series=(('sum(up{job="detente-worker"})', ""),),
                    kind="stat",
                    width=QUARTER,
                    height=4,
                ),
                Panel(
                    title="Records that wait",
                    text="Lag of all topics together.",
                    series=(("sum(topic:detente_lag_records:sum)", ""),),
                    kind="stat",
                    width=QUARTER,
                    height=4,
                ),
                Panel(
                    title="Dead letters, last day",
                    text="Records that could not be handled.",
                    series=(("round(sum(increase(detente_dead_letters_total[1d])))", ""),),
                    kind="stat",
                    width=QUARTER,
                    height=4,
                ),
                Panel(
                    title="Rules that fire",
                    text="Alerting rules of Prometheus.",
                    series=(('count(ALERTS{alertstate="firing"}) or vector(0)', ""),),
                    kind="stat",
                    width=QUARTER,
                    height=4,
                ),
            ),
        ),
        (
            "Rates",
            (
                Panel(
                    title="Articles by outcome",
                    text="Each article once, with its best outcome on any watch.",
                    series=(("sum by (outcome) (detente:articles:rate5m)", "{{outcome}}"),),
                    unit="cps",
                ),
                Panel(
                    title="Articles by origin",
                    text="Live feeds, replays, and background that raises no alert.",
                    series=(("sum by (origin) (detente:articles:rate5m)", "{{origin}}"),),
                    unit="cps",
                ),
                Panel(
                    title="Records by agent",
                    text="Records handled to their end.",
                    series=((rate("detente_records_total", "agent"), "{{agent}}"),),
                    unit="cps",
                ),
                Panel(
                    title="Codings and mentions",
                    text="Outcomes by article and watch, and reports of steps.",
                    series=(
                        (rate("detente_codings_total", "outcome"), "coding: {{outcome}}"),
                        (rate("detente_mentions_total", "type"), "mention: {{type}}"),
                    ),
                    unit="cps",
                ),
            ),
        ),
        (
            "Delay and lag",
            (
                Panel(
                    title="Time to an alert, 95 in 100",
                    text="Since publication (live articles), since the producer got the article, since its record.",
                    series=((quantile(0.95, "detente_alert_delay_seconds", "since"), "{{since}}"),),
                    unit="s",
                    may_be_empty=NO_ALERTS,
                ),
                Panel(
                    title="Records that wait, by topic",
                    text="Of the partitions that the workers have.",
                    series=(("topic:detente_lag_records:sum", "{{topic}}"),),
                ),
                Panel(
                    title="Age of the newest record handled",
                    text="How far behind each agent is, if anything comes at all.",
                    series=(
                        ("time() - (max by (agent) (detente_newest_record_timestamp_seconds) > 0)", "{{agent}}"),
                        (
                            "time() - (max by (topic) (detente_page_newest_record_timestamp_seconds) > 0)",
                            "live page: {{topic}}",
                        ),
                    ),
                    unit="s",
                ),
                Panel(
                    title="Time since a record was handled",
                    text="A stuck agent's line rises while its topic's lag does not fall.",
                    series=(("time() - (max by (agent) (detente_last_handled_timestamp_seconds) > 0)", "{{agent}}"),),
                    unit="s",
                ),
                Panel(
                    title="Time to code an article",
                    text="The coder alone, without Kafka.",
                    series=tuple(
                        (quantile(share, "detente_record_seconds", labels='{agent="coder"}'), f"{share:.0%}")
                        for share in (0.5, 0.95, 0.99)
                    ),
                    unit="s",
                ),
                Panel(
                    title="Time of a batch, 95 in 100",
                    text="From taking a batch to the confirmation of all that came of it.",
                    series=((quantile(0.95, "detente_batch_seconds", "agent"), "{{agent}}"),),
                    unit="s",
                ),
                Panel(
                    title="Coders at work",
                    text="Share of the time that each worker's coder is busy; near one, more workers are needed.",
                    series=(("instance:detente_coder_busy:ratio10m", "{{instance}}"),),
                    unit="percentunit",
                ),
                Panel(
                    title="Partitions by worker",
                    text="Workers should have about the same number, all together each once.",
                    series=(("max by (instance) (detente_assigned_partitions)", "{{instance}}"),),
                ),
            ),
        ),
        (
            "Trouble",
            (
                Panel(
                    title="Dead letters by stage and reason",
                    text="`detente dead-letters list` shows them.",
                    series=((increase("detente_dead_letters_total", "stage, reason"), "{{stage}}: {{reason}}"),),
                    kind="bars",
                ),
                Panel(
                    title="Share of dead letters",
                    text="Of all records that came to their end in a quarter of an hour.",
                    series=(("detente:dead_letters:ratio15m", "share"),),
                    unit="percentunit",
                ),
                Panel(
                    title="Sends repeated, fetches and state read again",
                    text="A broker in trouble, and rebalances.",
                    series=(
                        ("sum(increase(detente_send_retries_total[$__rate_interval]))", "sends repeated"),
                        ("sum(increase(detente_read_again_total[$__rate_interval]))", "dropped fetches read again"),
                        (increase("detente_state_restores_total", "agent"), "partitions read back: {{agent}}"),
                        (increase("detente_state_restore_seconds_total", "agent"), "seconds of it: {{agent}}"),
                    ),
                ),
                Panel(
                    title="Memory",
                    text="Resident memory by process.",
                    series=(('process_resident_memory_bytes{job=~"detente-.*"}', "{{job}} {{instance}}"),),
                    unit="bytes",
                ),
                Panel(
                    title="Webhooks: attempts and ends",
                    text="What came of attempts, and of messages.",
                    series=(
                        (increase("detente_webhook_attempts_total", "result"), "attempt: {{result}}"),
                        (increase("detente_webhook_deliveries_total", "outcome"), "message: {{outcome}}"),
                    ),
                    may_be_empty=NO_WEBHOOKS,
                ),
                Panel(
                    title="Webhooks: time of an attempt, 95 in 100",
                    text="How long the receiver takes.",
                    series=((quantile(0.95, "detente_webhook_attempt_seconds"), "attempt"),),
                    unit="s",
                    may_be_empty=NO_WEBHOOKS,
                ),
                Panel(
                    title="Live page: answers and open pages",
                    text="Answers by status, and pages that hear alerts as they come.",
                    series=(
                        (rate("detente_page_requests_total", "status"), "{{status}}xx"),
                        ("sum(detente_page_streams)", "open pages"),
                    ),
                    may_be_empty=NO_PAGE,
                ),
                Panel(
                    title="Live page: how far behind",
                    text="Records that it has not read yet, and those that it reads in a second.",
                    series=(
                        ("sum(detente_page_lag_records)", "not read yet"),
                        ("sum(rate(detente_page_records_total[$__rate_interval]))", "read in a second"),
                    ),
                    may_be_empty=NO_PAGE,
                ),
                Panel(
                    title="What runs",
                    text="Version, reader and word lists of each worker: after an upgrade all should be the same.",
                    series=(
                        ("max by (instance, version) (detente_build_info)", ""),
                        ("max by (instance, reader, lexicon) (detente_coder_info)", ""),
                    ),
                    kind="table",
                    width=FULL,
                    height=6,
                ),
            ),
        ),
    ),
)

FEEDS = Board(
    uid="detente-feeds",
    title="Détente: feeds",
    text="Whether the feeds answer, and what becomes of their entries.",
    range="now-24h",
    rows=(
        (
            "Feeds",
            (
                Panel(
                    title="Feeds by how they are",
                    text="Failing feeds are tried ever more seldom; retired ones no more.",
                    series=(("sum by (state) (detente_feeds)", "{{state}}"),),
                ),
                Panel(
                    title="Polls by outcome",
                    text="How polls ended.",
                    series=((increase("detente_feed_fetches_total", "outcome"), "{{outcome}}"),),
                    kind="bars",
                ),
                Panel(
                    title="Time since a feed answered well",
                    text="`detente feeds status` says what it answered last.",
                    series=(("time() - max by (feed) (detente_feed_last_success_timestamp_seconds)", "{{feed}}"),),
                    kind="gauges",
                    unit="s",
                ),
                Panel(
                    title="Time until the next poll",
                    text="Below zero: due, and waiting for its turn.",
                    series=(("max by (feed) (detente_feed_next_poll_timestamp_seconds) - time()", "{{feed}}"),),
                    kind="gauges",
                    unit="s",
                ),
            ),
        ),
        (
            "Entries",
            (
                Panel(
                    title="Entries by the rule that decided",
                    text="New ones, new versions, and the ways in which an entry was known already.",
                    series=((increase("detente_feed_entries_total", "rule"), "{{rule}}"),),
                    kind="bars",
                ),
                Panel(
                    title="How texts were had",
                    text="From the feed, from the page, or only as a summary and why.",
                    series=((increase("detente_feed_texts_total", "from"), "{{from}}"),),
                    kind="bars",
                ),
                Panel(
                    title="Articles that Kafka did not take",
                    text="They are tried again at the next poll.",
                    series=((increase("detente_feed_refused_articles_total", "reason"), "{{reason}}"),),
                    kind="bars",
                ),
                Panel(
                    title="Bytes received",
                    text="For feeds and their redirects.",
                    series=(("sum(rate(detente_feed_received_bytes_total[$__rate_interval]))", "received"),),
                    unit="Bps",
                ),
                Panel(
                    title="Time of a request",
                    text="With its redirects, without waiting for its turn.",
                    series=tuple(
                        (quantile(share, "detente_feed_fetch_seconds"), f"{share:.0%}") for share in (0.5, 0.95)
                    ),
                    unit="s",
                    may_be_empty="where no feed was polled in the time shown",
                ),
                Panel(
                    title="Live articles coded",
                    text="What came of them, by outcome.",
                    series=(('sum by (outcome) (detente:articles:rate5m{origin="live"})', "{{outcome}}"),),
                    unit="cps",
                ),
            ),
        ),
    ),
)

BOARDS = (DIPLOMACY, PIPELINE, FEEDS)
UNPLOTTED: dict[str, str] = {}
"""Metrics that no panel shows, with the reason; a test holds this list and the panels against the declarations."""
