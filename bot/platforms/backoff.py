"""How long to wait before the next connection: longer with each failure, up to a ceiling."""

from __future__ import annotations

from collections.abc import Callable


class Backoff:
    """Counts failures; `random` gives numbers from 0 to 1 and spreads clients that failed together.

    The wait lies between half of its ceiling and the ceiling, which doubles from 2 seconds to
    `longest`: whatever the gateway does and however the numbers fall, a minute holds few
    connections.
    """

    def __init__(self, random: Callable[[], float], longest: float) -> None:
        self._random = random
        self._longest = longest
        self._failures = 0

    def failed(self) -> None:
        """One more failure in a row."""
        self._failures += 1

    def recovered(self) -> None:
        """The connection held long enough to begin anew."""
        self._failures = 0

    def delay(self) -> float:
        """Seconds to wait now: none without a failure, else at least one."""
        if not self._failures:
            return 0.0
        # Past 2^10 the ceiling has long decided; a year of failures must not make a huge number.
        ceiling = min(self._longest, float(2 ** min(self._failures, 10)))
        return ceiling * (0.5 + self._random() / 2)
