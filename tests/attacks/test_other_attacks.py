"""AT-3, AT-4, AT-5 and AT-8, each with the control in which the same attack succeeds.

AT-6 is test_polling.py beside this file, AT-7 tests/golden/test_forms.py, AT-9 tests/complaints/test_figures.py, AT-10
tests/process/test_canaries.py; AT-11 belongs to noise, of which there is none.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial
from statistics import fmean

import pytest

from bot.domain.groups import UnitCode
from bot.domain.people_figures import PeopleFigure, threshold_and_round
from bot.domain.periods import Week
from bot.domain.release_gate import gated
from bot.domain.releases import ALL, Release
from tests.attacks.absences import named_rightly, printed_as_it_is, printed_by_the_rules
from tests.attacks.attacker import attacked
from tests.attacks.offices import POLICY, WEEK, County, solved_here

# --- AT-3: who is on leave when the number falls? ---

TRIALS = 400
PLACES = [(8, 52), (12, 52), (12, 26)]
by_the_rules = partial(printed_by_the_rules, policy=POLICY)


@pytest.mark.parametrize(("size", "weeks"), PLACES)
def test_a_calendar_of_absences_names_nobody(size: int, weeks: int) -> None:
    assert named_rightly(size, weeks, by_the_rules, TRIALS) <= 1.5 / size


@pytest.mark.parametrize(("size", "weeks"), PLACES)
def test_the_same_calendar_names_him_where_numbers_are_as_they_are(size: int, weeks: int) -> None:
    assert named_rightly(size, weeks, printed_as_it_is, TRIALS) > 4 / size


# --- AT-4: a thousand issues, averaged ---


def test_a_thousand_issues_average_to_the_first() -> None:
    for people in range(10, 40):
        issues = {by_the_rules(people, "a cell") for _ in range(1000)}
        assert len(issues) == 1


def test_a_thousand_issues_with_a_new_key_each_would_average_to_the_number() -> None:
    for people in range(10, 40):
        issues = [
            threshold_and_round(people, "a cell", n.to_bytes(8, "big"), POLICY).value or 0
            for n in range(1000)
        ]
        assert round(fmean(issues)) == people


# --- AT-5: offices whose units overlap, change, join and leave ---


def shifting_offices(seed: int) -> tuple[County, list[list[Release]]]:
    """Six weeks; in each, three offices with other units than the week before."""
    draw = random.Random(seed)
    units = [UnitCode(f"U{n}") for n in range(1, 6)]
    weeks = [WEEK.shifted(n) for n in range(6)]
    county = County(seed, weeks, units, ["c1", "c2", "c3"])
    return county, [
        [
            county.printed(Release((week,), scope, category, PeopleFigure(None)))
            for category in (*county.categories, ALL)
        ]
        for week in weeks
        for scope in dict.fromkeys(
            frozenset(draw.sample(units, draw.randint(1, 5))) for _ in range(3)
        )
    ]


def differences(releases: Sequence[Release]) -> list[Release]:
    """What nobody prints: the units of one office that are not another's, by category."""
    scopes = {(each.weeks, each.units, each.category) for each in releases}
    return sorted(
        {
            Release(weeks, less, category, PeopleFigure(None))
            for weeks, units, category in scopes
            for other, scope, same in scopes
            if other == weeks and same == category and scope < units
            and (less := units - scope) and (weeks, less, category) not in scopes
        },
        key=repr,
    )  # fmt: skip


def small_and_told(county: County, releases: Sequence[Release]) -> int:
    """Differences that an attacker can prove to be few and not nobody, or knows to five values."""
    found = attacked(releases, only=differences(releases))
    return sum(one.high < POLICY.threshold and (one.is_present or one.is_narrow) for one in found)


SEEDS = (0, 3, 4, 8, 10, 12)


@pytest.mark.parametrize("seed", SEEDS)
def test_offices_that_overlap_and_change_leave_nothing_by_subtraction(seed: int) -> None:
    county, tables = shifting_offices(seed)
    told: list[Release] = []

    for table in tables:
        told += gated(told, table, solved_here, POLICY) or []

    hidden = attacked(told)
    assert [one for one in hidden if one.is_exact or one.is_narrow or one.is_present] == []
    assert small_and_told(county, told) == 0
    assert any(each.is_shown for each in told)


def test_without_the_gate_subtraction_tells() -> None:
    found = 0
    for seed in SEEDS:
        county, tables = shifting_offices(seed)
        printed = [each for table in tables for each in table]
        hidden = attacked(printed)
        found += small_and_told(county, printed)
        found += sum(one.is_narrow or one.is_present for one in hidden)

    assert found >= 4


# --- AT-8: does the pattern of symbols tell nobody from few? ---


def test_what_was_withdrawn_tells_nobody_from_few_no_better_than_a_coin() -> None:
    """By an oracle who sees what was withdrawn, which no reader does: one symbol for both."""
    few: list[int] = []
    nobody: list[int] = []
    for seed in range(200):
        county = County(seed)
        told = county.told((WEEK,))
        gone = [each for each in told if each.is_silent]
        for each in told:
            if each.figure.value is None and not each.is_silent and each.category != ALL:
                above = sum(
                    each.units <= one.units and one.category in (each.category, ALL)
                    for one in gone
                )
                (few if county.count(each) else nobody).append(above)

    assert len(few) > 100
    assert len(nobody) > 100
    assert 0.45 <= area_under_curve(few, nobody) <= 0.55


def test_the_same_measure_sees_a_pattern_where_there_is_one() -> None:
    assert area_under_curve([1, 1, 0, 1], [0, 0, 1, 0]) > 0.7


def test_a_withdrawn_figure_reads_like_few() -> None:
    county = next(
        county
        for county in map(County, range(200))
        if any(e.is_silent for e in county.told((WEEK,)))
    )

    for each in county.told((WEEK,)):
        assert not each.is_silent or each.figure == PeopleFigure(None)


def area_under_curve(ones: Sequence[int], others: Sequence[int]) -> float:
    """How often a number of the ones is above one of the others; ties are halves."""
    above = sum((a > b) + 0.5 * (a == b) for a in ones for b in others)
    return above / (len(ones) * len(others))


def test_weeks_are_judged_by_themselves() -> None:
    """What was printed of other weeks changes nothing about one: no figure joins them."""
    weeks = [Week(2026, 1).shifted(n) for n in range(3)]
    county = County(3, weeks)
    history = [each for week in weeks[:2] for each in county.told((week,))]

    assert county.told((weeks[2],), history) == county.told((weeks[2],))
