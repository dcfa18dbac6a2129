"""Who speaks in each sentence, and whom a pronoun means."""

from __future__ import annotations

import pytest

from reading import read


def speakers(text: str) -> list[str | None]:
    return list(read(text)[1].speakers)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Turkey rejected the offer.", ["TUR"]),
        ("The talks go on.", [None]),
        ('"We are ready," Turkish Foreign Minister Hakan Example said.', ["TUR"]),
        ('"No," said the Iranian spokesman.', ["IRN"]),
        ("Troops must leave, according to Syria.", ["SYR"]),
        ("Turkey's minister said that Syria was ready.", ["TUR"]),
        ("Turkey's minister spoke to Syria's envoy and said that it was late.", ["TUR"]),
    ],
)
def test_the_speaker_of_a_sentence(text: str, expected: list[str | None]) -> None:
    assert speakers(text) == expected


def test_a_quotation_runs_on() -> None:
    text = '"We are ready," Turkish minister Hakan Example said. "There is no other way. We want peace." Snow fell.'
    assert speakers(text) == ["TUR", "TUR", "TUR", None]


def test_he_and_it_are_carried() -> None:
    text = "Turkish minister Hakan Example arrived. He said it was time. The Syrian government met. It refused."
    assert speakers(text)[1] == "TUR"
    assert speakers(text)[3] == "SYR"


def test_a_pronoun_is_a_mention() -> None:
    document, actors = read("The Ghanaian president came. He welcomed the step.")
    pronouns = [one for one in actors.mentions if one.form == "pronoun"]
    assert [(document.clean[one.start : one.end], one.code) for one in pronouns] == [("He", "GHA")]


def test_it_that_means_nobody() -> None:
    _, actors = read("Turkey refused. It was raining. It seems late.")
    assert not [one for one in actors.mentions if one.form == "pronoun"]
