"""``make bench``: runs the parts asked for (all by default) and writes the report.

make bench                                    everything, about half an hour on two quiet cores
make bench ARGS=--quick                       the same with less of everything, about ten minutes
make bench ARGS="--only coder,latency"        some parts: coder, spacy, flow, latency, start, producers, scaling
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from bench import coding

coding.single_threaded()

# ruff: noqa: E402 - the libraries of numbers read these variables when they are imported
from bench import broker, flowing, latency, machine, producing, report, scaling, spacy_compared, starting
from bench.results import Figure, Results

OUT = Path("out/bench")
WITHOUT_BROKER: dict[str, Callable[..., None]] = {"coder": coding.run, "spacy": spacy_compared.run}
WITH_BROKER: dict[str, Callable[..., None]] = {
    "flow": flowing.run,
    "latency": latency.run,
    "start": starting.run,
    "producers": producing.run,
    "scaling": scaling.run,
}


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="make bench", description="How fast Détente is on this machine.")
    parser.add_argument("--quick", action="store_true", help="less of everything: minutes, and coarser figures")
    parser.add_argument("--only", default="", metavar="PARTS", help="parts to run, parted by commas")
    parser.add_argument("--out", type=Path, default=OUT, metavar="FOLDER", help=f"where the report goes ({OUT})")
    given = parser.parse_args()
    known = [*WITHOUT_BROKER, *WITH_BROKER]
    chosen = [name for name in given.only.split(",") if name] or known
    if unknown := set(chosen) - set(known):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    facts, busy, results = machine.here(), machine.busy_elsewhere(), Results(told=show)
    with ExitStack() as stack:
        bench = stack.enter_context(broker.started()) if set(chosen) & WITH_BROKER.keys() else None
        for name in known:
            if name in chosen:
                began = time.monotonic()
                arguments = (results,) if name in WITHOUT_BROKER else (results, bench)
                {**WITHOUT_BROKER, **WITH_BROKER}[name](*arguments, quick=given.quick)
                say(f"  ({name} took {time.monotonic() - began:.0f} s)")
                report.write(
                    given.out, facts, results, busy
                )  # after each part: a run that is cut off has told something
    say(f"the report is in {given.out}")


def show(figure: Figure) -> None:
    """Print a figure."""
    say(f"{figure.part}: {figure.name}: {report.number(figure.value)} {figure.unit} {figure.verdict}".rstrip())


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
