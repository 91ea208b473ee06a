"""Which days and hours are worked, and what is said of years nobody knows yet."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import BadCalendar, NoCalendarForYear
from bot.domain.work_calendar import CalendarYear, OfficeHours, WorkCalendar
from config.calendar import load_calendar

BEIJING = ZoneInfo("Asia/Shanghai")
HOURS = OfficeHours.parse("08:30-12:00,14:30-18:00")
SEASONS = OfficeHours.parse("08:30-12:00,14:30-17:30; 05-01..09-30: 08:00-12:00,15:00-18:00")
DUTY = OfficeHours.parse("24h")
XINJIANG = OfficeHours.parse("09:30-13:30,15:30-19:30; 05-01..09-30: 10:00-14:00,16:00-20:00")
CALENDAR = load_calendar()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize("year", [2025, 2026])
def test_every_day_agrees_with_the_published_calendar(year: int) -> None:
    for day in days_of(year):
        assert CALENDAR.is_working_day(day) == chinese_calendar.is_workday(day), day


@pytest.mark.parametrize(
    ("year", "weekdays_off", "make_up_days", "statutory"), [(2025, 18, 5, 13), (2026, 19, 6, 13)]
)
def test_weekdays_off_less_make_up_days_leave_the_statutory_days(
    year: int, weekdays_off: int, make_up_days: int, statutory: int
) -> None:
    """Only true when no statutory day falls on a weekend unreplaced; both years hold to it."""
    off = [d for d in days_of(year) if d.weekday() < 5 and not CALENDAR.is_working_day(d)]
    work = [d for d in days_of(year) if d.weekday() >= 5 and CALENDAR.is_working_day(d)]

    assert (len(off), len(work)) == (weekdays_off, make_up_days)
    assert len(off) - len(work) == statutory


def test_a_year_without_its_notice_is_provisional() -> None:
    assert CALENDAR.is_provisional(2027)
    assert not CALENDAR.is_provisional(2026)
    assert not CALENDAR.is_working_day(date(2027, 2, 5))
    assert CALENDAR.is_working_day(date(2027, 2, 9))


def test_an_unknown_year_is_said_and_not_guessed() -> None:
    with pytest.raises(NoCalendarForYear) as refused:
        CALENDAR.is_working_day(date(2031, 3, 3))

    assert refused.value.year == 2031
    with pytest.raises(NoCalendarForYear):
        CALENDAR.is_provisional(2031)
    with pytest.raises(NoCalendarForYear):
        CALENDAR.is_off_hours(at("2031-03-03T10:00"), HOURS)
    with pytest.raises(NoCalendarForYear):
        CALENDAR.next_working_day(date(2027, 12, 31))


@pytest.mark.parametrize(
    ("moment", "off"),
    [
        ("2026-10-12T08:29:59", True),
        ("2026-10-12T08:30:00", False),
        ("2026-10-12T12:00:00", False),
        ("2026-10-12T13:00:00", False),
        ("2026-10-12T17:59:59", False),
        ("2026-10-12T18:00:00", False),
        ("2026-10-12T18:00:01", True),
        ("2026-10-12T18:01:00", True),
        ("2026-10-12T23:30:00", True),
        ("2026-10-10T10:00:00", False),
        ("2026-10-10T20:00:00", True),
        ("2026-10-11T10:00:00", True),
        ("2026-10-06T10:00:00", True),
        ("2026-12-31T17:00:00", False),
        ("2027-01-01T10:00:00", True),
    ],
)
def test_off_hours_are_rest_days_and_before_the_first_start_or_after_the_last_end(
    moment: str, off: bool
) -> None:
    assert CALENDAR.is_off_hours(at(moment), HOURS) is off


@pytest.mark.parametrize(
    ("moment", "off"),
    [
        ("2026-04-30T08:15:00", True),
        ("2026-05-06T08:15:00", False),
        ("2026-05-06T17:45:00", False),
        ("2026-09-30T17:45:00", False),
        ("2026-10-08T17:45:00", True),
    ],
)
def test_hours_follow_their_season(moment: str, off: bool) -> None:
    assert CALENDAR.is_off_hours(at(moment), SEASONS) is off


def test_late_hours_on_beijing_time_move_the_evening() -> None:
    assert not CALENDAR.is_off_hours(at("2026-06-10T19:50"), XINJIANG)
    assert CALENDAR.is_off_hours(at("2026-06-10T09:50"), XINJIANG)
    assert CALENDAR.is_off_hours(at("2026-11-10T19:50"), XINJIANG)


def test_a_duty_group_has_no_off_hours_even_in_an_unknown_year() -> None:
    assert not CALENDAR.is_off_hours(at("2026-10-01T03:00"), DUTY)
    assert not CALENDAR.is_off_hours(at("2033-10-01T03:00"), DUTY)


def test_a_season_may_run_over_the_new_year() -> None:
    hours = OfficeHours.parse("08:00-12:00,15:00-18:00;10-01..04-30:08:30-12:00,14:30-17:30")

    assert hours.on(date(2026, 12, 31))[0] == (time(8, 30), time(12))
    assert hours.on(date(2026, 1, 1))[0] == (time(8, 30), time(12))
    assert hours.on(date(2026, 5, 1))[0] == (time(8), time(12))


def test_full_width_punctuation_is_read() -> None:
    assert OfficeHours.parse("08：30－12：00，14：30～18：00") == HOURS


@pytest.mark.parametrize(
    "text",
    [
        "",
        "all day",
        "8-12",
        "08:30-12:00,11:00-18:00",
        "18:00-08:00",
        "08:30-25:00",
        "08:30-12:00;05-01..09-31:08:00-12:00",
        "08:30-12:00;05-01..09-30:08:00-12:00;09-30..10-31:08:00-12:00",
        "08:30-12:00;05-01:08:00-12:00",
        "08:30-12:00,",
    ],
)
def test_hours_that_make_no_sense_are_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        OfficeHours.parse(text)


def test_a_naive_moment_is_neither_work_nor_rest() -> None:
    with pytest.raises(ValueError, match="time zone"):
        CALENDAR.is_off_hours(datetime(2026, 10, 12, 10), HOURS)  # noqa: DTZ001


def test_the_last_end_is_the_end_of_that_days_hours() -> None:
    assert CALENDAR.last_end(date(2026, 10, 12), HOURS, BEIJING) == at("2026-10-12T18:00")
    assert CALENDAR.last_end(date(2026, 8, 12), SEASONS, BEIJING) == at("2026-08-12T18:00")
    assert CALENDAR.last_end(date(2026, 10, 11), HOURS, BEIJING) == at("2026-10-11T18:00")
    assert CALENDAR.last_end(date(2026, 10, 12), DUTY, BEIJING) == at("2026-10-13T00:00")


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-10-12T10:00", "2026-10-12T15:00", 150),
        ("2026-10-12T12:30", "2026-10-12T14:00", 0),
        ("2026-10-12T00:00", "2026-10-13T00:00", 420),
        ("2026-10-09T17:00", "2026-10-10T09:00", 90),
        ("2026-10-10T17:00", "2026-10-12T09:00", 90),
        ("2026-09-30T17:00", "2026-10-08T09:00", 90),
        ("2026-10-12T15:00", "2026-10-12T10:00", 0),
    ],
)
def test_working_minutes_leave_out_lunch_nights_and_rest_days(
    start: str, end: str, minutes: int
) -> None:
    assert CALENDAR.working_minutes(at(start), at(end), HOURS) == minutes


def test_a_duty_group_works_every_minute() -> None:
    assert CALENDAR.working_minutes(at("2026-10-01T00:00"), at("2026-10-03T12:00"), DUTY) == 3600


@pytest.mark.parametrize(
    ("moment", "working"),
    [
        ("2026-10-12T10:00", "2026-10-12T10:00"),
        ("2026-10-12T07:00", "2026-10-12T08:30"),
        ("2026-10-12T12:00", "2026-10-12T14:30"),
        ("2026-10-12T18:00", "2026-10-13T08:30"),
        ("2026-10-10T19:00", "2026-10-12T08:30"),
        ("2026-09-30T19:00", "2026-10-08T08:30"),
    ],
)
def test_the_next_working_moment_is_now_or_the_next_start(moment: str, working: str) -> None:
    assert CALENDAR.next_working_moment(at(moment), HOURS) == at(working)


def test_the_next_working_day_skips_a_holiday_and_finds_a_make_up_day() -> None:
    assert CALENDAR.next_working_day(date(2026, 9, 30)) == date(2026, 10, 8)
    assert CALENDAR.next_working_day(date(2026, 10, 9)) == date(2026, 10, 10)
    assert CALENDAR.next_working_day(date(2026, 10, 10)) == date(2026, 10, 12)


def test_local_holidays_win_over_make_up_days() -> None:
    year = CalendarYear(2026, frozenset(), frozenset({date(2026, 3, 21)}))
    calendar = WorkCalendar({2026: year}, local_holidays=[date(2026, 3, 20), date(2026, 3, 21)])

    assert not calendar.is_working_day(date(2026, 3, 20))
    assert not calendar.is_working_day(date(2026, 3, 21))


@settings(deadline=None)
@given(st.timedeltas(timedelta(0), timedelta(days=3 * 365 - 1)))
def test_every_moment_is_off_hours_or_lies_between_a_start_and_an_end(since: timedelta) -> None:
    moment = at("2025-01-01T00:00") + since
    spans = SEASONS.on(moment.date())
    between = spans[0][0] <= moment.time() <= spans[-1][1]

    off = CALENDAR.is_off_hours(moment, SEASONS)

    assert off == (not (between and CALENDAR.is_working_day(moment.date())))


@settings(deadline=None)
@given(
    st.integers(0, 400_000),
    st.integers(0, 20_000),
    st.integers(0, 20_000),
)
def test_working_minutes_add_up(since: int, first: int, second: int) -> None:
    start = at("2025-02-01T00:00") + timedelta(minutes=since)
    middle = start + timedelta(minutes=first)
    end = middle + timedelta(minutes=second)

    parts = CALENDAR.working_minutes(start, middle, HOURS) + CALENDAR.working_minutes(
        middle, end, HOURS
    )

    assert parts == CALENDAR.working_minutes(start, end, HOURS)


# --- calendar files ---------------------------------------------------------------------------


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder


HOLIDAY = 'year = 2027\n[[holiday]]\nname = "春节"\nfrom = 2027-02-05\nto = 2027-02-11\n'


def test_an_operators_file_takes_the_place_of_the_packaged_year(tmp_path: Path) -> None:
    write(tmp_path, "2027.toml", HOLIDAY + "work = [2027-01-31, 2027-02-20]\n")

    calendar = load_calendar(tmp_path)

    assert not calendar.is_provisional(2027)
    assert calendar.is_working_day(date(2027, 2, 20))
    assert not calendar.is_working_day(date(2027, 2, 11))
    assert calendar.is_working_day(date(2026, 10, 10))


def test_a_new_year_holiday_may_begin_in_december(tmp_path: Path) -> None:
    write(
        tmp_path,
        "2027.toml",
        'year = 2027\n[[holiday]]\nname = "元旦"\nfrom = 2026-12-31\nto = 2027-01-02\n',
    )

    assert not load_calendar(tmp_path).is_working_day(date(2026, 12, 31))


def test_local_holidays_are_read_beside_the_years(tmp_path: Path) -> None:
    write(tmp_path, "local.toml", "off = [2026-03-20]\n")

    assert not load_calendar(tmp_path).is_working_day(date(2026, 3, 20))


@pytest.mark.parametrize(
    ("name", "text", "field"),
    [
        ("2027.toml", "year = ", "file"),
        ("2027.toml", 'year = 2026\n[[holiday]]\nname = "x"\n', "year"),
        ("2027.toml", "year = 2027\n", "holiday"),
        ("2027.toml", "year = 2027\nholiday = [1]\n", "holiday"),
        ("2027.toml", 'year = 2027\nprovisional = "no"\n', "provisional"),
        ("2027.toml", HOLIDAY + "work = [2027-02-06]\n", "work"),
        ("2027.toml", HOLIDAY + "work = [2027-02-19]\n", "holiday 1.work"),
        ("2027.toml", HOLIDAY + "work = 2027-02-20\n", "holiday 1.work"),
        ("2027.toml", HOLIDAY + 'work = ["2027-02-20"]\n', "holiday 1.work"),
        ("2027.toml", HOLIDAY + "work = [2028-02-20]\n", "holiday"),
        ("2027.toml", HOLIDAY + "worked = []\n", "holiday 1.worked"),
        ("2027.toml", HOLIDAY.replace("2027-02-11", "2027-02-01"), "holiday 1.to"),
        ("2027.toml", HOLIDAY.replace("2027-02-11", "2027-05-01"), "holiday 1.to"),
        ("2027.toml", HOLIDAY.replace("from = 2027-02-05\n", ""), "holiday 1.from"),
        ("2027.toml", "notice = 1\n" + HOLIDAY, "notice"),
        ("local.toml", "on = []\n", "on"),
        ("local.toml", "", "off"),
    ],
)
def test_a_calendar_file_that_is_wrong_is_refused_by_file_and_field(
    tmp_path: Path, name: str, text: str, field: str
) -> None:
    with pytest.raises(BadCalendar) as refused:
        load_calendar(write(tmp_path, name, text))

    assert (refused.value.where, refused.value.field) == (name, field)


def test_a_day_worked_in_one_year_and_off_in_the_next_years_file_is_refused(
    tmp_path: Path,
) -> None:
    write(
        tmp_path,
        "2026.toml",
        'year = 2026\n[[holiday]]\nname = "x"\nfrom = 2026-10-01\nto = 2026-10-01\n'
        "work = [2026-12-27]\n",
    )
    write(
        tmp_path,
        "2027.toml",
        'year = 2027\n[[holiday]]\nname = "x"\nfrom = 2026-12-27\nto = 2027-01-01\n',
    )

    with pytest.raises(BadCalendar, match="2026-12-27"):
        load_calendar(tmp_path)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadCalendar, match=r"expected\.calendars"):
        load_calendar(tmp_path / "nowhere")
