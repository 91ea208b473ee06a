"""The solver gate: figures of people leave only if all releases together keep every small one open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.domain.groups import UnitCode
from bot.domain.people_figures import PeopleFigure, PeoplePolicy
from bot.domain.periods import Week
from bot.domain.releases import (
    ALL,
    AttackersView,
    Release,
    Secret,
    Solve,
    attackers_view,
    is_open,
    questions,
)

HIDDEN = PeopleFigure(None)


def gated(
    history: Sequence[Release],
    new: Sequence[Release],
    solve: Solve,
    policy: PeoplePolicy,
    heads: Mapping[frozenset[UnitCode], int] | None = None,
) -> tuple[Release, ...] | None:
    """The new releases with what had to be withdrawn; None when even that is not enough.

    An attacker who holds everything that was ever printed can then exclude neither nobody nor
    five for any hidden figure. Where he could, the narrowest sum above it is withdrawn, from the
    bottom up, and he is asked again. What is withdrawn wears the same symbol as what is few.
    Raises Unsolved when it cannot be told.
    """
    left = list(new)
    while True:
        view = attackers_view(history, left, policy, heads or {})
        told = _closed(view, solve, policy)
        if not told:
            return tuple(left)
        gone = _withdrawn(told, view)
        if not gone:
            return None
        left = [
            replace(each, figure=HIDDEN, is_silent=True) if each in gone else each for each in left
        ]


def _closed(view: AttackersView, solve: Solve, policy: PeoplePolicy) -> list[Secret]:
    """The secrets that are none any more."""
    asked = [questions(each, policy) for each in view.secrets]
    answers = iter(solve(view.programme, [one for each in asked for one in each]))
    return [
        secret
        for secret, each in zip(view.secrets, asked, strict=True)
        if not is_open([next(answers) for _ in each])
    ]


def _withdrawn(told: Sequence[Secret], view: AttackersView) -> set[Release]:
    """For every week that is told too much of, the figure that goes first."""
    shown = [(each, frozenset(cells)) for each, cells in view.cells_of.items() if each.is_shown]
    first: dict[tuple[Week, ...], Release] = {}
    for secret in told:
        cells = frozenset(secret.cells)
        above = [each for each, own in shown if own & cells] or [each for each, _ in shown]
        if above:
            chosen = min(above, key=lambda each: _order(each, view))
            held = first.setdefault(secret.weeks, chosen)
            first[secret.weeks] = min(held, chosen, key=lambda each: _order(each, view))
    return set(first.values())


def _order(release: Release, view: AttackersView) -> tuple[bool, bool, int, list[str], str]:
    """The lowest and narrowest sum first: of a unit before of everybody, of a category before all."""
    return (
        not release.units,
        release.category == ALL,
        len(view.cells_of[release]),
        sorted(release.units),
        release.category,
    )
