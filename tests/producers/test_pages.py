from __future__ import annotations

import json
from pathlib import Path

import pytest

from producers.formats.pages import split

GOLD = Path(__file__).parents[1] / "gold"
ONE = """The foreign minister of Egypt flew to Ankara on Tuesday and spoke with his host for three hours.

Both said afterwards that ambassadors would be exchanged before the summer, after ten years without any.

An economic commission is to meet in Cairo next month, and the airlines are to talk of more flights.
"""
TWO = """Algeria called its ambassador home from Paris on Thursday over remarks by a senator about the war.

The foreign ministry in Algiers spoke of an insult to the nation and said that it awaited an explanation.

In Paris the government regretted the step and hoped that talks between the two capitals would go on.
"""
CAPTION = "The two ministers at the airport on Tuesday. (Nile Wire photo)"
HEAD_ONE = "Cairo and Ankara to exchange envoys"
HEAD_TWO = "Algiers recalls its envoy from Paris"


def page(headline: str, body: str) -> str:
    return f"{headline}\n\n{CAPTION}\n{CAPTION}\nTT\n20\n\n{headline}\n\n{CAPTION}\n\n{body}"


def titles(text: str) -> list[str]:
    return [piece.title for piece in split(text)]


def test_two_articles_behind_one_another_are_two() -> None:
    text = page(HEAD_ONE, ONE) + "\n\n\n" + page(HEAD_TWO, TWO)
    first, second = split(text)
    assert (first.title, second.title) == (HEAD_ONE, HEAD_TWO)
    assert text[first.start : first.end].endswith("more flights.")
    assert text[second.start : second.end].startswith(HEAD_TWO)


@pytest.mark.parametrize(
    "between",
    [
        f"\n----------\n{HEAD_TWO}\nBy Jane Doe\n\n",
        f"\n* * *\n\n{HEAD_TWO}\nPublished: 3 May 2023\n\n",
        f"\n\x0c\n{HEAD_TWO}\n3 May 2023\n\n",
        f"\n\n\n\n{HEAD_TWO}\nPosted on May 3, 2023 at 14:05\n\n",
        f"\nTitle: {HEAD_TWO}\nDate: 2023-05-03\n\n",
    ],
    ids=["rule and byline", "stars and date", "form feed", "gap and date", "label"],
)
def test_other_ways_to_part_two_articles(between: str) -> None:
    assert titles(f"{HEAD_ONE}\n\n{ONE}{between}{TWO}") == [HEAD_ONE, HEAD_TWO]


@pytest.mark.parametrize(
    "between",
    [
        f"\n{HEAD_TWO}\n\n",
        f"\n\n\n\n{HEAD_TWO}\n\n",
        "\nRead also: Ten things to do this weekend\nRead also: Ten things to do this weekend\n\n",
        f"\n----------\n{HEAD_TWO}\n\n",
        f"\n{CAPTION}\n{CAPTION}\n",
        "\nWhat did Paris say?\n\n",
    ],
    ids=["subhead", "gap", "links", "rule alone", "caption", "question"],
)
def test_what_parts_no_articles(between: str) -> None:
    assert len(split(f"{HEAD_ONE}\n\n{ONE}{between}{TWO}")) == 1


def test_a_teaser_is_no_article_of_its_own() -> None:
    teaser = f"\n\n\n\n{HEAD_TWO}\n3 May 2023\n\nAlgeria called its ambassador home.\n"
    assert len(split(f"{HEAD_ONE}\n\n{ONE}{teaser}")) == 1


def test_labelled_articles_are_never_split() -> None:
    for file in sorted(GOLD.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            row = json.loads(line)
            if "text" in row:
                assert len(split(row["text"])) == 1, row["id"]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"{HEAD_ONE}\n\n{ONE}", HEAD_ONE),
        (f"The Nile Wire\n\n{HEAD_ONE}\n\n{ONE}", HEAD_ONE),
        (f"Home > World\n{HEAD_ONE}\n{CAPTION}\n{ONE}", HEAD_ONE),
        (f"Headline: {HEAD_ONE}\n{ONE}", HEAD_ONE),
        (f"{CAPTION}\n{ONE}", ""),
        (ONE, ""),
    ],
)
def test_the_headline_is_taken_where_it_stands_plainly(text: str, title: str) -> None:
    assert titles(text) == [title]


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("3 May 2023", "2023-05-03T00:00"),
        ("By Jane Doe | Updated 3 May 2023 14:05", "2023-05-03T14:05"),
        ("Wednesday, May 3rd, 2023", "2023-05-03T00:00"),
        ("2023-05-03 14:05", "2023-05-03T14:05"),
        ("31/05/2023", "2023-05-31T00:00"),
        ("03/05/2023", None),
        ("May 2023", None),
        ("31 June 2023", None),
        ("From 3 May 2023 to 5 May 2023", None),
        ("The ministers at the airport, 3 May 2023. (Nile Wire photo)", None),
        ("", None),
    ],
)
def test_the_date_is_taken_from_the_head_of_the_page(line: str, date: str | None) -> None:
    published = split(f"{HEAD_ONE}\n{line}\n\n{ONE}")[0].published
    assert (published and published.isoformat()[:16]) == date


def test_a_full_date_inside_the_prose_is_not_the_date_of_the_page() -> None:
    assert (
        split(f"{HEAD_ONE}\n\nThe two had last met on 3 May 2013 in Rome, in a hotel by the river.\n\n{ONE}")[
            0
        ].published
        is None
    )
    assert split(f"{HEAD_ONE}\n\n{ONE}\nPublished: 3 May 2023\n")[0].published is not None


def test_the_source_is_taken_where_the_page_names_it() -> None:
    assert split(f"{HEAD_ONE}\n\n{ONE}\n(Source: Nile Wire)\n")[0].source == "Nile Wire"
    assert split(f"{HEAD_ONE}\n\n{ONE}")[0].source == ""
