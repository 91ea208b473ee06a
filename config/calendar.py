"""Calendar files → WorkCalendar; a file that contradicts itself is refused with its field."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from importlib.resources.abc import Traversable
from pathlib import Path

from bot.domain.errors import BadCalendar
from bot.domain.work_calendar import CalendarYear, WorkCalendar
from config.load import packaged

_YEAR_FILE = re.compile(r"(\d{4})\.toml")
_LOCAL_FILE = "local.toml"
_LONGEST_HOLIDAY = 31


def load_calendar(folder: Path | None = None) -> WorkCalendar:
    """The packaged years, each replaced by the operator's file of the same name where there is one.

    `folder` holds YYYY.toml (fields year, provisional, [[holiday]] with name, from, to, work) and
    may hold local.toml (off = [dates], set by the local government). Other files are not read.
    Raises BadCalendar for a folder that is not there and for any file or field that is wrong.
    """
    if folder is not None and not folder.is_dir():
        raise BadCalendar(folder.name, "calendars", "expected.calendars")
    sources: list[Traversable | Path] = [packaged("calendars")]
    if folder is not None:
        sources.append(folder)
    years: dict[int, CalendarYear] = {}
    local: frozenset[date] = frozenset()
    for source in sources:
        for entry in sorted(source.iterdir(), key=lambda found: found.name):
            if named := _YEAR_FILE.fullmatch(entry.name):
                years[int(named[1])] = _year(entry, int(named[1]))
            elif entry.name == _LOCAL_FILE:
                local = _local(entry)
    _refuse_contradiction(years)
    return WorkCalendar(years, local)


def _read(entry: Traversable | Path, fields: frozenset[str]) -> Mapping[str, object]:
    try:
        table = tomllib.loads(entry.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadCalendar(entry.name, "file", "expected.utf8_toml", error=error) from None
    _refuse_unknown(entry.name, "", table, fields)
    return table


def _refuse_unknown(
    file: str, where: str, table: Mapping[str, object], fields: frozenset[str]
) -> None:
    for name in table:
        if name not in fields:
            raise BadCalendar(
                file, where + name, "expected.one_of", known=", ".join(sorted(fields))
            )


def _year(entry: Traversable | Path, number: int) -> CalendarYear:
    table = _read(entry, frozenset({"year", "provisional", "holiday"}))
    if table.get("year") != number:
        raise BadCalendar(entry.name, "year", "expected.as_named", year=number)
    provisional = table.get("provisional", False)
    if not isinstance(provisional, bool):
        raise BadCalendar(entry.name, "provisional", "expected.true_false")
    holidays = table.get("holiday")
    if not isinstance(holidays, list) or not holidays:
        raise BadCalendar(entry.name, "holiday", "expected.holiday")
    off: set[date] = set()
    work: set[date] = set()
    for place, holiday in enumerate(holidays, start=1):
        where = f"holiday {place}."
        if not isinstance(holiday, Mapping):
            raise BadCalendar(entry.name, "holiday", "expected.tables", name="holiday")
        _refuse_unknown(entry.name, where, holiday, frozenset({"name", "from", "to", "work"}))
        off.update(_rest_days(entry.name, where, holiday))
        work.update(_make_up_days(entry.name, where, holiday))
    _check_days(entry.name, number, off, work)
    return CalendarYear(number, frozenset(off), frozenset(work), provisional)


def _check_days(file: str, number: int, off: set[date], work: set[date]) -> None:
    for day in sorted(off | work):
        # A New Year's holiday may begin in the last days of December.
        if day.year != number and (day.year, day.month) != (number - 1, 12):
            raise BadCalendar(file, "holiday", "expected.days_of", year=number, day=day)
    for day in sorted(off & work):
        raise BadCalendar(file, "work", "expected.off_or_worked", day=day)


def _rest_days(file: str, where: str, holiday: Mapping[str, object]) -> Iterator[date]:
    first = _day(file, where + "from", holiday.get("from"))
    last = _day(file, where + "to", holiday.get("to"))
    if not first <= last < first + timedelta(days=_LONGEST_HOLIDAY):
        raise BadCalendar(file, where + "to", "expected.day_after", day=first)
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _make_up_days(file: str, where: str, holiday: Mapping[str, object]) -> Iterator[date]:
    for day in _days(file, where + "work", holiday.get("work", [])):
        if day.weekday() < 5:
            raise BadCalendar(file, where + "work", "expected.weekend", day=day)
        yield day


def _local(entry: Traversable | Path) -> frozenset[date]:
    table = _read(entry, frozenset({"off"}))
    return frozenset(_days(entry.name, "off", table.get("off")))


def _days(file: str, field: str, value: object) -> Iterable[date]:
    if not isinstance(value, list):
        raise BadCalendar(file, field, "expected.dates")
    return [_day(file, field, item) for item in value]


def _day(file: str, field: str, value: object) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise BadCalendar(file, field, "expected.unquoted_date")
    return value


def _refuse_contradiction(years: Mapping[int, CalendarYear]) -> None:
    for number, year in sorted(years.items()):
        before = years.get(number - 1)
        for day in sorted(year.off & before.work if before else ()):
            raise BadCalendar(
                f"{number}.toml", "holiday", "expected.not_worked", day=day, year=number - 1
            )
