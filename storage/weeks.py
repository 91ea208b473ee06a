"""Weeks as the integers that the tables hold: 2026-W42 is 202642."""

from __future__ import annotations

from bot.domain.periods import Week


def week_number(week: Week) -> int:
    """The integer of a week; later weeks have greater ones."""
    return week.year * 100 + week.number


def week_of(number: int) -> Week:
    """The week of an integer made by `week_number`."""
    return Week(*divmod(number, 100))
