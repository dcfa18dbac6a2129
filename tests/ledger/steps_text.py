"""Reads ``world_steps.txt``: steps, and the articles that tell them, in a form that is quick to write."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

from streams.labels import EventLabel, LabelledArticle
from streams.ledger.evaluate_steps import Step, StepMention, StepPoint

MENTION = re.compile(r"- (\S+) (\S+) (\S+) (\S+)(?: m=(\S+))? \| (.+)")
STEP = re.compile(r"= (\S+) (\S+) (\S+): (.+)")


def read(path: Path) -> tuple[list[LabelledArticle], list[Step]]:
    articles: list[LabelledArticle] = []
    steps: list[Step] = []
    for pair, lines in _sections(path):
        told: dict[str, list[StepMention]] = {}
        for head, rows in _articles(lines):
            article = _article(pair, head, rows, told)
            articles.append(article)
        steps += [_step(pair, line, told) for line in lines if line.startswith("= ")]
    return articles, steps


def _sections(path: Path) -> Iterator[tuple[str, list[str]]]:
    for block in re.split(r"^@ ", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        pair, *lines = block.strip().splitlines()
        yield pair, [line for line in lines if line]


def _articles(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    starts = [number for number, line in enumerate(lines) if line.startswith("# ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield lines[start], lines[start + 1 : end]


def _article(pair: str, head: str, rows: list[str], told: dict[str, list[StepMention]]) -> LabelledArticle:
    _, article_id, time, outlet = head.split(" ", 3)
    labels, sentences = [], []
    for index, row in enumerate(rows):
        found = MENTION.fullmatch(row)
        assert found, row
        step, kind, status, date, mediators, words = found.groups()
        told.setdefault(step, []).append(StepMention(article_id=article_id, event=index))
        sentences.append(f"{words}.")
        labels.append(
            EventLabel(
                type=kind,  # type: ignore[arg-type]
                parties=tuple(pair.split("-")),
                mediators=tuple(mediators.split(",")) if mediators else (),
                status=status,  # type: ignore[arg-type]
                date=None if date == "None" else date,
                evidence=words,
            )
        )
    return LabelledArticle(
        id=article_id,
        watch=pair,
        title=sentences[0],
        source=outlet,
        published_at=dt.datetime.fromisoformat(time).replace(tzinfo=dt.timezone.utc),
        text="\n\n".join(sentences),
        events=tuple(labels),
    )


def _step(pair: str, line: str, told: dict[str, list[StepMention]]) -> Step:
    found = STEP.fullmatch(line)
    assert found, line
    name, kind, first, course = found.groups()
    points = (point.split("@") for point in course.split())
    return Step(
        step_id=f"{pair}-{name}",
        type=kind,  # type: ignore[arg-type]
        parties=tuple(pair.split("-")),
        mentions=tuple(told[name]),
        status_history=tuple(
            StepPoint(status=status, date=None if date == "None" else date)  # type: ignore[arg-type]
            for status, date in points
        ),
        first_told_as=first,  # type: ignore[arg-type]
    )
