"""What counts call for: near and over, once a day, the office when it comes again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.groups import GroupCode, LineCode, UnitCode
from bot.domain.limit_windows import window_of
from bot.domain.limits import Days, Ground, Level, Limit, Scope, Window
from bot.domain.reactions import (
    Daily,
    Note,
    Rise,
    is_repeated,
    is_to_be_said,
    marked_limits,
    noted,
    one_a_day,
    rises,
)
from bot.domain.registers import Mark, MarkSort, RegisterView
from bot.domain.tallies import Place
from bot.domain.vocabulary import KINDS, Measure
from config.calendar import load_calendar
from tests.scenarios.week_end_house import profile

FRIDAY = date(2026, 11, 6)
WEEKLY = Limit(Measure.CHECK_IN, Scope.GROUP, Window.WEEK, 2, Ground.DESIGN, "check_in")
CALENDAR = load_calendar()


def seen(n: int, day: date | None = FRIDAY, group: str = "g-1", unit: str = "u-1") -> Daily:
    place = Place(GroupCode(group), UnitCode(unit), LineCode("civil"), 0)
    return Daily(place, day, Measure.CHECK_IN, n)


def found(numbers: list[Daily], *limits: Limit, day: date = FRIDAY) -> list[Rise]:
    return rises(
        numbers,
        limits,
        window_of(limits[0].window, day),
        lambda on: day - timedelta(days=1) <= on <= day,
        CALENDAR.is_working_day,
    )


@pytest.mark.parametrize(
    ("count", "level"), [(1, None), (2, Level.NEAR), (3, Level.OVER)], ids=str
)
def test_below_near_and_over(count: int, level: Level | None) -> None:
    assert [one.level for one in found([seen(count)], WEEKLY)] == ([level] if level else [])


def test_what_did_not_rise_lately_is_no_news() -> None:
    assert found([seen(5, date(2026, 11, 3))], WEEKLY) == []
    assert found([seen(5, None)], WEEKLY) == []
    assert found([seen(5, None), seen(1)], WEEKLY)[0].count == 6


def test_a_unit_s_count_is_told_where_it_rose() -> None:
    of_the_unit = replace(WEEKLY, scope=Scope.UNIT)
    numbers = [
        seen(2, date(2026, 11, 3), "g-1"),
        seen(1, FRIDAY, "g-2"),
        seen(9, FRIDAY, "x", "u-9"),
    ]

    first, _ = found(numbers, of_the_unit)

    assert (first.code, first.count, first.groups) == ("u-1", 3, (("g-2", 1),))


def test_a_limit_of_one_s_own_takes_the_place_of_the_general_one() -> None:
    own = replace(WEEKLY, only="g-1", at_most=10)

    assert [one.code for one in found([seen(5), seen(5, group="g-2")], WEEKLY, own)] == ["g-2"]


def test_rest_days_may_be_left_out() -> None:
    saturday, working = date(2026, 11, 7), replace(WEEKLY, days=Days.WORKING)

    assert found([seen(9, saturday)], WEEKLY, day=saturday)
    assert found([seen(9, saturday)], working, day=saturday) == []


RISE = Rise(WEEKLY, "g-1", 3, Level.OVER, date(2026, 11, 2), (("g-1", 1),))


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 5)), max_size=30))
def test_over_a_limit_is_said_at_most_once_a_day_and_only_of_more(steps) -> None:
    note: Note | None = None
    said: list[tuple[date, int]] = []
    day, count = FRIDAY, 3
    for later, more in steps:
        day, count = day + timedelta(days=later), count + more
        rise = replace(RISE, count=count)
        if is_to_be_said(rise, note, day):
            note = noted(rise, day)
            said.append((day, count))

    assert len({on for on, _ in said}) == len(said)
    assert all(one[1] < other[1] for one, other in pairwise(said))


def test_near_is_said_once_in_a_window() -> None:
    near = replace(RISE, level=Level.NEAR, count=2)

    assert not is_to_be_said(near, noted(near, FRIDAY), FRIDAY + timedelta(days=1))


def test_the_third_window_of_four_weeks_is_told_to_the_office() -> None:
    def before(weeks: int) -> Note:
        first = RISE.first - timedelta(weeks=weeks)
        return Note(RISE.subject, first, Level.OVER, 3, first)

    one, two, long_ago = before(1), before(2), before(5)

    assert not is_repeated(RISE, {}, FRIDAY)
    assert not is_repeated(RISE, {RISE.subject: [one]}, FRIDAY)
    assert not is_repeated(RISE, {RISE.subject: [one, long_ago]}, FRIDAY)
    assert is_repeated(RISE, {RISE.subject: [one, two]}, FRIDAY)
    assert not is_repeated(replace(RISE, level=Level.NEAR), {RISE.subject: [one, two]}, FRIDAY)
    yearly = replace(RISE, limit=replace(WEEKLY, window=Window.YEAR))
    assert is_repeated(yearly, {}, FRIDAY)


def test_of_several_limits_on_one_kind_a_group_hears_of_one() -> None:
    near = replace(RISE, level=Level.NEAR)
    of_the_unit = replace(RISE, limit=replace(WEEKLY, scope=Scope.UNIT), code="u-1")
    other = replace(RISE, limit=replace(WEEKLY, measure=Measure.MEETING))

    chosen = one_a_day([near, of_the_unit, RISE, other])

    assert [rise for _, _, rise in chosen] == [RISE, other]


def test_a_marked_week_allows_no_meeting_and_a_marked_day_nothing_at_all() -> None:
    view = RegisterView(
        marks=[
            Mark("A", MarkSort.NO_MEETINGS, FRIDAY, FRIDAY, "x", unit=UnitCode("u-1")),
            Mark("B", MarkSort.NO_NOTICES, FRIDAY, FRIDAY, "x", unit=UnitCode("u-2")),
        ]
    )

    limits = marked_limits(
        [WEEKLY], view, [profile(), profile("g-2", "u-2"), profile("g-3", "u-3")], FRIDAY
    )

    assert limits[0] == WEEKLY
    assert limits[1].id == "meeting.group.week@g-1"
    assert {one.only for one in limits[2:]} == {"g-2"}
    assert len(limits[2:]) == len(KINDS)
    assert all(one.at_most == 0 for one in limits[1:])
