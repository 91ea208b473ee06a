"""Working days and hours: State Council calendar, office hours, what is off-hours."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo

from bot.domain.errors import NoCalendarForYear, NotAsExpected

MINUTES_OF_DAY = 24 * 60

Span = tuple[time, time]
_Minutes = tuple[int, int]  # from the first of them up to, not including, the second

_SPAN = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")
_SEASON = re.compile(r"(\d{1,2})-(\d{1,2})\.\.(\d{1,2})-(\d{1,2}):(.+)")
_WIDE = str.maketrans("：，；－—–～~", ":,;-----")
_LEAP_YEAR = 2024  # has every day that a season can name


@dataclass(frozen=True, slots=True)
class Season:
    """Hours between two days of any year, both included; may run over the new year."""

    first: tuple[int, int]
    last: tuple[int, int]
    spans: tuple[Span, ...]

    def holds(self, day: date) -> bool:
        """Whether the day lies in it."""
        at = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= at <= self.last
        return at >= self.first or at <= self.last


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """Working spans of a day, e.g. 08:30-12:00,14:30-18:00, in order and apart.

    `round_the_clock` is a duty or shift group: it has no off-hours and works every day.
    """

    spans: tuple[Span, ...]
    seasons: tuple[Season, ...] = ()
    round_the_clock: bool = False
    _usual: tuple[_Minutes, ...] = field(init=False, repr=False, compare=False)
    _seasonal: tuple[tuple[_Minutes, ...], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        usual = ((0, MINUTES_OF_DAY),) if self.round_the_clock else _minutes(self.spans)
        object.__setattr__(self, "_usual", usual)
        object.__setattr__(self, "_seasonal", tuple(_minutes(s.spans) for s in self.seasons))

    @classmethod
    def parse(cls, text: str) -> OfficeHours:
        """Hours written 08:30-12:00,14:30-18:00; ValueError says what was expected.

        Dated seasons follow after semicolons: `; 05-01..09-30: 08:00-12:00,15:00-18:00`. A duty
        or shift group has `24h`. Full-width punctuation is read as well.
        """
        plain = "".join(text.translate(_WIDE).split())
        if plain.lower() in ("24h", "0:00-24:00", "00:00-24:00"):
            return cls(spans=((time.min, time.max),), round_the_clock=True)
        usual, *seasons = plain.removesuffix(";").split(";")
        parsed = cls(_spans(usual), tuple(_season(part) for part in seasons))
        _refuse_overlap(parsed.seasons)
        return parsed

    def on(self, day: date) -> tuple[Span, ...]:
        """The spans in force on a day (dated seasons)."""
        for season in self.seasons:
            if season.holds(day):
                return season.spans
        return self.spans

    def minutes_on(self, day: date) -> tuple[tuple[int, int], ...]:
        """The same as minutes since midnight, start included, end not."""
        for season, minutes in zip(self.seasons, self._seasonal, strict=True):
            if season.holds(day):
                return minutes
        return self._usual


def _minutes(spans: tuple[Span, ...]) -> tuple[_Minutes, ...]:
    return tuple((a.hour * 60 + a.minute, b.hour * 60 + b.minute) for a, b in spans)


def _spans(text: str) -> tuple[Span, ...]:
    spans: list[Span] = []
    for part in text.split(","):
        found = _SPAN.fullmatch(part)
        if not found:
            raise NotAsExpected("expected.hours")
        try:
            start, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
        except ValueError:
            raise NotAsExpected("expected.times") from None
        if start >= end or (spans and start < spans[-1][1]):
            raise NotAsExpected("expected.spans")
        spans.append((start, end))
    return tuple(spans)


def _season(text: str) -> Season:
    found = _SEASON.fullmatch(text)
    if not found:
        raise NotAsExpected("expected.hours")
    first, last = (int(found[1]), int(found[2])), (int(found[3]), int(found[4]))
    for month, day in (first, last):
        try:
            date(_LEAP_YEAR, month, day)
        except ValueError:
            raise NotAsExpected("expected.season") from None
    return Season(first, last, _spans(found[5]))


def _refuse_overlap(seasons: tuple[Season, ...]) -> None:
    if len(seasons) < 2:
        return
    for number in range(366):
        day = date(_LEAP_YEAR, 1, 1) + timedelta(days=number)
        if sum(season.holds(day) for season in seasons) > 1:
            raise NotAsExpected("expected.seasons", day=f"{day:%m-%d}")


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """One year of the State Council's notice: weekdays off and make-up days worked.

    `off` may reach into December of the year before (New Year's Day). `provisional` says that the
    notice was not out: only the statutory days are known, make-up days are missing.
    """

    year: int
    off: frozenset[date]
    work: frozenset[date]
    provisional: bool = False


class WorkCalendar:
    """Which days are worked (DESIGN 6). Local holidays win over everything."""

    __slots__ = ("_known", "_special", "_years")

    def __init__(
        self, years: Mapping[int, CalendarYear], local_holidays: Collection[date] = ()
    ) -> None:
        self._years = dict(years)
        self._special: dict[date, bool] = {}
        for year in self._years.values():
            self._special |= dict.fromkeys(year.off, False)
        for year in self._years.values():
            self._special |= dict.fromkeys(year.work, True)
        self._special |= dict.fromkeys(local_holidays, False)
        self._known: dict[date, bool] = {}

    @property
    def years(self) -> tuple[int, ...]:
        """The years it knows, in order."""
        return tuple(sorted(self._years))

    def is_provisional(self, year: int) -> bool:
        """Whether the year's make-up days are not known yet; raises NoCalendarForYear."""
        if year not in self._years:
            raise NoCalendarForYear(year)
        return self._years[year].provisional

    def is_working_day(self, day: date) -> bool:
        """Raises NoCalendarForYear where there is no file for the year."""
        known = self._known.get(day)
        if known is None:
            if day.year not in self._years:
                raise NoCalendarForYear(day.year)
            known = self._known[day] = self._special.get(day, day.weekday() < 5)
        return known

    def is_off_hours(self, moment: datetime, hours: OfficeHours) -> bool:
        """Whether an aware moment, already on the group's wall, lies outside working time.

        On a rest day, or before the first start or after the last end of a working day; the
        lunch break is not off-hours (GUIDE.md, "Ping and off-hours"). A group that is on duty
        round the clock has none. Raises NoCalendarForYear, and ValueError for a naive moment.
        """
        _refuse_naive(moment)
        if hours.round_the_clock:
            return False
        day = moment.date()
        if not self.is_working_day(day):
            return True
        spans = hours.minutes_on(day)
        at = moment.hour * 60 + moment.minute
        if spans[0][0] <= at < spans[-1][1]:
            return False
        return at != spans[-1][1] or moment.second > 0 or moment.microsecond > 0

    def last_end(self, day: date, hours: OfficeHours, zone: tzinfo) -> datetime:
        """When a day's hours end, on the wall of `zone`; of a rest day, when they would.

        A group round the clock ends at midnight.
        """
        return _at(day, hours.minutes_on(day)[-1][1], zone)

    def working_minutes(self, start: datetime, end: datetime, hours: OfficeHours) -> int:
        """Whole working minutes between two moments on the group's wall; 0 when none are left.

        Raises NoCalendarForYear when a year in between has no calendar.
        """
        _refuse_naive(start)
        _refuse_naive(end)
        zone = start.tzinfo
        if end.tzinfo is not zone:
            end = end.astimezone(zone)
        day, last = start.date(), end.date()
        since, until, seconds = _seconds_of_day(start), _seconds_of_day(end), 0.0
        while day <= last:
            if hours.round_the_clock or self.is_working_day(day):
                for begin, stop in hours.minutes_on(day):
                    upto = stop * 60.0 if day < last else min(stop * 60.0, until)
                    seconds += max(0.0, upto - max(begin * 60.0, since))
            day, since = day + _A_DAY, 0.0
        return int(seconds // 60)

    def minutes_of_day(self, day: date, hours: OfficeHours) -> int:
        """How many minutes the spans of a working day have."""
        return sum(stop - start for start, stop in hours.minutes_on(day))

    def next_working_moment(self, moment: datetime, hours: OfficeHours) -> datetime:
        """The moment itself inside a span, else the start of the next one (lunch waits too).

        Raises NoCalendarForYear when the search leaves the known years.
        """
        _refuse_naive(moment)
        for begin, stop in self._spans_from(moment.date(), hours, moment.tzinfo):
            if moment < stop:
                return max(moment, begin)
        raise NoCalendarForYear(moment.year)

    def next_working_day(self, day: date) -> date:
        """The first working day after `day`; raises NoCalendarForYear past the known years."""
        day += timedelta(days=1)
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day

    def _spans_from(
        self, day: date, hours: OfficeHours, zone: tzinfo | None, last: date = date.max
    ) -> Iterator[tuple[datetime, datetime]]:
        while day <= last:
            if hours.round_the_clock or self.is_working_day(day):
                for start, stop in hours.minutes_on(day):
                    yield _at(day, start, zone), _at(day, stop, zone)
            day += timedelta(days=1)


_A_DAY = timedelta(days=1)


def _seconds_of_day(moment: datetime) -> float:
    passed = moment.hour * 3600 + moment.minute * 60 + moment.second
    return passed + moment.microsecond / 1e6


def _at(day: date, minutes: int, zone: tzinfo | None) -> datetime:
    moment = datetime(day.year, day.month, day.day, tzinfo=zone)
    return moment + timedelta(minutes=minutes)


def _refuse_naive(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone is neither work nor rest")
