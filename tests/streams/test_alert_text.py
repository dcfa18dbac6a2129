from __future__ import annotations

import datetime as dt
import io
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from streams import alert_text
from streams.records import Alert, AlertEvent, AlertKind, EventType, Evidence, Severity, Shift

WORDS = "Russia hosted the defense ministers of both sides last month."
EVENT = AlertEvent(
    event_id="e1",
    type="talks",
    parties=("SYR", "TUR"),
    mediators=("RUS",),
    status="occurred",
    status_before="planned",
    date="2022-12-28",
)
ALERT = Alert(
    id="al1",
    kind="status_change",
    watch="syria",
    severity="notable",
    headline="Syria and Turkey: talks have taken place",
    article_id="origin-3",
    title="Tehran pleased with Turkish-Syrian talks",
    source="Gulf Dispatch",
    url="https://example.org/origin-3",
    published_at=dt.datetime(2023, 1, 13, 17, 40, tzinfo=dt.timezone.utc),
    confidence=0.815,
    evidence=Evidence(WORDS, 420, 420 + len(WORDS)),
    event=EVENT,
)


def changed(**fields: object) -> Alert:
    return Alert(**{**{name: getattr(ALERT, name) for name in Alert.__struct_fields__}, **fields})


def test_a_block_says_what_who_when_how_severe_from_where_and_the_words() -> None:
    turkey, russia, syria = (alert_text.name_of(code) for code in ("TUR", "RUS", "SYR"))
    assert alert_text.plain(ALERT) == (
        "NOTABLE  change of status · syria · Syria and Turkey: talks have taken place\n"
        "  what     talks, planned → occurred\n"
        f"  who      {syria} (SYR) and {turkey} (TUR); mediated by {russia} (RUS)\n"
        "  when     2022-12-28\n"
        "  source   Gulf Dispatch, 2023-01-13 17:40 UTC: Tehran pleased with Turkish-Syrian talks\n"
        "           https://example.org/origin-3\n"
        f"  words    “{WORDS}” [420:481 of origin-3]\n"
        "  id       al1 (confidence 0.81)\n"
    )


def test_a_shift_shows_before_and_after_with_their_words() -> None:
    shift = Shift(
        holder="SAU",
        before="against",
        after="favor",
        before_evidence=Evidence("no return without a settlement", 10, 40),
        before_article_id="syr-0007",
    )
    told = alert_text.plain(changed(kind="stance_shift", event=None, shift=shift))
    assert "what     against → favor" in told
    assert "(SAU)" in told
    assert "“no return without a settlement” [10:40 of syr-0007]" in told


def test_an_alert_without_event_and_shift_is_shown_too() -> None:
    told = alert_text.plain(changed(kind="surge", event=None, url=None, evidence=Evidence("", 0, 0)))
    assert told.startswith("NOTABLE  surge · syria")
    assert "words" not in told


def test_every_kind_type_and_severity_has_words() -> None:
    assert alert_text.KINDS.keys() == set(get_args(AlertKind))
    assert alert_text.TYPES.keys() == set(get_args(EventType))
    assert list(alert_text.SEVERITIES) == list(get_args(Severity))


@given(st.text(max_size=40), st.sampled_from(["headline", "title", "source", "url", "article_id", "watch"]))
def test_nothing_that_a_terminal_obeys_gets_through(text: str, name: str) -> None:
    hostile = f"{text}\x1b[2J\x9b\r\n\x07\u202e"
    told = alert_text.plain(changed(**{name: hostile}))
    assert not {char for char in told if ord(char) < 32 and char != "\n"}
    assert not set(told) & {"\x7f", "\x9b", "\u202e", "\u2028"}
    assert told.count("\n") == alert_text.plain(ALERT).count("\n")


def test_on_a_terminal_markup_in_a_text_stays_text() -> None:
    out = io.StringIO()
    console = Console(file=out, width=100, force_terminal=True, color_system=None)
    console.print(alert_text.styled(changed(title="[bold]a[/bold] [link=x]b[/link] [/]")))
    assert "[bold]a[/bold] [link=x]b[/link] [/]" in out.getvalue()


@pytest.mark.parametrize("width", [20, 40, 200])
def test_a_terminal_of_any_width_shows_all_words(width: int) -> None:
    out = io.StringIO()
    Console(file=out, width=width).print(alert_text.styled(ALERT))
    shown = "".join(out.getvalue().split())
    for word in WORDS.split():
        assert word in shown
