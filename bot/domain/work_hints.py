"""Hints that save work: asked before, due earlier than the original, passed on often, may be joined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum

from bot.domain.groups import GroupCode, LineCode, UnitCode
from bot.domain.registers import ANY_LINE
from bot.domain.relations import Demand, RelationKind, Shift
from bot.domain.vocabulary import Kind, Measure, kind_bits

DEEP = 2
"""So many times passed on is worth a word (层层转发)."""

IDLE_AFTER = timedelta(days=30)
MOVED_LEAST = 3

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class HintSort(StrEnum):
    """What is hinted at."""

    ASKED_BEFORE = "asked_before"  # another line asked for it: 此数据已报过
    PRESSED = "pressed"  # due before the original: 加码
    DEEP = "deep"  # passed on level by level: 层层转发
    NEST = "nest"  # meetings for the same people on one day: 套开
    COMBINE = "combine"  # inspections of the same people in one week: 合并
    ALIKE = "alike"  # looks like a registered matter
    UNLISTED = "unlisted"  # stands in no register where one is kept
    LONG_TEXT = "long_text"  # a notice longer than documents may be
    LONG_MEETING = "long_meeting"  # a meeting longer than half a day
    MATERIALS = "materials"  # an inspection that asks for several materials at once
    IDLE = "idle"  # a group in which nobody has said anything for long


@dataclass(frozen=True, slots=True)
class Related:
    """A relation as the store keeps it: the later episode, and the earlier one's line."""

    kind: RelationKind
    group: GroupCode
    episode: bytes
    day: date
    earlier_line: LineCode
    shift: Shift
    depth: int


@dataclass(frozen=True, slots=True)
class WorkHint:
    """What to tell a group's admin of one episode. `line` is the other line of command, `on` the
    day of a meeting that may be joined, `number` a register's or how deep it is."""

    sort: HintSort
    group: GroupCode
    episode: bytes
    line: LineCode = ANY_LINE
    on: date | None = None
    number: str = ""


def of_relations(related: Iterable[Related], since: date) -> list[WorkHint]:
    """Hints about demands laid since a day that another group had before."""
    found = []
    for one in related:
        if one.day < since:
            continue
        if one.kind is RelationKind.DUPLICATE:
            found.append(WorkHint(HintSort.ASKED_BEFORE, one.group, one.episode, one.earlier_line))
        if one.kind is RelationKind.RELAY and one.shift.is_pressed:
            found.append(WorkHint(HintSort.PRESSED, one.group, one.episode))
        if one.kind is RelationKind.RELAY and one.depth >= DEEP:
            found.append(WorkHint(HintSort.DEEP, one.group, one.episode, number=str(one.depth)))
    return found


def of_meetings(demands: Sequence[Demand], zone: tzinfo, since: date) -> list[WorkHint]:
    """Meetings of two lines in one unit on one day, and inspections within seven days; told where
    the later one was laid. Of a meeting the moment it is called for counts."""
    meeting, inspection = kind_bits((Kind.MEETING,)), kind_bits((Kind.INSPECTION,))
    ordered = sorted(demands, key=lambda one: (one.minute, one.group, one.episode))
    found: list[WorkHint] = []
    for place, later in enumerate(ordered):
        if date.fromordinal(later.day) < since:
            continue
        for earlier in ordered[:place]:
            if earlier.unit != later.unit or earlier.line == later.line:
                continue
            if earlier.kinds & later.kinds & meeting:
                on = _day(later.due, zone)
                if on is not None and on == _day(earlier.due, zone):
                    found.append(
                        WorkHint(HintSort.NEST, later.group, later.episode, earlier.line, on)
                    )
                    break
            if earlier.kinds & later.kinds & inspection and later.day - earlier.day < 7:
                found.append(WorkHint(HintSort.COMBINE, later.group, later.episode, earlier.line))
                break
    return found


def _day(minute: int | None, zone: tzinfo) -> date | None:
    if minute is None:
        return None
    moment = _EPOCH + timedelta(minutes=minute)
    return moment.astimezone(zone).date()


def of_silence(last_heard: Mapping[GroupCode, date], today: date) -> list[WorkHint]:
    """Groups that may be closed, told once a month: heard whole, and silent for thirty days."""
    month = (today.year * 12 + today.month) << 2
    return [
        WorkHint(HintSort.IDLE, group, month.to_bytes(4, "big"), number=str((today - last).days))
        for group, last in sorted(last_heard.items())
        if today - last >= IDLE_AFTER
    ]


@dataclass(frozen=True, slots=True)
class Told:
    """That a group was told on a day that it is over its limit of a measure."""

    group: GroupCode
    measure: Measure
    on: date


def moved_on(
    told: Iterable[Told],
    now: Mapping[tuple[GroupCode, Measure], int],
    before: Mapping[tuple[GroupCode, Measure], int],
    units: Mapping[GroupCode, UnitCode],
) -> list[tuple[UnitCode, Measure]]:
    """Units in which a measure has at least doubled in another group since one was told.

    `now` are counts since the day before it was told, `before` those of the week before.
    """
    found: set[tuple[UnitCode, Measure]] = set()
    for one in told:
        unit = units.get(one.group)
        found |= {
            (unit, measure)
            for (group, measure), n in now.items()
            if unit
            and group != one.group
            and units.get(group) == unit
            and measure is one.measure
            and n >= max(MOVED_LEAST, 2 * before.get((group, measure), 0))
        }
    return sorted(found)
