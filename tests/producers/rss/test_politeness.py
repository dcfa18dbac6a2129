"""What a publisher sees of us in a simulated week: requests counted at the origin, on real sockets."""

from __future__ import annotations

import itertools

from producers.rss.limits import DAY, HOUR, MINUTE
from producers.rss.model import Feed

WEEK_HOURS = 7 * 24


def gaps(requests) -> list[float]:
    return [b.at - a.at for a, b in itertools.pairwise(requests)]


def test_a_week_of_a_quiet_and_a_busy_feed(origin, produce, sink, reply, make_feed, make_item, clock, capsys) -> None:
    start = clock.now()

    def busy(request):
        hour = int((clock.now() - start) // HOUR)
        return reply(make_feed(*(make_item(number) for number in range(max(0, hour - 20), hour + 1))))

    origin.on("/quiet", reply(make_feed(make_item(9999))))
    origin.on("/busy", busy)
    produce([Feed(url=origin.url("/quiet"), text="feed"), Feed(url=origin.url("/busy"), text="feed")], seconds=7 * DAY)
    quiet, often = origin.seen("/quiet"), origin.seen("/busy")
    with capsys.disabled():
        print(f"\n  a week: {len(quiet)} requests for a quiet feed, {len(often)} for one with an article an hour")  # noqa: T201
    assert len(quiet) < WEEK_HOURS
    assert len(quiet) >= 7
    assert len(often) <= 7 * DAY / (10 * MINUTE)
    assert min(gaps(often)) >= 10 * MINUTE
    assert min(gaps(origin.requests)) >= 2.0
    assert len({article.id for article in sink.articles}) >= WEEK_HOURS


def test_a_week_with_an_origin_that_wants_to_be_left_alone(origin, produce, reply, make_feed, make_item, clock) -> None:
    """Every third answer is 429 or 503 with a Retry-After, in both forms: no request, to any feed, before it ends."""
    asked: list[tuple[float, float]] = []
    count = itertools.count()

    def moody(request):
        number = next(count)
        if number % 3:
            return reply(make_feed(make_item(1)))
        until = clock.now() + (7 * HOUR if number % 2 else 20 * MINUTE)
        asked.append((clock.now(), until))
        if number % 2:
            return reply(b"", 503, {"Retry-After": "25200"})
        import email.utils

        return reply(b"", 429, {"Retry-After": email.utils.formatdate(until, usegmt=True)})

    feeds = [Feed(url=origin.on(f"/{number}", moody), text="feed") for number in range(4)]
    produce(feeds, seconds=7 * DAY)
    assert len(asked) > 5
    early = [(at, until) for at, until in asked for request in origin.requests if at < request.at < until - 1]
    assert early == []


def test_a_week_of_a_broken_feed_costs_few_requests(origin, produce, reply, clock) -> None:
    produce([Feed(url=origin.on("/f", reply(b"", 500)), text="feed")], seconds=7 * DAY)
    assert len(origin.requests) <= 14


def test_a_month_of_a_broken_feed_retires_it(origin, produce, reply) -> None:
    (state,) = produce([Feed(url=origin.on("/f", reply(b"", 404)), text="feed")], seconds=40 * DAY)
    assert state.retired
    assert len(origin.requests) <= 25


def test_an_interval_of_the_feeds_file_is_kept(origin, produce, reply, make_feed, make_item) -> None:
    url = origin.on("/f", lambda request: reply(make_feed(make_item(len(origin.requests)))))
    produce([Feed(url=url, text="feed", interval="3h")], seconds=2 * DAY)
    assert min(gaps(origin.requests)) >= 3 * HOUR
    assert len(origin.requests) >= 14
