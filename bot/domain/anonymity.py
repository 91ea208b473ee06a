"""The one gate through which figures leave: exact counts in, publishable figures out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from bot.domain.complaint_release import GatedComplaints
from bot.domain.disputes import Correction
from bot.domain.folding import Folding, Shape, folding
from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode, size_band
from bot.domain.limits import Limit, Scope
from bot.domain.over_limits import OverLimit, Subject, over_limits
from bot.domain.periods import Week
from bot.domain.tallies import COLUMN, COUNTED, Counted, CountTable, Numbers, added_up
from bot.domain.vocabulary import Measure, Tallied

SMALLEST_GROUP_FLOOR = 8
Band = tuple[int, int]
_OF_MANY_UNITS = frozenset({Scope.LINE, Scope.ALL})
_SEAL = object()


@dataclass(frozen=True, slots=True)
class ProtectionPolicy:
    """How small is too small. A group is shown by itself from `smallest_group` members up."""

    smallest_group: int = 10

    def __post_init__(self) -> None:
        if self.smallest_group < SMALLEST_GROUP_FLOOR:
            raise ValueError(
                f"a group shown by itself has at least {SMALLEST_GROUP_FLOOR} members"
            )


@dataclass(frozen=True, slots=True)
class ProtectedTable:
    """Publishable figures of a week; only `protect` makes one, and a digest takes nothing else.

    Conduct figures are exact by unit, line and weekday; by group for those that may be shown,
    and by bundle for the rest of them together. What is absent is 0. `by_line` is None for an
    office that answers for some units only. `sizes` say from how many to how many members a shown
    group and the groups of a bundle have; `heard` are the groups in which anything was said, for
    counting them only. Figures of people are those that their own gate let
    through; None while there are none to tell of.
    """

    _seal: object = field(repr=False, compare=False)
    totals: Mapping[Counted, int]
    by_unit: Mapping[tuple[UnitCode, Counted], int]
    by_line: Mapping[tuple[LineCode, Counted], int] | None
    by_weekday: Mapping[tuple[int, Counted], int]
    by_group: Mapping[tuple[GroupCode, Counted], int]
    by_small_groups: Mapping[tuple[str, Counted], int]
    sizes: Mapping[GroupCode, Band]
    bundle_sizes: Mapping[str, Band]
    heard: frozenset[GroupCode]
    over_limit: tuple[OverLimit, ...]
    corrections: Mapping[tuple[Week, UnitCode, Counted], int] = field(default_factory=dict)
    complaints: GatedComplaints | None = None

    def __post_init__(self) -> None:
        if self._seal is not _SEAL:
            raise TypeError("a ProtectedTable is made by protect() only")


def protect(
    table: CountTable,
    groups: Sequence[GroupProfile],
    policy: ProtectionPolicy,
    *,
    units: Collection[UnitCode] = (),
    limits: Sequence[Limit] = (),
    before: Shape | None = None,
    complaints: GatedComplaints | None = None,
    corrections: Sequence[Correction] = (),
) -> ProtectedTable:
    """What of a week's counts may be published to an office for `units`, all of them when empty.

    An office for some units is told what these demanded, and nothing of lines and of everybody:
    a line within a unit may be one small group. `groups` are all registered ones, whoever asks:
    which are shown must not differ from one digest to another, or the two could be subtracted.
    `limits` are what the week is held against, `before` is what an earlier issue of
    the same week showed. `complaints` have been through the solver gate; None says that complaints
    are not open. `corrections` are of weeks that were published before.
    """
    table = charged_to(table, units)
    if units:
        limits = [one for one in limits if one.scope not in _OF_MANY_UNITS]
    profiles = {group.code: group for group in groups}
    folded = folding(groups, policy.smallest_group)
    if before is not None:
        folded = folded.no_finer_than(before, groups, {place.group for place, _ in table.rows()})
    sums = _Sums(table, profiles, folded)
    return ProtectedTable(
        _SEAL,
        totals=sums.totals,
        by_unit=sums.by_unit,
        by_line=None if units else sums.by_line,
        by_weekday=sums.by_weekday,
        by_group=sums.by_group,
        by_small_groups=sums.by_small_groups,
        sizes={
            one.code: size_band(one.size) for one in groups if one.code not in folded.bundle_of
        },
        bundle_sizes=_bundle_sizes(groups, folded),
        heard=sums.heard,
        over_limit=over_limits(table, limits, profiles, folded, sums.count),
        complaints=complaints,
        corrections=_by_unit(corrections, units),
    )


def _by_unit(
    corrections: Sequence[Correction], units: Collection[UnitCode]
) -> dict[tuple[Week, UnitCode, Counted], int]:
    """Corrections of units that may be told of; in which group it was is told to nobody."""
    sums: Counter[tuple[Week, UnitCode, Counted]] = Counter()
    for one in corrections:
        if not units or one.unit in units:
            sums[one.week, one.unit, one.measure] += one.n
    return dict(sums)


def charged_to(table: CountTable, units: Collection[UnitCode]) -> CountTable:
    """What these units demanded; all of it when `units` is empty."""
    wanted = frozenset(units)
    if not wanted:
        return table
    return CountTable.of_rows(row for row in table.rows() if row[0].unit in wanted)


def _bundle_sizes(groups: Sequence[GroupProfile], folded: Folding) -> dict[str, Band]:
    sizes: dict[str, Band] = {}
    for group in groups:
        bundle, (low, high) = folded.bundle_of.get(group.code), size_band(group.size)
        if bundle is not None:
            least, most = sizes.get(bundle, (low, high))
            sizes[bundle] = (min(least, low), max(most, high))
    return sizes


_Key = TypeVar("_Key", bound=Hashable)


class _Sums:
    """What the rows of a table add up to, everywhere they belong."""

    def __init__(
        self,
        table: CountTable,
        profiles: Mapping[GroupCode, GroupProfile],
        folded: Folding,
    ) -> None:
        beside: _Gathered[tuple[UnitCode, LineCode, int]] = defaultdict(list)
        within: _Gathered[GroupCode] = defaultdict(list)
        for (group, unit, line, weekday), numbers in table.rows():
            beside[unit, line, weekday].append(numbers)
            within[group].append(numbers)
        # Few places are left once groups are added up, and all the other sums are theirs.
        units: _Gathered[UnitCode] = defaultdict(list)
        lines: _Gathered[LineCode] = defaultdict(list)
        weekdays: _Gathered[int] = defaultdict(list)
        for (unit, line, weekday), rows in beside.items():
            numbers = added_up(rows)
            units[unit].append(numbers)
            lines[line].append(numbers)
            weekdays[weekday].append(numbers)
        groups, days = _added_up(within), _added_up(weekdays)
        hidden = folded.bundle_of
        small: _Gathered[str] = defaultdict(list)
        for code in groups.keys() & hidden.keys():
            small[hidden[code]].append(groups[code])
        # A group that nobody knows is never shown by itself.
        shown = {code: groups[code] for code in groups if code in profiles and code not in hidden}
        said = COLUMN[Tallied.MESSAGES]
        self.heard = frozenset(code for code, numbers in groups.items() if numbers[said])
        self.totals: dict[Counted, int] = _named(added_up(days.values()))
        self.by_unit = _cells(_added_up(units))
        self.by_line = _cells(_added_up(lines))
        self.by_weekday = _cells(days)
        self.by_group = _cells(shown)
        self.by_small_groups = _cells(_added_up(small))

    def count(self, subject: Subject, code: str, measure: Measure) -> int:
        """The week's number of a subject."""
        match subject:
            case Subject.UNIT:
                return self.by_unit.get((UnitCode(code), measure), 0)
            case Subject.SMALL_GROUPS:
                return self.by_small_groups.get((code, measure), 0)
            case Subject.GROUP:
                return self.by_group.get((GroupCode(code), measure), 0)
            case Subject.LINE:
                return self.by_line.get((LineCode(code), measure), 0)
            case Subject.ALL:
                return self.totals.get(measure, 0)


_Rows = dict[_Key, Numbers]
_Gathered = defaultdict[_Key, list[Numbers]]


def _added_up(gathered: Mapping[_Key, Sequence[Numbers]]) -> _Rows[_Key]:
    return {key: added_up(rows) for key, rows in gathered.items()}


def _named(numbers: Numbers) -> dict[Counted, int]:
    return {measure: n for measure, n in zip(COUNTED, numbers, strict=True) if n}


def _cells(rows: _Rows[_Key]) -> dict[tuple[_Key, Counted], int]:
    return {
        (key, measure): n
        for key, numbers in rows.items()
        for measure, n in zip(COUNTED, numbers, strict=True)
        if n
    }
