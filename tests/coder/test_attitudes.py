"""Rejections and conditions in the wordings of diplomats, critics and streets, and whose they are."""

from __future__ import annotations

import datetime as dt

import pytest

from streams.coder.coder import Coder, load_lexicon
from streams.coder.readers import make_reader
from streams.records import Article

LEXICON = load_lexicon()
CODER = Coder(make_reader(LEXICON, "rules"), LEXICON, [])


def stances(text: str, watch: str = "IRN-SAU") -> set[tuple[str, str]]:
    article = Article(
        id="a",
        title="",
        text=text,
        source="Test Wire",
        published_at=dt.datetime(2023, 1, 13, 12, tzinfo=dt.timezone.utc),
        published_at_from="given",
        watches=(watch,),
    )
    (coding,) = CODER.code(article)
    return {(stance.holder, stance.stance) for stance in coding.stances}


@pytest.mark.parametrize(
    "text",
    [
        "Israel repudiated the rapprochement between Iran and Saudi Arabia.",
        "Israel sees no point in talks between Iran and Saudi Arabia.",
        "Israel slammed the door on any dialogue between Iran and Saudi Arabia.",
        "Israel lashed out at the deal between Iran and Saudi Arabia.",
        "Israel said that normalization between Iran and Saudi Arabia was out of the question.",
        "Israel urged Saudi Arabia and Iran not to restore ties, and called their deal a historic mistake.",
        "Israel called the agreement between Iran and Saudi Arabia a slap in the face.",
        "Israel demanded that the accord between Iran and Saudi Arabia be torn up.",
        "Israel said that it would keep the pressure up whatever the talks of Iran and Saudi Arabia bring.",
    ],
)
def test_rejections(text: str) -> None:
    assert ("ISR", "against") in stances(text)
    assert ("ISR", "favor") not in stances(text)


@pytest.mark.parametrize(
    "text",
    [
        "Saudi Arabia would make any normalization with Iran conditional on an end to the attacks.",
        "Saudi Arabia will restore relations with Iran only after the attacks have ended.",
        "Saudi Arabia said that relations with Iran would be judged by its deeds, not words.",
        "Saudi Arabia wants to see reciprocity before relations with Iran return.",
        "Saudi Arabia will return its ambassador to Iran once the attacks have ended.",
        "Saudi Arabia will keep to the agreement with Iran as long as Iran does.",
    ],
)
def test_conditions(text: str) -> None:
    assert ("SAU", "conditional") in stances(text)


def test_a_condition_of_mere_time_is_none() -> None:
    found = stances("Iran, once a partner of Saudi Arabia, cut relations in 2016 as soon as the embassy burned.")
    assert not {stance for stance in found if stance[1] == "conditional"}


def test_a_verdict_is_the_speakers_and_not_its_subjects() -> None:
    found = stances("Israel said that Iran does not deserve relations with Saudi Arabia.")
    assert ("ISR", "against") in found
    assert ("IRN", "against") not in found


def test_whoever_bears_criticism_does_not_hold_it() -> None:
    found = stances("Despite criticism, Oman hosted the talks between Iran and Saudi Arabia.")
    assert ("OMN", "against") not in found
    assert ("OMN", "against") not in stances("Oman was condemned for the talks of Iran and Saudi Arabia.")


def test_free_indirect_speech_goes_on_with_its_speaker() -> None:
    found = stances("The deal of Iran and Saudi Arabia is wrong, Israel said. A reward for terror, and a betrayal.")
    assert ("ISR", "against") in found


def test_the_subject_of_what_is_waited_for_refuses_nothing() -> None:
    found = stances("So long as Iran arms the militias there will be no normalization, Saudi Arabia insists.")
    assert ("IRN", "against") not in found


def test_half_a_word_of_rejection_from_an_opposition_is_one() -> None:
    text = "{} criticised the agreement between Greece and North Macedonia."
    assert ("GRC-OPP", "against") in stances(text.format("The Greek opposition"), "GRC-MKD")
    assert ("BGR", "against") not in stances(text.format("Bulgaria"), "GRC-MKD")


def test_what_stands_behind_a_comma_is_no_object_of_the_verb_before_it() -> None:
    found = stances("Iran and Saudi Arabia restored relations. Ramallah condemned it, Israel denounced it.")
    assert {("PSE", "against"), ("ISR", "against")} <= found


@pytest.mark.parametrize(
    "text",
    [
        "Israel will have none of the rapprochement between Iran and Saudi Arabia.",
        "Israel saw in the accord between Iran and Saudi Arabia a stab in the back of its people.",
        "Israel said that it saw no ground for talks between Iran and Saudi Arabia.",
        "Israel advised against the normalization of relations between Iran and Saudi Arabia.",
    ],
)
def test_refusals_by_construction(text: str) -> None:
    assert ("ISR", "against") in stances(text)
