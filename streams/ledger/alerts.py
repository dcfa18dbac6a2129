"""Alerts about events: who is told what, with the words that show it."""

from __future__ import annotations

from streams.ledger.cluster import Cluster
from streams.ledger.headlines import Names, headline, surge_headline
from streams.ledger.reports import News
from streams.ledger.weights import severity
from streams.records import Alert, AlertEvent, Severity, stable_id


def alert_id(event_id: str, key: str) -> str:
    """Return the id of the alert that an event raises for ``key``; the same whenever it is raised again."""
    return stable_id("alert", event_id, key)


def raised(cluster: Cluster, key: str, own: str | None = None) -> bool:
    """Whether the event, or one that turned out to be it, has raised the alert (by its ``own`` id) already."""
    account = cluster.account
    if not account.alerts:
        return False
    if (own or alert_id(account.event_id, key)) in account.alerts:
        return True
    return any(alert_id(one, key) in account.alerts for one in account.merged)


def event_alert(own: str, cluster: Cluster, news: News, watch: str, names: Names) -> Alert:
    """Return the alert with the id ``own`` for a point in the course of an event."""
    report = news.report
    return Alert(
        id=own,
        kind=news.kind,
        watch=watch,
        severity=_severity(cluster, news),
        headline=headline(cluster, news, names),
        article_id=report.article_id,
        title=report.title,
        source=report.source,
        url=report.url,
        published_at=report.published_at,
        confidence=report.confidence if news.kind != "corroborated" else round(cluster.account.confidence, 4),
        evidence=report.evidence,
        event=_about(cluster, news),
    )


def _severity(cluster: Cluster, news: News) -> Severity:
    if news.kind == "corroborated":
        return "routine"
    return severity(cluster.type, news.status, cluster.account.level, news.report.confidence)


def _about(cluster: Cluster, news: News) -> AlertEvent:
    return AlertEvent(
        event_id=cluster.account.event_id,
        type=cluster.type,
        parties=tuple(sorted(cluster.parties)),
        mediators=tuple(sorted(cluster.mediators - cluster.parties)),
        status=news.status,
        status_before=news.before,
        date=news.date,
    )


def surge_alert(cluster: Cluster, news: News, watch: str, count: int, days: int, usual: float, names: Names) -> Alert:
    """Return the alert for a burst of events, of which ``cluster`` is the newest."""
    report = news.report
    return Alert(
        id=alert_id(cluster.account.event_id, "surge"),
        kind="surge",
        watch=watch,
        severity="notable",
        headline=surge_headline(cluster.parties, count, days, usual, names),
        article_id=report.article_id,
        title=report.title,
        source=report.source,
        url=report.url,
        published_at=report.published_at,
        confidence=report.confidence,
        evidence=report.evidence,
        event=_about(cluster, news),
    )
