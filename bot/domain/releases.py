"""Printed figures of people as an attacker reads them: statements about cells that nobody sees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from bot.domain.groups import UnitCode
from bot.domain.people_figures import PeopleFigure, PeoplePolicy
from bot.domain.periods import Week

EVERYBODY: frozenset[UnitCode] = frozenset()
ALL = ""
"""The category of a figure that is of all categories together."""
NARROWEST = 5
"""How many values apart the least and the greatest of a hidden number must at least stay."""


@dataclass(frozen=True, slots=True)
class Release:
    """A figure of people, printed or about to be.

    It counts the people of `units` (of everybody where empty) in `category` (in any where ALL)
    in `weeks`, each week's anew. `is_silent`: the symbol for few stands there and says nothing,
    since it may as well stand for a figure that was withdrawn.
    """

    weeks: tuple[Week, ...]
    units: frozenset[UnitCode]
    category: str
    figure: PeopleFigure
    is_silent: bool = False

    @property
    def is_shown(self) -> bool:
        """Whether a number stands there."""
        return self.figure.value is not None and not self.is_silent


class Statement(NamedTuple):
    """At least `low` and at most `high` (None: any number) are in these cells together."""

    cells: tuple[int, ...]
    low: int
    high: int | None


@dataclass(frozen=True, slots=True)
class Programme:
    """Cells 0 to `cells` - 1, each a whole number from 0, and all that was said of them."""

    cells: int
    said: tuple[Statement, ...]


Solve = Callable[[Programme, Sequence[Statement]], Sequence[bool]]
"""Which of the statements can be true beside what was said, each by itself.

True rests on whole numbers that were checked. Raises Unsolved when it cannot be told.
"""


class Why(StrEnum):
    """Why nothing can be told; appended to, never renamed."""

    ABSENT = "absent"  # there is no solver
    TIME = "time"  # its time was over
    TOO_LARGE = "too_large"  # its memory was not enough
    FAILED = "failed"  # it broke down, or its answer is none


class Unsolved(Exception):
    """There is no solver, or it did not come to an end in its bounds."""

    def __init__(self, why: Why = Why.FAILED) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Secret:
    """A sum that must stay open: it may be 0, and NARROWEST or more.

    `release` is the figure that hides it; None where nobody prints it at all. The latter is
    nothing to hide as long as it may be as great as what is printed.
    """

    cells: tuple[int, ...]
    weeks: tuple[Week, ...]
    release: Release | None


@dataclass(frozen=True, slots=True)
class AttackersView:
    """All that somebody with every release makes of them."""

    programme: Programme
    secrets: tuple[Secret, ...]
    cells_of: Mapping[Release, tuple[int, ...]]


_Cell = tuple[Week, Hashable, str]


def attackers_view(
    history: Sequence[Release],
    new: Sequence[Release],
    policy: PeoplePolicy,
    heads: Mapping[frozenset[UnitCode], int],
) -> AttackersView:
    """What `new` adds to `history`, as one programme of all cells that hang together with it.

    Cells that no statement joins to a new release are left out: their bounds stay as they were.
    `heads` is what is publicly known of how many people units have, as an upper bound.
    """
    releases = (*history, *new)
    parts = _parts(releases)
    categories = sorted({each.category for each in releases} - {ALL}) or [ALL]
    number: dict[_Cell, int] = {}

    def cells(weeks: Iterable[Week], units: frozenset[UnitCode], category: str) -> tuple[int, ...]:
        names = categories if category == ALL else [category]
        found = [(w, part, name) for w in weeks for part in parts[units] for name in names]
        return tuple(number.setdefault(cell, len(number)) for cell in found)

    held = {each: cells(each.weeks, each.units, each.category) for each in releases}
    said = [_statement(held[each], each, policy) for each in releases]
    weeks = {week for each in releases for week in each.weeks}
    for units, most in heads.items():
        if units in parts:
            said += [Statement(cells((week,), units, ALL), 0, most) for week in weeks]
    near = _joined([one for one in said if one is not None], [held[each] for each in new])
    order = {cell: place for place, cell in enumerate(sorted(near))}
    secrets = [*_secrets(releases, held, number), *_differences(releases, held, policy)]
    return AttackersView(
        Programme(
            len(order),
            tuple(_renamed(one, order) for one in said if one and one.cells[0] in near),
        ),
        tuple(
            Secret(tuple(order[cell] for cell in one.cells), one.weeks, one.release)
            for one in secrets
            if one.cells[0] in near
        ),
        {each: tuple(order[cell] for cell in held[each]) for each in new},
    )


def questions(secret: Secret, policy: PeoplePolicy) -> tuple[Statement, ...]:
    """What must be possible: nobody; NARROWEST or more; and, for what nobody prints, many."""
    few = (
        Statement(secret.cells, 0, 0),
        Statement(secret.cells, NARROWEST, policy.threshold - 1),
    )
    return few if secret.release else (*few, Statement(secret.cells, policy.threshold, None))


def is_open(answers: Sequence[bool]) -> bool:
    """Whether the answers to `questions` leave a secret open."""
    return (answers[0] and answers[1]) or any(answers[2:])


def bounds(figure: PeopleFigure, policy: PeoplePolicy) -> tuple[int, int | None]:
    """The least and the greatest count that is printed so; None: there is no greatest."""
    if figure.value is None:
        return 0, policy.threshold - 1
    low = max(policy.threshold, figure.value - policy.base + 1)
    return low, None if figure.or_more else figure.value + policy.base - 1


def _statement(cells: tuple[int, ...], release: Release, policy: PeoplePolicy) -> Statement | None:
    return None if release.is_silent else Statement(cells, *bounds(release.figure, policy))


def _parts(releases: Sequence[Release]) -> dict[frozenset[UnitCode], list[Hashable]]:
    """Units that no release tells apart are one part; so is what belongs to no named unit."""
    scopes = {each.units for each in releases}
    told_in: defaultdict[UnitCode, list[int]] = defaultdict(list)
    for place, scope in enumerate(sorted(scopes, key=sorted)):
        for unit in scope:
            told_in[unit].append(place)
    part_of = {unit: tuple(places) for unit, places in sorted(told_in.items())}
    found: dict[frozenset[UnitCode], list[Hashable]] = {
        scope: list(dict.fromkeys(part_of[unit] for unit in sorted(scope))) for scope in scopes
    }
    found[EVERYBODY] = [*dict.fromkeys(part_of.values()), None]
    return found


def _secrets(
    releases: Sequence[Release],
    held: Mapping[Release, tuple[int, ...]],
    number: Mapping[_Cell, int],
) -> list[Secret]:
    hidden = [
        Secret(held[each], each.weeks, each)
        for each in releases
        if each.figure.value is None and not each.is_silent
    ]
    printed = {cells for cells in held.values() if len(cells) == 1}
    alone = [
        Secret((place,), (week,), None)
        for (week, _, _), place in number.items()
        if (place,) not in printed
    ]
    return hidden + alone


class _Shown(NamedTuple):
    cells: tuple[int, ...]
    low: int
    high: int | None


def _less(whole: tuple[int, ...], part: tuple[int, ...]) -> tuple[int, ...]:
    """The cells that are not in the part; none where it is no part."""
    inside = frozenset(part)
    rest = tuple(cell for cell in whole if cell not in inside)
    return rest if len(rest) + len(inside) == len(whole) else ()


def _differences(
    releases: Sequence[Release], held: Mapping[Release, tuple[int, ...]], policy: PeoplePolicy
) -> list[Secret]:
    """One figure less another that is part of it, where that may be few: nobody prints it either.

    Only the largest parts can leave few, so the parts are gone through from the largest down.
    """
    alike: defaultdict[tuple[tuple[Week, ...], str], list[_Shown]] = defaultdict(list)
    for each in releases:
        if each.is_shown:
            low, high = bounds(each.figure, policy)
            alike[each.weeks, each.category].append(_Shown(held[each], low, high))
    found: dict[tuple[int, ...], Secret] = {}
    for (weeks, _), same in alike.items():
        by_size = sorted(same, key=lambda one: -one.low)
        fewest = min(len(one.cells) for one in same)
        for whole in same:
            if whole.high is None or len(whole.cells) == fewest:
                continue  # any number may be left, or it contains no other
            for part in by_size:
                if whole.high - part.low >= policy.threshold:
                    break
                rest = _less(whole.cells, part.cells)
                if rest:
                    found[rest] = Secret(rest, weeks, None)
    return list(found.values())


def _joined(said: Sequence[Statement], starts: Sequence[tuple[int, ...]]) -> set[int]:
    """All cells that a chain of statements joins to those of the starts."""
    of_cell: defaultdict[int, list[int]] = defaultdict(list)
    for place, one in enumerate(said):
        for cell in one.cells:
            of_cell[cell].append(place)
    found = {cell for cells in starts for cell in cells}
    waiting, seen = list(found), [False] * len(said)
    while waiting:
        for place in of_cell[waiting.pop()]:
            if not seen[place]:
                seen[place] = True
                fresh = set(said[place].cells) - found
                found |= fresh
                waiting += fresh
    return found


def _renamed(one: Statement, order: Mapping[int, int]) -> Statement:
    return one._replace(cells=tuple(order[cell] for cell in one.cells))
