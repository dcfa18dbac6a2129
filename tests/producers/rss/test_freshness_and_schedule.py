"""Headers about time, and the rules for the next poll."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.rss import limits
from producers.rss.durations import brief, parse_duration
from producers.rss.freshness import fresh_for, retry_at, validator
from producers.rss.schedule import FeedState, Pace, PollEnd, after, wants_full

NOW = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT
START = FeedState(key="k", url="http://x/")


def step(state: FeedState, now: float = NOW, pace: Pace | None = None, **end: object) -> FeedState:
    return after(state, PollEnd(**{"outcome": "ok", **end}), pace or Pace(), now, random.Random(1))  # noqa: S311


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120),
        ({"retry-after": " 7 "}, 7),
        ({"retry-after": "Tue, 14 Nov 2023 23:13:20 GMT"}, 3600),
        ({"retry-after": "Tue, 14 Nov 2023 23:13:20 GMT", "date": "Tue, 14 Nov 2023 23:03:20 GMT"}, 600),
        ({"retry-after": "Tue, 14 Nov 2000 23:13:20 GMT"}, 0),
        ({"retry-after": "999999999999"}, limits.RETRY_AFTER_LIMIT),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_in_both_forms(headers, seconds) -> None:
    assert retry_at(headers, NOW) == (None if seconds is None else NOW + seconds)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "public, max-age=900"}, 900),
        ({"cache-control": "max-age=900", "age": "300"}, 600),
        ({"cache-control": 'max-age="60"'}, 60),
        ({"cache-control": "no-cache, max-age=900"}, 0),
        ({"cache-control": "s-maxage=900"}, 0),
        ({"cache-control": "max-age=99999999999"}, limits.PUBLISHER_WISH_LIMIT),
        ({"expires": "Tue, 14 Nov 2023 23:13:20 GMT"}, 3600),
        ({"expires": "0"}, 0),
        ({}, 0),
    ],
)
def test_how_long_a_response_is_fresh(headers, seconds) -> None:
    assert fresh_for(headers, NOW) == seconds


@given(st.text(), st.text(), st.text())
def test_no_header_raises(control, expires, retry) -> None:
    headers = {"cache-control": control, "expires": expires, "retry-after": retry, "date": expires, "age": retry}
    assert fresh_for(headers, NOW) >= 0
    assert (retry_at(headers, NOW) or NOW) >= NOW


def test_validators_are_opaque_and_bounded() -> None:
    assert validator({"etag": 'W/"a b\\c"; x'}, "etag") == 'W/"a b\\c"; x'
    assert validator({"etag": "x" * 5000}, "etag") is None
    assert validator({}, "etag") is None


def test_news_makes_a_feed_faster_and_quiet_slower_within_bounds() -> None:
    state = START
    for _ in range(20):
        state = step(state, new=1)
    assert state.interval == limits.SHORTEST_INTERVAL
    for _ in range(20):
        state = step(state, outcome="not_modified")
    assert state.interval == limits.LONGEST_INTERVAL


def test_a_publisher_s_wish_is_a_minimum() -> None:
    assert step(START, wish=5 * limits.HOUR).next_poll >= NOW + 5 * limits.HOUR


def test_validators_change_only_with_content_that_was_taken() -> None:
    state = step(START, etag='"1"', last_modified="then")
    assert (state.etag, state.last_modified) == ('"1"', "then")
    assert step(state, outcome="not_modified", etag='"2"').etag == '"1"'
    assert step(state, outcome="parse_failed", etag='"2"').etag == '"1"'
    assert step(state, etag='"2"', keep_validators=False).etag is None
    assert step(state, etag=None).etag is None


def test_a_full_fetch_is_forced_now_and_then() -> None:
    state = step(START, etag='"1"')
    assert not wants_full(state, Pace(), NOW + limits.DAY - 1)
    assert wants_full(state, Pace(), NOW + limits.DAY)
    assert wants_full(step(state, NOW + 100, outcome="not_modified"), Pace(), NOW + limits.DAY)


def test_errors_back_off_to_a_day_and_end_when_the_budget_is_spent() -> None:
    state, now, waits = START, NOW, []
    while not state.retired:
        state = step(state, now, outcome="http_error")
        waits.append(state.next_poll - now)
        now = max(now, state.next_poll)
    assert waits[0] > START.interval
    assert max(waits) <= limits.BACKOFF_LIMIT * 1.1
    assert now - NOW >= limits.ERROR_BUDGET_SECONDS
    assert len(waits) < 30
    assert "failed" in state.retired


def test_a_machine_that_was_off_for_a_month_retires_nothing() -> None:
    state = step(step(START, outcome="timeout"), NOW + 40 * limits.DAY, outcome="timeout")
    assert not state.retired


def test_a_success_ends_the_back_off() -> None:
    state = step(step(START, outcome="timeout"), outcome="ok")
    assert (state.failures, state.failing_since) == (0, 0.0)


def test_gone_retires_at_once() -> None:
    assert step(START, outcome="gone").retired == "gone"


def test_our_own_broker_s_failure_is_not_the_feed_s() -> None:
    state = step(START, outcome="publish_failed")
    assert state.failures == 0
    assert state.next_poll > NOW


@given(st.lists(st.tuples(st.sampled_from(["ok", "not_modified", "timeout", "rate_limited", "host_paused"]),
                          st.floats(0, 1e6), st.integers(0, 5)), max_size=30))  # fmt: skip
def test_no_poll_before_the_shortest_interval_or_retry_after(polls) -> None:
    state, now = START, NOW
    for outcome, wait, new in polls:
        state = step(state, now, outcome=outcome, new=new, retry_at=now + wait)
        if state.retired:
            break
        assert state.next_poll >= now
        if outcome not in ("ok", "not_modified"):
            assert state.next_poll >= now + wait
        else:
            assert state.next_poll >= now + limits.SHORTEST_INTERVAL
        now = state.next_poll


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("15m", 900), ("6H", 21600), (" 1d ", 86400)])
def test_durations(text, seconds) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "0m", "-1m", "1y", "99999999m", "1.5h"])
def test_what_is_no_duration(text) -> None:
    with pytest.raises(ValueError, match="no time"):
        parse_duration(text)


def test_durations_are_shown_briefly() -> None:
    assert [brief(value) for value in (4, 900, 90061, 0)] == ["4s", "15m", "1d 1h", "0s"]
