"""The windows of limits: the day, week, month or year that a day lies in."""

from __future__ import annotations

from datetime import date, timedelta

from bot.domain.limits import Window

_DAY = timedelta(days=1)


def window_of(window: Window, day: date) -> tuple[date, date]:
    """The first and the last day of the window that a day lies in; weeks begin on Monday."""
    match window:
        case Window.DAY:
            return day, day
        case Window.WEEK:
            monday = day - timedelta(days=day.weekday())
            return monday, monday + timedelta(days=6)
        case Window.MONTH:
            first = day.replace(day=1)
            return first, (first + timedelta(days=31)).replace(day=1) - _DAY
        case Window.YEAR:
            return date(day.year, 1, 1), date(day.year, 12, 31)


def next_window(window: Window, day: date) -> date:
    """The first day of the window after the one that a day lies in."""
    return window_of(window, day)[1] + _DAY
