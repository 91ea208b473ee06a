"""Limits over time: tightened at once, loosened with the next window, two persons, all kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.actors import actor_code, operator_code
from bot.domain.errors import UserError
from bot.domain.limit_changes import ChangeState, LimitChange, Source, effective_on, in_force
from bot.domain.limit_windows import next_window, window_of
from bot.domain.limits import Ground, Limit, Scope, Window
from bot.domain.private import Opaque
from bot.domain.vocabulary import Measure
from config.policy_file import load_limits
from handlers.keep_limits import KeepLimits
from storage.memory_limits import MemoryLimitLog
from tests.scenarios.running_bot import MovedClock
from tests.scenarios.week_end_house import SHANGHAI, at

CHECK_IN = Limit(Measure.CHECK_IN, Scope.GROUP, Window.DAY, 2, Ground.DESIGN, "check_in")
MEETING = Limit(Measure.MEETING, Scope.UNIT, Window.WEEK, 2, Ground.ANALOGY, "meeting")
WEDNESDAY = date(2026, 11, 4)
ANN, BEN = operator_code("ann"), operator_code("ben")


@pytest.mark.parametrize(
    ("window", "first", "last"),
    [
        (Window.DAY, date(2026, 11, 4), date(2026, 11, 4)),
        (Window.WEEK, date(2026, 11, 2), date(2026, 11, 8)),
        (Window.MONTH, date(2026, 11, 1), date(2026, 11, 30)),
        (Window.YEAR, date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_window_has_a_first_and_a_last_day(window: Window, first: date, last: date) -> None:
    assert window_of(window, WEDNESDAY) == (first, last)


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.sampled_from(Window))
def test_windows_follow_each_other_without_a_gap(day: date, window: Window) -> None:
    first, last = window_of(window, day)

    assert first <= day <= last
    assert window_of(window, next_window(window, day))[0] == next_window(window, day)
    assert (next_window(window, day) - last).days == 1


def test_what_tightens_holds_at_once_and_what_loosens_with_the_next_window() -> None:
    tighter, looser = replace(MEETING, at_most=1), replace(MEETING, at_most=3)

    assert effective_on(tighter, MEETING, WEDNESDAY) == WEDNESDAY
    assert effective_on(looser, MEETING, WEDNESDAY) == date(2026, 11, 9)
    assert effective_on(None, MEETING, WEDNESDAY) == date(2026, 11, 9)
    assert effective_on(MEETING, None, WEDNESDAY) == WEDNESDAY
    assert effective_on(replace(MEETING, basis_text="新依据"), MEETING, WEDNESDAY) == WEDNESDAY


def change(number: int, at_most: int, on: date, *, removed: bool = False) -> LimitChange:
    return LimitChange(
        number, replace(MEETING, at_most=at_most), Source.COMMAND, ChangeState.STANDING,
        datetime(2026, 11, 1, tzinfo=UTC), ANN, removed=removed, effective_on=on,
    )  # fmt: skip


def test_of_two_decisions_the_later_one_holds_once_its_day_has_come() -> None:
    first = change(1, 2, date(2026, 1, 1))
    looser_on_monday, tighter_at_once = change(2, 5, date(2026, 11, 9)), change(3, 1, WEDNESDAY)
    changes = [tighter_at_once, first, looser_on_monday]

    assert [one.at_most for one in in_force(changes, date(2026, 11, 3))] == [2]
    assert [one.at_most for one in in_force(changes, WEDNESDAY)] == [1]
    assert [one.at_most for one in in_force(changes, date(2026, 11, 9))] == [1]


def test_a_limit_that_was_removed_holds_no_longer_and_may_come_back() -> None:
    changes = [
        change(1, 2, date(2026, 1, 1)),
        change(2, 2, WEDNESDAY, removed=True),
        change(3, 4, date(2026, 11, 20)),
    ]

    assert in_force(changes, WEDNESDAY) == ()
    assert [one.at_most for one in in_force(changes, date(2026, 11, 20))] == [4]


async def kept(log: MemoryLimitLog, of_file: list[Limit], moment: str) -> KeepLimits:
    made = KeepLimits(log, of_file, MovedClock(at(moment)), SHANGHAI)
    await made.load()
    return made


async def test_a_change_takes_two_persons() -> None:
    limits = await kept(MemoryLimitLog(), [CHECK_IN, MEETING], "2026-11-04 10:00")

    proposed = await limits.propose("meeting.unit.week", 1, ANN)
    assert [one.at_most for one in limits.today()] == [2, 2]
    with pytest.raises(UserError, match="second_person"):
        await limits.confirm(proposed.number, ANN)
    confirmed = await limits.confirm(proposed.number, BEN)

    assert (confirmed.by, confirmed.confirmed_by) == (ANN, BEN)
    assert [one.at_most for one in limits.today()] == [2, 1]
    with pytest.raises(UserError, match="no_proposal"):
        await limits.confirm(proposed.number, BEN)


async def test_what_was_withdrawn_never_holds_and_stays_in_the_history() -> None:
    limits = await kept(MemoryLimitLog(), [MEETING], "2026-11-04 10:00")
    proposed = await limits.propose("meeting.unit.week", 0, ANN)

    await limits.withdraw(proposed.number, ANN)

    assert limits.proposals() == ()
    assert [one.at_most for one in limits.today()] == [2]
    assert [one.state for one in limits.history("meeting.unit.week")] == [
        ChangeState.STANDING,
        ChangeState.WITHDRAWN,
    ]


async def test_a_changed_file_is_a_version_like_any_other() -> None:
    log = MemoryLimitLog()
    await kept(log, [CHECK_IN, MEETING], "2026-11-04 10:00")
    looser = [CHECK_IN, replace(MEETING, at_most=4)]

    again = await kept(log, looser, "2026-11-05 10:00")
    later = await kept(log, looser, "2026-11-09 10:00")

    assert [one.at_most for one in again.today()] == [2, 2]
    assert [one.at_most for one in later.today()] == [2, 4]
    assert len(later.history("meeting.unit.week")) == 2


async def test_a_command_s_change_outlives_a_restart_with_the_same_file() -> None:
    log = MemoryLimitLog()
    limits = await kept(log, [MEETING], "2026-11-04 10:00")
    await limits.confirm((await limits.propose("meeting.unit.week", 1, ANN)).number, BEN)

    again = await kept(log, [MEETING], "2026-11-05 10:00")

    assert [one.at_most for one in again.today()] == [1]


async def test_one_unit_may_get_a_limit_of_its_own() -> None:
    limits = await kept(MemoryLimitLog(), [MEETING], "2026-11-04 10:00")

    change = await limits.propose("meeting.unit.week@qingxi", 1, ANN, "镇党委会议纪要〔2026〕9号")
    await limits.confirm(change.number, BEN)

    assert [(one.id, one.at_most) for one in limits.today()] == [
        ("meeting.unit.week", 2),
        ("meeting.unit.week@qingxi", 1),
    ]
    assert limits.today()[1].basis_text == "镇党委会议纪要〔2026〕9号"


@pytest.mark.parametrize("wrong", ["nothing.unit.week", "meeting.unit.week@", ""])
async def test_a_limit_that_is_not_there_cannot_be_changed(wrong: str) -> None:
    limits = await kept(MemoryLimitLog(), [MEETING], "2026-11-04 10:00")

    with pytest.raises(UserError, match=r"limits\.error\.unknown"):
        await limits.propose(wrong, 1, ANN)


async def test_the_packaged_limits_are_in_force_as_they_stand_in_the_file() -> None:
    of_file = list(load_limits())

    limits = await kept(MemoryLimitLog(), of_file, "2026-11-04 10:00")

    assert list(limits.today()) == of_file


def test_a_code_tells_two_people_apart_and_names_neither() -> None:
    one, other = (actor_code("wecom", "corp", Opaque(name)) for name in ("li.hua", "wang.wei"))

    assert one != other
    assert one == actor_code("wecom", "corp", Opaque("li.hua"))
    assert "li" not in one.lower()
