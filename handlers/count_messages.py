"""A group message → judged, and its fact in the books before anybody is answered.

Order matters to judgement, and platforms deliver out of order. So each group's desk keeps the
wordless readings of the last two minutes: a message that arrives late is put in its place and
what came after it is judged again, as revisions. The words themselves die in `Judge.read`.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.domain.episodes import Episode, GroupMemory, changed_episodes
from bot.domain.errors import BooksUnavailable
from bot.domain.groups import UNKNOWN_ORIGIN, GroupCode, GroupProfile, Origin
from bot.domain.judgement import DemandRecord, Entry, EpisodeRecord, Fact, Judgement
from bot.domain.judging import Judge
from bot.domain.messages import IncomingMessage, Route
from bot.domain.periods import Week
from bot.domain.reading import Reading
from bot.domain.registers import NO_MENTIONS, Filed, How, Mentions
from bot.domain.relaying import reading_of
from bot.domain.reports import is_report, reported, was_seen
from bot.domain.vocabulary import Act, Exemption
from handlers.limit_ports import NOTHING_REGISTERED, InForce
from handlers.ports import Books, Clock, Directory, Keyring, Ledger, Recorded, Registry
from handlers.read_message import read_message, tag_of

REORDER_WINDOW = timedelta(minutes=2)
# A flood in one second must not make every message judge all the others again.
REORDERED_AT_MOST = 64
# A desk of a busy group weighs some 80 kB; one given up is read from the books again.
DESKS_IN_MEMORY = 1024
TAGS_IN_MEMORY = 200_000


class Counted(StrEnum):
    """What became of a message."""

    NEW = "new"
    DUPLICATE = "duplicate"
    LATE = "late"
    UNREGISTERED = "unregistered"
    COPY = "copy"  # the group is heard in full by another route
    MISDATED = "misdated"  # its moment lies in a year that nobody has a calendar for


@dataclass(frozen=True, slots=True)
class _PassedOn:
    """Whose a message of a forwarded record is, and what it names of the registers."""

    origin: Origin
    mentions: Mentions


@dataclass(slots=True)
class _Placed:
    """A message in its place: what was known before it, and what was said of it."""

    order: tuple[datetime, str]
    reading: Reading
    before: GroupMemory
    fact: Fact | None
    origin: Origin
    route: Route
    is_report: bool
    mentions: Mentions = NO_MENTIONS
    revision: int = 0
    record: Mapping[int, _PassedOn] = field(default_factory=dict)
    passes_on: int | None = None


@dataclass(slots=True)
class _Desk:
    """A group's open episodes and its last two minutes."""

    memory: GroupMemory
    window: list[_Placed] = field(default_factory=list)
    in_flight: int = 0
    settled: asyncio.Event = field(default_factory=asyncio.Event)  # nothing is in flight

    def written(self) -> None:
        """A write of this desk came to its end, well or not."""
        self.in_flight -= 1
        if not self.in_flight:
            self.settled.set()


@dataclass(slots=True)
class _Opening:
    """A desk that is being read from the books, and how many wait for it."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    wanted_by: int = 0


def _tell_nobody(_message: IncomingMessage, _fact: Fact) -> None:
    """The default for who wants to hear of what was counted."""


class CountMessages:
    """Judges group messages and records them. Safe to call concurrently, and twice."""

    def __init__(
        self,
        *,
        judge: Judge,
        books: Books,
        ledger: Ledger,
        registry: Registry,
        directory: Directory,
        keyring: Keyring,
        clock: Clock,
        registers: InForce = NOTHING_REGISTERED,
        on_counted: Callable[[IncomingMessage, Fact], None] = _tell_nobody,
    ) -> None:
        self._on_counted = on_counted
        self._registers = registers
        self._judge = judge
        self._books = books
        self._ledger = ledger
        self._registry = registry
        self._directory = directory
        self._keyring = keyring
        # What was sent before this moment may be in the books from an earlier run.
        self._known_since = clock.now()
        self._clock = clock
        self._desks: OrderedDict[GroupCode, _Desk] = OrderedDict()
        self._left: dict[GroupCode, _Desk] = {}
        self._opening: dict[GroupCode, _Opening] = {}
        self._done: OrderedDict[bytes, datetime] = OrderedDict()
        self._running: dict[bytes, asyncio.Future[Counted]] = {}
        self._closed: set[Week] = set()

    async def __call__(self, message: IncomingMessage) -> Counted:
        """Returns once the message is durable. Raises BooksUnavailable: nothing was kept."""
        group = self._registry.group_of(message)
        if group is None or group.retired:
            return Counted.UNREGISTERED
        whole = self._registry.hears_whole(group.code, message.platform)
        if whole and not message.route.sees_everything:
            return Counted.COPY
        week = Week.of(message.sent_at, group.zone)
        shown = is_report(message)
        if shown:
            message = reported(message, group.zone)
        tag = tag_of(message, group, week, self._keyring)
        if tag in self._done:
            return Counted.DUPLICATE
        if (running := self._running.get(tag)) is not None:
            await asyncio.shield(running)
            return Counted.DUPLICATE
        outcome: asyncio.Future[Counted] = asyncio.get_running_loop().create_future()
        self._running[tag] = outcome
        try:
            counted = await self._count(message, group, week, tag, shown)
        except BaseException as error:
            # Who waited for it learns that nothing is certain: their platform delivers again.
            unsure = error if isinstance(error, Exception) else BooksUnavailable("given up")
            outcome.set_exception(unsure)
            outcome.exception()  # looked at, so that nobody waiting is no warning
            raise
        else:
            outcome.set_result(counted)
            self._remember(tag)
            return counted
        finally:
            del self._running[tag]

    async def _count(
        self, message: IncomingMessage, group: GroupProfile, week: Week, tag: bytes, shown: bool
    ) -> Counted:
        if await self._is_closed(week, group):
            late = Entry(
                tag, week, _local(message, group).isoweekday(), group.code, message.route, None
            )
            await self._books.record([late])
            return Counted.LATE
        if message.sent_at < self._known_since and await self._books.seen(week, {tag}):
            return Counted.DUPLICATE
        desk = await self._desk(group)
        # From here to `record` nothing awaits: desks change in the order of arrival.
        entries = self._place(desk, message, group, week, tag, shown)
        writing = asyncio.ensure_future(self._books.record(entries))
        desk.in_flight += 1
        writing.add_done_callback(lambda _: desk.written())
        try:
            # Whoever is cancelled while waiting does not take the write with them.
            recorded = await asyncio.shield(writing)
        except BaseException:  # whatever it was, the desk knows more than the books now
            self._forget(group.code, desk)
            raise
        if recorded[0] is not Recorded.NEW:
            self._forget(group.code, desk)
        elif (fact := entries[0].fact) is not None:
            self._on_counted(message, fact)
        return Counted(recorded[0].value)

    async def many(self, messages: Sequence[IncomingMessage]) -> list[Counted]:
        """Count a stretch of a transcript in one transaction; what became of each.

        For one caller at a time. Messages of a closed week are turned away without a trace: an
        import that is run again adds nothing. Raises BooksUnavailable: nothing was kept.
        """
        outcomes = [Counted.DUPLICATE] * len(messages)
        candidates: list[tuple[int, IncomingMessage, GroupProfile, Week, bytes]] = []
        # A week that another process closes meanwhile is turned away by the books.
        closed: dict[Week, bool] = {}
        for position, message in enumerate(messages):
            group = self._registry.group_of(message)
            if group is None or group.retired:
                outcomes[position] = Counted.UNREGISTERED
                continue
            week = Week.of(message.sent_at, group.zone)
            if week not in closed:
                closed[week] = await self._is_closed(week, group)
            if closed[week]:
                outcomes[position] = Counted.LATE
                continue
            tag = tag_of(message, group, week, self._keyring)
            if tag not in self._done:
                candidates.append((position, message, group, week, tag))
        known: set[bytes] = set()
        for week in {each[3] for each in candidates}:
            known |= await self._books.seen(
                week, {each[4] for each in candidates if each[3] == week}
            )
        entries: list[Entry] = []
        desks: dict[GroupCode, _Desk] = {}
        for position, message, group, week, tag in candidates:
            if tag in known:
                continue
            known.add(tag)
            desk = desks[group.code] = await self._desk(group)
            entries += self._place(desk, message, group, week, tag)
            outcomes[position] = Counted.NEW
        recorded: Sequence[Recorded] = ()
        try:
            recorded = await self._books.record(entries) if entries else ()
        finally:
            if len(recorded) != len(entries) or set(recorded) - {Recorded.NEW}:
                for code, desk in desks.items():
                    self._forget(code, desk)
        for position, _, _, _, tag in candidates:
            if outcomes[position] is Counted.NEW:
                self._remember(tag)
        return outcomes

    def _place(
        self,
        desk: _Desk,
        message: IncomingMessage,
        group: GroupProfile,
        week: Week,
        tag: bytes,
        is_report: bool = False,
    ) -> list[Entry]:
        """Judge a message in its place and what follows it again; the entries to write."""
        at_work = self._registers.view.at_work
        reading = read_message(
            self._judge, message, at_work(group, message.sent_at), week, self._keyring, tag=tag
        )
        placed = _Placed(
            order=(message.sent_at, message.key.reveal()),
            reading=reading,
            before=desk.memory,
            fact=None,
            origin=self._directory.origin_of(message) or Origin(group.unit, group.line),
            route=message.route,
            is_report=is_report,
            # The second and last look at the words: which numbers and matters they name.
            mentions=NO_MENTIONS
            if reading.plain
            else self._registers.view.mentions(message.text.reveal()),
            record={zone.place: self._passed_on(message, zone.place) for zone in reading.inside},
        )
        window = desk.window
        place = len(window)
        while place and window[place - 1].order > placed.order:
            place -= 1
        if place < len(window):
            placed.before = window[place].before
        # The desk changes only when all is judged: what cannot be judged leaves no trace on it.
        judged: list[_Placed] = []
        before, memory = desk.memory, placed.before
        told: list[_Placed] = []
        for each in (placed, *window[place:]):
            fact, known, passes_on = None, memory, None
            if not (each.is_report and was_seen(each.reading, memory)):
                hours = at_work(group, each.reading.sent_at)
                judgement, memory = self._judge.judge(each.reading, memory, hours)
                fact, passes_on = self._fact(judgement, each, group), judgement.passes_on
            # The new message leads, so that its outcome is the first.
            is_revised = each is not placed and fact != each.fact
            if each is placed:
                each.before, each.fact, each.passes_on = known, fact, passes_on
            else:
                revision = each.revision + is_revised
                each = replace(
                    each, before=known, fact=fact, passes_on=passes_on, revision=revision
                )
            judged.append(each)
            if is_revised or len(judged) == 1:
                told.append(each)
        changed, gone = changed_episodes(before, memory)
        first = self._entry(told[0], group, _records(group.code, changed), gone)
        entries = [first, *(self._entry(each, group) for each in told[1:])]
        desk.memory = memory
        desk.window = _recent([*window[:place], *judged])
        return entries

    def _passed_on(self, message: IncomingMessage, place: int) -> _PassedOn:
        """What platform, directory and registers tell of a message of a record."""
        one = message.forwarded[place]
        origin = None
        if one.sender is not None:
            origin = self._directory.origin_of(replace(message, sender=one.sender))
        mentions = self._registers.view.mentions(one.text.reveal())
        return _PassedOn(origin or UNKNOWN_ORIGIN, mentions)

    def _fact(self, judgement: Judgement, each: _Placed, group: GroupProfile) -> Fact | None:
        if not judgement.leaves_a_fact:
            return None
        reading = each.reading
        local = reading.sent_at.astimezone(group.zone)
        declared = self._registers.view.emergency(group, reading.sent_at) is not None
        return Fact(
            tag=reading.tag,
            week=Week.of(reading.sent_at, group.zone),
            weekday=local.isoweekday(),
            hour=local.hour,
            group=group.code,
            unit=each.origin.unit,
            line=each.origin.line,
            act=judgement.act,
            kinds=judgement.kinds,
            ping=judgement.ping,
            # When a quoted message was sent is not known, only when it was shown.
            off_hours=judgement.off_hours and not each.is_report,
            episode=judgement.episode,
            opens=judgement.opens,
            lead=judgement.lead,
            addressed=judgement.addressed,
            exempt=Exemption.DECLARED if declared else judgement.exempt,
            claimed_urgent=judgement.claimed_urgent and not declared,
            sender_tag=reading.sender_tag,
            rules=judgement.rules,
            rulebook=self._judge.rulebook_version,
            route=each.route,
            reported=each.is_report,
        )

    def _entry(
        self,
        each: _Placed,
        group: GroupProfile,
        episodes: tuple[EpisodeRecord, ...] = (),
        closed: tuple[bytes, ...] = (),
    ) -> Entry:
        local, fact = each.reading.sent_at.astimezone(group.zone), each.fact
        return Entry(
            tag=each.reading.tag,
            week=Week.of(each.reading.sent_at, group.zone),
            weekday=local.isoweekday(),
            group=group.code,
            route=each.route,
            fact=fact,
            revision=each.revision,
            episodes=episodes,
            closed=closed,
            demand=_demand(each, fact),
            filed=self._filed(each, fact, local.date()),
        )

    def _filed(self, each: _Placed, fact: Fact | None, day: date) -> tuple[Filed, ...]:
        """How what opens a burden stands to the registers of its day."""
        if fact is None or not fact.opens or fact.exempt is not None:
            return ()
        filed = self._registers.view.filed(_mentions(each), fact.kinds, each.origin, day)
        for one in filed:
            if one.how is How.QUOTED:
                self._registers.use(one.number, fact.tag)
        return filed

    async def _desk(self, group: GroupProfile) -> _Desk:
        opening = self._opening.get(group.code)
        if opening is None:
            if (desk := self._desks.get(group.code)) is not None:
                self._desks.move_to_end(group.code)
                return desk
            opening = self._opening[group.code] = _Opening()
        opening.wanted_by += 1
        try:
            # In the order of arrival: whoever waited is not overtaken by who finds the desk open.
            async with opening.turn:
                return self._desks.get(group.code) or await self._opened(group)
        finally:
            opening.wanted_by -= 1
            if not opening.wanted_by:
                del self._opening[group.code]

    async def _opened(self, group: GroupProfile) -> _Desk:
        if (left := self._left.get(group.code)) is not None:
            # What was judged at the desk that was given up is being written.
            if left.in_flight:
                await left.settled.wait()
            self._left.pop(group.code, None)
        records = await self._books.open_episodes(group.code)
        desk = _Desk(GroupMemory(tuple(Episode.decode(each.state) for each in records)))
        self._desks[group.code] = desk
        self._evict()
        return desk

    def _evict(self) -> None:
        excess = len(self._desks) - DESKS_IN_MEMORY
        if excess <= 0:
            return
        idle = [code for code, desk in self._desks.items() if not desk.in_flight]
        for code in idle[:excess]:
            del self._desks[code]

    def _forget(self, code: GroupCode, desk: _Desk) -> None:
        """What the desk believes is not what the books hold: read it anew next time."""
        if self._desks.get(code) is desk:
            del self._desks[code]
            desk.settled.clear()
            self._left[code] = desk

    def _remember(self, tag: bytes) -> None:
        self._done[tag] = self._clock.now()
        if len(self._done) > TAGS_IN_MEMORY:
            # What was counted up to then is known to the books only.
            _, counted_at = self._done.popitem(last=False)
            self._known_since = max(self._known_since, counted_at)

    async def _is_closed(self, week: Week, group: GroupProfile) -> bool:
        if week in self._closed:
            return True
        if week >= Week.of(self._clock.now(), group.zone):
            return False
        if await self._ledger.closed(week) is not None:
            self._closed.add(week)
            return True
        return False


def _local(message: IncomingMessage, group: GroupProfile) -> datetime:
    return message.sent_at.astimezone(group.zone)


def _recent(window: list[_Placed]) -> list[_Placed]:
    """What of a window, in its order, a message that comes late may still have to precede."""
    oldest = window[-1].order[0] - REORDER_WINDOW
    first = max(0, len(window) - REORDERED_AT_MOST)
    while window[first].order[0] < oldest:
        first += 1
    return window[first:]


def _records(code: GroupCode, episodes: tuple[Episode, ...]) -> tuple[EpisodeRecord, ...]:
    return tuple(EpisodeRecord(code, each.id, each.week, each.encode()) for each in episodes)


def _mentions(each: _Placed) -> Mentions:
    """What of the registers the demand itself names, not the talk around it in a record."""
    if each.passes_on is None:
        return each.mentions
    passed_on = each.record[each.passes_on].mentions
    return Mentions(each.mentions.quoted | passed_on.quoted, each.mentions.alike | passed_on.alike)


def _demand(each: _Placed, fact: Fact | None) -> DemandRecord | None:
    """What is compared with other groups; when a quoted demand was laid is not known."""
    if fact is None or fact.act is not Act.DEMAND or fact.exempt is not None or fact.reported:
        return None
    passes_on = each.passes_on
    # The words that announced a record opened what it asks.
    if not fact.opens and passes_on is None:
        return None
    reading = reading_of(each.reading, passes_on)
    if reading.trace is None:
        return None
    asker = None if passes_on is None else each.record[passes_on].origin
    return DemandRecord(reading.minute, reading.due, reading.trace.encode(), asker)
