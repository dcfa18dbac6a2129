"""What the index leaves out could not have been of one step: with all events compared, the same one is found."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.ledger import Ledger, LedgerConfig
from streams.ledger.group import Group
from streams.ledger.identity import Asked, choices
from streams.ledger.reports import report_of
from streams.records import Evidence, Mention, Status

START = dt.datetime(2022, 6, 1, tzinfo=dt.timezone.utc)
STATUSES: tuple[Status, ...] = ("occurred", "planned", "proposed", "denied")
PARTIES = (("AAA", "BBB"), ("AAA", "CCC"), ("AAA", "BBB", "CCC"))
WORDS = ("the foreign ministers met in Geneva", "the visit was put off", "they spoke by telephone")
SPREAD = 700  # days: more than an undated step stays open (``open_days``) and a plan may be moved by


@st.composite
def told(draw: st.DrawFn, number: int) -> Mention:
    published = START + dt.timedelta(days=draw(st.integers(0, SPREAD)), hours=number)
    step = published + dt.timedelta(days=draw(st.integers(-130, 130)))
    words = draw(st.sampled_from(WORDS))
    return Mention(
        id=f"a{number}#0",
        watch="syria",
        article_id=f"a{number}",
        title="A title",
        source=f"Outlet {number}",
        published_at=published,
        confidence=0.9,
        evidence=Evidence(words, 0, len(words)),
        type="talks",
        parties=draw(st.sampled_from(PARTIES)),
        status=draw(st.sampled_from(STATUSES)),
        date=draw(st.sampled_from((None, f"{step:%Y-%m-%d}", f"{step:%Y-%m}", f"{step:%Y}"))),
    )


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_the_index_leaves_out_only_what_cannot_be(data: st.DataObject) -> None:
    ledger = Ledger(LedgerConfig())
    known = [data.draw(told(number)) for number in range(data.draw(st.integers(2, 12)))]
    for mention in sorted(known, key=lambda one: one.published_at):
        ledger.apply(mention)
    group: Group = ledger._group("syria", "talks")
    asked = Asked("talks", report_of(data.draw(told(99))))
    found = choices(asked, group.filing.candidates(asked, group.config), group.config)
    assert found == choices(asked, list(group.filing), group.config)


def test_a_date_at_the_end_of_the_calendar_is_no_reason_to_fail() -> None:
    ledger = Ledger(LedgerConfig())
    for number, date in enumerate(("0001-01", "9999-12", "0001-01-01", "9999-12-31", "0001", "9999")):
        mention = Mention(
            id=f"{number}", watch="syria", article_id=f"{number}", title="", source="Wire", published_at=START,
            confidence=1, evidence=Evidence("they will meet", 0, 14), type="talks", parties=("AAA", "BBB"),
            status="planned", date=date,
        )  # fmt: skip
        assert ledger.apply(mention).events
