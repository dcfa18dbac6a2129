# ruff: noqa: RUF001 - characters that look alike are what this is about
from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.coder.clean import GONE, clean_text, clean_title, plain
from streams.coder.furniture import furniture, is_furniture

ACTORS = frozenset(("Turkey", "Lavrov", "Syrian", "Assad", "Damascus"))
SNIPPETS = [
    "The minister said on Thursday that he would go to Cairo.",
    "“We are ready,” he added.",
    "“We are ready, he added.",
    'He called it "a first step',
    "Read also: Ten things to do",
    "20 Shares | 4 comments",
    "Sergey LavrovToday, Wednesday, spoke of it",
    "the regimeHe added that it would",
    "A\u200bB\u00a0C\u00adD\x00E\ud800F",
    "* one   *two*",
    "\r\n",
    "\n\n",
    "\u2028",
    " ",
]
messy_text = st.lists(st.one_of(st.sampled_from(SNIPPETS), st.text(max_size=20)), max_size=12).map("".join)


def known(word: str) -> bool:
    return word in ACTORS


def cleaned(text: str, title: str = "") -> str:
    return clean_text(text, title, known).clean


@given(messy_text, st.sampled_from(["", "Ten things to do", "We are ready"]))
@settings(max_examples=300, deadline=None)
def test_each_character_comes_from_where_the_overlay_says(text: str, title: str) -> None:
    overlay = clean_text(text, title, known)
    assert len(overlay.clean) == len(overlay.origin)
    places = [place for place in overlay.origin if place >= 0]
    assert places == sorted(set(places))
    simple = plain(text)
    for char, place in zip(overlay.clean, overlay.origin, strict=True):
        if place >= 0:
            assert simple[place] == char or (simple[place] == "\n" and char == " ")


@given(messy_text)
@settings(max_examples=200, deadline=None)
def test_cleaned_text_holds_nothing_that_cannot_be_encoded(text: str) -> None:
    clean = cleaned(text)
    clean.encode("utf-8")
    assert GONE not in clean
    assert not set(clean) & {"\u200b", "\xa0", "“", "”", "\r"}


@given(st.text(alphabet='ab.,“”" \n', max_size=60))
@settings(max_examples=300, deadline=None)
def test_double_quotes_come_in_pairs_in_each_paragraph(text: str) -> None:
    assert all(line.count('"') % 2 == 0 for line in cleaned(text).split("\n"))


def test_plain_text_keeps_the_length() -> None:
    text = "“a” – b… ’s \u200b\x07\ud800\U0001f600"
    assert len(plain(text)) == len(text)
    assert plain("‘It’s’ “so”") == "'It's' \"so\""


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ("Sergey LavrovToday met him", "Sergey Lavrov Today met him"),
        ("ministers TurkeyMevlut Cavusoglu", "ministers Turkey Mevlut Cavusoglu"),
        ("Ankara andSyrian officials", "Ankara and Syrian officials"),
        ("ties with the regimeHe pointed out", "ties with the regime. He pointed out"),
        ("Bashar al-Assadaccording to him", "Bashar al-Assad according to him"),
        ("his counterpart,Sheikh Mohammed", "his counterpart, Sheikh Mohammed"),
        ("a step“in the right direction”, he said", 'a step "in the right direction", he said'),
    ],
)
def test_glued_words_are_parted(broken: str, mended: str) -> None:
    assert cleaned(broken) == mended


@pytest.mark.parametrize(
    "glued",
    [
        "They met on Monday.Read also: Why bread is dear",
        "They met Salva KiirRELATED: Fuel prices",
        "They left. MORE: x",
    ],
)
def test_a_label_of_the_page_glued_to_a_sentence_goes(glued: str) -> None:
    assert ":" not in cleaned(glued) or glued.startswith("They left")


@pytest.mark.parametrize(
    "sound",
    [
        "AlAssad spoke",
        "al-Shabaab met",
        "McDonald on YouTube and LinkedIn",
        "EgyptAir and TurkStream",
        "DeSantis, MacRon",
    ],
)
def test_names_with_capitals_inside_stay_whole(sound: str) -> None:
    assert cleaned(sound) == sound


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ("“Turkey supports it. The rest follows.", '"Turkey supports it. The rest follows."'),
        ("He said “yes. She said “no”.", 'He said "yes." She said "no".'),
        ("One. Two is over” he said.", 'One. "Two is over" he said.'),
        ("“Ties with the regimeHe pointed out", '"Ties with the regime." He pointed out'),
    ],
)
def test_lost_quotes_are_put_back(broken: str, mended: str) -> None:
    assert cleaned(broken) == mended


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("CAIRO (Nile Wire) - The two met.", "The two met."),
        ("AMMAN, Oct. 26 -- The two met.", "The two met."),
        ("Daraa, October 15 – The crossing opened.", "The crossing opened."),
        ("MEXICO CITY — They are home.", "They are home."),
        ("Turkey and Syria - old foes - met.", "Turkey and Syria - old foes - met."),
        ("FIDAN: I do not speak in ifs.", "FIDAN: I do not speak in ifs."),
    ],
)
def test_a_dateline_is_no_part_of_the_sentence(line: str, kept: str) -> None:
    assert cleaned(line) == kept


@pytest.mark.parametrize(
    "line",
    [
        "Read also: Ten things to do this weekend",
        "Related: Fuel prices | Weather",
        "0 Shares | 214 views | A- A+",
        "TT",
        "20",
        "Photo: The two leaders in the hall",
        "The two leaders shake hands. (Nile Wire/A. Name)",
        "Trucks wait at the border, Sept. 29. Photo: Ministry",
        "By Jane Doe",
        "Updated 3 hours ago",
        "5 min read",
        "This page uses cookies. By continuing you accept our terms.",
        "© Nile Wire 2023. All rights reserved.",
        "Home > World > Middle East",
        "Sign up for our newsletter",
        "Share this: Facebook Twitter WhatsApp",
        "Tags: Egypt, Türkiye, trade",
        "(Source: Press Office)",
        "Follow us on Telegram",
    ],
)
def test_page_furniture_is_known(line: str) -> None:
    assert is_furniture(line)


@pytest.mark.parametrize(
    "line",
    [
        "The two ministers shared a taxi.",
        "Read more than his lips, she advised.",
        "Egypt and Türkiye agree on talks (and more)",
        "But it has done none of these things.",
        "Sources close to the talks said that a date was set.",
        "By Monday the border was open again.",
        "Photographs of the meeting were shown on state television.",
        "What did Cairo say?",
        "Ankara: no date yet for the visit, spokesman says.",
    ],
)
def test_prose_is_no_furniture(line: str) -> None:
    assert not is_furniture(line)


def test_titles_captions_and_lists_of_links_go_once_and_for_all() -> None:
    lines = [
        "Envoys back in both capitals",
        "The flag over the mission on Monday",
        "The flag over the mission on Monday",
        "The envoys presented their letters on Monday.",
        "The envoys presented their letters on Monday.",
        "Most read",
        "Why bread is dear",
        "Cup draw: who plays whom",
        "A last sentence of the article stands here.",
    ]
    assert furniture(lines, "Envoys Back in Both Capitals") == [True, True, True, False, True, True, True, True, False]


def test_wrapped_lines_are_joined() -> None:
    text = (
        "The foreign ministers of the two countries met in the capital on\n"
        "Monday, a spokesman said, and agreed that ambassadors should be\n"
        "exchanged before the end of the year, after a decade in which the\n"
        "embassies had been empty.\n\nIt was their third meeting.\n"
    )
    assert cleaned(text).split("\n")[0].endswith("the embassies had been empty.")
    assert len(cleaned(text).split("\n")) == 2


def test_a_title_is_one_line_of_plain_characters() -> None:
    assert clean_title("  “A\u00a0title”\n with\x00 breaks ") == '"A title" with breaks'
