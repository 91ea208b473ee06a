"""People figures at their boundaries."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.people_figures import PeopleFigure, PeoplePolicy, threshold_and_round

# The machine may be busy; how long an example takes says nothing here.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
KEY = b"k" * 32
POLICY = PeoplePolicy()
LABEL = "complaints|U01|screenshot_report|2026-W42"


@pytest.mark.parametrize("people", [0, 1, 9])
def test_nobody_and_fewer_than_ten_look_the_same(people: int) -> None:
    assert threshold_and_round(people, LABEL, KEY, POLICY) == PeopleFigure(None)


def test_ten_is_shown_as_ten() -> None:
    assert threshold_and_round(10, LABEL, KEY, POLICY) == PeopleFigure(10)


@pytest.mark.parametrize("people", [10, 15, 100, 195])
def test_a_multiple_of_the_base_stays(people: int) -> None:
    assert threshold_and_round(people, LABEL, KEY, POLICY) == PeopleFigure(people)


@pytest.mark.parametrize("people", [200, 201, 5000])
def test_two_hundred_and_more_look_the_same(people: int) -> None:
    assert threshold_and_round(people, LABEL, KEY, POLICY) == PeopleFigure(200, or_more=True)


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="a count from 0"):
        threshold_and_round(-1, LABEL, KEY, POLICY)


def test_a_cell_without_a_label_is_refused() -> None:
    """Two cells of one label would be rounded alike, and their difference would be told."""
    with pytest.raises(ValueError, match="label"):
        threshold_and_round(12, "", KEY, POLICY)


@UNHURRIED
@given(people=st.integers(10, 400), label=st.text(min_size=1), key=st.binary(min_size=16))
def test_a_shown_number_is_a_multiple_of_five_less_than_five_away(
    people: int, label: str, key: bytes
) -> None:
    shown = threshold_and_round(people, label, key, POLICY)

    assert shown.value is not None
    assert shown.value % 5 == 0
    assert shown.or_more or abs(shown.value - people) < 5


def test_a_thousand_re_issues_give_the_same_number() -> None:
    shown = {threshold_and_round(13, LABEL, KEY, POLICY) for _ in range(1000)}

    assert len(shown) == 1


def test_rounding_favours_neither_side() -> None:
    """Over many cells the mean of what is shown is the mean of what was counted."""
    shown = [threshold_and_round(13, f"cell {n}", KEY, POLICY).value or 0 for n in range(4000)]

    assert sum(shown) / len(shown) == pytest.approx(13, abs=0.15)


def test_another_key_rounds_otherwise() -> None:
    labels = [f"cell {n}" for n in range(50)]

    one = [threshold_and_round(12, label, KEY, POLICY) for label in labels]
    two = [threshold_and_round(12, label, b"other" * 8, POLICY) for label in labels]

    assert one != two
