"""Steps and stances from the values of any reader, not of the rules alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from streams.coder.actors import find_actors
from streams.coder.coder import load_lexicon
from streams.coder.cues import index_cues
from streams.coder.document import prepare
from streams.coder.evidence import evidence_of
from streams.coder.model import Reading, ReadStance, ReadStep, Telling
from streams.coder.stances import settle_stances
from streams.coder.steps import DateOf, Step, settle_steps
from streams.coder.view import Frame, make_views
from streams.records import Article, EventType, Status
from streams.watches.model import Watch

LEXICON = load_lexicon()
PAIR = Watch(id="IRN-SAU", title="", first="IRN", second="SAU")
SYRIA = Watch(id="syria", title="", first="SYR")


def frame(text: str, watch: Watch = PAIR, title: str = "") -> Frame:
    published = dt.datetime(2023, 1, 13, tzinfo=dt.timezone.utc)
    document = prepare(Article(id="a", title=title, text=text, source="s", published_at=published))
    hits = LEXICON.scan(document.clean)
    actors = find_actors(document, LEXICON, hits)
    return Frame(watch, make_views(document, actors, index_cues(document, hits)), actors)


def read(kind: EventType, sentence: int, status: Status, *partners: str, probability: float = 0.9) -> ReadStep:
    return ReadStep(kind, sentence, probability, {status: 0.6, "occurred": 0.4} | {status: 0.6}, partners)


def settle(on: Frame, *steps: ReadStep, date: str | None = None) -> list[Step]:
    return settle_steps(on, steps, lambda step, carry: date, 0.5)


def by_sentence(*dates: str | None) -> DateOf:
    """Return the dates that sentences tell: a step has the first of all that may tell it."""

    def date_of(step: Step, carry: bool) -> str | None:
        del carry
        places = (step.sentence, *(telling.sentence for telling in step.tellings))
        return next((dates[place] for place in places if dates[place]), None)

    return date_of


def test_a_step_below_the_threshold_does_not_count() -> None:
    on = frame("Iran and Saudi Arabia met.")
    assert not settle(on, read("talks", 0, "occurred", probability=0.4))


def test_a_pair_s_sides_are_the_parties_and_a_host_mediates() -> None:
    (step,) = settle(frame("Iran and Saudi Arabia met in Muscat."), read("talks", 0, "occurred"))
    assert (step.parties, step.mediators) == (("IRN", "SAU"), ("OMN",))


def test_a_plain_word_of_calling_off_overrules() -> None:
    on = frame("The visit to Iran has been cancelled, Saudi Arabia said.")
    (step,) = settle(on, read("talks", 0, "planned"))
    assert step.status == "denied"


def test_partners_in_one_list_with_the_first_side_are_one_step() -> None:
    on = frame("Lebanon, Jordan and Syria signed an agreement.", SYRIA)
    (step,) = settle(on, read("agreement", 0, "occurred", "LBN"), read("agreement", 0, "occurred", "JOR"))
    assert step.parties == ("JOR", "LBN", "SYR")


def test_partners_apart_are_steps_apart() -> None:
    on = frame("Syria sent an envoy to Jordan and, later in the spring, another one to Lebanon.", SYRIA)
    found = settle(on, read("talks", 0, "occurred", "LBN"), read("talks", 0, "occurred", "JOR"))
    assert sorted(step.parties for step in found) == [("JOR", "SYR"), ("LBN", "SYR")]


def test_who_signs_with_a_list_signs_one_paper() -> None:
    on = frame("The ministry of Syria signed with Jordan and Lebanon a memorandum on electricity.", SYRIA)
    (step,) = settle(on, read("agreement", 0, "occurred", "LBN"), read("agreement", 0, "occurred", "JOR"))
    assert step.parties == ("JOR", "LBN", "SYR")
    apart = settle(on, read("talks", 0, "occurred", "LBN"), read("talks", 0, "occurred", "JOR"))
    assert len(apart) == 2


def test_a_step_told_again_without_a_date_is_the_same() -> None:
    on = frame("Iran and Saudi Arabia met. Iran and Saudi Arabia held talks.")
    found = settle_steps(
        on,
        [read("talks", 0, "occurred"), read("talks", 1, "occurred", probability=0.95)],
        by_sentence("2023-01-12", None),
        0.5,
    )
    assert [(step.date, step.sentence) for step in found] == [("2023-01-12", 1)]


def test_a_step_keeps_what_else_may_tell_it() -> None:
    on = frame("Iran and Saudi Arabia met. Iran and Saudi Arabia held talks. They talked for long.")
    first = replace(read("talks", 0, "occurred"), tellings=(Telling(2, 0.3, {"occurred": 1.0}),))
    (step,) = settle(on, first, read("talks", 1, "occurred", probability=0.7))
    assert [telling.sentence for telling in step.tellings] == [2, 1]
    assert step.statuses == {"occurred": 0.6}


def test_what_points_back_is_the_step_before_whatever_its_verb_says() -> None:
    on = frame("Iran and Saudi Arabia met. The meeting of Iran and Saudi Arabia would help trade.")
    (step,) = settle(on, read("talks", 0, "occurred"), read("talks", 1, "planned", probability=0.95))
    assert (step.status, step.sentence) == ("occurred", 0)


def test_steps_on_different_days_are_two() -> None:
    on = frame("Iran and Saudi Arabia met. Iran and Saudi Arabia met again.")
    found = settle_steps(
        on,
        [read("talks", 0, "occurred"), read("talks", 1, "occurred")],
        by_sentence("2023-01-12", "2022-12-01"),
        0.5,
    )
    assert len(found) == 2


def test_a_further_step_of_one_kind_needs_more_than_the_first() -> None:
    on = frame("Iran and Saudi Arabia met. Iran and Saudi Arabia met again.")
    for chance, count in ((0.55, 1), (0.7, 2)):
        found = settle_steps(
            on,
            [read("talks", 0, "occurred"), read("talks", 1, "occurred", probability=chance)],
            by_sentence("2023-01-12", "2022-12-01"),
            0.5,
        )
        assert len(found) == count


def test_a_further_step_of_another_status_needs_less() -> None:
    on = frame("Iran and Saudi Arabia met. Iran and Saudi Arabia met again.")
    for status, count in (("occurred", 1), ("planned", 2)):
        found = settle_steps(
            on,
            [read("talks", 0, "occurred"), read("talks", 1, status, probability=0.7)],  # type: ignore[arg-type]
            by_sentence("2023-01-12", "2023-02"),
            0.5,
            0.85,
        )
        assert len(found) == count


def test_what_points_back_to_nothing_told_has_the_story_s_date() -> None:
    on = frame("The meeting of Iran and Saudi Arabia lasted an hour.")
    found = settle_steps(on, [read("talks", 0, "occurred")], lambda step, carry: "2023-01-12" if carry else None, 0.5)
    assert [step.date for step in found] == ["2023-01-12"]


def test_taking_part_gives_favor_unless_the_reader_is_sure_of_none() -> None:
    on = frame("Iran and Saudi Arabia met.")
    steps = settle(on, read("talks", 0, "occurred"))
    plain = settle_stances(on, Reading(PAIR), steps)
    assert {(one.holder, one.stance) for one in plain} == {("IRN", "favor"), ("SAU", "favor")}
    sure = ReadStance("IRN", {"favor": 0.05, "against": 0.02, "conditional": 0.01}, 0)
    told = settle_stances(on, Reading(PAIR, (sure,), notes={"none": 0.8}), steps)
    assert [one.holder for one in told] == ["SAU"]


def test_another_position_goes_before_taking_part() -> None:
    on = frame("Iran and Saudi Arabia met.")
    steps = settle(on, read("talks", 0, "occurred"))
    stance = ReadStance("IRN", {"conditional": 0.8, "favor": 0.2}, 0)
    found = settle_stances(on, Reading(PAIR, (stance,)), steps)
    assert ("IRN", "conditional") in {(one.holder, one.stance) for one in found}
    assert ("IRN", "favor") not in {(one.holder, one.stance) for one in found}


def test_a_side_that_only_receives_a_one_sided_act_gets_no_stance() -> None:
    on = frame("Saudi Arabia lifted the sanctions on Iran.")
    found = settle_stances(on, Reading(PAIR), settle(on, read("sanctions_relief", 0, "occurred")))
    assert [one.holder for one in found] == ["SAU"]


def test_the_title_carries_no_evidence() -> None:
    on = frame("It rained. Iran and Saudi Arabia met in Muscat.", title="Iran meets Saudi Arabia")
    document = on.views[0].document
    named = [on.named(view.sentence.index) for view in on.views]
    found = evidence_of(document, 0, ["IRN", "SAU"], named)
    assert found.text == "Iran and Saudi Arabia met in Muscat."
    assert document.text[found.start : found.end] == found.text
