"""The digest's section on the week that begins: rest days, and what the office has registered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from bot.domain.coming_week import ComingEmergency, ComingEntry, ComingMark, ComingWeek
from bot.domain.digest_brief import Brief
from bot.domain.documents import Block, Bullets
from bot.domain.errors import NoCalendarForYear
from bot.domain.registers import MarkSort, Sort

FRIDAY = 5
MOST_TOLD = 3
"""Entries told one by one; more are added up on the page and stand in the annex."""


def next_week(brief: Brief) -> list[Block]:
    """One list; nothing registered is said, an office without a register is told as much."""
    coming = brief.now.next_week
    if coming is None:
        return [Bullets(tuple(_calendar(brief)))]
    days = [*_calendar(brief), *_marks(brief, coming.marks)]
    registered = _registered(brief, coming)
    if coming == ComingWeek():
        registered.append(brief.texts("next_week.nothing"))
    return [Bullets((brief.words.sentences(days), *registered))]


def is_told_on_the_page(entries: Sequence[ComingEntry]) -> bool:
    """Whether these entries are few enough to be told one by one."""
    return len(entries) <= MOST_TOLD


def subject(brief: Brief, unit: str, line: str = "") -> str:
    """Whom an entry concerns."""
    words, texts = brief.words, brief.texts
    parts = [words.unit(unit)] if unit else []
    parts += [texts("next_week.line", line=words.line(line))] if line else []
    return texts("next_week.subject").join(parts) if parts else texts("next_week.everywhere")


def _calendar(brief: Brief) -> list[str]:
    words, texts, calendar = brief.words, brief.texts, brief.calendar
    days = brief.week.shifted(1).days
    said: list[str] = []
    try:
        rest = [day for day in days if not calendar.is_working_day(day)]
    except NoCalendarForYear as unknown:
        return [texts("digest.next_week.no_calendar", year=unknown.year)]
    make_up = [day for day in days if day.isoweekday() > FRIDAY and day not in rest]
    if rest == list(days[FRIDAY:]):
        said.append(texts("digest.next_week.ordinary"))
    elif rest:
        said.append(texts("digest.next_week.rest", days=words.named_days(rest)))
    if make_up:
        said.append(texts("digest.next_week.make_up", days=words.named_days(make_up)))
    said.extend(
        texts("digest.next_week.provisional", year=year)
        for year in sorted({day.year for day in days})
        if calendar.is_provisional(year)
    )
    return said


def _registered(brief: Brief, coming: ComingWeek) -> list[str]:
    """Events, then what ends, then emergencies: a sentence or two for each."""
    events = _entries(brief, "event", coming.events)
    if clashing := _clashing(coming):
        events.append(brief.texts("next_week.clash", n=clashing))
    if coming.open_ended:
        events.append(brief.texts("next_week.open_ended", n=coming.open_ended))
    ending = _entries(brief, "ending", coming.ending)
    emergencies = [_emergency(brief, one) for one in coming.emergencies]
    return [brief.words.sentences(said) for said in (events, ending, emergencies) if said]


def _entries(brief: Brief, key: str, entries: Sequence[ComingEntry]) -> list[str]:
    if not entries:
        return []
    if not is_told_on_the_page(entries):
        counts = {sort: sum(one.sort is sort for one in entries) for sort in Sort}
        items = brief.words.joined(
            brief.texts("next_week.counted", sort=brief.texts(f"next_week.sorts.{sort}"), n=n)
            for sort, n in counts.items()
            if n
        )
        return [brief.texts(f"next_week.{key}s", n=len(entries), items=items)]
    told = (
        brief.texts(
            f"next_week.{key}",
            days=_days(brief, one),
            last=brief.words.named_days([one.last]),
            subject=subject(brief, one.unit, one.line),
            what=_what(brief, one),
        )
        for one in entries
    )
    return [brief.texts(f"next_week.{key}s_told", items=brief.texts("next_week.gap").join(told))]


def _what(brief: Brief, one: ComingEntry) -> str:
    key = "what" if one.title else "untitled"
    sort = brief.texts(f"next_week.sorts.{one.sort}")
    return brief.texts(f"next_week.{key}", title=one.title, sort=sort, number=one.number)


def _days(brief: Brief, one: ComingEntry) -> str:
    words = brief.words
    if one.first == one.last:
        return words.named_days([one.first])
    return brief.texts(
        "digest.dates.range",
        first=words.named_days([one.first]),
        last=words.named_days([one.last]),
    )


def _marks(brief: Brief, marks: Iterable[ComingMark]) -> list[str]:
    worked = {day for day in brief.week.shifted(1).days if not brief.is_rest(day)}
    return [
        brief.texts(
            f"next_week.{one.sort}{'_week' if worked <= set(one.days) else ''}",
            subject=subject(brief, one.unit),
            days=brief.words.named_days(one.days),
        )
        for one in marks
    ]


def _clashing(coming: ComingWeek) -> int:
    """Meetings that are registered for days on which the same units are to have none."""
    marked = [one for one in coming.marks if one.sort is MarkSort.NO_MEETINGS]
    return sum(
        any(
            ("" in (one.unit, mark.unit) or one.unit == mark.unit) and _touches(one, mark.days)
            for mark in marked
        )
        for one in coming.events
        if one.sort is Sort.SYSTEM_MEETING
    )


def _touches(one: ComingEntry, days: Iterable[date]) -> bool:
    return any(one.first <= day <= one.last for day in days)


def _emergency(brief: Brief, one: ComingEmergency) -> str:
    key = "emergency_groups" if one.groups else "emergency"
    return brief.texts(
        f"next_week.{key}",
        subject=subject(brief, one.unit),
        n=one.groups,
        until=brief.words.named_days([one.until]),
    )
