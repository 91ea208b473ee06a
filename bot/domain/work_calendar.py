"""Working days and hours: State Council calendar, office hours, what is off-hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """Working spans of a day, e.g. 08:30-12:00,14:30-18:00, in order and apart."""

    spans: tuple[tuple[time, time], ...]

    @classmethod
    def parse(cls, text: str) -> OfficeHours:
        """Hours written 08:30-12:00,14:30-18:00; ValueError says what was expected."""
        raise NotImplementedError

    def on(self, day: date) -> tuple[tuple[time, time], ...]:
        """The spans in force on a day (dated seasons)."""
        raise NotImplementedError


class WorkCalendar:
    """Which days are worked (DESIGN 6)."""

    def is_working_day(self, day: date) -> bool:
        """Raises NoCalendarForYear where there is no file for the year."""
        raise NotImplementedError

    def is_off_hours(self, moment: datetime, hours: OfficeHours) -> bool:
        """Whether an aware moment, already on the group's wall, lies outside working time."""
        raise NotImplementedError
