"""The one gate through which figures leave: exact counts in, publishable figures out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from operator import add
from typing import TypeVar

from bot.domain.complaint_release import GatedComplaints
from bot.domain.disputes import Correction
from bot.domain.folding import folded_groups
from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.limits import Breach, Ground, Scope, Window
from bot.domain.periods import Week
from bot.domain.tallies import COLUMN, COUNTED, NOTHING, Counted, CountTable, Numbers
from bot.domain.vocabulary import Measure

SMALLEST_GROUP_FLOOR = 8
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


class Subject(StrEnum):
    """Whom an over-limit item is about, in the order of print."""

    UNIT = "unit"
    SMALL_GROUPS = "small_groups"  # the folded groups of a unit, together
    GROUP = "group"
    LINE = "line"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class OverLimit:
    """A limit that was broken in the week, by somebody who may be shown.

    `code` is the unit's, line's or group's (the unit's for SMALL_GROUPS), empty for ALL; `unit`
    is the unit that it belongs to, empty for LINE and ALL. The limit is `at_most` per `window`
    and member of `scope`; `basis_key` names the sentence of its basis, `basis_text` is the
    office's own. `count` is the subject's number in the whole week, `over_by` what lay above the
    limit in all windows together, `weekdays` the days over a limit by the day, and for longer
    windows the days on which it happened; none for SMALL_GROUPS.
    """

    subject: Subject
    code: str
    unit: str
    measure: Measure
    scope: Scope
    window: Window
    at_most: int
    ground: Ground
    basis_key: str
    basis_text: str
    count: int
    over_by: int
    weekdays: tuple[int, ...] = ()

    @property
    def identity(self) -> tuple[str, ...]:
        """What makes next week's item the same one, whatever its numbers."""
        return (self.subject, self.code, self.measure, self.scope, self.window)


@dataclass(frozen=True, slots=True)
class ProtectedTable:
    """Publishable figures of a week; only `protect` makes one, and a digest takes nothing else.

    Conduct figures are exact by unit, line and weekday; by group for those that may be shown,
    and by unit for the rest of its groups together. What is absent is 0. `by_line` is None for an
    office that answers for some units only. Figures of people are those that their own gate let
    through; None while there are none to tell of.
    """

    _seal: object = field(repr=False, compare=False)
    totals: Mapping[Counted, int]
    by_unit: Mapping[tuple[UnitCode, Counted], int]
    by_line: Mapping[tuple[LineCode, Counted], int] | None
    by_weekday: Mapping[tuple[int, Counted], int]
    by_group: Mapping[tuple[GroupCode, Counted], int]
    by_small_groups: Mapping[tuple[UnitCode, Counted], int]
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
    breaches: Sequence[Breach] = (),
    complaints: GatedComplaints | None = None,
    corrections: Sequence[Correction] = (),
) -> ProtectedTable:
    """What of a week's counts may be published to an office for `units`, all of them when empty.

    An office for some units is told what these demanded, and nothing of lines and of everybody:
    a line within a unit may be one small group. `groups` are all registered ones, whoever asks:
    which are shown must not differ from one digest to another, or the two could be subtracted.
    `breaches` are those found in the exact counts; those of folded groups come out together,
    under their unit. `complaints` have been through the solver gate; None says that complaints
    are not open.
    `corrections` are of weeks that were published before.
    """
    table = charged_to(table, units)
    if units:
        breaches = [one for one in breaches if one.limit.scope not in _OF_MANY_UNITS]
    profiles = {group.code: group for group in groups}
    folded = folded_groups(groups, policy.smallest_group)
    sums = _Sums(table, profiles, folded)
    return ProtectedTable(
        _SEAL,
        totals=sums.totals,
        by_unit=sums.by_unit,
        by_line=None if units else sums.by_line,
        by_weekday=sums.by_weekday,
        by_group=sums.by_group,
        by_small_groups=sums.by_small_groups,
        over_limit=_over_limit(breaches, table, profiles, folded, sums),
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


_Key = TypeVar("_Key", bound=Hashable)


class _Sums:
    """What the rows of a table add up to, everywhere they belong."""

    def __init__(
        self,
        table: CountTable,
        profiles: Mapping[GroupCode, GroupProfile],
        folded: Collection[GroupCode],
    ) -> None:
        units: _Rows[UnitCode] = {}
        lines: _Rows[LineCode] = {}
        weekdays: _Rows[int] = {}
        groups: _Rows[GroupCode] = {}
        small: _Rows[UnitCode] = {}
        for (group, unit, line, weekday), numbers in table.rows():
            _add(units, unit, numbers)
            _add(lines, line, numbers)
            _add(weekdays, weekday, numbers)
            _add(groups, group, numbers)
        for code in groups.keys() & folded:
            _add(small, profiles[code].unit, groups[code])
        # A group that nobody knows is never shown by itself.
        shown = {code: groups[code] for code in groups if code in profiles and code not in folded}
        self.totals: dict[Counted, int] = _named(_total(weekdays.values()))
        self.by_unit = _cells(units)
        self.by_line = _cells(lines)
        self.by_weekday = _cells(weekdays)
        self.by_group = _cells(shown)
        self.by_small_groups = _cells(small)

    def count(self, whose: _Whose, measure: Measure) -> int:
        """The week's number of a subject."""
        match whose.subject:
            case Subject.UNIT:
                return self.by_unit.get((UnitCode(whose.code), measure), 0)
            case Subject.SMALL_GROUPS:
                return self.by_small_groups.get((UnitCode(whose.code), measure), 0)
            case Subject.GROUP:
                return self.by_group.get((GroupCode(whose.code), measure), 0)
            case Subject.LINE:
                return self.by_line.get((LineCode(whose.code), measure), 0)
            case Subject.ALL:
                return self.totals.get(measure, 0)


_Rows = dict[_Key, Numbers]


def _add(rows: _Rows[_Key], key: _Key, numbers: Numbers) -> None:
    held = rows.get(key)
    rows[key] = numbers if held is None else tuple(map(add, held, numbers))


def _total(rows: Iterable[Numbers]) -> Numbers:
    return tuple(map(sum, zip(NOTHING, *rows, strict=True)))


def _named(numbers: Numbers) -> dict[Counted, int]:
    return {measure: n for measure, n in zip(COUNTED, numbers, strict=True) if n}


def _cells(rows: _Rows[_Key]) -> dict[tuple[_Key, Counted], int]:
    return {
        (key, measure): n
        for key, numbers in rows.items()
        for measure, n in zip(COUNTED, numbers, strict=True)
        if n
    }


@dataclass(frozen=True, slots=True)
class _Whose:
    subject: Subject
    code: str
    unit: str


def _over_limit(
    breaches: Sequence[Breach],
    table: CountTable,
    profiles: Mapping[GroupCode, GroupProfile],
    folded: Collection[GroupCode],
    sums: _Sums,
) -> tuple[OverLimit, ...]:
    """Breaches by whom they may be told of, a limit's windows together, ordered by unit code."""
    told: defaultdict[tuple[_Whose, Measure, Window], list[Breach]] = defaultdict(list)
    for breach in breaches:
        whose = _whose(breach, profiles, folded)
        if whose is not None:
            told[whose, breach.limit.measure, breach.limit.window].append(breach)
    days = _days({(whose, measure) for whose, measure, _ in told}, table)
    items = [
        _item(whose, found, sums, days[whose, measure])
        for (whose, measure, _), found in told.items()
    ]
    return tuple(sorted(items, key=_print_order))


def _days(
    wanted: Collection[tuple[_Whose, Measure]], table: CountTable
) -> Mapping[tuple[_Whose, Measure], set[int]]:
    """The weekdays on which something happened; of folded groups nothing is told."""
    days: dict[tuple[_Whose, Measure], set[int]] = {key: set() for key in wanted}
    by_place: defaultdict[tuple[Subject, str], list[tuple[int, set[int]]]] = defaultdict(list)
    for (whose, measure), happened in days.items():
        by_place[whose.subject, whose.code].append((COLUMN[measure], happened))
    for (group, unit, line, weekday), numbers in table.rows():
        for place in (
            (Subject.UNIT, unit),
            (Subject.GROUP, group),
            (Subject.LINE, line),
            (Subject.ALL, ""),
        ):
            for column, happened in by_place.get(place, ()):
                if numbers[column]:
                    happened.add(weekday)
    return days


def _whose(
    breach: Breach, profiles: Mapping[GroupCode, GroupProfile], folded: Collection[GroupCode]
) -> _Whose | None:
    """None for a group that nobody knows, and for a folded one's own limit, which would name it."""
    match breach.limit.scope:
        case Scope.UNIT:
            return _Whose(Subject.UNIT, breach.code, breach.code)
        case Scope.LINE:
            return _Whose(Subject.LINE, breach.code, "")
        case Scope.ALL:
            return _Whose(Subject.ALL, "", "")
        case Scope.GROUP:
            group = profiles.get(GroupCode(breach.code))
            if group is None:
                return None
            if group.code not in folded:
                return _Whose(Subject.GROUP, group.code, group.unit)
            if breach.limit.only:
                return None
            return _Whose(Subject.SMALL_GROUPS, group.unit, group.unit)


def _item(
    whose: _Whose, breaches: Sequence[Breach], sums: _Sums, happened: Collection[int]
) -> OverLimit:
    limit = breaches[0].limit
    days = happened if limit.window is not Window.DAY else {one.weekday for one in breaches}
    if whose.subject is Subject.SMALL_GROUPS:
        days = ()  # they would tell those who were there which of the groups it was
    return OverLimit(
        subject=whose.subject,
        code=whose.code,
        unit=whose.unit,
        measure=limit.measure,
        scope=limit.scope,
        window=limit.window,
        at_most=limit.at_most,
        ground=limit.ground,
        basis_key=limit.basis_key,
        basis_text=limit.basis_text,
        count=sums.count(whose, limit.measure),
        over_by=sum(one.over_by for one in breaches),
        weekdays=tuple(sorted(days)),
    )


_SUBJECTS = tuple(Subject)
_MEASURES = tuple(Measure)
_WINDOWS = tuple(Window)


def _print_order(item: OverLimit) -> tuple[bool, str, int, str, int, int]:
    return (
        not item.unit,
        item.unit,
        _SUBJECTS.index(item.subject),
        item.code,
        _MEASURES.index(item.measure),
        _WINDOWS.index(item.window),
    )
