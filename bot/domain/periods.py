"""Weeks: which one a moment belongs to, and which are due to be closed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache

_LABEL = re.compile(r"(\d{4})-W(\d{2})")


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """An ISO week, written 2026-W42. Monday is its first day."""

    year: int
    number: int

    def __post_init__(self) -> None:
        date.fromisocalendar(self.year, self.number, 1)  # refuses week 54 and the like

    @classmethod
    def of(cls, moment: datetime, zone: tzinfo) -> Week:
        """The week of a moment on the wall of `zone`; naive moments are refused."""
        if moment.tzinfo is None:
            raise ValueError("a moment without a time zone belongs to no week")
        return _week_on(moment.astimezone(zone).toordinal())

    @classmethod
    def on(cls, day: date) -> Week:
        """The week that a day belongs to."""
        return _week_on(day.toordinal())

    @classmethod
    def parse(cls, label: str) -> Week:
        """The week written 2026-W42; ValueError says what was expected."""
        found = _LABEL.fullmatch(label.strip())
        if not found:
            raise ValueError("expected a week such as 2026-W42")
        return cls(int(found[1]), int(found[2]))

    @property
    def monday(self) -> date:
        """Its first day."""
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + timedelta(days=6)

    @property
    def days(self) -> tuple[date, ...]:
        """Monday to Sunday."""
        return tuple(self.monday + timedelta(days=number) for number in range(7))

    def shifted(self, weeks: int) -> Week:
        """The week that lies so many weeks later."""
        return Week.on(self.monday + timedelta(weeks=weeks))

    def ends_at(self, zone: tzinfo) -> datetime:
        """The first moment that is no longer in it, on the wall of `zone`."""
        end = self.monday + timedelta(days=7)
        return datetime(end.year, end.month, end.day, tzinfo=zone)

    def __str__(self) -> str:
        return f"{self.year:04d}-W{self.number:02d}"


@lru_cache(maxsize=1024)
def _week_on(ordinal: int) -> Week:
    # Each message asks for its week several times, and all of a day are in the same one.
    year, number, _ = date.fromordinal(ordinal).isocalendar()
    return Week(year, number)


def is_over(week: Week, now: datetime, zone: tzinfo, grace: timedelta) -> bool:
    """Whether a week may be closed: it ended `grace` ago, so stragglers had their chance."""
    return now >= week.ends_at(zone) + grace
