"""Figures that tell of earlier weeks are printed only where the printed totals say as much already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from bot.domain.complaint_figures import (
    FEWEST_OF_A_REMEDY,
    HIDDEN,
    WITHIN_WEEKS,
    ComplaintFigures,
)
from bot.domain.complaint_files import HARD_CAP_WEEKS
from bot.domain.people_figures import PeoplePolicy
from bot.domain.periods import Week
from bot.domain.releases import bounds


class _Claim(NamedTuple):
    """So many people complained between two weeks, both included."""

    first: Week
    last: Week
    people: int


def supported(
    figures: ComplaintFigures, earlier: Sequence[ComplaintFigures], policy: PeoplePolicy
) -> ComplaintFigures:
    """The figures without what would prove that somebody complained in a week that shows nobody.

    Who was answered complained before: ten answers in a week prove ten complaints in the weeks
    up to it, and their median proves some in the weeks that it spans. `earlier` are those of the
    same office as they were printed. What is left is true of all numbers that the printed totals
    allow, so it tells nothing of complaints beyond them.
    """
    shown = [*earlier, figures]
    supply = {each.week: _least(each, policy) for each in shown if each.total.value is not None}

    def holds(*claims: Iterator[_Claim]) -> bool:
        return _is_covered([claim for each in claims for claim in each], supply)

    before = [claim for each in earlier for claim in _answers(each, policy)]
    without = replace(figures, median_weeks=None)
    if not holds(iter(before), _answers(figures, policy)):
        figures = without
    if not holds(iter(before), _answers(figures, policy)):
        figures = replace(figures, answered=HIDDEN, remedies=())
    if not holds(*(_remedies(each) for each in (*earlier, figures))):
        figures = replace(figures, remedies=())
    if not holds(*(_purged(each, policy) for each in (*earlier, figures))):
        figures = replace(figures, purged=HIDDEN)
    return figures


def _least(figures: ComplaintFigures, policy: PeoplePolicy) -> int:
    return bounds(figures.total, policy)[0]


def _answers(figures: ComplaintFigures, policy: PeoplePolicy) -> Iterator[_Claim]:
    """With a median, half of them no longer ago than it and half no shorter."""
    if figures.answered.value is None:
        return
    people, week = bounds(figures.answered, policy)[0], figures.week
    first, median = week.shifted(-HARD_CAP_WEEKS), figures.median_weeks
    if median is None:
        yield _Claim(first, week, people)
        return
    shorter = max((0, *(each + 1 for each in WITHIN_WEEKS if each < median)))
    yield _Claim(week.shifted(-median), week, people // 2 + 1)
    yield _Claim(first, week.shifted(-shorter), people - people // 2)


def _remedies(figures: ComplaintFigures) -> Iterator[_Claim]:
    people = FEWEST_OF_A_REMEDY * len(figures.remedies)
    yield _Claim(figures.week.shifted(-HARD_CAP_WEEKS), figures.week, people)


def _purged(figures: ComplaintFigures, policy: PeoplePolicy) -> Iterator[_Claim]:
    if figures.purged.value is not None:
        people = bounds(figures.purged, policy)[0]
        yield _Claim(figures.week.shifted(-HARD_CAP_WEEKS), figures.week, people)


def _is_covered(claims: Sequence[_Claim], supply: Mapping[Week, int]) -> bool:
    """Whether distinct people for all claims can be found in any numbers of at least `supply`.

    Claims are intervals, so it is enough to look at every interval (Hall's condition).
    """
    lasts = {each.last for each in claims}
    return all(
        sum(each.people for each in claims if first <= each.first and each.last <= last)
        <= sum(people for week, people in supply.items() if first <= week <= last)
        for first in {each.first for each in claims}
        for last in lasts
        if first <= last
    )
