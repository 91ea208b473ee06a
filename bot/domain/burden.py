"""Published counts → person-hours, as a range: an estimate by the office's table of minutes."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from bot.domain.anonymity import ProtectedTable
from bot.domain.tallies import Counted
from bot.domain.vocabulary import KINDS, Measure, Tallied

_KINDS = tuple(Measure(kind.value) for kind in KINDS)
_BESIDE = (Measure.REPEAT, Measure.OFF_HOURS)
ESTIMATED = (*_KINDS, *_BESIDE)
_AN_HOUR = 60


@dataclass(frozen=True, slots=True)
class Spread:
    """From how much to how much; ValueError where the first is more, or either below 0."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high:
            raise ValueError("low is at least 0 and at most high")


@dataclass(frozen=True, slots=True)
class MinutesTable:
    """What the office holds one person's part in one demand to cost.

    `minutes` of a measure for each person who has to do it; `share` of a group's members who do,
    0 to 1; `reading_seconds` for one message of the bot's own.
    """

    minutes: Mapping[Measure, Spread]
    share: Spread
    reading_seconds: int


@dataclass(frozen=True, slots=True)
class PersonHours:
    """Hours of all people together, whole ones: rounded down, and up."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """Person-hours with the table that they were estimated by."""

    hours: PersonHours
    table: MinutesTable


def person_hours(protected: ProtectedTable, table: MinutesTable) -> PersonHours:
    """How much time the published demands took, at least and at most.

    Only published figures go in, and of sizes only bands: with exact ones the hours, the counts
    and the table beside them would give every group's size. A demand can be of
    several kinds: at least, it cost the mean of them, and all together no less than the costliest
    kind alone; at most, each kind was work of its own. Reminders and pings off hours come on top.
    """
    found = [(counts, protected.sizes[code]) for code, counts in _rows(protected.by_group).items()]
    found += [
        (counts, protected.bundle_sizes[bundle])
        for bundle, counts in _rows(protected.by_small_groups).items()
    ]
    low = high = 0.0
    for counts, (fewest, most) in found:
        short, long = _minutes(counts, table)
        low, high = low + short * fewest, high + long * most
    share = table.share
    return PersonHours(
        math.floor(low * share.low / _AN_HOUR), math.ceil(high * share.high / _AN_HOUR)
    )


_Code = TypeVar("_Code", bound=str)


def _rows(cells: Mapping[tuple[_Code, Counted], int]) -> dict[_Code, dict[Counted, int]]:
    rows: defaultdict[_Code, dict[Counted, int]] = defaultdict(dict)
    for (code, measure), n in cells.items():
        rows[code][measure] = n
    return rows


def _minutes(counts: Mapping[Counted, int], table: MinutesTable) -> tuple[float, float]:
    """Minutes of one person who had to do all of it."""
    kinds = _each(counts, table, "low", _KINDS)
    named = sum(counts.get(kind, 0) for kind in _KINDS)
    demands = min(counts.get(Tallied.EPISODES, named), named)
    once = sum(kinds) * demands / named if named else 0.0
    least = max(once, *kinds) if kinds else 0.0
    least += sum(_each(counts, table, "low", _BESIDE))
    return least, sum(_each(counts, table, "high", ESTIMATED))


def _each(
    counts: Mapping[Counted, int], table: MinutesTable, end: str, measures: Iterable[Measure]
) -> list[float]:
    return [
        counts.get(measure, 0) * getattr(table.minutes[measure], end)
        for measure in measures
        if measure in table.minutes
    ]
