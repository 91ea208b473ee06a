"""Counts of a window by who and what: derived from facts, never the other way round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from bot.domain.groups import GroupCode, LineCode, UnitCode
from bot.domain.vocabulary import Measure, Tallied

Counted = Measure | Tallied

COUNTED: tuple[Counted, ...] = (*Measure, *Tallied)
"""All that is counted, in the order of a row's numbers."""

COLUMN: Mapping[Counted, int] = {measure: place for place, measure in enumerate(COUNTED)}
"""Which of a row's numbers is a measure's."""


class Cell(NamedTuple):
    """What a number is about. `weekday` 1 is Monday; of an episode it is its opener's."""

    group: GroupCode
    unit: UnitCode
    line: LineCode
    weekday: int
    measure: Counted


class Place(NamedTuple):
    """A cell without its measure: what the numbers of a row have in common."""

    group: GroupCode
    unit: UnitCode
    line: LineCode
    weekday: int


Numbers = tuple[int, ...]
"""One number for each of COUNTED."""

NOTHING: Numbers = (0,) * len(COUNTED)


def added_up(rows: Iterable[Numbers]) -> Numbers:
    """Numbers of several rows together; all at once costs half of one by one."""
    return tuple(map(sum, zip(NOTHING, *rows, strict=True)))


class CountTable:
    """Exact counts. They go nowhere but through `anonymity.protect` or to the group's own admin.

    Kept as rows, since a province's week has a dozen numbers in each; a cell is made when it is
    asked for, and only where its number is not 0.
    """

    __slots__ = ("_rows",)

    def __init__(self, counts: Mapping[Cell, int] | Iterable[tuple[Cell, int]] = ()) -> None:
        rows: dict[Place, list[int]] = {}
        for cell, n in dict(counts).items():
            row = rows.setdefault(Place(*cell[:4]), list(NOTHING))
            row[COLUMN[cell.measure]] = n
        self._rows: dict[Place, Numbers] = {place: tuple(row) for place, row in rows.items()}

    @classmethod
    def of_rows(cls, rows: Iterable[tuple[Place, Numbers]]) -> CountTable:
        """The table of these rows, each place once and with a number for each of COUNTED."""
        made = cls()
        made._rows = dict(rows)
        return made

    def rows(self) -> Iterator[tuple[Place, Numbers]]:
        """All places with their numbers, in the order of COUNTED."""
        return iter(self._rows.items())

    def __iter__(self) -> Iterator[tuple[Cell, int]]:
        for place, numbers in self._rows.items():
            for measure, n in zip(COUNTED, numbers, strict=True):
                if n:
                    yield Cell(*place, measure), n

    def __len__(self) -> int:
        return sum(len(numbers) - numbers.count(0) for numbers in self._rows.values())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CountTable) and dict(other) == dict(self)

    def __repr__(self) -> str:
        return f"<CountTable of {len(self)} cells>"
