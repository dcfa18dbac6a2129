"""Counts what Python does for a piece of work: the same on a busy machine as on a quiet one.

Each line that is begun (a loop's body counts every time round) and each call is a step. What happens inside a library
written in C is one step, however long it takes; the times of ``timing`` see that.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def steps(work: Callable[[], object]) -> int:
    """Do ``work`` once to fill caches, once more with counting, and return the steps."""
    work()
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count
