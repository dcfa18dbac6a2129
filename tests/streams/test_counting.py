"""What is counted of the agents' outputs, through the real metrics; differences, as other tests count too."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from samples import DAY, EVIDENCE, alert, event, metric, position
from streams import metrics
from streams.counting import ARTICLE_TIME, RETRIEVED_TIME, Counting, travelling
from streams.records import Article, Coding, Mention, Stance, StatusChange

WATCHES = ("syria", "IRN-SAU")


def value(name: str, **labels: str) -> float:
    return metrics.REGISTRY.get_sample_value(name, labels) or 0.0


def gained(work: Callable[[], None], name: str, **labels: str) -> float:
    before = value(name, **labels)
    work()
    return value(name, **labels) - before


def article(**fields: Any) -> Article:
    return Article(id="a", title="t", text="x", source="s", published_at=DAY, **fields)


def coding(watch: str | None, outcome: Any, origin: Any = "live") -> Coding:
    return Coding(article_id="a", watch=watch, outcome=outcome, published_at=DAY, origin=origin)


def mention(**fields: Any) -> Mention:
    given: dict[str, Any] = {"id": "m", "watch": "syria", "article_id": "article", "title": "t", "source": "s"}
    given |= {"published_at": DAY, "confidence": 1.0, "evidence": EVIDENCE, "type": "talks", "parties": ("SYR", "TUR")}
    return Mention(**{**given, "status": "planned", **fields})


def stance(watch: str) -> Stance:
    return Stance(
        id="s", watch=watch, article_id="a", title="t", source="s", published_at=DAY, confidence=1.0,
        evidence=EVIDENCE, holder="TUR", stance="favor", basis="self",
    )  # fmt: skip


def test_an_article_counts_once_by_its_best_outcome() -> None:
    codings = [coding("syria", "not_relevant"), coding("IRN-SAU", "relevant")]

    def work() -> None:
        Counting(WATCHES).handled(0, article(), (), codings)

    assert gained(work, "detente_articles_total", origin="live", outcome="relevant") == 1
    assert gained(work, "detente_articles_total", origin="live", outcome="not_relevant") == 0
    assert gained(work, "detente_codings_total", outcome="not_relevant") == 1


@pytest.mark.parametrize(
    ("watch", "label"), [("syria", "syria"), ("IRN-SAU", "IRN-SAU"), ("SAU-IRN", "IRN-SAU"), ("KEN-TZA", "other")]
)
def test_watches_that_are_not_known_count_together(watch: str, label: str) -> None:
    def work() -> None:
        Counting(WATCHES).handled(0, article(), (), [stance(watch)])

    assert gained(work, "detente_stances_total", watch=label, stance="favor") == 1


def test_an_event_counts_when_a_report_brings_it_to_a_status() -> None:
    planned = StatusChange(status="planned", date=None, article_id="article", published_at=DAY)
    found = event("e", status_history=(planned,))
    later = msgspec.structs.replace(mention(), id="m2", article_id="another")
    counting = Counting(WATCHES)
    labels = {"watch": "syria", "type": "talks", "status": "planned"}
    assert gained(lambda: counting.handled(0, mention(), (), [found]), "detente_events_total", **labels) == 1
    assert gained(lambda: counting.handled(0, later, (), [found]), "detente_events_total", **labels) == 0
    gone = msgspec.structs.replace(found, merged_into="other")
    assert gained(lambda: counting.handled(0, mention(), (), [gone]), "detente_events_total", **labels) == 0


def test_delays_are_measured_from_the_times_that_travel_along() -> None:
    sent = time.time() - 3.0
    retrieved = dt.datetime.fromtimestamp(sent - 4.0, dt.timezone.utc)
    headers = travelling(article(retrieved_at=retrieved), sent)
    assert [name for name, _ in headers] == [ARTICLE_TIME, RETRIEVED_TIME]
    assert travelling(mention(), sent) == ()
    counting = Counting(WATCHES)

    def work(origin: str = "live") -> None:
        counting.handled(0, mention(origin=origin), headers, [alert("x", published_at=retrieved)])

    total = "detente_alert_delay_seconds_sum"
    assert gained(work, total, since="record") == pytest.approx(3.0, abs=1.0)
    assert gained(work, total, since="arrival") == pytest.approx(7.0, abs=1.0)
    assert gained(work, total, since="publication") == pytest.approx(7.0, abs=1.0)
    assert gained(lambda: work("replay"), "detente_alert_delay_seconds_count", since="publication") == 0
    assert gained(work, "detente_alerts_total", kind="new_event", severity="notable") == 1


def test_positions_and_index_are_told_while_the_partition_is_ours() -> None:
    counting = Counting(WATCHES)
    favor = {"watch": "syria", "stance": "favor"}
    start = value("detente_positions", **favor)
    counting.standing(
        1, [position("TUR"), position("EGY"), position("QAT", stance="against"), position("SAU", stance=None)]
    )
    assert value("detente_positions", **favor) == start + 2
    counting.standing(1, [position("EGY", stance="conditional")])
    assert value("detente_positions", **favor) == start + 1
    counting.forget("positions", [0, 1])
    assert value("detente_positions", **favor) == start


def test_the_index_is_that_of_the_newest_day() -> None:
    counting = Counting(WATCHES)
    counting.standing(2, [metric(DAY, 1.5), metric(DAY - dt.timedelta(days=1), 0.5), metric(DAY, 9.0, "KEN-TZA")])
    assert value("detente_rapprochement_index", watch="syria") == 1.5
    assert value("detente_rapprochement_index_day_timestamp_seconds", watch="syria") == DAY.timestamp()
    assert metrics.REGISTRY.get_sample_value("detente_rapprochement_index", {"watch": "other"}) is None
    counting.forget("tallies", [2])
    assert metrics.REGISTRY.get_sample_value("detente_rapprochement_index", {"watch": "syria"}) is None


def test_all_series_of_a_watch_are_there_before_its_first_event() -> None:
    Counting(["XXX-YYY"])
    labels = {"watch": "XXX-YYY", "type": "talks", "status": "denied"}
    assert metrics.REGISTRY.get_sample_value("detente_events_total", labels) == 0
