"""Random offices whose people figures are printed by the rules: units by categories, week by week."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.groups import UnitCode
from bot.domain.people_figures import PeopleFigure, PeoplePolicy, threshold_and_round
from bot.domain.periods import Week
from bot.domain.release_gate import gated
from bot.domain.releases import ALL, Programme, Release, Statement
from bot.solver.search import Search

POLICY = PeoplePolicy()
WEEK = Week(2026, 42)
Cell = tuple[Week, UnitCode, str]


def solved_here(programme: Programme, questions: Sequence[Statement]) -> Sequence[bool]:
    """The solver of the gate without its process: two hundred starts would be most of the time."""
    search = Search(programme.cells, programme.said, questions, time.monotonic() + 120)
    return [bool(each) for each in search.answers()]


def untouched(figure: PeopleFigure) -> PeopleFigure:
    return figure


@dataclass
class County:
    """Units, categories and how many complained, drawn from a seed."""

    seed: int
    weeks: Sequence[Week] = (WEEK,)
    units: Sequence[UnitCode] = ()
    categories: Sequence[str] = ()
    counts: Mapping[Cell, int] = field(init=False)
    key: bytes = field(init=False)

    def __post_init__(self) -> None:
        draw = random.Random(self.seed)
        self.key = draw.randbytes(32)
        self.units = self.units or [UnitCode(f"U{n}") for n in range(1, draw.randint(2, 5) + 1)]
        self.categories = self.categories or [f"c{n}" for n in range(1, draw.randint(2, 4) + 1)]
        usual = {
            (unit, category): draw.choice((0, 0, 0, 2, 5, 8, 11, 14, 25, 60, 230))
            for unit in self.units
            for category in self.categories
        }
        self.counts = {
            (week, unit, category): max(
                0, n + draw.randint(-4, 4) if n else draw.choice((0, 0, 1))
            )
            for week in self.weeks
            for (unit, category), n in usual.items()
        }

    def count(self, release: Release) -> int:
        """The exact number of what a release prints."""
        return sum(
            self.counts[week, unit, category]
            for week in release.weeks
            for unit in release.units
            for category in ([release.category] if release.category else self.categories)
        )

    def margins(self, weeks: tuple[Week, ...]) -> list[Release]:
        """Every cell, unit, category and the whole of some weeks, printed by the rules."""
        alone = [frozenset({unit}) for unit in self.units]
        scopes = [*alone, frozenset(self.units)] if len(alone) > 1 else alone
        return [
            self.printed(Release(weeks, units, category, PeopleFigure(None)))
            for units in scopes
            for category in (*self.categories, ALL)
        ]

    def printed(self, release: Release) -> Release:
        label = (
            f"{release.weeks[0]}+{len(release.weeks)}/{sorted(release.units)}/{release.category}"
        )
        figure = threshold_and_round(self.count(release), label, self.key, POLICY)
        return Release(release.weeks, release.units, release.category, figure)

    def told(self, weeks: tuple[Week, ...], history: Sequence[Release] = ()) -> list[Release]:
        """What the gate lets out of these weeks beside what is out already."""
        left = gated(history, self.margins(weeks), solved_here, POLICY)
        assert left is not None, "the cells alone are always open"
        return list(left)


def is_right(county: County, release: Release) -> bool:
    """Whether a printed figure is true of the county: within a step, and few where few."""
    if release.is_silent:
        return True
    exact, shown = county.count(release), release.figure
    if shown.value is None:
        return exact < POLICY.threshold
    return exact > shown.value - POLICY.base and (
        shown.or_more or exact < shown.value + POLICY.base
    )
