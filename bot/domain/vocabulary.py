"""The closed lists of words that facts, tallies and digests are made of."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache


class Act(StrEnum):
    """What a message does (docs/corpus GUIDE.md)."""

    NONE = "none"
    DEMAND = "demand"
    REMINDER = "reminder"
    CANCEL = "cancel"

    @property
    def is_burden(self) -> bool:
        """Whether it lays or presses a burden."""
        return self in (Act.DEMAND, Act.REMINDER)


class Kind(StrEnum):
    """Burden kinds of GUIDE.md. The order fixes the bits of `KindSet`: append, never reorder."""

    SCREENSHOT_REPORT = "screenshot_report"
    CHECK_IN = "check_in"
    ACKNOWLEDGE = "acknowledge"
    FORM_FILLING = "form_filling"
    FORCED_USE = "forced_use"
    RANKING = "ranking"
    SHOWCASE = "showcase"
    MEETING = "meeting"
    INSPECTION = "inspection"
    SECONDMENT = "secondment"
    PLEDGE = "pledge"


KINDS: tuple[Kind, ...] = tuple(Kind)
_BIT: dict[Kind, int] = {kind: 1 << place for place, kind in enumerate(KINDS)}


def kind_bits(kinds: Iterable[Kind]) -> int:
    """Kinds as one integer, for a column; `kinds_from_bits` gives them back."""
    bits = 0
    for kind in kinds:
        bits |= _BIT[kind]
    return bits


@lru_cache(maxsize=1 << len(KINDS))
def kinds_from_bits(bits: int) -> tuple[Kind, ...]:
    """The kinds of an integer made by `kind_bits`, in the order of `Kind`."""
    return tuple(kind for kind in KINDS if bits & _BIT[kind])


class Measure(StrEnum):
    """What limits are set on and digests count: the kinds, and what cuts across them."""

    SCREENSHOT_REPORT = "screenshot_report"
    CHECK_IN = "check_in"
    ACKNOWLEDGE = "acknowledge"
    FORM_FILLING = "form_filling"
    FORCED_USE = "forced_use"
    RANKING = "ranking"
    SHOWCASE = "showcase"
    MEETING = "meeting"
    INSPECTION = "inspection"
    SECONDMENT = "secondment"
    PLEDGE = "pledge"
    OFF_HOURS = "off_hours"  # pings outside working time, exempt ones apart
    SHORT_NOTICE = "short_notice"  # episodes whose deadline leaves under one working day
    REPEAT = "repeat"  # reminders
    DUPLICATE = "duplicate"  # the same object asked by another line or in another group
    GROUP_COUNT = "group_count"  # work groups of a unit


OF_KINDS = frozenset(Measure(kind.value) for kind in KINDS)
"""The measures that are kinds."""


class Tallied(StrEnum):
    """Further numbers kept per window beside the measures; no limit is set on them."""

    EPISODES = "episodes"  # all demand episodes, of any kind or none
    EXEMPT = "exempt"  # episodes in an emergency or on a register's entry
    CLAIMED_URGENT = "claimed_urgent"  # episodes that call themselves urgent
    PINGS = "pings"
    CANCELLED = "cancelled"
    MESSAGES = "messages"  # group messages that passed the door
    REPORTED = "reported"  # episodes known only because a member quoted them
    BROADCAST = "broadcast"  # episodes that repeat one of the same line in another group
    RELAYED = "relayed"  # episodes that pass on a higher level's
    PRESSED = "pressed"  # of these, those due earlier than the original
    DECLARED = "declared"  # episodes in an emergency that somebody declared; in `exempt` too
    REGISTERED = "registered"  # episodes that rest on a register's entry; in `exempt` too
    UNLISTED = "unlisted"  # episodes that stand in no register where one is kept
    OFF_HOURS_NIGHT = "off_hours_night"  # of the pings off hours, those from 18 to 6 o'clock


NIGHT_BEGINS, NIGHT_ENDS = 18, 6
"""The hours between which it is night: what is published of times is half-days."""


class Exemption(StrEnum):
    """Why an episode is counted apart."""

    EMERGENCY = "emergency"  # the text shows one at hand
    DECLARED = "declared"  # a person declared one


class Lead(StrEnum):
    """Working time between a demand and its deadline, coarse (facts about time allowed)."""

    UNDER_HOUR = "under_hour"
    UNDER_HALF_DAY = "under_half_day"
    UNDER_DAY = "under_day"
    UNDER_TWO_DAYS = "under_two_days"
    LONGER = "longer"
    NONE = "none"  # the text fixes no moment


class Addressed(StrEnum):
    """How many are called upon, coarse: exact numbers could point at a group."""

    FEW = "few"  # fewer than 10
    SOME = "some"  # 10 to 49
    MANY = "many"  # 50 to 199
    MASS = "mass"  # 200 and more
