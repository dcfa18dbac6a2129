"""Who is named, meant and carried in a text: one construction a case."""

from __future__ import annotations

import pytest

from reading import read
from streams.coder.model import ActorMention

LONG_MENTIONS = 4000
"""Mentions of a text of a hundred thousand characters: were each compared with each, it would take minutes."""


def found(text: str, title: str = "", day: str = "2023-05-19") -> list[tuple[str, str]]:
    """The words and codes of all mentions that can act."""
    document, actors = read(text, title, day)
    return [(document.clean[one.start : one.end], one.code) for one in actors.mentions if not one.attributive]


def mention(text: str, words: str, day: str = "2023-05-19") -> ActorMention:
    document, actors = read(text, day=day)
    return next(one for one in actors.mentions if document.clean[one.start : one.end] == words)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Ghanaian foreign minister spoke.", ("Ghanaian foreign minister", "GHA")),
        ("Ghana's newly appointed foreign minister spoke.", ("Ghana's newly appointed foreign minister", "GHA")),
        ("The foreign minister of Ghana spoke.", ("foreign minister of Ghana", "GHA")),
        ("Foreign Minister Kofi Example of Ghana spoke.", ("Foreign Minister Kofi Example of Ghana", "GHA")),
        ("Ghanaian Foreign Minister Kofi Example spoke.", ("Ghanaian Foreign Minister Kofi Example", "GHA")),
        ("Kofi Example, Ghana's foreign minister, spoke.", ("Kofi Example", "GHA")),
        ("Anna Example of the European Union spoke.", ("Anna Example", "EU")),
        ("The Peruvian opposition leader Ana Example spoke.", ("Peruvian opposition leader Ana Example", "PER-OPP")),
        ("The Peruvian Association of Exporters spoke.", ("Peruvian Association", "PER-NGO")),
        ("The U.N. special envoy spoke.", ("U.N. special envoy", "UN")),
        ("The Arab League met.", ("Arab League", "LAS")),
        ("Saudi Arabia, Jordan and Iraq met.", ("Jordan", "JOR")),
        ("The Crown Prince Mohammed bin Zayed spoke.", ("Crown Prince Mohammed bin Zayed", "ARE")),
        ("Brussels rejected it.", ("Brussels", "EU")),
        ("Iran's National Security Council met.", ("Iran's National Security Council", "IRN")),
        ("The Security Council met.", ("Security Council", "UN")),
        ("The Brazilian Congress voted.", ("Brazilian Congress", "BRA")),
        ("King Abdullah of Jordan rang.", ("King Abdullah", "JOR")),
        ("Bahrain was cautious; the kingdom waited.", ("kingdom", "BHR")),
        ("The Harbour Party, Peru's smallest, refused.", ("Harbour Party", "PER-OPP")),
        ("The White House rejected it.", ("White House", "USA")),
    ],
)
def test_titles_and_names_belong_to_their_country(text: str, expected: tuple[str, str]) -> None:
    assert expected in found(text)


def test_a_name_stands_for_its_country_later_on() -> None:
    text = "Ghanaian Foreign Minister Kofi Example spoke. Mr Example left. Critics praised Example's words."
    assert [words for words, code in found(text) if code == "GHA"][1:] == ["Example", "Example"]


def test_a_sheikh_goes_by_his_first_name() -> None:
    text = "Sheikh Faisal bin Example, Qatar's energy minister, came. Sheikh Faisal said nothing."
    assert ("Sheikh Faisal", "QAT") in found(text)


def test_a_headline_in_capitals_binds_no_names() -> None:
    found_here = found("Nothing happened.", title="Ghanaian Foreign Minister Meets Old Friends In Quiet Capital")
    assert ("Meets", "GHA") not in found_here
    assert all("Meets" not in words for words, _ in found_here)


@pytest.mark.parametrize(
    "text",
    [
        "Syrian refugees crossed the river.",
        "They met in Ankara.",
        "She flew to Ankara.",
        "A former Turkish foreign minister wrote a book.",
        "The Washington Post reported it.",
        "Trade with Latin America grew.",
        "Mr Jordan bought a house.",
        "A Turkish analyst doubted it.",
        "Turkish-backed rebels left.",
        "Georgia Example won the match.",
        "The Kabul embassy was shut.",
        "Governments made promises.",
    ],
)
def test_who_is_no_government(text: str) -> None:
    assert found(text) == []


def test_a_capital_that_speaks_is_its_government() -> None:
    assert found("Ankara said it was ready.")[0] == ("Ankara", "TUR")


@pytest.mark.parametrize(
    ("text", "words", "code"),
    [
        ("Ghana reopened its embassy. The foreign minister praised the step.", "foreign minister", "GHA"),
        ("ACCRA - Everybody slept. The prime minister praised the step.", "prime minister", "GHA"),
        ("Peru refused. The opposition called it a mistake.", "opposition", "PER-OPP"),
        ("Peru refused. Rights groups were pleased.", "Rights groups", "PER-NGO"),
        ("Peru refused. An exporters' union was pleased.", "exporters' union", "PER-NGO"),
    ],
)
def test_offices_and_bodies_are_carried(text: str, words: str, code: str) -> None:
    assert (words, code) in found(text)


def test_the_last_holder_of_an_office_keeps_it() -> None:
    text = "Ghana's foreign minister met the Togolese president. Togo was pleased. The foreign minister smiled."
    assert ("foreign minister", "GHA") in found(text)


def test_his_party_is_the_party_of_who_spoke() -> None:
    text = "Peruvian opposition leader Ana Example spoke. Peru listened to her party."
    assert ("party", "PER-OPP") in found(text)


@pytest.mark.parametrize(("day", "code"), [("2019-05-01", "AFG-OPP"), ("2023-05-01", "AFG"), ("2000-05-01", "AFG")])
def test_a_movement_is_what_it_was_at_the_time(day: str, code: str) -> None:
    assert found("The Taliban welcomed it.", day=day) == [("Taliban", code)]


@pytest.mark.parametrize(("day", "code"), [("2016-05-01", "USA-OPP"), ("2018-05-01", "USA")])
def test_a_party_governs_or_opposes_by_date(day: str, code: str) -> None:
    text = "The United States waited. Republicans welcomed it."
    assert ("Republicans", code) in found(text, day=day)


def test_a_short_name_counts_where_its_body_is_named() -> None:
    assert ("Commission", "EU") in found("The European Union met. The Commission was pleased.")
    assert found("The Truth Commission was pleased.") == []


def test_levels() -> None:
    assert mention("The Turkish president spoke.", "Turkish president").level == "leader"
    assert mention("The Turkish foreign minister spoke.", "Turkish foreign minister").level == "minister"
    assert mention("The Turkish ambassador spoke.", "Turkish ambassador").level == "official"


@pytest.mark.parametrize("text", ["", " ", "\n\n", "The", "\u201c", "Turkey's", "of of of", "A" * 5000])
def test_no_text_breaks_it(text: str) -> None:
    document, actors = read(text, title=text)
    assert all(0 <= one.start < one.end <= len(document.clean) for one in actors.mentions)


def test_mentions_are_in_order_and_do_not_overlap() -> None:
    text = "Turkish President Recep Tayyip Erdogan met Syrian President Bashar al-Assad, the Kremlin said in Moscow."
    _, actors = read(text)
    spans = [(one.start, one.end) for one in actors.mentions]
    assert sorted(spans, key=lambda span: span[1]) == spans
    assert all(spans[n][1] <= spans[n + 1][0] for n in range(len(spans) - 1))


def test_time_grows_with_the_text_and_no_faster() -> None:
    text = "Turkish minister Hakan Example met the Syrian president. He left. The foreign minister of Ghana smiled. "
    _, actors = read(text * 1000)
    assert len(actors.mentions) >= LONG_MENTIONS
