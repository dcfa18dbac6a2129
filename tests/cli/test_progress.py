from __future__ import annotations

import sys

import pytest

from producers.replay import Moment, Tally
from streams.cli import _progress
from streams.cli._progress import LINE_SECONDS, ReplayProgress

NEW_YEAR_2023 = 1_672_531_200.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(_progress.time, "monotonic", lambda: now[0])
    return now


def moment(accepted: int, delay: float = 0.0) -> Moment:
    return Moment(Tally(accepted=accepted), NEW_YEAR_2023, delay)


def test_in_a_log_a_line_comes_now_and_then(clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    with ReplayProgress() as progress:
        progress.begin(2000)
        progress.sending(moment(1))
        clock[0] += LINE_SECONDS
        progress.sending(moment(1000))
        progress.sending(moment(1001))
        clock[0] += LINE_SECONDS
        progress.sending(moment(1002, delay=3600))
    assert capsys.readouterr().err.splitlines() == [
        "accepted 1,000 of 2,000, 2023-01-01 00:00",
        "accepted 1,002 of 2,000, 2023-01-01 00:00, due in 1:00:00",
    ]


def test_a_short_replay_leaves_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    with ReplayProgress() as progress:
        progress.reading(5)
        progress.sending(moment(5))
    assert capsys.readouterr() == ("", "")


def test_on_a_terminal_lines_come_above_a_bar_that_goes_away(
    clock: list[float], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with ReplayProgress() as progress:
        progress.begin(10)
        clock[0] += 1
        progress.sending(moment(3))
        progress.say("refused: [bold]a.txt[/bold]")
    assert "refused: [bold]a.txt[/bold]" in capsys.readouterr().err
