"""Counts of a window by who and what: derived from facts, never the other way round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.domain.groups import GroupCode, LineCode, UnitCode
from bot.domain.vocabulary import Measure, Tallied

Counted = Measure | Tallied


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """What a number is about. `weekday` 1 is Monday; of an episode it is its opener's."""

    group: GroupCode
    unit: UnitCode
    line: LineCode
    weekday: int
    measure: Counted


class CountTable:
    """Exact counts. They go nowhere but through `anonymity.protect` or to the group's own admin."""

    __slots__ = ("_counts",)

    def __init__(self, counts: Mapping[Cell, int] | Iterable[tuple[Cell, int]] = ()) -> None:
        self._counts = dict(counts)

    def __iter__(self) -> Iterator[tuple[Cell, int]]:
        return iter(self._counts.items())

    def __len__(self) -> int:
        return len(self._counts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CountTable) and other._counts == self._counts

    def __repr__(self) -> str:
        return f"<CountTable of {len(self._counts)} cells>"
