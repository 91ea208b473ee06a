"""What passes between bot and office by stick, and what rests meanwhile: sealed, without a sender."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import Enum

from bot.domain.groups import UnitCode
from bot.domain.periods import Week

FEWEST_COMPLAINTS = 5
FEWEST_UNITS = 2
HELD_WEEKS = 4
HARD_CAP_WEEKS = 25  # seven days fewer than 180: it is looked once a week
AFTER_CLOSING_WEEKS = 13  # ninety days


@dataclass(frozen=True, slots=True)
class SealedReport:
    """A record as it rests. Complaint, supplement, withdrawal and dummy look alike.

    `id`, `lookup` and `reply_key` are random or look it; `week` is that of the slot it was
    written in; `unit` is None once unit labels were dropped.
    """

    id: bytes
    lookup: bytes = field(repr=False)
    reply_key: bytes = field(repr=False)
    week: Week
    body: bytes = field(repr=False)
    unit: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Batch:
    """What is handed over at once. `met` says that the rule of fewest complaints and units held."""

    id: bytes
    week: Week
    met: bool


@dataclass(frozen=True, slots=True)
class SealedReply:
    """What one office answers to one record, dummies too. `closed` is the same for all records
    that one key has in a batch: every case among them is closed."""

    report: bytes
    sealed: bytes = field(repr=False)
    closed: bool


@dataclass(frozen=True, slots=True)
class OfficeReplies:
    """A reply file whose signature fitted. `mark` is the SHA-256 of its bytes."""

    mark: bytes
    office: str
    replies: tuple[SealedReply, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one office would read: the units of the real complaints for it, one entry each.

    Those that this process knows of: after a restart fewer than there are, so that the rule is
    never thought met when it is not. `answers_for` is the number of its units, 0 for all of
    them: whoever answers for one unit is told nothing by its name.
    """

    counted: Collection[UnitCode]
    answers_for: int = 0

    @property
    def is_enough(self) -> bool:
        """At least five complaints from at least two units."""
        needed = min(FEWEST_UNITS, self.answers_for or FEWEST_UNITS)
        units = {unit for unit in self.counted if unit}
        return len(self.counted) >= FEWEST_COMPLAINTS and len(units) >= needed


class HandOver(Enum):
    """What becomes of what waits for the office at a weekly rewrite."""

    HOLD = "hold"
    WHOLE = "whole"
    WITHOUT_UNITS = "without_units"


def hand_over(held: Sequence[Week], week: Week, reading: Sequence[Reading]) -> HandOver:
    """Whether what waits is handed over after `week`.

    `held` are the weeks of records that wait; `reading` says for each office what it would read.
    It goes when every office that would read anything reads enough; offices wait for one
    another, as there is one batch for all. After four weeks of holding, unit labels are dropped
    and the rest goes.
    """
    if not held:
        return HandOver.HOLD
    some = [each for each in reading if each.counted]
    if some and all(each.is_enough for each in some):
        return HandOver.WHOLE
    return HandOver.WITHOUT_UNITS if min(held) <= week.shifted(-HELD_WEEKS) else HandOver.HOLD
