"""The day of a phrase such as 下周三, 10月8日 or 月底."""

from __future__ import annotations

import calendar as months
import re
from dataclasses import dataclass
from datetime import date, timedelta

from bot.domain.errors import NoCalendarForYear
from bot.domain.moment_grammar import number
from bot.domain.work_calendar import WorkCalendar

_WEEKDAYS = "一二三四五六日"
_AHEAD = {"今": 0, "每": 0, "明": 1, "次": 1, "翌": 1, "第": 1, "隔": 1, "后": 2, "大": 3}
_LONGEST_AGO = timedelta(days=183)  # a date longer past than this means next year's
_LONGEST_AHEAD_IN_FIGURES = timedelta(days=100)
_BARELY_PAST = 10  # days; a day of the month further back is next month's
_LONGEST_HOLIDAY = 30


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day that a text names. `slides` is how many days later it comes round again, or 0."""

    day: date
    slides: int = 0
    is_today: bool = False


def named_day(
    match: re.Match[str],
    today: date,
    in_mind: date | None,
    calendar: WorkCalendar,
    *,
    is_series: bool = False,
) -> NamedDay | None:
    """The day of a match of `moment_grammar.MOMENT`; None where it has passed or is none.

    `in_mind` is the day named before, which 当天 and 当晚 mean; with `is_series` 每天 begins on it.
    """
    try:
        return (
            _relative(match, today, in_mind, is_series=is_series)
            or _of_week(match, today)
            or _other(match, today, calendar)
        )
    except (ValueError, OverflowError, NoCalendarForYear):
        return None  # 13月40日 is no day; and no guess beyond the known years


def _relative(
    match: re.Match[str], today: date, in_mind: date | None, *, is_series: bool
) -> NamedDay | None:
    written = match["rel"]
    if not written:
        return None
    if written[0] == "当":
        return NamedDay(in_mind) if in_mind else NamedDay(today, is_today=True)
    ahead = _AHEAD[written[0]]
    slides = 1 if written[0] == "每" else 0
    if slides and in_mind and is_series:
        return NamedDay(in_mind)  # 15日起每天17点前: first on that day
    return NamedDay(today + timedelta(days=ahead), slides, is_today=ahead == 0)


def _of_week(match: re.Match[str], today: date) -> NamedDay | None:
    if not match["weekday"]:
        return None
    place = _WEEKDAYS.index("日" if match["weekday"] == "天" else match["weekday"])
    day = today + timedelta(days=place - today.weekday())
    week = match["week"] or ""
    if week.startswith("上"):
        raise ValueError("a day of last week")
    if week.startswith("下"):
        return NamedDay(day + timedelta(weeks=week.count("下")))
    if week and week != "每":
        # On a Sunday 本周五 is the Friday to come.
        return NamedDay(day if day >= today or today.weekday() < 6 else day + timedelta(weeks=1))
    return NamedDay(day if day >= today else day + timedelta(weeks=1), slides=7)


def _other(match: re.Match[str], today: date, calendar: WorkCalendar) -> NamedDay | None:
    if match["next_work"]:
        return NamedDay(calendar.next_working_day(today))
    if match["after_holiday"]:
        return NamedDay(_after_holiday(today, calendar))
    if match["iso"]:
        year, month, day = (int(part) for part in re.split(r"[-./]", match["iso"]))
        return NamedDay(date(year, month, day))
    if match["year_end"]:
        return NamedDay(date(today.year, 12, 31))
    if match["this_month_end"]:
        return NamedDay(_month_end(today.year, today.month))
    figure_month = match["num_month"] or match["dash_month"]
    if figure_month:
        figure_day = match["num_day"] or match["dash_day"]
        found = _this_or_next_year(today, int(figure_month), int(figure_day))
        # 3.5前 in October is more likely a figure than next March.
        return NamedDay(found) if found - today < _LONGEST_AHEAD_IN_FIGURES else None
    if match["month"]:
        return NamedDay(_of_month(match, today))
    return NamedDay(_day_of_month(today, number(match["month_day"])))


def _of_month(match: re.Match[str], today: date) -> date:
    year, written = today.year, match["month"]
    if written == "每" and match["day"]:
        return _next_in_a_month(today, number(match["day"]))
    if written[0] in "本当这每":
        month = today.month
    elif written[0] in "下次":
        year, month = (year, today.month + 1) if today.month < 12 else (year + 1, 1)
    else:
        month = number(written)
        if match["year"] is None and not match["month_end"]:
            return _this_or_next_year(today, month, number(match["day"]))
        if match["year"]:
            year = int(match["year"])
        elif month < today.month:
            year += 1
    if match["month_end"]:
        return _month_end(year, month)
    return date(year, month, number(match["day"]))


def _month_end(year: int, month: int) -> date:
    if not 1 <= month <= 12:
        raise ValueError("expected a month")
    return date(year, month, months.monthrange(year, month)[1])


def _this_or_next_year(today: date, month: int, day: int) -> date:
    this = date(today.year, month, day)
    return this if this >= today - _LONGEST_AGO else date(today.year + 1, month, day)


def _day_of_month(today: date, day: int) -> date:
    if day >= today.day - _BARELY_PAST:
        return date(today.year, today.month, day)
    return _next_in_a_month(today, day)


def _next_in_a_month(today: date, day: int) -> date:
    if day >= today.day:
        return date(today.year, today.month, day)
    year, month = (today.year, today.month + 1) if today.month < 12 else (today.year + 1, 1)
    return date(year, month, day)


def _after_holiday(today: date, calendar: WorkCalendar) -> date:
    """The first working day after the holiday that is on or comes next."""
    day = today
    for _ in range(_LONGEST_HOLIDAY):
        if day.weekday() < 5 and not calendar.is_working_day(day):
            return calendar.next_working_day(day)
        day += timedelta(days=1)
    raise ValueError("no holiday is near")
