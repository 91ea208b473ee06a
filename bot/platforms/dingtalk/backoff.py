"""How long to wait before the next connection: 1 to 60 seconds, longer with each failure."""

from __future__ import annotations

from collections.abc import Callable


class Backoff:
    """Counts failures; `random` gives [0, 1) and spreads clients that failed together."""

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
        return 1.0 + self._random() * (ceiling - 1.0)
