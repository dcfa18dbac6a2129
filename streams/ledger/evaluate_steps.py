"""Scores the ledger against steps in the world: one alert for one new step, and the right reports together."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from streams.errors import InputError
from streams.records import Alert, Event, EventType, Status

FirstTold = Literal["news", "history", "either"]


class StepMention(msgspec.Struct, frozen=True, kw_only=True):
    """One report of a step: the article and the index of the event in its labels."""

    article_id: str
    event: int
    status: Status | None = None
    date: str | None = None


class StepPoint(msgspec.Struct, frozen=True, kw_only=True):
    """One point of the course of a step."""

    status: Status
    date: str | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One distinct step in the world."""

    step_id: str
    type: EventType
    parties: tuple[str, ...]
    mentions: tuple[StepMention, ...]
    status_history: tuple[StepPoint, ...] = ()
    first_told_as: FirstTold


class Label(NamedTuple):
    """What a label says of one event of its article."""

    type: EventType
    parties: frozenset[str]
    status: Status
    date: str | None


class StepScores(NamedTuple):
    """What was measured; every list of ids is there to look at."""

    steps: int
    alerts: int
    precision: float
    recall: float
    twice: tuple[str, ...]
    false: tuple[str, ...]
    missed: tuple[str, ...]
    history: float
    history_dated: float
    history_wrong: tuple[str, ...]
    cluster_precision: float
    cluster_recall: float
    cluster_f1: float
    split: tuple[str, ...]
    merged: tuple[str, ...]


def read_steps(path: Path) -> list[Step]:
    """Read the steps of a JSONL file; raises ``InputError`` with the line where one is none."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    steps = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                steps.append(msgspec.json.decode(line, type=Step))
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise InputError(f"{path}:{number}: {error}") from error
    return steps


def label_matches(events: Iterable[Event]) -> dict[str, tuple[str, int]]:
    """Return for each mention made from a label the article and the index of that label."""
    found = {}
    for event in events:
        for report in event.reports:
            article, _, index = report.mention_id.rpartition("#event-")
            if article and index.isdigit():
                found[report.mention_id] = (article, int(index))
    return found


def coded_matches(events: Iterable[Event], labels: Mapping[str, Mapping[int, Label]]) -> dict[str, tuple[str, int]]:
    """Return for each coded mention the label of its article that it stands for, best match first.

    The type must be the same and the parties must share two codes; status and date choose among several.
    """
    pairs = []
    for event in events:
        for report in event.reports:
            for index, label in labels.get(report.article_id, {}).items():
                parties = frozenset(report.parties)
                if label.type == event.type and len(label.parties & parties) >= 2:
                    likeness = (label.parties == parties, label.status == report.status, label.date == report.date)
                    pairs.append((likeness, report.mention_id, report.article_id, index))
    matches: dict[str, tuple[str, int]] = {}
    taken: set[tuple[str, int]] = set()
    for _, mention, article, index in sorted(pairs, key=lambda pair: (pair[0], pair[1], pair[3]), reverse=True):
        if mention not in matches and (article, index) not in taken:
            matches[mention] = (article, index)
            taken.add((article, index))
    return matches


def evaluate_steps(
    steps: Iterable[Step],
    events: Iterable[Event],
    alerts: Iterable[Alert],
    matches: Mapping[str, tuple[str, int]],
    optional: Collection[tuple[str, int]] = (),
) -> StepScores:
    """Score ``events`` and ``alerts`` against ``steps``; ``matches`` leads from mention ids to labels.

    An event stands for the step that most of its matched reports tell. A new-event alert is right if its
    event stands for a step to be told as news (or either) that no other event has been alerted as. ``optional``
    labels, which a careful analyst may or may not record, count for nothing: neither they, nor steps told by
    nothing else, nor alerts of events that stand for nothing else.
    """
    known = [step for one in steps if (step := _counted(one, optional)) is not None]
    step_of = {(mention.article_id, mention.event): step for step in known for mention in step.mentions}
    live = [event for event in events if event.merged_into is None]
    stands = {event.event_id: _stands_for(event, step_of, matches) for event in live}
    neutral = {
        event.event_id for event in live if stands[event.event_id] is None and _matched(event, matches, optional)
    }
    right, false, twice, alerted, count = _new_alerts(alerts, live, stands, neutral)
    news = [step for step in known if step.first_told_as == "news"]
    missed = [step.step_id for step in news if step.step_id not in alerted]
    exact, dated, wrong = _histories(known, live, stands)
    precision, recall, f1, split, merged = _clusters(known, live, step_of, matches)
    return StepScores(
        steps=len(known),
        alerts=count,
        precision=right / count if count else 1.0,
        recall=1 - len(missed) / len(news) if news else 1.0,
        twice=tuple(twice),
        false=tuple(false),
        missed=tuple(missed),
        history=exact,
        history_dated=dated,
        history_wrong=tuple(wrong),
        cluster_precision=precision,
        cluster_recall=recall,
        cluster_f1=f1,
        split=split,
        merged=merged,
    )


def _counted(step: Step, optional: Collection[tuple[str, int]]) -> Step | None:
    """Return a step without its optional mentions; None where it has no others."""
    mentions = tuple(one for one in step.mentions if (one.article_id, one.event) not in optional)
    return msgspec.structs.replace(step, mentions=mentions) if mentions else None


def _matched(event: Event, matches: Mapping[str, tuple[str, int]], labels: Collection[tuple[str, int]]) -> bool:
    return any(matches.get(report.mention_id) in labels for report in event.reports)


def _stands_for(
    event: Event, step_of: Mapping[tuple[str, int], Step], matches: Mapping[str, tuple[str, int]]
) -> Step | None:
    votes: dict[str, int] = {}
    found: dict[str, Step] = {}
    for report in event.reports:
        step = step_of.get(matches.get(report.mention_id, ("", -1)))
        if step is not None:
            found[step.step_id] = step
            votes[step.step_id] = votes.get(step.step_id, 0) + 1
    return found[max(votes, key=lambda one: votes[one])] if votes else None


def _new_alerts(
    alerts: Iterable[Alert], events: list[Event], stands: Mapping[str, Step | None], neutral: Collection[str]
) -> tuple[int, list[str], list[str], set[str], int]:
    heirs = {old: event.event_id for event in events for old in event.merged}
    right, count = 0, 0
    false: list[str] = []
    twice: list[str] = []
    alerted: set[str] = set()
    for alert in alerts:
        if alert.kind != "new_event" or alert.event is None:
            continue
        event_id = heirs.get(alert.event.event_id, alert.event.event_id)
        if event_id in neutral:
            continue
        count += 1
        step = stands.get(event_id)
        told = f"{alert.article_id} {alert.event.type} {'+'.join(alert.event.parties)} {alert.event.status}"
        if step is None or step.first_told_as == "history":
            false.append(f"{told} ({step.step_id if step else 'no step'})")
        elif step.step_id in alerted:
            twice.append(f"{told} ({step.step_id})")
        else:
            alerted.add(step.step_id)
            right += 1
    return right, false, twice, alerted, count


def _histories(
    steps: list[Step], events: list[Event], stands: Mapping[str, Step | None]
) -> tuple[float, float, list[str]]:
    """Return the share of steps with the right course of status, the same with dates, and those without."""
    largest: dict[str, Event] = {}
    for event in events:
        step = stands[event.event_id]
        if step is not None and (
            step.step_id not in largest or event.reports_total > largest[step.step_id].reports_total
        ):
            largest[step.step_id] = event
    right = dated = 0
    wrong = []
    for step in steps:
        event_or_none = largest.get(step.step_id)
        course = [] if event_or_none is None else [(one.status, one.date) for one in event_or_none.status_history]
        wanted = [(one.status, one.date) for one in step.status_history]
        dated += course == wanted
        if [status for status, _ in course] == [status for status, _ in wanted]:
            right += 1
        if course != wanted:
            wrong.append(f"{step.step_id}: {_shown(course)} instead of {_shown(wanted)}")
    total = max(len(steps), 1)
    return right / total, dated / total, wrong


def _shown(course: list[tuple[Status, str | None]]) -> str:
    return " > ".join(f"{status}@{date}" for status, date in course) or "none"


def _clusters(
    steps: list[Step],
    events: list[Event],
    step_of: Mapping[tuple[str, int], Step],
    matches: Mapping[str, tuple[str, int]],
) -> tuple[float, float, float, tuple[str, ...], tuple[str, ...]]:
    """Return pairwise precision, recall and F1, the steps split over events, and those merged in one."""
    event_of = {
        matches[report.mention_id]: event.event_id
        for event in events
        for report in event.reports
        if report.mention_id in matches
    }
    labels = sorted(step_of)
    both = together = same = 0
    for first, second in itertools.combinations(labels, 2):
        alike = step_of[first] is step_of[second]
        joined = event_of.get(first) is not None and event_of.get(first) == event_of.get(second)
        same += alike
        together += joined
        both += alike and joined
    precision = both / together if together else 1.0
    recall = both / same if same else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    split = tuple(
        step.step_id
        for step in steps
        if len({event_of.get((mention.article_id, mention.event), "none") for mention in step.mentions}) > 1
    )
    groups: dict[str, set[str]] = {}
    for label, event_id in event_of.items():
        if label in step_of:
            groups.setdefault(event_id, set()).add(step_of[label].step_id)
    merged = tuple(" + ".join(sorted(group)) for group in groups.values() if len(group) > 1)
    return precision, recall, f1, split, merged
