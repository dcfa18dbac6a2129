"""The report of a run: JSON for programs, Markdown for people, one picture of the curves."""

from __future__ import annotations

import json
from pathlib import Path

from bench import sizing
from bench.machine import Machine
from bench.results import LOADED_CORES, Figure, Results, parts

CLOCKS = {"cpu": "CPU", "wall": "clock", "count": ""}


def write(folder: Path, machine: Machine, results: Results, busy: float) -> list[Path]:
    """Write ``bench.json``, ``bench.md`` and, where there are curves, ``bench.svg``; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {"machine": machine.as_dict(), "busy_elsewhere": busy, **results.as_dict()}
    files = [folder / "bench.json", folder / "bench.md"]
    files[0].write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    files[1].write_text(markdown(machine, results, busy), encoding="utf-8")
    if results.curves:
        files.append(folder / "bench.svg")
        draw(results, files[-1])
    return files


def markdown(machine: Machine, results: Results, busy: float) -> str:
    """Return the tables."""
    lines = [
        f"Taken on {machine.date} at commit {machine.commit}: {machine.processor}, {machine.cores} cores, "
        f"{machine.memory_gb:g} GB, {machine.system}, Python {machine.python}, Apache Kafka {machine.kafka}, "
        + ", ".join(f"{name} {version}" for name, version in machine.libraries.items())
        + ".",
        "",
        f"Others used {busy:g} cores when the run began (load {machine.load:g}). "
        + ("The machine was quiet." if busy < LOADED_CORES else "**Clock times are worse than the machine is.**"),
    ]
    for part in parts(results.figures):
        lines += ["", f"### {part[0].upper()}{part[1:]}", "", "| what | value | target | | by | on | spread |"]
        lines.append("|---|---|---|---|---|---|---|")
        lines += [row(item) for item in results.figures if item.part == part]
    found = sizing.costs(results)
    if found is not None:
        lines += ["", "### Sizes", "", f"Worked out from {found.worker_ms:.2f} ms of a worker an article.", ""]
        lines.append(sizing.table(found))
    return "\n".join(lines) + "\n"


def row(item: Figure) -> str:
    """Return one line of the table."""
    mix = ""
    if item.mix:
        share = (
            f", {item.relevant:.0%} relevant"
            if item.relevant is not None and f"{item.relevant:.0%}" not in item.mix
            else ""
        )
        mix = f"{item.articles:,} articles of {item.letters:,} letters{share}"
    spread = f"{number(min(item.repeats))} to {number(max(item.repeats))}" if item.repeats else ""
    name = f"{item.name}<br><sub>{item.note}</sub>" if item.note else item.name
    cells = [name, f"{number(item.value)} {item.unit}", str(item.target or ""), item.verdict, CLOCKS[item.clock], mix]
    return f"| {' | '.join([*cells, spread])} |"


def number(value: float) -> str:
    """Return ``value`` with as many digits as it deserves."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def draw(results: Results, path: Path) -> None:
    """Draw all curves, side by side, from zero."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams.update({"svg.hashsalt": "detente", "svg.fonttype": "none"})  # the same picture from the same figures
    from matplotlib import pyplot

    columns = 2
    rows = -(-len(results.curves) // columns)
    figure, axes = pyplot.subplots(rows, columns, figsize=(9, 3.2 * rows), squeeze=False)
    for place in axes.flat[len(results.curves) :]:
        place.set_axis_off()
    for place, (title, points) in zip(axes.flat, results.curves.items(), strict=False):
        across, up = title.split(" → ")
        place.plot([x for x, _ in points], [y for _, y in points], marker="o", color="#1d5c87")
        place.set_xlabel(across)
        place.set_ylabel(up)
        place.set_xlim(left=0)
        place.set_ylim(0, 1.1 * max(y for _, y in points))
        place.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
