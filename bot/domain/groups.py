"""Registered groups: the bot's own codes, never a platform's id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType
from zoneinfo import ZoneInfo

from bot.domain.work_calendar import OfficeHours

GroupCode = NewType("GroupCode", str)
UnitCode = NewType("UnitCode", str)
LineCode = NewType("LineCode", str)


@dataclass(frozen=True, slots=True)
class GroupProfile:
    """A registered work group, as the office entered it.

    `size` is the number of members; `unit` and `line` are whom the group belongs to and stand
    in for senders whom the directory does not know.
    """

    code: GroupCode
    alias: str
    unit: UnitCode
    line: LineCode
    size: int
    zone: ZoneInfo
    hours: OfficeHours
    retired: bool = False


_BANDS = ((1, 9), (10, 19), (20, 49), (50, 99), (100, 199))


def size_band(size: int) -> tuple[int, int]:
    """From how many to how many members a group of this size is taken to have.

    The exact size of a group is nobody's business: its changes tell who came and who went. From
    200 up a band ends at twice its beginning.
    """
    for low, high in _BANDS:
        if size <= high:
            return low, high
    low = _BANDS[-1][1] + 1
    while size >= 2 * low:
        low *= 2
    return low, 2 * low - 1


@dataclass(frozen=True, slots=True)
class Origin:
    """Whom a demand is charged to: a sender seen only as a unit and a line of command."""

    unit: UnitCode
    line: LineCode


UNKNOWN_ORIGIN = Origin(UnitCode(""), LineCode(""))
"""Of words that were passed on and nobody tells whose they are."""
