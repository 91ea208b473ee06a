"""What the digest tells of the week that begins: what the office registered, and of whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from bot.domain.coming_week import LONGEST_TITLE, ComingWeek, coming_week
from bot.domain.groups import GroupCode, LineCode, UnitCode
from bot.domain.registers import (
    EmergencyWindow,
    Filing,
    Mark,
    MarkSort,
    RegisterView,
    Sort,
)
from bot.renderings.json_document import decode_digest, encode_digest
from tests.golden.weeks import MUCH_REGISTERED, QUIET, REGISTERED, SHANGHAI, WEEK, digest
from tests.unit.test_digest import NEXT_WEEK, said

NEXT = WEEK.shifted(1)
CLOSE = datetime(2026, 10, 19, 2, 0, tzinfo=SHANGHAI)
TOWN, VILLAGE = UnitCode("U01"), UnitCode("U02")
GROUPS = {GroupCode("G1"): TOWN, GroupCode("G2"): TOWN, GroupCode("G5"): VILLAGE}
INSPECTION = Filing(
    "督备〔2026〕3号",
    Sort.INSPECTION,
    "安全生产检查",
    date(2026, 10, 20),
    date(2026, 10, 21),
    TOWN,
    LineCode("L01"),
)


def coming(*entries: Filing, units: tuple[UnitCode, ...] = (), **held: object) -> ComingWeek:
    view = RegisterView(entries=entries, **held)  # type: ignore[arg-type]
    return coming_week(view, NEXT, CLOSE, SHANGHAI, units=units, unit_of=GROUPS)


def numbers(found: ComingWeek) -> list[str]:
    return [one.number for one in found.events]


def test_an_inspection_on_a_day_of_the_week_is_told_and_one_beside_it_is_not() -> None:
    before = replace(
        INSPECTION, number="督备〔2026〕1号", starts=date(2026, 10, 1), ends=date(2026, 10, 18)
    )
    after = replace(
        INSPECTION, number="督备〔2026〕9号", starts=date(2026, 10, 26), ends=date(2026, 10, 27)
    )
    sunday = replace(
        INSPECTION, number="督备〔2026〕5号", starts=date(2026, 10, 25), ends=date(2026, 10, 30)
    )

    assert numbers(coming(before, sunday, after, INSPECTION)) == [INSPECTION.number, sunday.number]


def test_what_was_taken_back_is_not_told() -> None:
    assert coming(replace(INSPECTION, retired=True)) == ComingWeek()


def test_an_entry_for_a_whole_year_is_no_event_of_the_week() -> None:
    found = coming(replace(INSPECTION, starts=date(2026, 1, 1), ends=date(2026, 12, 31)))

    assert (found.events, found.open_ended) == ((), 1)


def test_what_ends_in_the_week_is_told_once() -> None:
    matter = replace(INSPECTION, number="准1号", sort=Sort.MATTER, starts=date(2026, 1, 1))

    found = coming(INSPECTION, matter)

    assert [one.number for one in found.ending] == [matter.number]


def test_an_office_for_some_units_hears_of_these_and_of_what_concerns_everybody() -> None:
    for_all = replace(INSPECTION, number="督备〔2026〕4号", unit=UnitCode(""))
    marks = (
        Mark("A", MarkSort.NO_MEETINGS, NEXT.monday, NEXT.sunday, "x", unit=TOWN),
        Mark("B", MarkSort.NO_NOTICES, NEXT.monday, NEXT.sunday, "x", weekday=3),
    )

    found = coming(INSPECTION, for_all, units=(VILLAGE,), marks=marks)

    assert numbers(found) == [for_all.number]
    assert [(one.sort, one.unit, one.days) for one in found.marks] == [
        (MarkSort.NO_NOTICES, "", (date(2026, 10, 21),))
    ]


def window(code: str, starts: str, ends: str, **where: object) -> EmergencyWindow:
    begin, end = (datetime.fromisoformat(f"2026-10-{each}+08:00") for each in (starts, ends))
    return EmergencyWindow(code, "县防指〔2026〕3号", "Ⅲ", begin, end, "actor", **where)  # type: ignore[arg-type]


def test_emergencies_of_groups_stand_under_their_unit_as_a_number() -> None:
    found = coming(
        emergencies=(
            window("A", "18T20:00", "19T20:00", group=GroupCode("G1")),
            window("B", "18T20:00", "21T20:00", group=GroupCode("G2")),
            window("C", "17T20:00", "18T20:00", unit=VILLAGE),
            window("D", "20T20:00", "21T20:00", unit=VILLAGE),
        )
    )

    assert [(one.unit, one.groups, one.until) for one in found.emergencies] == [
        (TOWN, 2, date(2026, 10, 21))
    ]


def test_what_is_of_a_group_that_nobody_knows_any_more_is_told_to_nobody() -> None:
    gone = GroupCode("G9")

    found = coming(
        replace(INSPECTION, sort=Sort.ON_DUTY, unit=UnitCode(""), group=gone),
        emergencies=(window("A", "18T20:00", "21T20:00", group=gone),),
        units=(VILLAGE,),
    )

    assert found == ComingWeek()


@pytest.mark.parametrize("title", ["陪同王局长调研", "检查，联系人电话13800138000"])
def test_a_title_that_names_a_person_is_left_out_and_the_entry_is_not(title: str) -> None:
    (found,) = coming(replace(INSPECTION, title=title)).events

    assert (found.number, found.title) == (INSPECTION.number, "")


def test_a_long_title_is_cut() -> None:
    (found,) = coming(replace(INSPECTION, title="关于秋冬季森林防火" * 9)).events

    assert len(found.title) == LONGEST_TITLE


def test_nobody_who_entered_or_declared_anything_is_in_it() -> None:
    found = coming(INSPECTION, emergencies=(window("A", "18T20:00", "19T20:00"),))

    assert "actor" not in repr(found)


def test_nothing_registered_is_said_and_says_what_it_does_not_see() -> None:
    assert "没有登记的看不到" in said(digest(QUIET), NEXT_WEEK)


def test_a_digest_from_before_registers_were_read_says_nothing_of_them() -> None:
    assert "登记簿" not in said(digest(QUIET, coming=None), NEXT_WEEK)
    assert b"next_week" not in encode_digest(digest(QUIET, coming=None)).replace(b"\n", b"")


def test_a_meeting_on_a_day_without_meetings_is_pointed_out() -> None:
    told = said(digest(QUIET, coming=REGISTERED), NEXT_WEEK)

    assert "1项会议落在无会日" in told
    assert "无会周：青石镇" in told


def test_many_entries_are_added_up_on_the_page_and_stand_in_the_annex() -> None:
    made = digest(QUIET, coming=MUCH_REGISTERED)

    assert "督检考5项" in said(made, NEXT_WEEK)
    (sheet,) = [one for one in made.document.annex if one.name == "下周"]
    assert [row[1] for row in sheet.rows] == [f"督备〔2026〕{n}号" for n in range(41, 46)]
    assert not sheet.repeats


def test_what_was_registered_comes_back_from_the_published_bytes() -> None:
    made = digest(QUIET, coming=REGISTERED)

    assert decode_digest(encode_digest(made)).figures.next_week == REGISTERED
