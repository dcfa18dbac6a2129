"""Whether confidences mean what they say: of finds told with .8, eight in ten should be right.

The measure is the expected calibration error of Guo et al. 2017 ("On Calibration of Modern Neural Networks"), with
bins of equal width.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
BINS = 10
KINDS = {"stances": ("holder", "stance"), "events": ("type", "parties")}
"""What is found in an article, and the fields that make a find right."""


def reliability(pairs: Iterable[tuple[Row, Row]]) -> dict[str, dict[str, Any]]:
    """Return for stances and events the bins of confidence (count, mean said, share right) and the error.

    Takes labelled articles with their codings; a find that the labels call optional counts in neither way.
    """
    judged: dict[str, list[tuple[float, bool]]] = {kind: [] for kind in KINDS}
    for gold, said in pairs:
        for kind, fields in KINDS.items():
            judged[kind] += _judged(gold.get(kind) or (), said.get(kind) or (), fields)
    return {kind: _binned(found) for kind, found in judged.items()}


def _judged(labels: Sequence[Row], finds: Sequence[Row], fields: Sequence[str]) -> list[tuple[float, bool]]:
    right = {_key(label, fields) for label in labels if not label.get("opt")}
    spared = {_key(label, fields) for label in labels} - right
    found = {_key(find, fields): float(find.get("confidence", 0.0)) for find in finds}
    return [(sure, key in right) for key, sure in found.items() if key not in spared]


def _key(item: Row, fields: Sequence[str]) -> tuple[object, ...]:
    return tuple(tuple(sorted(value)) if isinstance(value := item[name], (list, tuple)) else value for name in fields)


def _binned(judged: Sequence[tuple[float, bool]]) -> dict[str, Any]:
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for sure, right in judged:
        bins[min(BINS - 1, int(sure * BINS))].append((sure, right))
    rows = [
        {
            "from": number / BINS,
            "count": len(found),
            "said": round(sum(sure for sure, _ in found) / len(found), 3),
            "right": round(sum(right for _, right in found) / len(found), 3),
        }
        for number, found in enumerate(bins)
        if found
    ]
    gap = sum(row["count"] * abs(row["said"] - row["right"]) for row in rows)
    return {"bins": rows, "error": round(gap / len(judged), 3) if judged else 0.0}
