"""Registers: numbers however they are typed, what covers what, and what is in none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import UserError
from bot.domain.filing_checks import check_entry, overlapping
from bot.domain.groups import GroupCode, LineCode, Origin, UnitCode
from bot.domain.registers import (
    EmergencyWindow,
    Filed,
    Filing,
    How,
    Mark,
    MarkSort,
    Mentions,
    RegisterView,
    Sort,
)
from bot.domain.vocabulary import Kind
from tests.scenarios.week_end_house import SHANGHAI, profile

NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))
TODAY = date(2026, 11, 17)
OURS = Origin(UnitCode("qingxi"), LineCode("anjian"))
APPROVED = Filing(
    "督备〔2026〕3号", Sort.INSPECTION, "安全生产督查", *NOVEMBER, line=OURS.line,
    kinds=(Kind.INSPECTION,), words=("安全生产",), quota=2,
)  # fmt: skip
VISIT = (Kind.INSPECTION,)


def how(text: str, view: RegisterView, *, kinds=VISIT, origin=OURS, day=TODAY) -> list[Filed]:
    return list(view.filed(view.mentions(text), kinds, origin, day))


@pytest.mark.parametrize(
    "typed",
    [
        "督备〔2026〕3号",
        "督备[2026]3号",
        "督备（2026）3号",
        "督备【２０２６】３号",
        "督备 〔2026〕 3号",
    ],
)
def test_a_number_is_known_however_its_brackets_were_typed(typed: str) -> None:
    view = RegisterView([APPROVED])

    assert how(f"周四来检查（依据{typed}文），请准备", view) == [
        Filed(APPROVED.number, How.QUOTED)
    ]
    assert view.entry(typed) == APPROVED


@pytest.mark.parametrize("typed", ["督备〔2026〕13号", "督备〔2026〕31号", "督备2026", "3号"])
def test_another_number_is_not_taken_for_it(typed: str) -> None:
    assert how(f"依据{typed}来检查", RegisterView([APPROVED])) == [Filed("", How.UNLISTED)]


def test_a_number_that_ends_in_a_digit_is_not_found_in_a_longer_one() -> None:
    view = RegisterView([replace(APPROVED, number="BA-2026-3")])

    assert how("依据ba-2026-3来检查", view)[0].how is How.QUOTED
    assert how("依据BA-2026-31来检查", view) == [Filed("", How.UNLISTED)]


def test_beyond_the_quota_it_counts() -> None:
    used_up = RegisterView([APPROVED], used={APPROVED.number: 2})

    assert how(f"依据{APPROVED.number}来检查", used_up) == [Filed(APPROVED.number, How.BEYOND)]


@pytest.mark.parametrize(
    "changed",
    [
        {"ends": date(2026, 11, 16)},
        {"starts": date(2026, 11, 18)},
        {"line": LineCode("minzheng")},
        {"unit": UnitCode("other")},
        {"kinds": (Kind.MEETING,)},
        {"retired": True},
    ],
    ids=str,
)
def test_an_entry_of_another_time_line_unit_or_kind_legitimises_nothing(changed) -> None:
    view = RegisterView([replace(APPROVED, **changed)])

    assert all(one.how is How.UNLISTED for one in how(f"依据{APPROVED.number}来检查", view))


def test_what_looks_like_a_registered_matter_is_offered_and_stands_in_no_register() -> None:
    found = how("周四来镇里查安全生产", RegisterView([APPROVED]))

    assert found == [Filed(APPROVED.number, How.ALIKE), Filed("", How.UNLISTED)]


def test_where_no_register_is_kept_nothing_is_unlisted() -> None:
    assert how("周四来检查", RegisterView()) == []
    assert how("周四开会", RegisterView([APPROVED]), kinds=(Kind.MEETING,)) == []


def test_an_app_outside_the_filed_list_is_flagged() -> None:
    filed = Filing("网备1号", Sort.APP, "浙政钉", date(2026, 1, 1), date(2026, 12, 31))
    view, kinds = RegisterView([filed]), (Kind.FORCED_USE,)

    assert how("请全员下载浙政钉并登录", view, kinds=kinds) == []
    assert how("请全员下载某某通并登录", view, kinds=kinds) == [Filed("", How.UNLISTED)]


@pytest.mark.parametrize("sort", [Sort.DUTY, Sort.MATTER])
def test_a_line_with_a_list_of_duties_may_ask_for_those_alone(sort: Sort) -> None:
    duty = Filing("职责1-1", sort, "隐患排查", *NOVEMBER, line=OURS.line)
    view, kinds = RegisterView([duty]), (Kind.FORM_FILLING,)
    other = Origin(OURS.unit, LineCode("minzheng"))

    named = how("请报隐患排查情况表", view, kinds=kinds)
    assert How.UNLISTED not in [one.how for one in named]
    assert how("请报订报纸情况表", view, kinds=kinds) == [Filed("", How.UNLISTED)]
    assert how("请报订报纸情况表", view, kinds=kinds, origin=other) == []


def test_what_is_mentioned_holds_no_words_but_the_office_s_own() -> None:
    mentions = RegisterView([APPROVED]).mentions("安全生产canary 督备〔2026〕3号")

    assert mentions == Mentions(quoted=frozenset({APPROVED.number}))
    assert "canary" not in repr(mentions)


NIGHT = EmergencyWindow(
    "A1", "县防指〔2026〕7号", "Ⅲ级",
    datetime(2026, 11, 10, 18, tzinfo=SHANGHAI), datetime(2026, 11, 11, 6, tzinfo=SHANGHAI), "x",
    unit=UnitCode("u-1"),
)  # fmt: skip


@given(st.integers(-48 * 60, 48 * 60), st.integers(-60, 13 * 60) | st.none())
def test_an_emergency_holds_from_its_start_up_to_its_end_and_no_longer(
    minute: int, closed: int | None
) -> None:
    closed_at = None if closed is None else NIGHT.starts + timedelta(minutes=closed)
    window = replace(NIGHT, closed_at=closed_at)
    moment = NIGHT.starts + timedelta(minutes=minute)
    end = min(NIGHT.ends, closed_at or NIGHT.ends)

    assert window.covers(profile(), moment) == (NIGHT.starts <= moment < end)
    assert not window.covers(profile("g-2", "u-2"), moment)


def test_an_emergency_of_one_group_is_nobody_else_s() -> None:
    window = replace(NIGHT, unit=UnitCode(""), group=GroupCode("g-1"))

    assert window.covers(profile(), NIGHT.starts)
    assert not window.covers(profile("g-2"), NIGHT.starts)


def test_a_mark_holds_on_its_days_and_weekday() -> None:
    fridays = Mark("B1", MarkSort.NO_NOTICES, *NOVEMBER, "x", weekday=5)
    view = RegisterView(marks=[fridays])

    assert view.marked(MarkSort.NO_NOTICES, OURS.unit, date(2026, 11, 20)) == fridays
    assert view.marked(MarkSort.NO_NOTICES, OURS.unit, date(2026, 11, 19)) is None
    assert view.marked(MarkSort.NO_MEETINGS, OURS.unit, date(2026, 11, 20)) is None
    assert view.marked(MarkSort.NO_NOTICES, OURS.unit, date(2026, 12, 4)) is None


def test_inspections_of_two_lines_at_one_time_may_be_combined() -> None:
    other = replace(APPROVED, number="督备〔2026〕4号", line=LineCode("huanbao"))
    later = replace(
        other, number="督备〔2026〕5号", starts=date(2026, 12, 1), ends=date(2026, 12, 2)
    )
    elsewhere = replace(other, number="督备〔2026〕6号", unit=UnitCode("other"))
    ours = replace(APPROVED, unit=OURS.unit)

    assert overlapping([ours, other, later, elsewhere], ours) == (other,)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"number": "3"}, "number"),
        ({"number": "x" * 65}, "number"),
        ({"title": " "}, "title"),
        ({"ends": date(2026, 10, 1)}, "period"),
        ({"words": ("查",)}, "words"),
        ({"words": (), "title": "查"}, "words"),
        ({"quota": 0}, "quota_number"),
        ({"sort": Sort.DUTY, "line": LineCode("")}, "duty_line"),
    ],
    ids=str,
)
def test_an_entry_that_could_fit_nothing_or_everything_is_refused(changed, said: str) -> None:
    with pytest.raises(UserError, match=rf"registers\.error\.{said}$"):
        check_entry(replace(APPROVED, **changed))
