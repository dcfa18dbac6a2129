"""Python's garbage collector and the memory below it, told what a worker knows: most of what it holds stays.

By default the collector looks at the youngest objects after each 700 that are made and not freed, and now and then at
all of them: a tenth of the ledger's time, and with a hundred thousand events a pause that every alert waits for. And
glibc gives each thread a region of memory of its own, in which what one reads back leaves holes for good.
"""

from __future__ import annotations

import ctypes
import gc

YOUNG = 20_000
"""Objects made and not freed until the collector looks at them: some MB, and a thirtieth of the looks."""
LOOKS = 20
"""Looks at the young until those that outlived one are looked at too, and so on to the oldest."""
M_ARENA_MAX = -8
"""The number by which glibc knows the most regions of memory (malloc.h)."""


def calm() -> None:
    """Let the collector look less often, and all threads share one region: Python runs one of them at a time."""
    gc.set_threshold(YOUNG, LOOKS, LOOKS)
    _glibc("mallopt", M_ARENA_MAX, 1)


def keep() -> None:
    """Take all that is held now out of what the collector looks at, and give back what is free.

    What was held before is looked at anew.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    _glibc("malloc_trim", 0)


def _glibc(function: str, *arguments: int) -> None:
    """Call a function of the C library where there is one of that name, as in glibc."""
    found = getattr(ctypes.CDLL(None), function, None)
    if found is not None:
        found(*arguments)
