"""Hints that save work, each with the case in which nothing is hinted at."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from bot.domain.groups import GroupCode, LineCode, UnitCode
from bot.domain.periods import Week
from bot.domain.relations import Demand, RelationKind, Shift
from bot.domain.traces import Level, Trace
from bot.domain.vocabulary import Kind, Measure, kind_bits
from bot.domain.work_hints import (
    HintSort,
    Related,
    Told,
    WorkHint,
    moved_on,
    of_meetings,
    of_relations,
    of_silence,
)
from tests.scenarios.week_end_house import SHANGHAI

TODAY = date(2026, 11, 17)
THURSDAY = int(datetime(2026, 11, 19, 14, 30, tzinfo=SHANGHAI).timestamp()) // 60
NOON = int(datetime(2026, 11, 17, 12, tzinfo=SHANGHAI).timestamp()) // 60
FIRST = Demand(
    Week(2026, 47), GroupCode("g-1"), b"episode1", UnitCode("town"), LineCode("fire"),
    kind_bits((Kind.MEETING,)), NOON, TODAY.toordinal(), THURSDAY, Trace(Level.UNTOLD, False, frozenset({4})),
)  # fmt: skip
SECOND = replace(
    FIRST, group=GroupCode("g-2"), episode=b"episode2", line=LineCode("fraud"), minute=NOON + 30,
    due=THURSDAY + 30,
)  # fmt: skip


def sorts(*demands: Demand, since: date = TODAY) -> list[HintSort]:
    return [one.sort for one in of_meetings(demands, SHANGHAI, since)]


def test_meetings_of_two_lines_on_one_day_may_be_nested() -> None:
    (hint,) = of_meetings([SECOND, FIRST], SHANGHAI, TODAY)

    assert hint == WorkHint(
        HintSort.NEST, SECOND.group, SECOND.episode, FIRST.line, date(2026, 11, 19)
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"line": FIRST.line},
        {"unit": UnitCode("other")},
        {"due": THURSDAY + 1440},
        {"due": None},
        {"kinds": kind_bits((Kind.FORM_FILLING,))},
    ],
    ids=str,
)
def test_other_meetings_are_left_alone(changed) -> None:
    assert sorts(FIRST, replace(SECOND, **changed)) == []


def test_what_was_laid_long_ago_is_not_told_again() -> None:
    assert sorts(FIRST, SECOND, since=TODAY + timedelta(days=1)) == []


def test_inspections_of_two_lines_within_seven_days_may_be_combined() -> None:
    visit = kind_bits((Kind.INSPECTION,))
    first, second = (replace(one, kinds=visit, due=None) for one in (FIRST, SECOND))
    later = replace(second, day=second.day + 7, minute=second.minute + 7 * 1440)

    assert sorts(first, second) == [HintSort.COMBINE]
    assert sorts(first, later) == []


def related(kind: RelationKind, shift: Shift = Shift.SAME, depth: int = 1) -> Related:
    return Related(kind, GroupCode("g"), b"episode1", TODAY, LineCode("other"), shift, depth)


@pytest.mark.parametrize(
    ("one", "wanted"),
    [
        (related(RelationKind.DUPLICATE), [HintSort.ASKED_BEFORE]),
        (related(RelationKind.RELAY), []),
        (related(RelationKind.RELAY, Shift.EARLIER_DAY), [HintSort.PRESSED]),
        (related(RelationKind.RELAY, depth=2), [HintSort.DEEP]),
        (related(RelationKind.BROADCAST), []),
    ],
    ids=str,
)
def test_what_another_group_had_before(one: Related, wanted: list[HintSort]) -> None:
    assert [hint.sort for hint in of_relations([one], TODAY)] == wanted
    assert of_relations([one], TODAY + timedelta(days=1)) == []


def test_a_group_silent_for_thirty_days_may_be_closed_and_hears_it_once_a_month() -> None:
    heard = {GroupCode("quiet"): TODAY - timedelta(days=30), GroupCode("busy"): TODAY}

    (hint,) = of_silence(heard, TODAY)
    (tomorrow,) = of_silence(heard, TODAY + timedelta(days=1))
    (next_month,) = of_silence(heard, TODAY + timedelta(days=20))

    assert (hint.group, hint.number) == ("quiet", "30")
    assert hint.episode == tomorrow.episode != next_month.episode


UNITS = {
    GroupCode("a"): UnitCode("u"),
    GroupCode("b"): UnitCode("u"),
    GroupCode("c"): UnitCode("v"),
}
TOLD = [Told(GroupCode("a"), Measure.CHECK_IN, TODAY)]


@pytest.mark.parametrize(
    ("group", "measure", "now", "before", "moves"),
    [
        ("b", Measure.CHECK_IN, 4, 2, True),
        ("b", Measure.CHECK_IN, 3, 0, True),
        ("b", Measure.CHECK_IN, 3, 2, False),
        ("b", Measure.CHECK_IN, 2, 0, False),
        ("b", Measure.MEETING, 9, 0, False),
        ("c", Measure.CHECK_IN, 9, 0, False),
        ("a", Measure.CHECK_IN, 9, 0, False),
    ],
)
def test_a_measure_that_jumps_to_another_group(group, measure, now, before, moves) -> None:
    key = (GroupCode(group), measure)

    found = moved_on(TOLD, {key: now}, {key: before}, UNITS)

    assert found == ([(UnitCode("u"), Measure.CHECK_IN)] if moves else [])
