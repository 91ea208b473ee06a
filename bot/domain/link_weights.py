"""What speaks for a message's belonging to an open episode, and what each of it weighs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import mul

LINK_TRAITS = (
    "bias", "like", "like_any", "like_best", "kinds_shared", "kinds_overlap", "kinds_foreign",
    "no_kinds", "votes_shared", "votes_foreign", "mine", "opener", "latest", "latest_mine", "age",
    "rank", "minutes", "hour", "same_day", "earlier_day", "answers", "deadline_same",
    "deadline_past", "deadline_to_come", "due_today", "due_soon", "due_just_past", "pressed",
    "presses", "emergency", "orphan", "bare", "bare_latest", "bare_latest_mine", "bare_mine",
    "bare_same_day", "foreign_mine", "routine_earlier", "lack_due", "no_deadline",
    "matter", "matter_same", "matter_other", "matter_far", "matter_untold",
    "named", "named_best", "named_less", "named_only", "named_alone",
    "terms", "signs", "called", "acknowledge",
)  # fmt: skip
# These have a measure; the others are there or not, and travel as bits by their place.
MEASURED = ("like", "kinds_overlap", "votes_shared", "votes_foreign", "age", "rank", "presses",
             "matter", "named", "named_less", "named_only", "terms", "signs")  # fmt: skip
MEASURED_PLACES = tuple(LINK_TRAITS.index(name) for name in MEASURED)
# Shares of each trait in the log-odds that a message belongs to an episode; the model's own
# numbers, where there is a model, take their place (config/model/train.py).
_UNTRAINED: Mapping[str, float] = {
    "like": 5.0, "like_any": 0.6, "kinds_shared": 0.8, "kinds_overlap": 1.6, "kinds_foreign": -0.8,
    "mine": 0.9, "opener": 0.6, "latest": 0.7, "latest_mine": 0.7, "age": -0.35, "same_day": 0.3,
    "earlier_day": -0.2, "answers": 5.0, "deadline_same": 2.0, "deadline_past": -0.4, "bias": -1.1,
}  # fmt: skip

Measures = tuple[float, ...]


class LinkWeights:
    """The weights of LINK_TRAITS, and what each byte of signs comes to."""

    __slots__ = ("_measured", "_tables")

    def __init__(self, learned: Mapping[str, float]) -> None:
        told = learned or _UNTRAINED
        by_place = [told.get(name, 0.0) for name in LINK_TRAITS]
        self._measured = tuple(by_place[place] for place in MEASURED_PLACES)
        self._tables = tuple(
            _sums(by_place[start : start + 8]) for start in range(0, len(by_place), 8)
        )

    def odds(self, signs: int, measures: Measures) -> float:
        """The log-odds that signs and measures come to."""
        a, b, c, d, e, f, g = self._tables
        measured: float = sum(map(mul, self._measured, measures))
        return (
            measured
            + a[signs & 0xFF]
            + b[signs >> 8 & 0xFF]
            + c[signs >> 16 & 0xFF]
            + d[signs >> 24 & 0xFF]
            + e[signs >> 32 & 0xFF]
            + f[signs >> 40 & 0xFF]
            + g[signs >> 48]
        )


def _sums(weights: Sequence[float]) -> tuple[float, ...]:
    """What each set of eight traits comes to, by its bits."""
    sums = [0.0]
    for weight in weights:
        sums += [known + weight for known in sums]
    return tuple(sums)
