"""The books and the ledger in dictionaries: what a week adds up to, worked out without SQL.

The definitions are written down here a second time, in Python; the contract suite holds both to
the same numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.domain.groups import GroupCode, LineCode, UnitCode
from bot.domain.judgement import EPISODE_BYTES, DemandRecord, Entry, EpisodeRecord, Fact
from bot.domain.messages import Route
from bot.domain.periods import Week
from bot.domain.registers import LEGITIMATE, How
from bot.domain.relations import Demand, Relation, RelationKind, find_relations
from bot.domain.tallies import Cell, Counted, CountTable
from bot.domain.traces import Trace
from bot.domain.vocabulary import (
    NIGHT_BEGINS,
    NIGHT_ENDS,
    Act,
    Exemption,
    Kind,
    Lead,
    Measure,
    Tallied,
    kind_bits,
)
from handlers.ports import ClosedWeek, Recorded
from storage.registry_view import RegistryView

LIVE_WEEKS = 4
_SHORT = (Lead.UNDER_HOUR, Lead.UNDER_HALF_DAY, Lead.UNDER_DAY)


@dataclass(slots=True)
class _Seen:
    messages: int = 0
    late: int = 0


_Coverage = dict[tuple[Week, int, GroupCode, Route], _Seen]


class MemoryBooks:
    """The Books and the Ledger port at once."""

    def __init__(self, registry: RegistryView | None = None) -> None:
        self._registry = registry or RegistryView()
        self._seen: dict[Week, set[bytes]] = {}
        self._facts: dict[tuple[Week, bytes], dict[int, Fact | None]] = {}
        self._coverage: _Coverage = {}
        self._demands: dict[tuple[Week, bytes, int], DemandRecord] = {}
        self._episodes: dict[tuple[GroupCode, bytes], EpisodeRecord] = {}
        self._closed: dict[Week, ClosedWeek] = {}
        self._tallies: dict[Week, CountTable] = {}
        self._belonging: dict[tuple[Week, GroupCode], tuple[UnitCode, LineCode]] = {}
        self._lost: set[Week] = set()
        self.filed: dict[tuple[Week, GroupCode, bytes], dict[str, How]] = {}

    async def record(self, entries: Sequence[Entry]) -> Sequence[Recorded]:
        """See handlers.ports.Books."""
        return [self._record(entry) for entry in entries]

    async def seen(self, week: Week, tags: Collection[bytes]) -> set[bytes]:
        """See handlers.ports.Books."""
        return self._seen.get(week, set()) & set(tags)

    async def open_episodes(self, group: GroupCode) -> Sequence[EpisodeRecord]:
        """See handlers.ports.Books."""
        return [record for (code, _), record in self._episodes.items() if code == group]

    async def standing(self, group: GroupCode, week: Week) -> CountTable:
        """See handlers.ports.Books."""
        return CountTable([(cell, n) for cell, n in self._derived(week) if cell.group == group])

    async def open_weeks(self) -> Sequence[Week]:
        """See handlers.ports.Ledger."""
        return sorted({week for week, *_ in self._coverage} - self._closed.keys())

    async def closed_weeks(self) -> Sequence[Week]:
        """See SqlLedger."""
        return sorted(self._closed)

    async def closed(self, week: Week) -> ClosedWeek | None:
        """See handlers.ports.Ledger."""
        line = self._closed.get(week)
        return line and replace(line, late=self._counted(week).late)

    async def close(self, week: Week, closed_at: datetime, rulebook: str) -> ClosedWeek:
        """See handlers.ports.Ledger."""
        if week not in self._closed:
            self._tallies[week] = self._derived(week)
            for _, _, group, _ in [key for key in self._coverage if key[0] == week]:
                self._belonging[week, group] = self._belongs(week, group)
            self._closed[week] = ClosedWeek(
                week=week,
                closed_at=closed_at,
                facts=len(self._standing_facts(week)),
                messages=self._counted(week).messages,
                late=0,
                incomplete=week in self._lost,
                rulebook=rulebook,
            )
            self._seen.pop(week, None)
            oldest = week.shifted(1 - LIVE_WEEKS)
            self._episodes = {
                key: record for key, record in self._episodes.items() if record.week >= oldest
            }
        return replace(self._closed[week], late=self._counted(week).late)

    async def relate(self, week: Week) -> None:
        """See handlers.ports.Ledger. Here relations are found whenever counts are asked for."""

    async def rebuild(self, week: Week) -> None:
        """See handlers.ports.Ledger."""
        if week in self._closed:
            self._tallies[week] = self._derived(week)

    async def tallies(self, week: Week) -> CountTable:
        """See handlers.ports.Ledger."""
        return self._tallies.get(week, CountTable())

    async def corrected(self, week: Week) -> CountTable:
        """See handlers.ports.Ledger. Nothing is disputed in memory."""
        return await self.tallies(week)

    async def running(self, week: Week) -> CountTable:
        """See handlers.ports.Ledger."""
        return self._derived(week)

    async def summed(self, first: date, last: date, without: Collection[date] = ()) -> CountTable:
        """See handlers.ports.Ledger."""
        sums: Counter[Cell] = Counter()
        for week, table in self._tallies.items():
            for cell, n in table:
                day = week.days[cell.weekday - 1]
                if first <= day <= last and day not in without:
                    sums[cell._replace(weekday=0)] += n
        return CountTable(sums)

    async def mark_incomplete(self, week: Week) -> None:
        """See SqlLedger."""
        self._lost.add(week)

    async def was_lost(self, week: Week) -> bool:
        """See SqlLedger."""
        return week in self._lost

    def _record(self, entry: Entry) -> Recorded:
        coverage = self._coverage.setdefault(
            (entry.week, entry.weekday, entry.group, entry.route), _Seen()
        )
        if entry.week in self._closed:
            coverage.late += entry.revision == 0
            return Recorded.LATE
        seen = self._seen.setdefault(entry.week, set())
        is_new = entry.tag not in seen
        revisions = self._facts.setdefault((entry.week, entry.tag), {})
        if is_new:
            seen.add(entry.tag)
            coverage.messages += 1
        if entry.revision:
            is_new = entry.revision > max(revisions, default=0)
        if not is_new:
            return Recorded.DUPLICATE
        revisions[entry.revision] = entry.fact
        for one in entry.filed:
            opened = (entry.week, entry.group, entry.tag[:EPISODE_BYTES])
            self.filed.setdefault(opened, {}).setdefault(one.number, one.how)
        if entry.demand is not None:
            self._demands[entry.week, entry.tag, entry.revision] = entry.demand
        for episode in entry.episodes:
            self._episodes[entry.group, episode.id] = episode
        for ended in entry.closed:
            self._episodes.pop((entry.group, ended), None)
        return Recorded.NEW

    def _standing_facts(self, week: Week) -> list[Fact]:
        stand = (
            revisions[max(revisions)]
            for (of, _), revisions in self._facts.items()
            if of == week and revisions
        )
        return [fact for fact in stand if fact is not None]

    def _how(self, fact: Fact) -> frozenset[How]:
        """How a fact's episode stands to the registers."""
        found = self.filed.get((fact.week, fact.group, fact.episode or b""), {})
        return frozenset(found.values())

    def _counted(self, week: Week) -> _Seen:
        counted = [seen for (of, *_), seen in self._coverage.items() if of == week]
        return _Seen(sum(c.messages for c in counted), sum(c.late for c in counted))

    def _belongs(self, week: Week, group: GroupCode) -> tuple[UnitCode, LineCode]:
        if (week, group) in self._belonging:
            return self._belonging[week, group]
        profile = self._registry.group(group)
        return (profile.unit, profile.line) if profile else (UnitCode(""), LineCode(""))

    def _derived(self, week: Week) -> CountTable:
        counts = counts_of(self._standing_facts(week), self._how)
        for (of, weekday, group, _), seen in self._coverage.items():
            if of == week and seen.messages:
                unit, line = self._belongs(week, group)
                counts[Cell(group, unit, line, weekday, Tallied.MESSAGES)] += seen.messages
        for relation in find_relations(self._compared(week), week):
            later = relation.later
            weekday = date.fromordinal(later.day).isoweekday()
            for measure in _of_relation(relation):
                counts[Cell(later.group, later.unit, later.line, weekday, measure)] += 1
        return CountTable(counts)

    def _compared(self, week: Week) -> Iterable[Demand]:
        for of in (week.shifted(-1), week):
            for (at, tag), revisions in self._facts.items():
                fact = revisions[max(revisions)] if at == of and revisions else None
                record = self._demands.get((of, tag, max(revisions, default=0)))
                if fact is not None and record is not None:
                    yield Demand(
                        week=of,
                        group=fact.group,
                        episode=fact.episode or b"",
                        unit=fact.unit,
                        line=fact.line,
                        kinds=kind_bits(fact.kinds),
                        minute=record.minute,
                        day=date.fromisocalendar(of.year, of.number, fact.weekday).toordinal(),
                        due=record.due,
                        trace=Trace.decode(record.trace),
                        passed_on=record.passed_on,
                    )


def _of_relation(relation: Relation) -> Iterable[Counted]:
    match relation.kind:
        case RelationKind.DUPLICATE:
            yield Measure.DUPLICATE
        case RelationKind.BROADCAST:
            yield Tallied.BROADCAST
        case RelationKind.RELAY:
            yield Tallied.RELAYED
            if relation.shift.is_pressed:
                yield Tallied.PRESSED


def _nowhere(_: Fact) -> frozenset[How]:
    return frozenset()


def counts_of(
    facts: Iterable[Fact], filed: Callable[[Fact], frozenset[How]] = _nowhere
) -> Counter[Cell]:
    """What the standing facts of one week add up to; messages apart. `filed` says how a fact's
    episode stands to the registers."""
    counts: Counter[Cell] = Counter()
    found = list(facts)
    named: dict[tuple[GroupCode, bytes], set[Kind]] = {}
    for fact in found:
        if fact.episode is not None and fact.act.is_burden:
            named.setdefault((fact.group, fact.episode), set()).update(fact.kinds)
    for fact in found:
        for measure in _measures(fact, named, filed(fact)):
            counts[Cell(fact.group, fact.unit, fact.line, fact.weekday, measure)] += 1
    return counts


def _measures(
    fact: Fact, named: dict[tuple[GroupCode, bytes], set[Kind]], filed: frozenset[How]
) -> Iterable[Counted]:
    charged = fact.exempt is None
    if fact.opens:
        if fact.exempt is Exemption.DECLARED:
            yield Tallied.DECLARED
        rests = bool(filed & frozenset(LEGITIMATE))
        if rests:
            yield Tallied.REGISTERED
        opens_charged = charged and not rests
        if opens_charged and How.UNLISTED in filed:
            yield Tallied.UNLISTED
        yield from _of_opener(fact, named, charged=opens_charged)
    elif fact.act is Act.REMINDER and charged:
        yield Measure.REPEAT
    if fact.ping:
        yield Tallied.PINGS
        if fact.off_hours and charged:
            yield Measure.OFF_HOURS
            if not NIGHT_ENDS <= fact.hour < NIGHT_BEGINS:
                yield Tallied.OFF_HOURS_NIGHT
    if fact.act is Act.CANCEL:
        yield Tallied.CANCELLED


def _of_opener(
    fact: Fact, named: dict[tuple[GroupCode, bytes], set[Kind]], *, charged: bool
) -> Iterable[Counted]:
    yield Tallied.EPISODES if charged else Tallied.EXEMPT
    if fact.claimed_urgent:
        yield Tallied.CLAIMED_URGENT
    if fact.reported:
        yield Tallied.REPORTED
    if charged and fact.lead in _SHORT:
        yield Measure.SHORT_NOTICE
    if charged:
        kinds = set(fact.kinds)
        if fact.episode is not None:
            kinds |= named.get((fact.group, fact.episode), set())
        yield from (Measure(kind.value) for kind in kinds)
