"""A process of its own that answers one programme with HiGHS: JSON in, JSON out, then it ends."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Sequence
from typing import Any

from bot.solver.exits import NO_MEMORY, NO_SOLVER, NO_TIME

_MOST_MEMORY = 4 << 30


def main() -> int:
    """Read a programme, print which questions can be answered with yes. The exit code says why not."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    try:
        return _answered(json.load(sys.stdin))
    except MemoryError:
        return NO_MEMORY


def _answered(asked: Any) -> int:
    try:
        import highspy  # noqa: F401  whether it is there
    except ImportError:
        return NO_SOLVER
    from bot.solver.search import OutOfTime, Search

    try:
        until = _until(asked["seconds"])
        search = Search(asked["cells"], asked["said"], asked["questions"], until)
        found: Sequence[Any] = search.answers()
    except OutOfTime:
        return NO_TIME
    json.dump([bool(each) for each in found], sys.stdout)
    return 0


def _until(seconds: float) -> float:
    return time.monotonic() + seconds


if __name__ == "__main__":
    sys.exit(main())
