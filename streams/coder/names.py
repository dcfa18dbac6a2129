"""Names of actors as a headline writes them: "Türkiye", "the United States", "the Syrian opposition"."""

from __future__ import annotations

from functools import lru_cache

from streams.coder.tables import read_rows
from streams.watches.codes import BODIES, STATES

THE_STATES = frozenset(
    {
        "ARE",
        "BHS",
        "CAF",
        "COD",
        "COG",
        "COM",
        "DOM",
        "GBR",
        "GMB",
        "MDV",
        "MHL",
        "NLD",
        "PHL",
        "SLB",
        "SYC",
        "USA",
        "VAT",
    }
)
"""States whose name takes "the"."""
BARE_BODIES = frozenset(
    {
        "ASEAN",
        "ECOWAS",
        "IGAD",
        "NATO",
        "HZB",
        "HMS",
        "CARICOM",
        "BRICS",
        "MERCOSUR",
        "UNASUR",
        "CELAC",
        "HKG",
        "MAC",
        "GRL",
        "PRI",
        "ESH",
    }
)
"""Bodies whose name takes none."""
PART_NAMES = {"OPP": "the {} opposition", "NGO": "{} civil society"}
DISPLAY = "display"
"""Flag of the row of ``actors.tsv`` that is shown for a code that the tables of codes do not name."""


@lru_cache(maxsize=1)
def _from_table() -> tuple[dict[str, str], dict[str, str]]:
    """Return the first demonym of each code, and the shown name of each code that has one."""
    demonyms: dict[str, str] = {}
    shown: dict[str, str] = {}
    flagged: dict[str, str] = {}
    for row in read_rows("actors.tsv"):
        code, kind, surface = row.cells["code"], row.cells["kind"], row.cells["surface"]
        if kind == "demonym":
            demonyms.setdefault(code, surface)
        elif kind in {"name", "body"}:
            shown.setdefault(code, surface)
        if DISPLAY in row.cells["flags"].split():
            flagged.setdefault(code, surface)
    return demonyms, {**shown, **flagged}


def display_name(code: str) -> str:
    """Return the name of an actor as running text writes it; an unknown code stands for itself."""
    demonyms, shown = _from_table()
    if code in STATES:
        return f"the {STATES[code]}" if code in THE_STATES else STATES[code]
    if code in BODIES:
        return BODIES[code] if code in BARE_BODIES else f"the {BODIES[code]}"
    base, _, part = code.partition("-")
    if part in PART_NAMES:
        return PART_NAMES[part].format(demonyms.get(base) or STATES.get(base, base))
    return shown.get(code, code)
