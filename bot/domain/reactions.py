"""What the bot has to say about counts: which limits came near or over, where, and since when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.domain.groups import GroupCode, GroupProfile
from bot.domain.limits import EVERYBODY, Days, Ground, Level, Limit, Scope, Window
from bot.domain.registers import MarkSort, RegisterView
from bot.domain.tallies import Place
from bot.domain.vocabulary import KINDS, Measure

REPEATED = 3
"""So many windows over the same limit within `REMEMBERED_DAYS` are told to the office."""
REMEMBERED_DAYS = 28


@dataclass(frozen=True, slots=True)
class Daily:
    """A number of one place on one day; `day` is None for what was summed over days before."""

    place: Place
    day: date | None
    measure: Measure
    n: int


@dataclass(frozen=True, slots=True)
class Rise:
    """A count at its limit: whose (`code`), how much, in the window that began on `first`.

    `groups` are those in which it rose lately, with their own part of the count.
    """

    limit: Limit
    code: str
    count: int
    level: Level
    first: date
    groups: tuple[tuple[GroupCode, int], ...]

    @property
    def subject(self) -> str:
        """What is noted so that it is said once; the levels are said apart."""
        return f"{self.limit.id}|{self.code}|{self.level}"


@dataclass(frozen=True, slots=True)
class Note:
    """What was said last of a subject's window."""

    subject: str
    first: date
    level: Level
    counted: int
    said_on: date


def rises(
    numbers: Sequence[Daily],
    limits: Iterable[Limit],
    window: tuple[date, date],
    lately: Callable[[date], bool],
    is_working_day: Callable[[date], bool],
) -> list[Rise]:
    """The limits of one window whose count is near or over, where it rose on a day of `lately`.

    In the order of the limits, then of codes. `numbers` may hold more days than the window.
    """
    first, last = window
    known = tuple(limits)
    held = _Grouped([one for one in numbers if one.day is None or first <= one.day <= last])
    named: dict[tuple[Measure, Scope], set[str]] = {}
    for one in known:
        if one.only:
            named.setdefault((one.measure, one.scope), set()).add(one.only)
    found: list[Rise] = []
    for limit in known:
        by_code = held.of(limit.measure, limit.scope)
        own = named.get((limit.measure, limit.scope), set())
        codes = [limit.only] if limit.only else [code for code in by_code if code not in own]
        for code in sorted(codes):
            mine = [
                one
                for one in by_code.get(code, ())
                if limit.days is Days.CALENDAR or one.day is None or is_working_day(one.day)
            ]
            count = sum(one.n for one in mine)
            level = limit.level(count)
            groups = _groups_that_rose(mine, lately)
            if level is not Level.WITHIN and groups:
                found.append(Rise(limit, code, count, level, first, groups))
    return found


def _groups_that_rose(
    numbers: Sequence[Daily], lately: Callable[[date], bool]
) -> tuple[tuple[GroupCode, int], ...]:
    parts: Counter[GroupCode] = Counter()
    rose: set[GroupCode] = set()
    for one in numbers:
        parts[one.place.group] += one.n
        if one.day is not None and lately(one.day):
            rose.add(one.place.group)
    return tuple(sorted((group, n) for group, n in parts.items() if group in rose))


class _Grouped:
    """Numbers by measure, scope and code; each measure and scope is gone through once."""

    def __init__(self, numbers: Sequence[Daily]) -> None:
        self._by_measure: dict[Measure, list[Daily]] = {}
        for one in numbers:
            self._by_measure.setdefault(one.measure, []).append(one)
        self._known: dict[tuple[Measure, Scope], dict[str, list[Daily]]] = {}

    def of(self, measure: Measure, scope: Scope) -> Mapping[str, Sequence[Daily]]:
        """The numbers of a measure by the codes of a scope."""
        known = self._known.get((measure, scope))
        if known is None:
            known = self._known[measure, scope] = {}
            for one in self._by_measure.get(measure, ()):
                known.setdefault(member(one.place, scope), []).append(one)
        return known


def member(place: Place, scope: Scope) -> str:
    """The code under which a place's numbers are added up in a scope."""
    match scope:
        case Scope.GROUP:
            return place.group
        case Scope.UNIT:
            return place.unit
        case Scope.LINE:
            return place.line
        case Scope.ALL:
            return EVERYBODY


def marked_limits(
    limits: Sequence[Limit], view: RegisterView, groups: Iterable[GroupProfile], day: date
) -> tuple[Limit, ...]:
    """The limits of a day, with those that weeks without meetings and days without notices set.

    A mark allows a group nothing: no meeting in the week, nothing that counts on the day.
    """
    set_by_marks = []
    for group in groups:
        if view.marked(MarkSort.NO_MEETINGS, group.unit, day) is not None:
            set_by_marks.append(_nothing(Measure.MEETING, Window.WEEK, group.code, "no_meetings"))
        if view.marked(MarkSort.NO_NOTICES, group.unit, day) is not None:
            set_by_marks += [
                _nothing(Measure(kind.value), Window.DAY, group.code, "no_notices")
                for kind in KINDS
            ]
    ids = {limit.id for limit in set_by_marks}
    return (*(limit for limit in limits if limit.id not in ids), *set_by_marks)


def _nothing(measure: Measure, window: Window, group: GroupCode, basis: str) -> Limit:
    return Limit(measure, Scope.GROUP, window, 0, Ground.FIRM, basis, only=group)


def is_to_be_said(rise: Rise, note: Note | None, on: date) -> bool:
    """Whether a rise is news on a day: near once a window, over once a day when it grew."""
    if note is None:
        return True
    return rise.level is Level.OVER and rise.count > note.counted and on > note.said_on


def noted(rise: Rise, on: date) -> Note:
    """The note of having said it."""
    return Note(rise.subject, rise.first, rise.level, rise.count, on)


def is_repeated(rise: Rise, notes: Mapping[str, Sequence[Note]], on: date) -> bool:
    """Whether a rise over the limit is one too many: in the third window of four weeks, or at
    once in a window that is longer than that."""
    if rise.level is not Level.OVER:
        return False
    if rise.limit.window in (Window.MONTH, Window.YEAR):
        return True
    windows = {
        one.first for one in notes.get(rise.subject, ()) if (on - one.first).days < REMEMBERED_DAYS
    }
    return len(windows | {rise.first}) >= REPEATED


def one_a_day(found: Iterable[Rise]) -> list[tuple[GroupCode, int, Rise]]:
    """For each group and measure the one rise to speak of: over before near, its own before its
    unit's, the shorter window first."""
    chosen: dict[tuple[GroupCode, Measure], tuple[GroupCode, int, Rise]] = {}
    for rise in sorted(found, key=_weight):
        for group, part in rise.groups:
            chosen.setdefault((group, rise.limit.measure), (group, part, rise))
    return list(chosen.values())


_WINDOWS, _SCOPES = tuple(Window), tuple(Scope)


def _weight(rise: Rise) -> tuple[int, int, int, str]:
    return (
        rise.level is Level.NEAR,
        _SCOPES.index(rise.limit.scope),
        _WINDOWS.index(rise.limit.window),
        rise.limit.id,
    )
