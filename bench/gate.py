"""The solver gate: seconds and memory for a week of many offices with a year of history.

    python -m bench.gate [--offices 10 100 1000] [--seconds 60]

A county and so many units with an office each; ten categories. Measured is the worst order: the
county's figures, all units' being out, and one unit's, all others' and the county's being out.
The baseline is the same week with the bounds of intervals instead of a solver, which knows one
table only and sees nothing across offices.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections.abc import Sequence

from bot.domain.complaint_figures import keeps_gate
from bot.domain.complaints import Category
from bot.domain.groups import UnitCode
from bot.domain.people_figures import PeopleFigure, PeoplePolicy, threshold_and_round
from bot.domain.periods import Week
from bot.domain.release_gate import gated
from bot.domain.releases import ALL, EVERYBODY, Programme, Release, Statement, Unsolved
from bot.solver.client import SolverProcess

POLICY = PeoplePolicy()
KEY = b"k" * 32
WEEKS = [Week(2026, 1).shifted(n) for n in range(52)]
_Counts = dict[tuple[UnitCode, str], int]


def drawn(units: Sequence[UnitCode], draw: random.Random) -> _Counts:
    usual = (0, 0, 0, 0, 0, 1, 2, 4, 8, 12, 30)
    return {(unit, category): draw.choice(usual) for unit in units for category in Category}


def table(week: Week, units: frozenset[UnitCode], counts: _Counts) -> list[Release]:
    """An office's week as it is printed: ten categories and their sum."""
    own = {
        category: sum(
            n
            for (unit, of), n in counts.items()
            if of == category and (not units or unit in units)
        )
        for category in Category
    }
    numbers = {**{category.value: n for category, n in own.items()}, ALL: sum(own.values())}
    figures = {
        name: threshold_and_round(n, f"{sorted(units)}/{name}/{week}", KEY, POLICY)
        for name, n in numbers.items()
    }
    cells = [figure for name, figure in figures.items() if name != ALL]
    if not keeps_gate(figures[ALL], cells, POLICY):
        figures[ALL] = PeopleFigure(None)
    return [
        Release((week,), units, name, figure, name == ALL and figure.value is None)
        for name, figure in figures.items()
    ]


class Counted:
    """A solver that counts how often it was asked and how much."""

    def __init__(self, seconds: float) -> None:
        self.solve, self.asked, self.cells = SolverProcess(seconds), 0, 0

    def __call__(self, programme: Programme, questions: Sequence[Statement]) -> Sequence[bool]:
        self.asked += 1
        self.cells = programme.cells
        return self.solve(programme, questions)


def measured(name: str, history: list[Release], new: list[Release], seconds: float) -> None:
    solver, start = Counted(seconds), time.perf_counter()
    try:
        left = gated(history, new, solver, POLICY)
        said = "withheld" if left is None else f"{sum(each.is_shown for each in left)} shown"
    except Unsolved:
        said = "no answer in time: withheld"
    took = time.perf_counter() - start
    start = time.perf_counter()
    cells = [each.figure for each in new if each.category != ALL]
    keeps_gate(next(each.figure for each in new if each.category == ALL), cells, POLICY)
    baseline = time.perf_counter() - start
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"  {name:<28} {took:8.2f} s  {solver.asked} solves of {solver.cells} cells, {said}; "
        f"largest child {child:.0f} MB, own {own:.0f} MB; intervals {1e6 * baseline:.0f} µs"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--offices", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--seconds", type=float, default=60)
    given = parser.parse_args()
    for many in given.offices:
        units = [UnitCode(f"U{n:04d}") for n in range(many)]
        draw = random.Random(many)
        print(f"{many} offices of one unit and one of all, {len(WEEKS)} weeks")
        history: list[Release] = []
        for week in WEEKS[:-1]:
            counts = drawn(units, draw)
            history += table(week, frozenset(units[:1]), counts)
        counts = drawn(units, draw)
        last = [table(WEEKS[-1], frozenset({unit}), counts) for unit in units]
        county = table(WEEKS[-1], EVERYBODY, counts)
        out = [each for one in last for each in one]
        measured("everybody after all units", history + out, county, given.seconds)
        others = [each for one in last[1:] for each in one]
        measured("a unit after everybody", history + county + others, last[0], given.seconds)
        measured("a unit after other units", history + others, last[0], given.seconds)


if __name__ == "__main__":
    main()
