"""What a row of the table of settings is made of, and the checks that a value must pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import Any

Check = Callable[[Any], "str | None"]


def at_least(low: float) -> Check:
    """Return a check that a number is not below ``low``."""
    return lambda value: None if value >= low else f"must be at least {low:g}"


def between(low: float, high: float) -> Check:
    """Return a check that a number lies in ``low`` to ``high``, both included."""
    return lambda value: None if low <= value <= high else f"must lie between {low:g} and {high:g}"


def one_of(*words: str) -> Check:
    """Return a check that a text is one of ``words``."""
    return lambda value: None if value in words else f"must be one of {', '.join(words)}"


def row(  # typed Any, as dataclasses.field is, so that the field keeps its own type
    default: Any, text: str, *, unit: str = "", secret: bool = False, check: Check | None = None
) -> Any:
    """Return a dataclass field that is one row of the table of settings."""
    return field(default=default, metadata={"help": text, "unit": unit, "secret": secret, "check": check})
