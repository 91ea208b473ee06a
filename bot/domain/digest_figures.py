"""The numbers of a published digest, neutral and storable, so that the next can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from bot.domain.anonymity import ProtectedTable
from bot.domain.burden import PersonHours
from bot.domain.coming_week import ComingWeek
from bot.domain.complaint_figures import ComplaintFigures
from bot.domain.coverage import Coverage
from bot.domain.later_fields import ABSENT_WHEN_DEFAULT
from bot.domain.over_limits import OverLimit
from bot.domain.periods import Week
from bot.domain.tallies import Counted
from bot.domain.vocabulary import Measure, Tallied

WEEKDAYS = range(1, 8)

_Code = TypeVar("_Code", bound=str)

UNPUBLISHED: frozenset[Counted] = frozenset(
    {Tallied.MESSAGES, Tallied.PINGS, Tallied.REPORTED, Tallied.OFF_HOURS_NIGHT}
)
"""Traffic stands under coverage only; pings in working time are not a burden; that a demand was
reported says that somebody in that group did it; nights stand by weekday, of everybody only."""


@dataclass(frozen=True, slots=True)
class OverLimitItem:
    """An over-limit item as published; `weeks` counts the weeks running, this one included."""

    item: OverLimit
    weeks: int


@dataclass(frozen=True, slots=True)
class CorrectionItem:
    """更正: by how much a number that was published of a unit in an earlier week is too high."""

    week: Week
    unit: str
    measure: str
    n: int


@dataclass(frozen=True, slots=True)
class DigestFigures:
    """All numbers of a digest, by the names of their measures; what is absent is 0.

    `off_hours_by_weekday` has seven numbers, Monday first, and of these `off_hours_at_night` those
    of the nights; it is empty in a digest from before nights were told apart. `groups` are those shown by
    themselves and heard, `small_groups` the others of a bundle together (its units' codes, a blank between them); `lines` is None for an
    office that answers for some units only. `complaints` are those that the office returned since
    the digest before, None while complaints are not open; `complaints_withheld` the weeks whose
    figures did not pass the gate. `week` is an ISO week, `office` the office's code. `person_hours` is an estimate, None where no table of minutes was given. From the second `issue` on `corrected` says by how much a total lies below the week's tallies. `log_size` and `log_root` (hexadecimal) are those of the proof log's last checkpoint before this digest, 0 for none. `next_week` is what was registered of it when the digest was composed, None where nobody looked.
    """

    week: str
    office: str
    totals: Mapping[str, int]
    units: Mapping[str, Mapping[str, int]]
    lines: Mapping[str, Mapping[str, int]] | None
    groups: Mapping[str, Mapping[str, int]]
    small_groups: Mapping[str, Mapping[str, int]]
    off_hours_by_weekday: tuple[int, ...]
    over_limit: tuple[OverLimitItem, ...]
    coverage: Coverage
    complaints: tuple[ComplaintFigures, ...] | None = None
    person_hours: PersonHours | None = None
    off_hours_at_night: tuple[int, ...] = ()
    corrections: tuple[CorrectionItem, ...] = ()
    complaints_withheld: tuple[str, ...] = ()
    issue: int = 1
    corrected: Mapping[str, int] = field(default_factory=dict)
    log_size: int = 0
    log_root: str = ""
    next_week: ComingWeek | None = field(default=None, metadata={ABSENT_WHEN_DEFAULT: True})

    def total(self, measure: Counted) -> int:
        """The number for everybody."""
        return self.totals.get(measure.value, 0)

    @property
    def units_covered(self) -> frozenset[str]:
        """Units of which something can be said: heard, or demanding in a group that was."""
        told = self.units_over | self.units_in_doubt
        return frozenset(self.coverage.units_heard) | self.units.keys() | told

    @property
    def units_over(self) -> frozenset[str]:
        """Units with an over-limit item of their own or of one of their groups."""
        found = (one.item.unit.split() for one in self.over_limit)
        return frozenset(units[0] for units in found if len(units) == 1)

    @property
    def units_in_doubt(self) -> frozenset[str]:
        """Units of which only some may be over: their last groups are told of together."""
        found = (one.item.unit.split() for one in self.over_limit)
        doubted = frozenset(unit for units in found if len(units) > 1 for unit in units)
        return doubted - self.units_over


def figures_of(
    week: Week,
    office: str,
    protected: ProtectedTable,
    coverage: Coverage,
    previous: DigestFigures | None,
    hours: PersonHours | None = None,
) -> DigestFigures:
    """The numbers to publish; `previous` are those of the week before, for the weeks running."""
    before = {one.item.identity: one.weeks for one in previous.over_limit} if previous else {}
    return DigestFigures(
        week=str(week),
        office=office,
        totals=_named(protected.totals),
        units=_rows(protected.by_unit),
        lines=None if protected.by_line is None else _rows(protected.by_line),
        groups=_rows(protected.by_group),
        small_groups=_rows(protected.by_small_groups),
        off_hours_by_weekday=tuple(
            protected.by_weekday.get((day, Measure.OFF_HOURS), 0) for day in WEEKDAYS
        ),
        over_limit=tuple(
            OverLimitItem(item, before.get(item.identity, 0) + 1) for item in protected.over_limit
        ),
        coverage=coverage,
        complaints=None if protected.complaints is None else protected.complaints.shown,
        person_hours=hours,
        off_hours_at_night=tuple(
            protected.by_weekday.get((day, Tallied.OFF_HOURS_NIGHT), 0) for day in WEEKDAYS
        ),
        corrections=tuple(
            CorrectionItem(of, unit, measure.value, n)
            for (of, unit, measure), n in sorted(protected.corrections.items())
        ),
        complaints_withheld=tuple(
            str(each) for each in (protected.complaints.withheld if protected.complaints else ())
        ),
    )


def _named(counts: Mapping[Counted, int]) -> dict[str, int]:
    return {
        measure.value: n
        for measure, n in sorted(counts.items())
        if n and measure not in UNPUBLISHED
    }


def _rows(counts: Mapping[tuple[_Code, Counted], int]) -> dict[str, dict[str, int]]:
    rows: dict[str, dict[str, int]] = {}
    for (code, measure), n in sorted(counts.items()):
        row = rows.setdefault(code, {})
        if n and measure not in UNPUBLISHED:
            row[measure.value] = n
    return rows
