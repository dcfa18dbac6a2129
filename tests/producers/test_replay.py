from __future__ import annotations

from collections.abc import Iterable

import pytest

from producers.publisher import Failure, Settled
from producers.replay import KEPT_FAILURES, Ahead, Moment, Pacer, Tally, parse_speed, replay
from producers.timeline import Queued
from streams.errors import InputError

GONE = Failure("x", "no_answer", "no acknowledgement")
LARGE = Failure("x", "too_large", "too large")
DAY = 86_400.0


class FakeSink:
    """Stands for a publisher: fails as told, and settles when asked."""

    def __init__(self, failures: dict[int, Failure] | None = None) -> None:
        self.sent: list[str] = []
        self._failures = failures or {}
        self._waiting: list[tuple[int, Settled]] = []

    def send_encoded(self, article_id: str, value: bytes, settled: Settled) -> None:
        self._waiting.append((len(self.sent), settled))
        self.sent.append(article_id)

    def settle(self) -> None:
        waiting, self._waiting = self._waiting, []
        for number, settled in waiting:
            settled(self._failures.get(number))

    def flush(self, timeout: float | None = None) -> None:
        self.settle()


class Prompt(FakeSink):
    """Settles each article at once."""

    def send_encoded(self, article_id: str, value: bytes, settled: Settled) -> None:
        super().send_encoded(article_id, value, settled)
        self.settle()


def articles(count: int, apart: float = DAY) -> list[Queued]:
    return [Queued(number * apart, f"a{number}", b"{}") for number in range(count)]


def run(sink: FakeSink, items: Iterable[Queued], skip: int = 0, limit: int | None = None) -> Tally:
    tally = Tally()
    replay(items, sink, tally, pacer=Pacer(0), skip=skip, limit=limit)
    return tally


def test_all_are_sent_and_counted_once_acknowledged() -> None:
    tally = run(FakeSink(), articles(5))
    assert (tally.sent, tally.accepted, tally.resume_at) == (5, 5, 5)


def test_skip_and_limit_choose_a_part() -> None:
    sink = FakeSink()
    tally = run(sink, articles(10), skip=3, limit=4)
    assert sink.sent == ["a3", "a4", "a5", "a6"]
    assert (tally.skipped, tally.accepted, tally.resume_at) == (3, 4, 7)


def test_one_article_refused_by_the_broker_does_not_stop_the_rest() -> None:
    tally = run(Prompt({1: LARGE}), articles(4))
    assert (tally.sent, tally.accepted, tally.resume_at) == (4, 3, 4)
    assert tally.failed == {"too_large": 1}
    assert tally.stopped_by is None


def test_a_lasting_failure_ends_the_replay_and_says_where_to_resume() -> None:
    sink = Prompt({2: GONE})
    tally = run(sink, articles(10))
    assert sink.sent == ["a0", "a1", "a2"]
    assert tally.stopped_by == GONE
    assert tally.resume_at == 2


def test_what_was_accepted_after_a_lasting_failure_is_sent_again_on_resuming() -> None:
    tally = run(FakeSink({2: GONE}), articles(5))  # all five were under way when the third failed
    assert (tally.accepted, tally.resume_at) == (4, 2)


def test_an_interruption_leaves_a_true_tally() -> None:
    def broken() -> Iterable[Queued]:
        yield from articles(3)
        raise KeyboardInterrupt

    tally, sink = Tally(), Prompt()
    with pytest.raises(KeyboardInterrupt):
        replay(broken(), sink, tally, pacer=Pacer(0))
    assert (tally.accepted, tally.resume_at) == (3, 3)


def test_failures_are_kept_up_to_a_number_and_all_counted() -> None:
    count = KEPT_FAILURES * 3
    tally = run(Prompt(dict.fromkeys(range(count), LARGE)), articles(count))
    assert len(tally.failures) == KEPT_FAILURES
    assert tally.failed["too_large"] == count


def test_articles_are_sent_at_their_time() -> None:
    now = [100.0]
    moments: list[Moment] = []
    sent_at: list[float] = []

    class Noting(Prompt):
        def send_encoded(self, article_id: str, value: bytes, settled: Settled) -> None:
            sent_at.append(now[0])
            super().send_encoded(article_id, value, settled)

    def wait(seconds: float) -> None:
        now[0] += seconds

    pacer = Pacer(3600, clock=lambda: now[0])
    replay(articles(3, apart=7200.0), Noting(), Tally(), pacer=pacer, shown=moments.append, wait=wait)
    assert sent_at == pytest.approx([100.0, 102.0, 104.0])
    assert max(moment.delay for moment in moments) == pytest.approx(2.0)


def test_no_more_than_so_many_are_ahead_of_the_workers() -> None:
    sink, handled, asked = FakeSink(), [0], []

    def waiting() -> int:
        asked.append(len(sink.sent) - handled[0])
        return asked[-1]

    def wait(seconds: float) -> None:
        assert len(sink.sent) - handled[0] == 4
        handled[0] += 3

    replay(articles(20), sink, Tally(), pacer=Ahead(0, 4, waiting), wait=wait)
    assert len(sink.sent) == 20
    assert set(asked) == {0, 1}


def test_an_older_article_is_due_at_once_and_a_late_replay_catches_up() -> None:
    now = [0.0]
    pacer = Pacer(1, clock=lambda: now[0])
    assert pacer.delay(1000.0) == 0
    assert pacer.delay(900.0) == 0
    now[0] = 50.0
    assert pacer.delay(1020.0) == 0
    assert pacer.delay(1060.0) == 10


@pytest.mark.parametrize(("text", "speed"), [("0", 0), ("1", 1), ("3600x", 3600), ("0.5X", 0.5)])
def test_speeds(text: str, speed: float) -> None:
    assert parse_speed(text) == speed


@pytest.mark.parametrize("text", ["", "x", "-1", "nan", "inf", "fast", "1h"])
def test_what_is_no_speed_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--speed"):
        parse_speed(text)
