"""AT-1, AT-2 and AT-12: a solver with every release learns of no small number; without rules he does."""

from __future__ import annotations

import os

import pytest

from bot.domain.people_figures import PeopleFigure
from bot.domain.periods import Week
from bot.domain.releases import ALL, Release
from tests.attacks.attacker import Exact, attacked
from tests.attacks.offices import WEEK, County, is_right

SOAK = bool(os.environ.get("SOAK"))
ONE_WEEK_OFFICES = 200
YEARS = 20 if SOAK else 1
WEEKS_OF_A_YEAR = 52 if SOAK else 13


@pytest.mark.parametrize("tens", range(ONE_WEEK_OFFICES // 20))
def test_nothing_hidden_in_a_week_is_exact_narrow_or_proved(tens: int) -> None:
    """AT-1, two hundred offices."""
    hidden = 0
    for seed in range(20 * tens, 20 * tens + 20):
        county = County(seed)
        told = county.told((WEEK,))

        found = attacked(told)

        assert all(is_right(county, each) for each in told)
        assert [one for one in found if one.is_exact or one.is_narrow or one.is_present] == []
        hidden += len(found)
    assert hidden > 20


def test_the_same_attack_finds_what_the_gate_would_have_kept_back() -> None:
    """AT-12: rounding and thresholds alone do not stop him."""
    narrow = present = 0
    for seed in range(60):
        for one in attacked(County(seed).margins((WEEK,))):
            narrow += one.is_narrow
            present += one.is_present

    assert narrow >= 5
    assert present >= 5


def test_the_same_attack_takes_exact_sums_apart() -> None:
    """AT-12: with sums as they are, numbers come out exactly."""
    exact = hidden = 0
    for seed in range(30):
        county = County(seed)
        margins = county.margins((WEEK,))
        sums = [
            Exact(each, county.count(each))
            for each in margins
            if each.category == ALL or len(each.units) > 1 or each.figure.value is not None
        ]
        cells = [each for each in margins if each.figure.value is None]
        inner = [each for each in cells if each.category != ALL and len(each.units) == 1]
        found = attacked(inner, exact=sums)
        hidden += len(found)
        exact += sum(one.is_exact for one in found)

    assert exact > hidden / 10


def quarters(weeks: list[Week]) -> list[tuple[Week, ...]]:
    return [tuple(weeks[n : n + 13]) for n in range(0, len(weeks), 13)]


@pytest.mark.parametrize("seed", range(YEARS))
def test_nothing_hidden_in_a_year_of_weeks_and_quarters_is_exact_narrow_or_proved(
    seed: int,
) -> None:
    """AT-2. Twenty years of 52 weeks with SOAK=1; else a quarter of one."""
    weeks = [Week(2026, 1).shifted(n) for n in range(WEEKS_OF_A_YEAR)]
    county = County(1000 + seed, weeks)
    told: list[Release] = []

    for quarter in quarters(weeks):
        for week in quarter:
            told += county.told((week,), told)
        told += county.told(quarter, told)

    assert all(is_right(county, each) for each in told)
    found = attacked(told)
    assert found
    assert [one for one in found if one.is_exact or one.is_narrow or one.is_present] == []
    assert any(each.is_shown for each in told if len(each.weeks) > 1)


def test_a_quarter_added_up_exactly_gives_weeks_away() -> None:
    """AT-12 for AT-2: a sum that grows by the week is the difference of two figures."""
    weeks = [Week(2026, 1).shifted(n) for n in range(4)]
    county = County(7, weeks)
    cell = frozenset(county.units[:1])
    growing = [Release(tuple(weeks[:n]), cell, "c1", PeopleFigure(None)) for n in range(1, 5)]
    each_week = [Release((week,), cell, "c1", PeopleFigure(None)) for week in weeks]

    found = attacked([], exact=[Exact(one, county.count(one)) for one in growing], only=each_week)

    assert all(one.is_exact for one in found)
