from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.coder.date_book import DateBook
from streams.coder.date_phrases import Frame, Prefer, phrases
from streams.coder.dates import find_dates, step_date, story_date
from streams.coder.document import prepare
from streams.coder.model import Document
from streams.records import Article

FRIDAY = dt.date(2023, 1, 13)


def dates(text: str, prefer: Prefer = "past", today: dt.date = FRIDAY) -> list[str]:
    return [phrase.date for phrase in phrases(text, 0, len(text), Frame(today, prefer))]


def document(text: str) -> Document:
    noon = dt.datetime(2023, 1, 13, 12, tzinfo=dt.timezone.utc)
    return prepare(Article(id="a", title="", text=text, source="test", published_at=noon))


def dated(text: str, words: str, prefer: Prefer | None = "past", *, carry: bool = False) -> str | None:
    made = document(text)
    start = made.clean.index(words)
    return step_date(DateBook(made), made.sentence_at(start), (start, start + len(words)), (), prefer, carry=carry)


@pytest.mark.parametrize(
    ("words", "date"),
    [
        ("on 28 December", "2022-12-28"),
        ("on December 28, 2020", "2020-12-28"),
        ("on the 28th of December 2020", "2020-12-28"),
        ("on Dec. 28", "2022-12-28"),
        ("on 2022-12-28", "2022-12-28"),
        ("from 5 to 7 January", "2023-01-05"),
        ("in June 2017", "2017-06"),
        ("in September of last year", "2022-09"),
        ("last December", "2022-12"),
        ("in early February", "2022-02"),
        ("on Thursday", "2023-01-12"),
        ("on Friday", "2023-01-13"),
        ("last Friday", "2023-01-06"),
        ("on Monday last week", "2023-01-02"),
        ("on Tuesday night", "2023-01-10"),
        ("yesterday", "2023-01-12"),
        ("today, Friday", "2023-01-13"),
        ("the day before yesterday", "2023-01-11"),
        ("last month", "2022-12"),
        ("earlier this month", "2023-01"),
        ("last week", "2023-01"),
        ("last year", "2022"),
        ("at the end of last year", "2022-12"),
        ("at the beginning of this year", "2023-01"),
        ("in 2019", "2019"),
        ("(August 2021)", "2021-08"),
        ("three years ago", "2020"),
        ("three months ago", "2022-10"),
        ("two weeks ago", "2022-12"),
        ("ten days ago", "2023-01-03"),
        ("a few days ago", "2023-01"),
        ("in the spring of 2021", "2021"),
        ("last summer", "2022"),
        ("on the 26th, he", "2022-12-26"),
        ("on the 2nd of this month", "2023-01-02"),
        ("in May", "2022-05"),
        ("MAR 12 - talks", "2022-03-12"),
    ],
)
def test_phrases_of_the_past(words: str, date: str) -> None:
    assert dates(words) == [date]


@pytest.mark.parametrize(
    ("words", "date"),
    [
        ("on Thursday", "2023-01-19"),
        ("on Friday", "2023-01-13"),
        ("next Monday", "2023-01-16"),
        ("tomorrow", "2023-01-14"),
        ("on 28 December", "2023-12-28"),
        ("early next month", "2023-02"),
        ("in early February", "2023-02"),
        ("at the beginning of February", "2023-02"),
        ("in mid-March", "2023-03"),
        ("next week", "2023-01"),
        ("next year", "2024"),
        ("later this year", "2023"),
        ("by the end of the year", "2023"),
        ("before the year is out", "2023"),
        ("before the month is out", "2023-01"),
        ("this summer", "2023"),
        ("before autumn", "2023"),
        ("in two weeks", "2023-01"),
        ("in forty-five days", "2023-02"),
        ("in the coming days", "2023-01"),
        ("in the coming weeks", "2023"),
        ("before Christmas", "2023-12"),
        ("before the year is over", "2023"),
        ("by the tenth of March", "2023-03-10"),
        ("at the weekend", "2023-01"),
        ("within 48 hours", "2023-01-15"),
        ("over the next two weeks", "2023-01"),
        ("in the new year", "2023"),
    ],
)
def test_phrases_of_the_future(words: str, date: str) -> None:
    assert dates(words, "future") == [date]


@pytest.mark.parametrize(
    "words",
    [
        "the first visit in ten years",
        "resolution 2254 of the Council",
        "Theresa May met him",
        "the march on the capital",
        "on 31 June",
        "for two years",
        "the year of the visit",
        "a 1999 hit",
        "his 40th birthday",
        "the 12th round of talks",
        "soon",
        "one day",
        "",
    ],
)
def test_what_is_no_date(words: str) -> None:
    assert dates(words) == []


def test_anchored_phrases_count_from_the_date_before_them() -> None:
    assert dates("They met in December 2020 and again a year later") == ["2020-12", "2021"]
    assert dates("It was opened on 3 May 2021. Two days later, they left") == ["2021-05-03", "2021-05-05"]
    made = document("They met in Rome on 3 May 2021. A year earlier nobody had believed it.")
    assert [phrase.date for phrase in find_dates(made, made.sentences[1])] == ["2020"]


@given(
    st.dates(min_value=dt.date(1950, 1, 1), max_value=dt.date(2048, 12, 31)),
    st.dates(min_value=dt.date(1950, 1, 1), max_value=dt.date(2048, 12, 31)),
)
@settings(max_examples=200)
def test_full_dates_hold_whatever_the_day_of_publication(day: dt.date, today: dt.date) -> None:
    for words in (f"{day:%d} {day:%B} {day:%Y}", f"{day:%B} {day.day}, {day:%Y}", day.isoformat()):
        assert dates(f"It began on {words}.", today=today) == [day.isoformat()]


@given(st.dates(min_value=dt.date(1950, 1, 1), max_value=dt.date(2048, 12, 31)), st.integers(0, 6))
@settings(max_examples=200)
def test_a_weekday_lies_within_the_week_on_its_side(today: dt.date, number: int) -> None:
    name = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[number]
    past = dt.date.fromisoformat(dates(f"on {name}", "past", today)[0])
    future = dt.date.fromisoformat(dates(f"on {name}", "future", today)[0])
    assert past.weekday() == future.weekday() == number
    assert 0 <= (today - past).days < 7
    assert 0 <= (future - today).days < 7


@given(st.text(alphabet="0123456789 thMayJune,-/.lastyear of the", max_size=60), st.dates())
@settings(max_examples=300, deadline=None)
def test_nonsense_gives_well_formed_dates_or_none(text: str, today: dt.date) -> None:
    for date in dates(text, "past", today) + dates(text, "future", today):
        parts = [int(part) for part in date.split("-")]
        dt.date(*[*parts, 1, 1][:3])


@pytest.mark.parametrize(
    ("text", "words", "prefer", "date"),
    [
        ("The minister said on Thursday that he would come in May.", "come", "future", "2023-05"),
        ("On Thursday, Mr X said that they had met in Rome in May.", "met", "past", "2022-05"),
        ("They met on Monday, the ministry said on Thursday.", "met", "past", "2023-01-09"),
        ("The embassy, shut in 2012, was opened again on Tuesday.", "opened again", "past", "2023-01-10"),
        ("It is the first visit since 2011.", "visit", "past", None),
        ("Ambassadors are to be exchanged, the minister announced on Monday.", "be exchanged", "future", None),
        ("A trip to Doha is spoken of for September.", "trip to Doha", "future", "2023-09"),
        ("In November they quarrelled, and in January they signed.", "signed", "past", "2023-01"),
        ("Flights, suspended in 2012, will resume next month.", "resume", "future", "2023-02"),
        ("The visit will not take place in February.", "take place", None, "2022-02"),
        ("They hope for a meeting.", "meeting", "future", None),
    ],
)
def test_a_step_takes_the_date_of_its_own_clause(
    text: str, words: str, prefer: Prefer | None, date: str | None
) -> None:
    assert dated(text, words, prefer) == date


def test_a_step_that_occurred_takes_the_date_of_its_story() -> None:
    text = "The two met in Rome on Wednesday.\n\nThey signed a protocol."
    assert dated(text, "signed", carry=True) == "2023-01-11"
    assert dated(text, "signed") is None
    assert story_date(document(text)) == "2023-01-11"
    assert dated("They signed a protocol.", "signed", carry=True) == "2023-01"


def test_a_step_takes_the_date_told_just_before_in_its_paragraph() -> None:
    text = "They met on Wednesday.\n\nIn May 2021 the king had called. He promised an embassy, and gave it."
    assert dated(text, "gave it", carry=True) == "2021-05"
