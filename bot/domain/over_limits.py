"""What went over its limit, by whom it may be told of: small groups in their bundles only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from bot.domain.folding import Folding
from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.limits import EVERYBODY, Breach, Ground, Limit, Scope, Window, breaches
from bot.domain.tallies import COLUMN, CountTable, Numbers, Place, added_up
from bot.domain.vocabulary import Measure


class Subject(StrEnum):
    """Whom an over-limit item is about, in the order of print."""

    UNIT = "unit"
    SMALL_GROUPS = "small_groups"  # the folded groups of a bundle, together
    GROUP = "group"
    LINE = "line"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class OverLimit:
    """A limit that was broken in the week, by somebody who may be shown.

    `code` is the unit's, line's, group's or bundle's, empty for ALL; `unit` is the unit that it
    belongs to (units, a blank between them, for a bundle), empty for LINE and ALL. The limit is
    `at_most` per `window` and member of `scope`; `basis_key` names the sentence of its basis,
    `basis_text` is the office's own. `count` is the subject's number in the whole week, `over_by` what lay above the
    limit in all windows together, `weekdays` the days over a limit by the day, and for longer
    windows the days on which it happened; none for SMALL_GROUPS. Of these there are `groups`,
    held together against so many times the limit.
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
    groups: int = 1

    @property
    def identity(self) -> tuple[str, ...]:
        """What makes next week's item the same one, whatever its numbers."""
        return (self.subject, self.code, self.measure, self.scope, self.window)


Count = Callable[[Subject, str, Measure], int]
"""The week's number of a subject, by its code."""


class _Whose(NamedTuple):
    subject: Subject
    code: str
    unit: str
    groups: int = 1


_Found = tuple[_Whose, Breach]


def over_limits(
    table: CountTable,
    limits: Sequence[Limit],
    groups: Mapping[GroupCode, GroupProfile],
    folding: Folding,
    count: Count,
) -> tuple[OverLimit, ...]:
    """What is over its limit by day and by week, a limit's windows together, by unit code.

    The groups of a bundle are held together against the limit as many times: which of them went
    over it, or that one did while another did not, would be more than their sum says. A limit of
    one folded group alone would name it, and is left out; so is a group that nobody knows.
    """
    known = [*_of_the_shown(table, limits, groups, folding), *_of_bundles(table, limits, folding)]
    told: defaultdict[tuple[_Whose, Measure, Window], list[Breach]] = defaultdict(list)
    for whose, breach in known:
        told[whose, breach.limit.measure, breach.limit.window].append(breach)
    days = _days({(whose, measure) for whose, measure, _ in told}, table)
    items = [
        _item(whose, found, count(whose.subject, whose.code, measure), days[whose, measure])
        for (whose, measure, _), found in told.items()
    ]
    return tuple(sorted(items, key=_print_order))


def _of_the_shown(
    table: CountTable,
    limits: Sequence[Limit],
    groups: Mapping[GroupCode, GroupProfile],
    folding: Folding,
) -> Iterable[_Found]:
    of_a_group, of_a_unit, hidden = Scope.GROUP, Scope.UNIT, folding.bundle_of
    for breach in breaches(table, limits):
        scope, code = breach.limit.scope, breach.code
        if scope is of_a_group:
            group = groups.get(GroupCode(code))
            if group is not None and group.code not in hidden:
                yield _Whose(Subject.GROUP, group.code, group.unit), breach
        elif scope is of_a_unit:
            yield _Whose(Subject.UNIT, code, code), breach
        elif scope is Scope.LINE:
            yield _Whose(Subject.LINE, code, ""), breach
        else:
            yield _Whose(Subject.ALL, EVERYBODY, ""), breach


def _of_bundles(table: CountTable, limits: Sequence[Limit], folding: Folding) -> Iterable[_Found]:
    general = [one for one in limits if one.scope is Scope.GROUP and not one.only]
    size = {bundle: len(codes) for bundle, codes in folding.bundles().items()}
    rows: defaultdict[int, defaultdict[Place, list[Numbers]]]
    rows = defaultdict(lambda: defaultdict(list))
    for place, numbers in table.rows() if general else ():
        bundle = folding.bundle_of.get(place.group)
        if bundle is not None:
            day = Place(GroupCode(bundle), UnitCode(""), LineCode(""), place.weekday)
            rows[size[bundle]][day].append(numbers)
    for groups, days in rows.items():
        together = [replace(one, at_most=one.at_most * groups) for one in general]
        summed = CountTable.of_rows((day, added_up(of_day)) for day, of_day in days.items())
        for breach in breaches(summed, together):
            alone = replace(breach.limit, at_most=breach.limit.at_most // groups)
            whose = _Whose(Subject.SMALL_GROUPS, breach.code, breach.code, groups)
            yield whose, replace(breach, limit=alone)


def _days(
    wanted: Collection[tuple[_Whose, Measure]], table: CountTable
) -> Mapping[tuple[_Whose, Measure], set[int]]:
    """The weekdays on which something happened; of folded groups nothing is told."""
    days: dict[tuple[_Whose, Measure], set[int]] = {key: set() for key in wanted}
    of: dict[Subject, defaultdict[str, list[tuple[int, set[int]]]]]
    of = {subject: defaultdict(list) for subject in Subject}
    for (whose, measure), happened in days.items():
        of[whose.subject][whose.code].append((COLUMN[measure], happened))
    units, groups, lines = of[Subject.UNIT], of[Subject.GROUP], of[Subject.LINE]
    everybody = of[Subject.ALL].get(EVERYBODY, [])
    for (group, unit, line, weekday), numbers in table.rows():
        for asked in (units.get(unit), groups.get(group), lines.get(line), everybody):
            for column, happened in asked or ():
                if numbers[column]:
                    happened.add(weekday)
    return days


def _item(
    whose: _Whose, found: Sequence[Breach], count: int, happened: Collection[int]
) -> OverLimit:
    limit = found[0].limit
    days = happened if limit.window is not Window.DAY else {one.weekday for one in found}
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
        count=count,
        over_by=sum(one.count - limit.at_most * whose.groups for one in found),
        weekdays=tuple(sorted(days)),
        groups=whose.groups,
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
