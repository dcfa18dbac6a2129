"""Times as people write them in the feeds file: ``90s``, ``15m``, ``6h``, ``1d``."""

from __future__ import annotations

import re
from typing import Final

_SECONDS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_DURATION: Final = re.compile(r"(\d{1,6})\s*([smhdw])")


def parse_duration(text: str) -> float:
    """Return the seconds that ``text`` means.

    Raises ``ValueError`` for what is no duration, and for none at all.
    """
    found = _DURATION.fullmatch(text.strip().lower())
    if not found or int(found[1]) == 0:
        raise ValueError(f"{text!r} is no time such as 15m, 6h or 1d")
    return int(found[1]) * _SECONDS[found[2]]


def brief(seconds: float) -> str:
    """Return ``seconds`` in at most two units, rounded down: ``2d 3h``, ``15m``, ``4s``."""
    left = int(abs(seconds))
    parts: list[str] = []
    for unit in ("d", "h", "m", "s"):
        count, left = divmod(left, int(_SECONDS[unit]))
        if count or parts:
            parts.append(f"{count}{unit}" if count else "")
        if len(parts) == 2:
            break
    return " ".join(part for part in parts if part) or "0s"
