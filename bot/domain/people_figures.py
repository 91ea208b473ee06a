"""People figures: who was pinged, answered or complained, shown only thresholded and rounded."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

_STEPS = 1 << 64


@dataclass(frozen=True, slots=True)
class PeoplePolicy:
    """Rules R3 to R5 for counts of people: fewer than `threshold` are not told from nobody."""

    threshold: int = 10
    base: int = 5
    top: int = 200


@dataclass(frozen=True, slots=True)
class PeopleFigure:
    """What may be printed of a count of people.

    `value` None: fewer than the threshold, or nobody (one symbol for both, since "somebody did"
    is itself the disclosure). `or_more`: top-coded, `value` is the bound.
    """

    value: int | None
    or_more: bool = False


def threshold_and_round(
    people: int, label: str, round_key: bytes, policy: PeoplePolicy
) -> PeopleFigure:
    """The published form of a count of distinct people.

    Rounded at random to the base, unbiased, by a key: the same cell label (table, unit,
    category, period) gives the same number for ever, so re-issues average to nothing new.
    ValueError for a negative count or an empty label.
    """
    if people < 0 or not label:
        raise ValueError("expected a count from 0 and the label of its cell")
    if people < policy.threshold:
        return PeopleFigure(None)
    rounded = _round_at_random(people, label, round_key, policy.base)
    if rounded >= policy.top:
        return PeopleFigure(policy.top, or_more=True)
    return PeopleFigure(rounded)


def _round_at_random(number: int, label: str, round_key: bytes, base: int) -> int:
    # Integers only: u < rest/base, compared as u·base < rest·2^64.
    drawn = int.from_bytes(hmac.digest(round_key, label.encode(), "sha256")[:8], "big")
    floor, rest = divmod(number, base)
    return base * (floor + (1 if drawn * base < rest * _STEPS else 0))
