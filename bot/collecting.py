"""The collector of cycles, told what this program is like: much that stays, hardly a cycle."""

from __future__ import annotations

import gc

# New objects before the young are looked through, and how many such looks come before one
# through all. What a group's desk remembers lives long and is in no cycle: at Python's own (700,
# 10, 10) all of it is looked through again and again, and every time nobody is answered.
THRESHOLDS = (10_000, 10, 1_000)


def settle() -> None:
    """Call it once all is loaded: rules, calendars and code are looked through no more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
