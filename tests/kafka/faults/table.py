"""The table of faults, runs, losses, duplicates and recovery times: gathered, printed, kept in deploy/FAULTS.md."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[3] / "deploy" / "FAULTS.md"
BEGIN, END = "<!-- results: `make chaos` writes below -->", "<!-- results end -->"
KEEP_VARIABLE = "KEEP_FAULT_RESULTS"
"""Set by `make chaos`: the table goes into the page."""
HEAD = (
    "| fault | runs | articles | lost | alerts or events that differ | handled again | recovery, longest "
    "| memory, most |\n"
    "|---|---|---|---|---|---|---|---|\n"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One fault's result: how often it struck, and what came of it."""

    fault: str
    runs: int
    articles: int
    lost: int = 0
    differ: int = 0
    duplicates: int = 0
    recovery: float | None = None
    memory: int | None = None
    """The most resident memory of a worker, in bytes."""

    def __str__(self) -> str:
        recovery = "-" if self.recovery is None else f"{self.recovery:.1f} s"
        memory = "-" if self.memory is None else f"{self.memory >> 20} MiB"
        return (
            f"| {self.fault} | {self.runs} | {self.articles} | {self.lost} | {self.differ} | "
            f"{self.duplicates} | {recovery} | {memory} |"
        )


ROWS: list[Row] = []


def add(row: Row) -> None:
    """Keep ``row`` for the end of the session."""
    ROWS.append(row)


def text() -> str:
    """Return the table."""
    return HEAD + "".join(f"{row}\n" for row in ROWS)


def keep() -> None:
    """Write the table into the page, where `make chaos` asks for it."""
    if not os.environ.get(KEEP_VARIABLE) or not ROWS:
        return
    page = PAGE.read_text()
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    today = dt.datetime.now(dt.timezone.utc).date()
    cores = os.cpu_count()
    told = f"\n\nRun on {today} with Apache Kafka 4.1.0 on one machine with {cores} cores.\n\n"
    PAGE.write_text(f"{before}{BEGIN}{told}{text()}{END}{after}")
