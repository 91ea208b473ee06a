"""What is registered for the week that begins: the office's own entries, narrowed to its units."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from bot.domain.giveaways import Sign, find_giveaways
from bot.domain.groups import GroupCode, UnitCode
from bot.domain.periods import Week
from bot.domain.registers import (
    EVERYWHERE,
    INSPECTIONS,
    EmergencyWindow,
    Filing,
    Mark,
    MarkSort,
    RegisterView,
    Sort,
)

EVENTS = (*INSPECTIONS, Sort.SYSTEM_MEETING)
"""Sorts that are held on days; the others only are in force."""

LONGEST_EVENT = timedelta(days=31)
"""An entry for longer says when something may be held, not when it is."""

LONGEST_TITLE = 30

_OF_PERSONS = frozenset(
    {
        Sign.NAME,
        Sign.PHONE,
        Sign.ID_NUMBER,
        Sign.BANK_CARD,
        Sign.EMAIL,
        Sign.ACCOUNT,
        Sign.PLATE,
    }
)


@dataclass(frozen=True, slots=True)
class ComingEntry:
    """An entry of a register. `title` is empty where it seems to name a person; `unit` and `line`
    are empty where it is of everybody."""

    sort: Sort
    number: str
    title: str
    first: date
    last: date
    unit: str
    line: str


@dataclass(frozen=True, slots=True)
class ComingMark:
    """Days of the week without meetings or without notices, of a unit or (empty) everywhere."""

    sort: MarkSort
    unit: str
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class ComingEmergency:
    """A declared emergency that reaches into the week: in `groups` of a unit's groups, or (0) in
    all of them; `unit` empty: everywhere. `until` is the day on which it ends by itself."""

    unit: str
    groups: int
    until: date


@dataclass(frozen=True, slots=True)
class ComingWeek:
    """What an office has registered of a week. None of it is a count of what anybody did.

    `events` are inspections and meetings on days of the week, `open_ended` how many more may be
    held any time in a longer period, `ending` entries whose last day is in the week.
    """

    events: tuple[ComingEntry, ...] = ()
    open_ended: int = 0
    ending: tuple[ComingEntry, ...] = ()
    marks: tuple[ComingMark, ...] = ()
    emergencies: tuple[ComingEmergency, ...] = ()


def coming_week(
    view: RegisterView,
    week: Week,
    now: datetime,
    zone: tzinfo,
    *,
    units: Collection[UnitCode] = (),
    unit_of: Mapping[GroupCode, UnitCode],
) -> ComingWeek:
    """What is registered `now` of a week for these units (all where empty).

    What is of everybody concerns every office. What is of single groups is told under their unit,
    and not at all where `unit_of` knows the group no more; who entered anything is not told.
    """
    entries = sorted(
        (
            one
            for one in view.entries
            if not one.retired
            and one.starts <= week.sunday
            and one.ends >= week.monday
            and _is_known(one.group, unit_of)
            and _concerns(_unit_of(one, unit_of), units)
        ),
        key=lambda one: (one.starts, one.number),
    )
    held = [one for one in entries if one.sort in EVENTS]
    events = [one for one in held if one.ends - one.starts <= LONGEST_EVENT]
    ending = [one for one in entries if one not in events and one.ends <= week.sunday]
    return ComingWeek(
        tuple(_entry(one, unit_of) for one in events),
        len(held) - len(events),
        tuple(_entry(one, unit_of) for one in ending),
        _marks(view.marks, week, units),
        _emergencies(view.emergencies, week, now, zone, units, unit_of),
    )


def _is_known(group: GroupCode, unit_of: Mapping[GroupCode, UnitCode]) -> bool:
    return group == EVERYWHERE or group in unit_of


def _unit_of(entry: Filing, unit_of: Mapping[GroupCode, UnitCode]) -> str:
    return entry.unit or unit_of.get(entry.group, EVERYWHERE)


def _concerns(unit: str, units: Collection[UnitCode]) -> bool:
    return not units or unit in (EVERYWHERE, *units)


def _entry(one: Filing, unit_of: Mapping[GroupCode, UnitCode]) -> ComingEntry:
    named = {found.sign for found in find_giveaways(one.title, one.starts)} & _OF_PERSONS
    title = "" if named else " ".join(one.title.split())
    if len(title) > LONGEST_TITLE:
        title = title[: LONGEST_TITLE - 1] + "…"
    unit = _unit_of(one, unit_of)
    return ComingEntry(one.sort, one.number, title, one.starts, one.ends, unit, one.line)


def _marks(
    marks: Collection[Mark], week: Week, units: Collection[UnitCode]
) -> tuple[ComingMark, ...]:
    days: dict[tuple[MarkSort, str], set[date]] = {}
    for mark in marks:
        if _concerns(mark.unit, units):
            held = {day for day in week.days if mark.holds(mark.unit, day)}
            days.setdefault((mark.sort, mark.unit), set()).update(held)
    return tuple(
        ComingMark(sort, unit, tuple(sorted(found)))
        for (sort, unit), found in sorted(days.items())
        if found
    )


def _emergencies(
    windows: Collection[EmergencyWindow],
    week: Week,
    now: datetime,
    zone: tzinfo,
    units: Collection[UnitCode],
    unit_of: Mapping[GroupCode, UnitCode],
) -> tuple[ComingEmergency, ...]:
    begin = week.shifted(-1).ends_at(zone)
    last: dict[tuple[str, bool], dict[str, datetime]] = {}
    for one in windows:
        is_one_group = one.group != EVERYWHERE
        if not _is_known(one.group, unit_of):
            continue
        unit = unit_of[one.group] if is_one_group else one.unit
        if one.starts <= now and one.over_at > max(now, begin) and _concerns(unit, units):
            groups = last.setdefault((unit, is_one_group), {})
            groups[one.group] = max(one.over_at, groups.get(one.group, one.over_at))
    return tuple(
        ComingEmergency(
            unit, len(groups) if is_one_group else 0, max(groups.values()).astimezone(zone).date()
        )
        for (unit, is_one_group), groups in sorted(last.items())
    )
