"""Limits: how much of what is too much, for whom, in which window, and on what ground."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter, itemgetter

from bot.domain.groups import GroupCode
from bot.domain.tallies import COLUMN, CountTable, Numbers, Place, added_up
from bot.domain.vocabulary import Measure

WARN_AT = 0.8
EVERYBODY = ""
"""The code of the scope `all`, and of a limit that holds for every member of its scope."""


class Scope(StrEnum):
    """Whose counts are added up: a group's, a unit's, a line of command's, or everybody's."""

    GROUP = "group"
    UNIT = "unit"
    LINE = "line"
    ALL = "all"


class Window(StrEnum):
    """Over what time. Months and years add up published weeks (DESIGN 12.8)."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class Ground(StrEnum):
    """What a number rests on; printed beside it (facts about default limits)."""

    FIRM = "firm"  # a rule in force somewhere says it in these terms
    CASE = "case"  # a public circular found fault with it
    ANALOGY = "analogy"  # a neighbouring rule
    DESIGN = "design"  # the office's, or our, choice


class Days(StrEnum):
    """Which days of a window count."""

    CALENDAR = "calendar"
    WORKING = "working"  # rest days are left out


class Action(StrEnum):
    """What the bot does about a count."""

    WARN = "warn"  # a private note to the group's admin near the limit
    REMIND = "remind"  # one sentence to the group over it
    SENDER = "sender"  # a private note to who laid the demand; off unless the office wants it
    ALERT = "alert"  # a note to the office the first time in a window
    ESCALATE = "escalate"  # a note to the office when it comes again and again


USUAL_ACTIONS = frozenset({Action.WARN, Action.REMIND, Action.ESCALATE})


class Level(StrEnum):
    """Where a count stands against its limit."""

    WITHIN = "within"
    NEAR = "near"  # from `warn_at` of the limit on
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `at_most` of a measure, for each member of a scope, in each window.

    `only` narrows it to one group, unit or line by code; it then takes the place of the general
    limit of the same measure, scope and window. What is printed as its basis is `basis_text`,
    the office's own words, where there are any, else the sentence `limits.basis.<basis>`.
    `days` says which days of the window count, `actions` what the bot does about it.
    """

    measure: Measure
    scope: Scope
    window: Window
    at_most: int
    ground: Ground
    basis: str = ""
    basis_text: str = ""
    only: str = EVERYBODY
    warn_at: float = WARN_AT
    days: Days = Days.CALENDAR
    actions: frozenset[Action] = USUAL_ACTIONS

    @property
    def id(self) -> str:
        """A short public name, such as off_hours.group.week or meeting.unit.week@town."""
        name = f"{self.measure}.{self.scope}.{self.window}"
        return f"{name}@{self.only}" if self.only else name

    @property
    def basis_key(self) -> str:
        """The key of the sentence to print; empty where `basis_text` is printed instead."""
        return f"limits.basis.{self.basis}" if self.basis and not self.basis_text else ""

    def level(self, count: int) -> Level:
        """Where a count stands; a limit of 0 knows no near."""
        if count > self.at_most:
            return Level.OVER
        # Rounded first, because 0.8 * 5 must be 4 and not a little more.
        threshold = math.ceil(round(self.at_most * self.warn_at, 6))
        return Level.NEAR if count >= threshold > 0 else Level.WITHIN


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose number it is: a scope's member (`code`, empty for all) and, of a day, its weekday."""

    scope: Scope
    code: str
    measure: Measure
    weekday: int = 0  # 1 is Monday; 0 for windows longer than a day


@dataclass(frozen=True, slots=True)
class Standing:
    """A count beside its limit, also where it is within."""

    limit: Limit
    count: int

    @property
    def level(self) -> Level:
        """Within, near or over."""
        return self.limit.level(self.count)

    @property
    def left(self) -> int:
        """How many are left until the limit is reached; 0 at the limit and past it."""
        return max(0, self.limit.at_most - self.count)


@dataclass(frozen=True, slots=True)
class Breach:
    """A count above its limit, of one member of the limit's scope, in one window."""

    limit: Limit
    code: str  # of the group, unit or line; empty for all
    count: int
    weekday: int = 0  # of a day's breach; 0 for longer windows

    @property
    def over_by(self) -> int:
        """How far above."""
        return self.count - self.limit.at_most


def applicable(
    limits: Iterable[Limit], scope: Scope, window: Window, code: str = EVERYBODY
) -> tuple[Limit, ...]:
    """The limits of a scope's member in a window: its own where it has one, else the general."""
    chosen: dict[Measure, Limit] = {}
    for limit in limits:
        if (limit.scope, limit.window) != (scope, window) or limit.only not in (EVERYBODY, code):
            continue
        if limit.measure not in chosen or limit.only:
            chosen[limit.measure] = limit
    return tuple(chosen.values())


def standing(limits: Iterable[Limit], counts: Mapping[Measure, int]) -> tuple[Standing, ...]:
    """Each limit beside its count, in the limits' order; what is not counted stands at 0.

    The counts belong to one member of one scope in one window; `applicable` gives its limits.
    """
    return tuple(Standing(limit, counts.get(limit.measure, 0)) for limit in limits)


def group_standing(
    limits: Iterable[Limit], table: CountTable, group: GroupCode, weekday: int
) -> tuple[Standing, ...]:
    """Where a group stands on a day and in the week of `table`: day limits, then week limits."""
    known = tuple(limits)
    day: Counter[Measure] = Counter()
    week: Counter[Measure] = Counter()
    for cell, count in table:
        if cell.group == group and isinstance(cell.measure, Measure):
            week[cell.measure] += count
            if cell.weekday == weekday:
                day[cell.measure] += count
    return standing(applicable(known, Scope.GROUP, Window.DAY, group), day) + standing(
        applicable(known, Scope.GROUP, Window.WEEK, group), week
    )


def breaches(table: CountTable, limits: Iterable[Limit]) -> tuple[Breach, ...]:
    """What is over its limit by day and by week, in one week's table; ordered as `breaches_of`."""
    known = tuple(limits)
    return breaches_of(_sums(table, known, Window.DAY), known, Window.DAY) + breaches_of(
        _sums(table, known, Window.WEEK), known, Window.WEEK
    )


def breaches_of(
    counts: Mapping[Subject, int], limits: Iterable[Limit], window: Window
) -> tuple[Breach, ...]:
    """What is over its limit in a window whose counts are already added up (months, years).

    In the order of the limits, then of codes and weekdays: never of sizes, so that nothing reads
    as a league table.
    """
    known = tuple(limits)
    place = {limit: number for number, limit in enumerate(known)}
    general: dict[tuple[Scope, Measure], tuple[int, Limit]] = {}
    own: dict[tuple[Scope, Measure, str], tuple[int, Limit]] = {}
    for limit in known:
        if limit.window is window and limit.only:
            own[limit.scope, limit.measure, limit.only] = place[limit], limit
        elif limit.window is window:
            general.setdefault((limit.scope, limit.measure), (place[limit], limit))
    # Each with what it is sorted by: to look a limit's place up hashes all its fields.
    found: list[tuple[tuple[int, str, int], Breach]] = []
    for subject, count in counts.items():
        kind = (subject.scope, subject.measure)
        chosen = own.get((*kind, subject.code)) or general.get(kind)
        if chosen is not None and count > chosen[1].at_most:
            order = chosen[0], subject.code, subject.weekday
            found.append((order, Breach(chosen[1], subject.code, count, subject.weekday)))
    return tuple([breach for _, breach in sorted(found, key=itemgetter(0))])


def _sums(table: CountTable, limits: Iterable[Limit], window: Window) -> dict[Subject, int]:
    """Counts above the least limit of their scope and measure in the window."""
    least: dict[tuple[int, Measure, Scope], int] = {}
    for limit in limits:
        if limit.window is window:
            key = (COLUMN[limit.measure], limit.measure, limit.scope)
            least[key] = min(limit.at_most, least.get(key, limit.at_most))
    counts: dict[Subject, int] = {}
    for scope in dict.fromkeys(scope for _, _, scope in least):
        limited = [(*key[:2], at_most) for key, at_most in least.items() if key[2] is scope]
        # What lies within every limit is nobody's breach, and that is nearly all of a good week.
        counts |= {
            Subject(scope, code, measure, weekday): numbers[column]
            for (code, weekday), numbers in _by_member(table, scope, window).items()
            for column, measure, at_most in limited
            if numbers[column] > at_most
        }
    return counts


def _by_member(table: CountTable, scope: Scope, window: Window) -> dict[tuple[str, int], Numbers]:
    """The numbers of each member of a scope, on each day where the window is one (else 0)."""
    gathered: defaultdict[tuple[str, int], list[Numbers]] = defaultdict(list)
    member, by_day = _MEMBER[scope], window is Window.DAY
    for place, numbers in table.rows():
        gathered[member(place), place.weekday if by_day else 0].append(numbers)
    return {
        whose: rows[0] if len(rows) == 1 else added_up(rows) for whose, rows in gathered.items()
    }


_MEMBER: Mapping[Scope, Callable[[Place], str]] = {
    Scope.GROUP: attrgetter("group"),
    Scope.UNIT: attrgetter("unit"),
    Scope.LINE: attrgetter("line"),
    Scope.ALL: lambda _place: EVERYBODY,
}
