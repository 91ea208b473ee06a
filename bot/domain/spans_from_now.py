"""Moments told from the moment of writing: 半小时内, 两个工作日内, 还有十分钟."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from bot.domain import moment_grammar as grammar
from bot.domain.errors import NoCalendarForYear
from bot.domain.work_calendar import OfficeHours, WorkCalendar

_LONGEST = timedelta(days=7)  # of spans in hours and minutes
_MOST_DAYS = 60


def spans_from_now(
    text: str, sent_at: datetime, hours: OfficeHours, calendar: WorkCalendar
) -> Iterator[tuple[datetime, str]]:
    """Each moment with its cue (…内, …后, or empty for 还有…); days run to the end of hours."""
    ends = "内" in text or "后" in text  # as every cue of a span does
    for match in grammar.SPAN.finditer(text) if ends else ():
        if not _fixes_nothing(text, match, match["cue"]):
            at = _after(match, match["cue"], sent_at, hours, calendar)
            if at is not None:
                yield at, match["cue"]
    for match in (*grammar.LEFT.finditer(text), *_countdowns(text)):
        if match["unit"] in grammar.UNITS:
            at = _after(match, "", sent_at, hours, calendar)
            if at is not None:
                yield at, ""


def _countdowns(text: str) -> Iterator[re.Match[str]]:
    if len(text) <= grammar.LONGEST_COUNTDOWN:
        for match in grammar.BARE.finditer(text):
            if not _fixes_nothing(text, match, cue=""):
                yield match


def _fixes_nothing(text: str, match: re.Match[str], cue: str) -> bool:
    """每半小时, 视频5分钟以内, 事发后30分钟内, 48小时内核酸: lengths, rules and spans of data."""
    before = text[max(0, match.start() - grammar.BEFORE) : match.start()]
    patterns = (grammar.EVERY_BEFORE, grammar.LENGTH_BEFORE, grammar.FROM_AN_EVENT)
    if any(pattern.search(before) for pattern in patterns):
        return True
    after = text[match.end() : match.end() + grammar.AFTER]
    if grammar.SPAN_OF_DATA_AFTER.match(after):
        return True
    return cue == "以内" and (after[:1] == "的" or not after[:1].isalnum())


def _after(
    match: re.Match[str], cue: str, sent_at: datetime, hours: OfficeHours, calendar: WorkCalendar
) -> datetime | None:
    try:
        count = _count(match["count"]) + (0.5 if match["and_half"] else 0)
    except ValueError:
        return None
    unit = match["unit"].removeprefix("个")
    if unit in grammar.UNITS:
        span = min(count * grammar.UNITS[unit] + _minutes(match), _LONGEST)
        return sent_at + span if timedelta(0) < span < _LONGEST else None
    days = int(count) * (7 if unit in grammar.WEEKS else 1)
    if count != int(count) or not 0 < days <= _MOST_DAYS or cue.endswith("后"):
        return None
    try:
        day = _days_on(sent_at.date(), days, calendar if unit == "工作日" else None)
    except NoCalendarForYear:
        return None
    minutes = hours.minutes_on(day)[-1][1]
    return datetime.combine(day, time.min, sent_at.tzinfo) + timedelta(minutes=minutes)


def _minutes(match: re.Match[str]) -> timedelta:
    """一个小时十分钟: what stands behind the hours."""
    written = match["minutes"]
    try:
        return timedelta(minutes=grammar.number(written) if written else 0)
    except ValueError:
        return timedelta()


def _days_on(day: date, days: int, calendar: WorkCalendar | None) -> date:
    if calendar is None:
        return day + timedelta(days=days)
    for _ in range(days):
        day = calendar.next_working_day(day)
    return day


def _count(written: str) -> float:
    if written.startswith("半"):
        return 0.5
    if written[0].isascii():
        return float(written)
    return grammar.number(written)
