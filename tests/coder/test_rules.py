"""The settled cases of the guide and the constructions that the rules stand on, each in a text of its own."""

from __future__ import annotations

import datetime as dt
import time

import pytest

from streams.coder.coder import ArticleCoding, Coder, load_lexicon
from streams.coder.readers import make_reader
from streams.records import Article

LEXICON = load_lexicon()
CODER = Coder(make_reader(LEXICON, "rules"), LEXICON, [])
PUBLISHED = dt.datetime(2023, 1, 13, 12, tzinfo=dt.timezone.utc)


def code(text: str, watch: str = "IRN-SAU", published: dt.datetime = PUBLISHED) -> ArticleCoding:
    article = Article(
        id="a",
        title="",
        text=text,
        source="Test Wire",
        published_at=published,
        published_at_from="given",
        watches=(watch,),
    )
    (coding,) = CODER.code(article)
    return coding


def stances(text: str, watch: str = "IRN-SAU") -> set[tuple[str, str]]:
    return {(stance.holder, stance.stance) for stance in code(text, watch).stances}


def steps(text: str, watch: str = "IRN-SAU", published: dt.datetime = PUBLISHED) -> set[tuple[str, str, str]]:
    return {
        (mention.type, "+".join(mention.parties), mention.status) for mention in code(text, watch, published).mentions
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Israel condemned the talks between Iran and Saudi Arabia.", ("ISR", "against")),
        ("Oman welcomed the talks between Iran and Saudi Arabia.", ("OMN", "favor")),
        ("Bahrain does not support talks between Iran and Saudi Arabia.", ("BHR", "against")),
        ("Normalization between Iran and Saudi Arabia was rejected by Israel.", ("ISR", "against")),
        (
            "There can be no normal relations with Iran until the attacks end, Saudi Arabia said.",
            ("SAU", "against"),
        ),
        (
            "Saudi Arabia is ready for talks with Iran, provided that the attacks end.",
            ("SAU", "conditional"),
        ),
    ],
)
def test_attitudes_and_whose_they_are(text: str, expected: tuple[str, str]) -> None:
    assert expected in stances(text)


def test_all_of_a_list_hold_the_stance() -> None:
    found = stances("Oman, Qatar and Kuwait welcomed the agreement between Iran and Saudi Arabia.")
    assert {("OMN", "favor"), ("QAT", "favor"), ("KWT", "favor")} <= found


def test_the_first_attitude_of_a_clause_governs_the_rest() -> None:
    found = stances("Israel discourages its partners from restoring ties between Saudi Arabia and Iran.")
    assert ("ISR", "against") in found
    assert ("ISR", "favor") not in found


def test_taking_part_is_favor() -> None:
    assert {("IRN", "favor"), ("SAU", "favor")} <= stances(
        "The foreign ministers of Iran and Saudi Arabia met on Thursday."
    )


def test_a_passive_without_an_agent_gives_no_stance() -> None:
    assert stances("The embassy of Iran in Riyadh was reopened on Thursday.") <= {("IRN", "favor")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The foreign ministers of Iran and Saudi Arabia met on Thursday.", ("talks", "occurred")),
        ("The foreign ministers of Iran and Saudi Arabia will meet next week.", ("talks", "planned")),
        ("Iran is ready to hold talks with Saudi Arabia, its foreign ministry said.", ("talks", "proposed")),
        ("Iran reopened its embassy in Saudi Arabia.", ("diplomatic_ties", "occurred")),
        ("Saudi Arabia will not reopen its embassy in Iran.", ("diplomatic_ties", "denied")),
        ("Iran and Saudi Arabia signed a security agreement.", ("agreement", "occurred")),
        ("Saudi Arabia lifted the embargo on Iran.", ("sanctions_relief", "occurred")),
        ("Direct flights between Iran and Saudi Arabia resumed on Monday.", ("economic_link", "occurred")),
        ("Saudi Arabia suspended all flights to Iran.", ("economic_link", "denied")),
        ("Iran and Saudi Arabia exchanged prisoners of war.", ("deescalation", "occurred")),
        ("Saudi Arabia sent condolences to Iran.", ("gesture", "occurred")),
        ("Envoys of Iran and Saudi Arabia would have met in Muscat on Monday.", ("talks", "denied")),
        ("Saudi Arabia opened the doors of its ministry for talks with Iran.", ("talks", "occurred")),
        ("Iran and Saudi Arabia are working on a visit that is to follow next month.", ("talks", "planned")),
    ],
)
def test_types_and_status(text: str, expected: tuple[str, str]) -> None:
    assert (expected[0], "IRN+SAU", expected[1]) in steps(text)


def test_a_step_planned_and_called_off_is_one_denied() -> None:
    text = (
        "The foreign ministers of Iran and Saudi Arabia were to meet in Muscat. "
        "The meeting of the two ministers has been cancelled, Iran said."
    )
    assert [status for kind, _, status in steps(text) if kind == "talks"] == ["denied"]


def test_the_same_step_told_twice_is_one() -> None:
    text = (
        "The foreign ministers of Iran and Saudi Arabia met on Thursday. "
        "Iran and Saudi Arabia held the meeting in Muscat on Thursday."
    )
    assert len([one for one in code(text).mentions if one.type == "talks"]) == 1


def test_a_host_is_a_mediator() -> None:
    (talks,) = (one for one in code("The foreign ministers of Iran and Saudi Arabia met in Muscat.").mentions)
    assert talks.mediators == ("OMN",)
    assert talks.parties == ("IRN", "SAU")


def test_contact_of_allies_is_no_step_until_the_alliance_ends() -> None:
    text = "The foreign ministers of Russia and Syria met in Moscow."
    assert not steps(text, "syria")
    after = dt.datetime(2025, 2, 1, tzinfo=dt.timezone.utc)
    assert ("talks", "RUS+SYR", "occurred") in steps(text, "syria", after)


def test_one_side_alone_has_its_partner_from_the_sentence() -> None:
    assert ("diplomatic_ties", "ARE+SYR", "occurred") in steps(
        "The United Arab Emirates reopened its embassy in Syria on Thursday.", "syria"
    )


def test_parties_of_one_list_take_one_step_together() -> None:
    assert ("agreement", "JOR+LBN+SYR", "occurred") in steps(
        "Lebanon, Jordan and Syria signed an agreement on Wednesday.", "syria"
    )


def test_steps_of_others_at_large_are_not_the_speakers() -> None:
    found = steps("The United States does not support countries restoring relations with Syria.", "syria")
    assert not any("USA" in parties for _, parties, _ in found)


def test_a_demand_to_withdraw_is_no_step() -> None:
    found = steps("Syria said that Turkey must withdraw its troops from Syria.", "syria")
    assert not any(kind == "deescalation" for kind, _, _ in found)


def test_ids_are_stable_and_evidence_exact() -> None:
    text = "  The foreign ministers of Iran and Saudi Arabia met on Thursday.\n\nIsrael condemned the talks with Iran."
    one, other = code(text), code(text)
    assert one == other
    ids = [item.id for item in (*one.stances, *one.mentions)]
    assert len(ids) == len(set(ids))
    for item in (*one.stances, *one.mentions):
        assert text[item.evidence.start : item.evidence.end] == item.evidence.text != ""


def test_another_language_is_marked_not_guessed_at() -> None:
    text = (
        "Les ministres des affaires étrangères de l'Iran et de l'Arabie saoudite se sont rencontrés jeudi à Mascate "
        "pour parler de la reprise des relations entre leurs pays, a annoncé Iran."
    )
    assert code(text).coding.outcome in ("other_language", "not_concerned")


def test_an_article_about_something_else_leaves_early() -> None:
    coding = code("The bakery sells bread every morning.").coding
    assert (coding.outcome, coding.watch) == ("not_concerned", "IRN-SAU")


def test_a_megabyte_in_one_sentence_is_read_in_bounded_time() -> None:
    text = "Iran will not reopen its embassy and Saudi Arabia welcomed the talks with Iran until they resume, " * 10_000
    start = time.monotonic()
    coding = code(text)
    assert time.monotonic() - start < 30
    for item in (*coding.stances, *coding.mentions):
        assert text[item.evidence.start : item.evidence.end] == item.evidence.text
