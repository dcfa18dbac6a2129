"""Python's garbage collector, told what a worker knows: most of what it holds stays, and little of it forms cycles.

By default the collector looks at the youngest objects after each 700 that are made and not freed, and now and then at
all of them: a tenth of the ledger's time, and with a hundred thousand events a pause that every alert waits for.
"""

from __future__ import annotations

import gc

YOUNG = 20_000
"""Objects made and not freed until the collector looks at them: some MB, and a thirtieth of the looks."""
LOOKS = 20
"""Looks at the young until those that outlived one are looked at too, and so on to the oldest."""


def calm() -> None:
    """Let the collector look less often."""
    gc.set_threshold(YOUNG, LOOKS, LOOKS)


def keep() -> None:
    """Take all that is held now out of what the collector looks at; what was before is looked at anew."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
