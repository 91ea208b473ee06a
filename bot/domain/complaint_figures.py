"""Figures of complaints: made on the office's offline machine, through thresholds, rounding and gate.

Only distinct complainants are counted, only for closed weeks whose batch kept the rule of fewest
complaints and units, and nothing of fewer than ten is told from nothing (facts on the digest,
R3 to R6, R11, R12).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median_high
from typing import Any

from bot.domain.complaints import Category, Remedy
from bot.domain.people_figures import PeopleFigure, PeoplePolicy, threshold_and_round
from bot.domain.periods import Week
from bot.domain.releases import NARROWEST, bounds

FEWEST_OF_A_REMEDY = 3
WITHIN_WEEKS = (2, 4, 8, 13, 25)
"""A median is told as the next of these: an exact one would prove a complaint in one week."""
HIDDEN = PeopleFigure(None)


@dataclass(frozen=True, slots=True)
class RawComplaints:
    """What an office's case book holds of a week; it leaves the offline machine in no file.

    `complainants` are distinct ones by category; `waited` are the weeks that each complaint
    answered in this week had waited; `remedies` are what was done in it, one entry a case.
    """

    met: bool
    complainants: Mapping[Category, int] = field(repr=False)
    waited: Sequence[int] = field(repr=False)
    remedies: Sequence[Remedy] = field(repr=False)
    purged: int = field(repr=False)


@dataclass(frozen=True, slots=True)
class CategoryFigure:
    """Distinct complainants of a category."""

    category: Category
    people: PeopleFigure


@dataclass(frozen=True, slots=True)
class ComplaintFigures:
    """What may be printed of a week's complaints. All of it passed the rules; none of it is exact.

    `median_weeks` (one of WITHIN_WEEKS: no longer than that) and `remedies` are told only beside
    a shown number of answers, remedies without numbers. `purged` are complaints deleted on the office's side in this week.
    """

    week: Week
    total: PeopleFigure
    by_category: tuple[CategoryFigure, ...]
    answered: PeopleFigure
    median_weeks: int | None
    remedies: tuple[Remedy, ...]
    purged: PeopleFigure


def publishable(
    raw: RawComplaints,
    week: Week,
    office: str,
    round_key: bytes,
    policy: PeoplePolicy,
    *,
    without_total: bool = False,
) -> ComplaintFigures:
    """The figures of a week under the rules; the same for the same key, however often.

    `without_total` says that the gate withdrew the total of an earlier week of the quarter: it
    stays away for the rest of it, or its coming and going would tell something.
    """

    def figure(what: str, people: int) -> PeopleFigure:
        return threshold_and_round(people, f"complaints/{office}/{what}/{week}", round_key, policy)

    counts = {each: raw.complainants.get(each, 0) if raw.met else 0 for each in Category}
    categories = {each: figure(each, people) for each, people in counts.items()}
    total = figure("total", sum(counts.values()))
    if without_total or not keeps_gate(total, categories.values(), policy):
        total = HIDDEN
    answered = figure("answered", len(raw.waited))
    is_told = answered.value is not None
    done = [each for each in Remedy if raw.remedies.count(each) >= FEWEST_OF_A_REMEDY]
    return ComplaintFigures(
        week=week,
        total=total,
        by_category=tuple(CategoryFigure(each, cell) for each, cell in categories.items()),
        answered=answered,
        median_weeks=_at_most(median_high(raw.waited)) if is_told else None,
        remedies=tuple(done) if is_told else (),
        purged=figure("purged", raw.purged),
    )


def withdrew_total(raw: RawComplaints, figures: ComplaintFigures, policy: PeoplePolicy) -> bool:
    """Whether a total stays away that is not few."""
    people = sum(raw.complainants.values()) if raw.met else 0
    return figures.total.value is None and people >= policy.threshold


def _at_most(weeks: int) -> int:
    return next((each for each in WITHIN_WEEKS if weeks <= each), WITHIN_WEEKS[-1])


def keeps_gate(total: PeopleFigure, cells: Iterable[PeopleFigure], policy: PeoplePolicy) -> bool:
    """Whether an attacker with a solver learns too little of each hidden cell.

    One table, one sum: the bounds of a linear programme are those of interval arithmetic here,
    exactly. Each hidden cell must keep 0 as its least value and five values of room (R9).
    """
    if total.value is None:
        return True
    low, high = _ends(total, policy)
    shown = [_ends(cell, policy) for cell in cells if cell.value is not None]
    hidden = sum(1 for cell in cells if cell.value is None)
    if not hidden:
        return True
    most = policy.threshold - 1
    rest_low = low - sum(upper for _, upper in shown) - most * (hidden - 1)
    rest_high = high - sum(lower for lower, _ in shown)
    return rest_low <= 0 and min(most, rest_high) >= NARROWEST


def _ends(figure: PeopleFigure, policy: PeoplePolicy) -> tuple[float, float]:
    low, high = bounds(figure, policy)
    return low, math.inf if high is None else high


def to_plain(figures: ComplaintFigures) -> dict[str, Any]:
    """For a signed file: integers, words and None."""
    return {
        "week": str(figures.week),
        "total": figures.total.value,
        "by_category": {each.category.value: each.people.value for each in figures.by_category},
        "answered": figures.answered.value,
        "median_weeks": figures.median_weeks,
        "remedies": [each.value for each in figures.remedies],
        "purged": figures.purged.value,
    }


def from_plain(plain: Mapping[str, Any], policy: PeoplePolicy) -> ComplaintFigures:
    """The figures of `to_plain`. ValueError for a number that never passed the rules."""

    def figure(value: object) -> PeopleFigure:
        if value is None:
            return HIDDEN
        number = int(str(value))
        if number % policy.base or not policy.threshold <= number <= policy.top:
            raise ValueError("expected a thresholded and rounded figure")
        return PeopleFigure(number, or_more=number == policy.top)

    answered, weeks = figure(plain["answered"]), plain["median_weeks"]
    remedies = tuple(Remedy(each) for each in plain["remedies"])
    if answered.value is None and (weeks is not None or remedies):
        raise ValueError("expected nothing beside a hidden number of answers")
    if weeks is not None and not isinstance(weeks, int):
        raise ValueError("expected whole weeks")
    cells = {Category(name): figure(value) for name, value in plain["by_category"].items()}
    found = ComplaintFigures(
        week=Week.parse(str(plain["week"])),
        total=figure(plain["total"]),
        by_category=tuple(CategoryFigure(each, cells.get(each, HIDDEN)) for each in Category),
        answered=answered,
        median_weeks=None if weeks is None else _at_most(weeks),
        remedies=remedies,
        purged=figure(plain["purged"]),
    )
    if not keeps_gate(found.total, [each.people for each in found.by_category], policy):
        raise ValueError("expected figures that keep the gate")
    return found
