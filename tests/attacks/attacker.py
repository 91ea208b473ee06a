"""Somebody with every release and a solver: bounds of each hidden number, by a road of his own.

He shares no line with the gate: he writes his own programme from the printed figures and asks
scipy for the least and the greatest of each hidden cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from bot.domain.releases import Release

THRESHOLD, BASE = 10, 5
MANY = 10**6


@dataclass(frozen=True)
class Bounded:
    """What he knows of a hidden number."""

    release: Release
    low: int
    high: int

    @property
    def is_exact(self) -> bool:
        return self.low == self.high

    @property
    def is_narrow(self) -> bool:
        return self.high - self.low < BASE

    @property
    def is_present(self) -> bool:
        return self.low > 0


@dataclass(frozen=True)
class Exact:
    """A figure as it would be printed without the rules."""

    release: Release
    count: int


def attacked(
    printed: Sequence[Release],
    *,
    elsewhere: bool = False,
    exact: Sequence[Exact] = (),
    only: Iterable[Release] | None = None,
) -> list[Bounded]:
    """Bounds of every hidden number among the printed ones (or of `only` these).

    `elsewhere` says that there are people who belong to none of the units. Of a figure that the
    gate withdrew he learns nothing; of a few he learns that they are fewer than ten: an oracle
    tells him which are which, though both wear one symbol.
    """
    everything = [*printed, *(one.release for one in exact)]
    units = sorted({unit for each in everything for unit in each.units})
    places = [*units, *([""] if elsewhere else [])]
    categories = sorted({each.category for each in everything} - {""})
    weeks = sorted({week for each in everything for week in each.weeks})
    column = {
        cell: n
        for n, cell in enumerate((w, u, c) for w in weeks for u in places for c in categories)
    }

    def cells(release: Release) -> list[int]:
        return [
            column[week, unit, category]
            for week in release.weeks
            for unit in (sorted(release.units) or places)
            for category in ([release.category] if release.category else categories)
        ]

    rows, low, high = [], [], []
    for each in printed:
        if each.is_silent:
            continue
        rows.append(cells(each))
        value = each.figure.value
        low.append(0 if value is None else max(THRESHOLD, value - BASE + 1))
        top = MANY if each.figure.or_more else (value or 0) + BASE - 1
        high.append(THRESHOLD - 1 if value is None else top)
    for one in exact:
        rows.append(cells(one.release))
        low.append(one.count)
        high.append(one.count)
    hidden = (
        [each for each in printed if each.figure.value is None and not each.is_silent]
        if only is None
        else list(only)
    )
    found = []
    for each in hidden:
        # Only what hangs together with the cell can say anything of it.
        least, most = _extremes(cells(each), rows, low, high)
        found.append(Bounded(each, least, most))
    return found


def _extremes(
    wanted: list[int], rows: list[list[int]], low: list[int], high: list[int]
) -> tuple[int, int]:
    near, used = set(wanted), [False] * len(rows)
    grew = True
    while grew:
        grew = False
        for n, row in enumerate(rows):
            if not used[n] and not near.isdisjoint(row):
                used[n] = grew = True
                near |= set(row)
    order = {cell: n for n, cell in enumerate(sorted(near))}
    chosen = [n for n in range(len(rows)) if used[n]]
    goal = np.zeros(len(order))
    for cell in wanted:
        goal[order[cell]] = 1
    said = []
    if chosen:
        index = [order[cell] for n in chosen for cell in rows[n]]
        starts = np.cumsum([0, *(len(rows[n]) for n in chosen)])
        matrix = csr_array((np.ones(len(index)), index, starts), shape=(len(chosen), len(order)))
        said = [LinearConstraint(matrix, [low[n] for n in chosen], [high[n] for n in chosen])]
    ends = []
    for sign in (1, -1):
        done = milp(
            sign * goal, integrality=np.ones(len(order)), bounds=Bounds(0, MANY), constraints=said
        )
        assert done.success, done.message
        ends.append(round(sign * done.fun))
    return ends[0], ends[1]
