"""Alerts quote their record in context; what is held and written as state does not."""

from __future__ import annotations

import datetime as dt
from typing import Any

from streams.ledger import Ledger, Positions
from streams.records import Evidence, Mention, Stance, encode

DAY = dt.datetime(2024, 3, 10, 9, tzinfo=dt.timezone.utc)
EVIDENCE = Evidence("They signed.", 10, 22, before="It was cold.", after="Then they left.")


def coded(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "id": f"m{number}",
        "watch": "IRN-SAU",
        "article_id": f"a{number}",
        "title": "A title",
        "source": f"Outlet {number}",
        "published_at": DAY + dt.timedelta(days=number),
        "confidence": 0.9,
        "evidence": EVIDENCE,
        **fields,
    }


def test_an_alert_of_an_event_quotes_in_context_and_the_event_does_not_keep_it() -> None:
    mention = Mention(**coded(0, type="agreement", parties=("IRN", "SAU"), status="occurred", date="2024-03-10"))
    outcome = Ledger().apply(mention)
    assert [alert.evidence for alert in outcome.alerts] == [EVIDENCE]
    assert [report.evidence.text for event in outcome.events for report in event.reports] == ["They signed."]
    assert not any(b"It was cold." in encode(event) for event in outcome.events)


def test_an_alert_of_a_shift_quotes_in_context_and_the_position_does_not_keep_it() -> None:
    positions = Positions()
    values = ("against", "favor")
    moved = [
        positions.apply(Stance(**coded(number, holder="SAU", stance=value, basis="self")))
        for number, value in enumerate(values)
    ]
    (alert,) = moved[1].alerts
    assert alert.evidence == EVIDENCE
    assert moved[1].position is not None
    assert moved[1].position.evidence.text == "They signed."
    assert b"It was cold." not in encode(moved[1].position)
