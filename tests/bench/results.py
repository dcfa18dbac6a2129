"""One figure, and all that must be said with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field

from bench.mixes import Mix

LOADED_CORES = 0.3
"""From this much work of others on, a clock time is marked: it is worse than the machine is."""


@dataclass(frozen=True)
class Target:
    """What a figure should be: at least or at most ``value``."""

    value: float
    at_least: bool = True

    def met(self, value: float) -> bool:
        """Whether ``value`` meets the target."""
        return value >= self.value if self.at_least else value <= self.value

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.value:,g}"


@dataclass(frozen=True)
class Figure:
    """One measured value."""

    part: str
    name: str
    value: float
    unit: str
    clock: str
    """``cpu``: by CPU time, true on a busy machine too; ``wall``: by the clock; ``count``: not a time."""
    target: Target | None = None
    repeats: tuple[float, ...] = ()
    mix: str = ""
    articles: int = 0
    letters: int = 0
    relevant: float | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        """Say whether the target is met."""
        return "" if self.target is None else "met" if self.target.met(self.value) else "missed"


@dataclass
class Results:
    """All figures of a run."""

    figures: list[Figure] = field(default_factory=list)
    curves: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    """For the plot: by the title ``x axis → y axis``, points."""

    told: Callable[[Figure], None] = lambda figure: None
    """Hears of each figure when it is there."""

    def add(self, figure: Figure) -> Figure:
        """Keep ``figure``, tell it and return it."""
        self.figures.append(figure)
        self.told(figure)
        return figure

    def get(self, part: str, name: str) -> Figure | None:
        """Return the figure of this name, where it was measured."""
        return next((item for item in self.figures if (item.part, item.name) == (part, name)), None)

    def as_dict(self) -> dict[str, object]:
        """Return everything for the JSON report."""
        made = [{**asdict(item), "verdict": item.verdict} for item in self.figures]
        return {"figures": made, "curves": self.curves}


def of_mix(mix: Mix) -> dict[str, object]:
    """Return the fields of a figure that tell what it was taken on."""
    return {"mix": mix.name, "articles": len(mix.articles), "letters": mix.letters, "relevant": mix.relevant}


def parts(figures: Iterable[Figure]) -> list[str]:
    """Return the names of the parts in their order."""
    return list(dict.fromkeys(item.part for item in figures))
