"""Scores codings against labelled articles.

Within an article every key counts once: two steps of one type, parties and status on different dates are one
key. A label marked ``opt`` is neither a hit where it is found nor an error where it is not. Where neither side has
an item, precision, recall and F1 are 1; where only one side has, they are 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streams.coder.compare import dates_agree, overlaps

if TYPE_CHECKING:
    from streams.coder.coder import ArticleCoding

Row = Mapping[str, Any]
"""A labelled article or a coding, in the form of the labels."""
Keys = frozenset[object]

STANCES = ("favor", "against", "conditional")


def as_row(coding: ArticleCoding) -> dict[str, Any]:
    """Return a coding in the form of the labels."""
    return {
        "id": coding.coding.article_id,
        "relevant": coding.coding.outcome == "relevant",
        "stances": [
            {
                "holder": s.holder,
                "stance": s.stance,
                "confidence": s.confidence,
                "evidence": {"start": s.evidence.start, "end": s.evidence.end},
            }
            for s in coding.stances
        ],
        "events": [
            {
                "type": m.type,
                "parties": list(m.parties),
                "status": m.status,
                "date": m.date,
                "confidence": m.confidence,
                "evidence": {"start": m.evidence.start, "end": m.evidence.end},
            }
            for m in coding.mentions
        ],
    }


def _parties(event: Row) -> tuple[str, ...]:
    return tuple(sorted(set(event.get("parties") or ())))


def is_relevant(row: Row) -> bool:
    """Return the label's word, or whether there is any stance or event."""
    said = row.get("relevant")
    return bool(row.get("stances") or row.get("events")) if said is None else bool(said)


def _stance_keys(value: str) -> Callable[[Row], Keys]:
    return lambda row: frozenset(s["holder"] for s in row.get("stances") or () if s["stance"] == value)


METRICS: dict[str, Callable[[Row], Keys]] = {
    "relevance": lambda row: frozenset({"relevant"} if is_relevant(row) else ()),
    "stance holder+stance": lambda row: frozenset((s["holder"], s["stance"]) for s in row.get("stances") or ()),
    "stance holder": lambda row: frozenset(s["holder"] for s in row.get("stances") or ()),
    "event type+parties": lambda row: frozenset((e["type"], _parties(e)) for e in row.get("events") or ()),
    "event type+parties+status": lambda row: frozenset(
        (e["type"], _parties(e), e["status"]) for e in row.get("events") or ()
    ),
    "event parties": lambda row: frozenset(_parties(e) for e in row.get("events") or ()),
    **{f"stance {value}": _stance_keys(value) for value in STANCES},
}
"""What is counted, by name: each gives the keys of an article."""
MACRO = "stance macro F1"
ACCURACY = "relevance accuracy"
DATES = "date compatible"
SAME_SENTENCE = "evidence same sentence"


@dataclass(frozen=True, slots=True)
class Counts:
    """What one article adds up to: hits, false alarms and misses by metric, and what is counted beside."""

    by_metric: tuple[tuple[int, int, int], ...]
    relevance_agrees: bool
    dates: tuple[int, int]
    evidence: tuple[int, int]


def count(gold: Row, said: Row) -> Counts:
    """Compare one labelled article with its coding."""
    required = {**gold, **{k: [x for x in gold.get(k) or () if not x.get("opt")] for k in ("stances", "events")}}
    triples = []
    for keys in METRICS.values():
        need, allowed, found = keys(required), keys(gold), keys(said)
        triples.append((len(need & found), len(found - allowed), len(need - found)))
    return Counts(
        tuple(triples),
        is_relevant(gold) == is_relevant(said),
        _dates(gold, said),
        _same_sentence(gold, said),
    )


def _dates(gold: Row, said: Row) -> tuple[int, int]:
    """Return (compatible, all) of the events found with type and parties that the labels date."""
    right = total = 0
    for event in said.get("events") or ():
        key = (event["type"], _parties(event))
        same = [e.get("date") for e in gold.get("events") or () if (e["type"], _parties(e)) == key]
        if same:
            total += 1
            right += any(dates_agree(date, event.get("date")) for date in same)
    return right, total


def _same_sentence(gold: Row, said: Row) -> tuple[int, int]:
    """Return (in the labels' sentence, all) of the stances and events that the labels have too."""
    right = total = 0
    for field, keys in (("stances", ("holder", "stance")), ("events", ("type", "parties"))):
        for item in said.get(field) or ():
            same = [g for g in gold.get(field) or () if all(_plain(g[k]) == _plain(item[k]) for k in keys)]
            if same:
                total += 1
                right += any(overlaps(str(gold["text"]), g["evidence"], item["evidence"]) for g in same)
    return right, total


def _plain(value: object) -> object:
    return tuple(sorted(set(value))) if isinstance(value, (list, tuple)) else value


def ratios(hits: int, false: int, missed: int) -> tuple[float, float, float]:
    """Return precision, recall and F1."""
    if not hits + false + missed:
        return 1.0, 1.0, 1.0
    precision = hits / (hits + false) if hits + false else 0.0
    recall = hits / (hits + missed) if hits + missed else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def measures(counts: Sequence[Counts]) -> dict[str, float]:
    """Return all measures of some articles by name."""
    found = {ACCURACY: sum(c.relevance_agrees for c in counts) / len(counts)}
    for place, name in enumerate(METRICS):
        sums = [sum(c.by_metric[place][i] for c in counts) for i in range(3)]
        for letter, value in zip(("P", "R", "F1"), ratios(sums[0], sums[1], sums[2]), strict=True):
            found[f"{name} {letter}"] = value
    found[MACRO] = sum(found[f"stance {value} F1"] for value in STANCES) / len(STANCES)
    for name, pairs in ((DATES, [c.dates for c in counts]), (SAME_SENTENCE, [c.evidence for c in counts])):
        total = sum(pair[1] for pair in pairs)
        found[name] = sum(pair[0] for pair in pairs) / total if total else 1.0
    return found


def confusion(pairs: Sequence[tuple[Row, Row]]) -> dict[str, dict[str, int]]:
    """Return how often a holder's labelled stance was read as which; "none" on either side where there is none."""
    table: dict[str, Counter[str]] = {value: Counter() for value in (*STANCES, "none")}
    for gold, said in pairs:
        labels, codes = _by_holder(gold), _by_holder(said)
        for holder in labels.keys() | codes.keys():
            wanted, found = labels.get(holder, set()), codes.get(holder, set())
            for value in wanted & found:
                table[value][value] += 1
            for value in wanted - found:
                table[value][min(found - wanted, default="none")] += 1
            if not wanted:
                for value in found:
                    table["none"][value] += 1
    return {value: dict(sorted(row.items())) for value, row in table.items()}


def _by_holder(row: Row) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for stance in row.get("stances") or ():
        if not stance.get("opt"):
            found.setdefault(stance["holder"], set()).add(stance["stance"])
    return found
