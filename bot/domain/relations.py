"""How demands of different groups stand to each other: the same one again, another line's, a relay.

A pure function of a set of demands: whatever order they came in, the same relations come out.
Being wrong costs more than missing one, because a line will be confronted with it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.groups import UNKNOWN_ORIGIN, GroupCode, LineCode, Origin, UnitCode
from bot.domain.periods import Week
from bot.domain.traces import PERIOD, Level, Trace, sort_of
from bot.domain.vocabulary import Kind, kind_bits

MINUTES_OF_DAY = 24 * 60
WITHIN_MINUTES = 7 * MINUTES_OF_DAY
BROADCAST_WITHIN = 2 * MINUTES_OF_DAY
# A county's fortnight; of more, those that are oldest are compared with no longer.
MOST_DEMANDS = 60_000
MOST_INDEXED = 16  # of one demand's hashes, the rarest
MOST_LISTED = 32  # demands that one hash of one line, unit or level leads to
# What lines share without meaning the same: a pair that so many lines use says little.
LINES_IN_COMMON = 4
LEAST_SHARED = 3.0
LEAST_SHARED_BY_LINES = 4.0  # another line is held to account for it
LEAST_SHARE = 0.22
_SMOOTHING = 2.0
CLEARLY_ALIKE = 0.4
VERBATIM = 0.75
FAIR_PART = 5  # one in so many
_WEIGHTS = (0.0, 1.0, 2.0, 0.0)
_ROUTINE = kind_bits((Kind.CHECK_IN,))


class RelationKind(StrEnum):
    """What a later demand is to an earlier one of another group."""

    BROADCAST = "broadcast"  # the same line posts the same demand in several groups (群发)
    DUPLICATE = "duplicate"  # another line asks the same people for the same object (多头)
    RELAY = "relay"  # a lower level passes it on (层层转发)


class Shift(StrEnum):
    """How a relay's deadline stands to the original's, coarse."""

    UNKNOWN = "unknown"  # one of the two fixes no moment
    SAME = "same"
    LATER = "later"
    EARLIER_HOURS = "earlier_hours"  # by less than half a day
    EARLIER_DAY = "earlier_day"  # by less than a day and a half
    EARLIER_DAYS = "earlier_days"

    @property
    def is_pressed(self) -> bool:
        """加码: the relay is due before the original."""
        return self in (Shift.EARLIER_HOURS, Shift.EARLIER_DAY, Shift.EARLIER_DAYS)


@dataclass(frozen=True, slots=True)
class Demand:
    """A demand that opened an episode, as far as it is compared. Times are minutes since the epoch.

    `unit` and `line` are whom it is charged to. `day` is its local day as an ordinal. `passed_on`
    is whose it was where a forwarded chat record holds it, UNKNOWN_ORIGIN where nobody tells.
    """

    week: Week
    group: GroupCode
    episode: bytes
    unit: UnitCode
    line: LineCode
    kinds: int
    minute: int
    day: int
    due: int | None
    trace: Trace
    passed_on: Origin | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """That `later` is a relay, duplicate or broadcast of `earlier`.

    Of a forwarded chat record `earlier` may be a demand that nobody heard: it has no group, the
    unit and line of whoever said it, empty where nobody tells, and no deadline. `depth` counts the relays from the first demand that was seen; 0 for what is no relay.
    """

    kind: RelationKind
    later: Demand
    earlier: Demand
    shift: Shift
    depth: int = 0


def find_relations(demands: Iterable[Demand], week: Week) -> list[Relation]:
    """The relations of the demands of a week to those of that week and of the one before.

    Each demand has at most one relation of each kind: to the likeliest earlier demand.
    """
    known = [one for one in demands if one.week in (week, week.shifted(-1))]
    known.sort(key=_order)
    known = known[-MOST_DEMANDS:]
    standings = _standings(known)
    index = _Index(known, week, standings)
    depths: dict[int, int] = {}
    found: list[Relation] = []
    for place, later in enumerate(known):
        alike = index.alike(place)
        best = _best(later, alike, standings)
        for kind, at in best.items():
            depth = 0
            if kind is RelationKind.RELAY:
                depth = depths[place] = depths.get(at, 0) + 1
            if later.week == week:
                earlier = known[at]
                found.append(Relation(kind, later, earlier, shift_of(earlier, later), depth))
        if not best and _is_from_elsewhere(later, alike):
            depths[place] = 1
            if later.week == week:
                found.append(
                    Relation(RelationKind.RELAY, later, _unheard(later), Shift.UNKNOWN, 1)
                )
        index.add(place)
    return _each_once(found)


def _each_once(found: Iterable[Relation]) -> list[Relation]:
    """A record and the words that announced it are one demand: what was heard says most of it."""
    kept: dict[tuple[GroupCode, bytes, RelationKind], Relation] = {}
    for one in found:
        what = one.later.group, one.later.episode, one.kind
        if what not in kept or (one.earlier.group and not kept[what].earlier.group):
            kept[what] = one
    return list(kept.values())


def _is_from_elsewhere(later: Demand, alike: Iterable[_Alike]) -> bool:
    """Whether it is forwarded, and not known to be of the forwarder's own house."""
    asker = later.passed_on
    if asker is None or asker.unit == later.unit:
        return False
    own = (one for one in alike if one.demand.unit == later.unit and one.share >= VERBATIM)
    return bool(asker.unit) or not any(own)


def _unheard(later: Demand) -> Demand:
    """What a forwarded demand was before, where no group that is heard had it."""
    asker = later.passed_on or UNKNOWN_ORIGIN
    return replace(
        later, group=GroupCode(""), episode=bytes(len(later.episode)), unit=asker.unit,
        line=asker.line, due=None, passed_on=None,
    )  # fmt: skip


def _order(demand: Demand) -> tuple[int, str, bytes]:
    return demand.minute, demand.group, demand.episode


def shift_of(earlier: Demand, later: Demand) -> Shift:
    """How the later deadline stands to the earlier demand's."""
    if earlier.due is None or later.due is None:
        return Shift.UNKNOWN
    pressed = earlier.due - later.due
    if earlier.week != later.week:
        pressed = earlier.due // 60 * 60 - later.due // 60 * 60  # a closed week keeps hours only
    if pressed == 0:
        return Shift.SAME
    if pressed < 0:
        return Shift.LATER
    if pressed < MINUTES_OF_DAY // 2:
        return Shift.EARLIER_HOURS
    return Shift.EARLIER_DAY if pressed < MINUTES_OF_DAY * 3 // 2 else Shift.EARLIER_DAYS


@dataclass(frozen=True, slots=True)
class _Alike:
    """An earlier demand about the same object, and how much of the smaller one they share."""

    place: int
    demand: Demand
    share: float


def _best(
    later: Demand, alike: Sequence[_Alike], standings: Mapping[UnitCode, Level]
) -> dict[RelationKind, int]:
    chosen: dict[RelationKind, _Alike] = {}
    for one in alike:
        kind = _kind_of(one, later, standings)
        if kind is not None and (
            kind not in chosen or _rank(kind, one, later) > _rank(kind, chosen[kind], later)
        ):
            chosen[kind] = one
    return {kind: one.place for kind, one in chosen.items()}


def _standings(demands: Iterable[Demand]) -> dict[UnitCode, Level]:
    """How high each unit stands: the highest level that a fair part of its demands calls on."""
    called: defaultdict[UnitCode, Counter[Level]] = defaultdict(Counter)
    for one in demands:
        if one.trace.level:
            called[one.unit][one.trace.level] += 1
    return {
        unit: min(level for level, n in levels.items() if n * FAIR_PART >= levels.total())
        for unit, levels in called.items()
    }


def _rank(kind: RelationKind, one: _Alike, later: Demand) -> tuple[float, float, float]:
    """The nearest of several: of relays the level right above, of duplicates the same unit."""
    near = one.demand.trace.level if kind is RelationKind.RELAY else one.demand.unit == later.unit
    return float(near), one.share, -one.place


def _kind_of(
    one: _Alike, later: Demand, standings: Mapping[UnitCode, Level]
) -> RelationKind | None:
    earlier = one.demand
    if later.passed_on is not None:
        return _kind_of_forwarded(one, later)
    upper, lower = (standings.get(each.unit, Level.UNTOLD) for each in (earlier, later))
    if _is_relay(one, later, upper, lower):
        return RelationKind.RELAY
    if earlier.line == later.line:
        return RelationKind.BROADCAST if _is_broadcast(one, later) else None
    if earlier.unit == later.unit:
        return RelationKind.DUPLICATE
    # Two units of one level ask different people, unless both stand above all of them.
    if not Level.UNTOLD < max(upper, lower) <= Level.TOWNS or not min(upper, lower):
        return None
    same_level = earlier.trace.level == later.trace.level
    return RelationKind.DUPLICATE if same_level or one.share >= CLEARLY_ALIKE else None


def _kind_of_forwarded(one: _Alike, later: Demand) -> RelationKind | None:
    """Somebody else's words are never asked for a second time, only carried to other people."""
    earlier, asker = one.demand, later.passed_on or UNKNOWN_ORIGIN
    if one.share < VERBATIM:
        return None
    if earlier.unit == later.unit:
        return RelationKind.BROADCAST if earlier.line == later.line else None
    # A record of a record comes from whoever forwarded it first, too.
    is_told = asker.unit and earlier.passed_on is None
    return None if is_told and asker.unit != earlier.unit else RelationKind.RELAY


def _is_relay(one: _Alike, later: Demand, upper: Level, lower: Level) -> bool:
    """Whether a lower level passes on what a higher one asked; `upper`, `lower` are standings."""
    earlier, passed_on = one.demand, later.trace.passed_on
    if earlier.line != later.line and not (passed_on and earlier.unit != later.unit):
        return False
    if upper and lower and upper > lower:
        return False
    if earlier.trace.level and later.trace.level > earlier.trace.level:
        return True
    is_below = bool(upper) and (not lower or lower > upper) and earlier.unit != later.unit
    return is_below and (passed_on or (one.share >= CLEARLY_ALIKE and not later.trace.level))


def _is_broadcast(one: _Alike, later: Demand) -> bool:
    earlier = one.demand
    return (
        earlier.unit == later.unit
        and earlier.trace.level == later.trace.level
        and earlier.due == later.due
        and later.minute - earlier.minute <= BROADCAST_WITHIN
        and one.share >= VERBATIM
    )


def _may_be_same(earlier: Demand, later: Demand) -> bool:
    """Whether nothing beside the object speaks against it: group, kinds, time, round."""
    if earlier.group == later.group or not earlier.kinds & later.kinds:
        return False
    if later.minute - earlier.minute > WITHIN_MINUTES:
        return False
    if abs((earlier.due or 0) - (later.due or 0)) > WITHIN_MINUTES and earlier.due and later.due:
        return False
    # A daily round is another demand every day.
    return not earlier.kinds & later.kinds & _ROUTINE or earlier.day == later.day


class _Index:
    """Finds what shares telling hashes, by line, by unit and by level; each list is bounded.

    Demands of the week before are keyed by that week; those of the week carry hashes under both
    keys, so that each can be held against either.
    """

    def __init__(
        self, demands: Sequence[Demand], week: Week, standings: Mapping[UnitCode, Level]
    ) -> None:
        self._demands = demands
        self._week = week
        self._upper = {unit for unit, level in standings.items() if level <= Level.TOWNS}
        self._lists: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
        lines: defaultdict[int, set[LineCode]] = defaultdict(set)
        for one in demands:
            for hashed in self._own(one) | self._before(one):
                lines[hashed].add(one.line)
        self._weights = {
            hashed: _WEIGHTS[sort_of(hashed)] * min(1.0, LINES_IN_COMMON / len(users))
            for hashed, users in lines.items()
        }

    def _own(self, demand: Demand) -> frozenset[int]:
        return demand.trace.own

    def _before(self, demand: Demand) -> frozenset[int]:
        """The hashes by which a demand of the week finds one of the week before."""
        before = demand.trace.before if demand.week == self._week else None
        return before or frozenset()

    def _telling(self, hashes: frozenset[int]) -> list[int]:
        weights = self._weights
        ordered = sorted(hashes, key=lambda hashed: (-weights[hashed], hashed))
        return [hashed for hashed in ordered[:MOST_INDEXED] if weights[hashed]]

    def add(self, place: int) -> None:
        """Make a demand known to those that come after it."""
        one = self._demands[place]
        for hashed in self._telling(self._own(one)):
            for where in self._places(one):
                listed = self._lists[hashed, where]
                if len(listed) < MOST_LISTED:
                    listed.append(place)

    def _places(self, demand: Demand) -> tuple[str, ...]:
        named = (f"line:{demand.line}", f"unit:{demand.unit}")
        return (*named, "upper") if demand.unit in self._upper else named

    def alike(self, place: int) -> list[_Alike]:
        """Earlier demands about the same object, in their order."""
        later = self._demands[place]
        wheres = [f"line:{later.line}", f"unit:{later.unit}"]
        if later.unit in self._upper or later.trace.passed_on:
            wheres.append("upper")
        met: set[int] = set()
        found: set[int] = set()
        for hashes in (self._own(later), self._before(later)):
            for hashed in self._telling(hashes):
                here: set[int] = set()
                for where in wheres:
                    here.update(self._lists.get((hashed, where), ()))
                # No single pair weighs enough: who is met but once is not looked at.
                found |= met & here
                met |= here
        alike = []
        for at in sorted(found):
            earlier = self._demands[at]
            if _may_be_same(earlier, later):
                share = self._share(earlier, later)
                if share >= LEAST_SHARE:
                    alike.append(_Alike(at, earlier, share))
        return alike

    def _share(self, earlier: Demand, later: Demand) -> float:
        """How much of the lighter trace both have; 0 when it is too little or another period."""
        one = self._own(earlier)
        other = self._own(later) if earlier.week == later.week else self._before(later)
        shared = one & other
        together = self._weight(shared)
        same_line = earlier.line == later.line
        if together < (LEAST_SHARED if same_line else LEAST_SHARED_BY_LINES):
            return 0.0
        if _is_other_period(one, other, shared):
            return 0.0
        return together / (min(self._weight(one), self._weight(other)) + _SMOOTHING)

    def _weight(self, hashes: frozenset[int]) -> float:
        return sum(map(self._weights.__getitem__, hashes))


def _is_other_period(one: frozenset[int], other: frozenset[int], shared: frozenset[int]) -> bool:
    """Whether both say which period they report on, and never the same."""
    if any(sort_of(hashed) == PERIOD for hashed in shared):
        return False
    return all(any(sort_of(hashed) == PERIOD for hashed in side) for side in (one, other))
