"""The small parts: dates, signatures, weights, settings."""

from __future__ import annotations

import datetime as dt

import pytest

from streams.ledger import LedgerConfig, signature, similar
from streams.ledger.dates import span
from streams.ledger.weights import decayed, severity, weight
from streams.settings import Settings

TEXT = " ".join(f"alpha{number} beta gamma{number % 7} delta{number % 11}" for number in range(80))
OTHER = " ".join(f"omega{number} psi chi{number % 5} phi{number % 13}" for number in range(80))


@pytest.mark.parametrize("date", ["", None, "2023-13", "2023-02-30", "soon", "2023-01-01-01x", "99999"])
def test_no_date_is_no_span(date: str | None) -> None:
    assert span(date) is None


def test_spans_know_their_precision() -> None:
    month, day = span("2023-02"), span("2023-02-28")
    assert month and day
    assert month.contains(day)
    assert not day.contains(month)
    assert (month.precision, day.precision, month.gap(day)) == ("month", "day", 0)


def test_the_settings_and_the_ledger_have_the_same_defaults() -> None:
    assert LedgerConfig.of(Settings()) == LedgerConfig()


def test_a_copy_is_similar_and_another_text_is_not() -> None:
    assert similar(signature(TEXT), signature(TEXT.replace("alpha3 ", "alpha3 indeed "))) > 0.8
    assert similar(signature(TEXT), signature(OTHER)) < 0.1
    assert similar(signature(TEXT), "") == 0.0
    assert similar("not hex", signature(TEXT)) == 0.0


def test_half_a_copy_is_found_by_containment() -> None:
    half = TEXT[: len(TEXT) // 2]
    assert similar(signature(TEXT), signature(half)) > 0.8
    assert similar(signature(TEXT), signature(f"{half} {OTHER}")) > LedgerConfig().copy_similarity


def test_denial_weighs_against_and_time_halves() -> None:
    assert weight("talks", "denied", "leader") < 0 < weight("talks", "proposed", "leader")
    now = dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)
    assert decayed(4.0, now - dt.timedelta(days=180), now, 180) == pytest.approx(2.0)
    assert decayed(4.0, now + dt.timedelta(days=1), now, 180) == 0.0


def test_severity_rises_with_what_is_at_stake() -> None:
    assert severity("diplomatic_ties", "occurred", "unknown", 0.9) == "urgent"
    assert severity("diplomatic_ties", "occurred", "unknown", 0.3) == "notable"
    assert severity("talks", "proposed", "official", 0.9) == "routine"
