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


def test_he_who_speaks_next_is_he_who_spoke() -> None:
    text = "Once the Syrian president comes, we meet, Turkish minister Hakan Example said. He stated that it is late."
    assert speakers(text) == ["TUR", "TUR"]


def test_who_wrote_is_not_whom_a_relative_clause_names() -> None:
    text = "The Turkish minister, who met the Syrian president in Doha, wrote that the Union is late."
    assert speakers(text) == ["TUR"]


@pytest.mark.parametrize("words", ["There can be no talks until they leave.", "Without that one would wait."])
def test_an_attitude_without_a_subject_goes_on_with_the_speaker(words: str) -> None:
    assert speakers(f"Nothing is signed, the Turkish minister said. {words}") == ["TUR", "TUR"]


@pytest.mark.parametrize("words", ["Snow fell.", "Iran would wait.", "Observers said that it would end."])
def test_what_is_told_after_a_speaker_is_not_all_the_speakers(words: str) -> None:
    assert speakers(f"Nothing is signed, the Turkish minister said. {words}")[1] != "TUR"


def test_who_stands_before_a_colon_says_we() -> None:
    assert speakers("Syria wants more, its envoy said. A Turkish official: we remain ready.") == ["SYR", "TUR"]


def test_its_ministry_is_that_of_the_first_subject() -> None:
    text = "Russia shut the crossing on the day that Poland did. Its foreign ministry regretted the decision."
    document, actors = read(text)
    assert [m.code for m in actors.in_sentence(1) if "ministry" in document.clean[m.start : m.end]] == ["RUS"]


def test_a_pronoun_is_a_mention() -> None:
    document, actors = read("The Ghanaian president came. He welcomed the step.")
    pronouns = [one for one in actors.mentions if one.form == "pronoun"]
    assert [(document.clean[one.start : one.end], one.code) for one in pronouns] == [("He", "GHA")]


def test_it_that_means_nobody() -> None:
    _, actors = read("Turkey refused. It was raining. It seems late.")
    assert not [one for one in actors.mentions if one.form == "pronoun"]
