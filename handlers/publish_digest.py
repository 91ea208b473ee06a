"""Closed weeks → digests on the shelf."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo

from bot.domain.anonymity import ProtectedTable, ProtectionPolicy, protect
from bot.domain.burden import Estimate, MinutesTable, person_hours
from bot.domain.coming_week import ComingWeek, coming_week
from bot.domain.complaint_release import GatedComplaints
from bot.domain.coverage import Coverage
from bot.domain.digest import Background, Digest, Masthead, compose_digest, written
from bot.domain.digest_corrected import Reissue, changes
from bot.domain.digest_figures import DigestFigures
from bot.domain.digest_words import Names, Words
from bot.domain.disputes import Correction, DisputedCounts
from bot.domain.errors import UserError
from bot.domain.folding import Shape
from bot.domain.groups import GroupCode, GroupProfile, size_band
from bot.domain.issues import FIRST, Issue
from bot.domain.limits import Limit
from bot.domain.measured_error import MeasuredError
from bot.domain.periods import Week
from bot.domain.reach import RouteOutage, outages
from bot.domain.tallies import CountTable
from bot.domain.texts import Texts
from bot.domain.vocabulary import Tallied
from bot.domain.week_background import WeekBackground
from bot.domain.work_calendar import WorkCalendar
from handlers.closing_ports import Backgrounds
from handlers.complaints.ports import ReturnedFigures
from handlers.hand_out_digests import KEYS_OF_DIGESTS
from handlers.limit_ports import NOTHING_REGISTERED, InForce
from handlers.ports import (
    Clock,
    ClosedWeek,
    DeliveryState,
    DigestShelf,
    Disputes,
    Ledger,
    Office,
    Outbox,
    Registry,
    RouteLog,
)

NOBODY_YET = "office"
_SAID = (
    DeliveryState.SENT,
    DeliveryState.UNCERTAIN,
    DeliveryState.RECALLING,
    DeliveryState.RECALLED,
)


@dataclass(frozen=True, slots=True)
class DigestForms:
    """How a digest is kept: the renderings, as functions."""

    encode: Callable[[Digest], bytes]
    figures: Callable[[bytes], DigestFigures]


@dataclass(frozen=True, slots=True)
class DigestPolicy:
    """What the office decides about its digest. `title` is used until an office is registered.

    `unit_names` and `line_names` are what codes are called; with `as_codes` units and groups
    are printed as codes. Without `minutes` no person-hours are estimated.
    """

    title: str
    compiled_by: str
    zone: tzinfo
    limits: Sequence[Limit] = ()
    limits_on: Callable[[date], Sequence[Limit]] | None = None
    protection: ProtectionPolicy = field(default_factory=ProtectionPolicy)
    unit_names: Mapping[str, str] = field(default_factory=dict)
    line_names: Mapping[str, str] = field(default_factory=dict)
    as_codes: bool = False
    minutes: MinutesTable | None = None

    def limits_of(self, week: Week) -> Sequence[Limit]:
        """The limits a week is held against: those of its last day."""
        return self.limits if self.limits_on is None else self.limits_on(week.sunday)


@dataclass(frozen=True, slots=True)
class _Gathered:
    """All that a digest is composed from; reading is done, what follows is computation."""

    line: ClosedWeek
    office: Office
    tallies: CountTable
    groups: Sequence[GroupProfile]
    minutes: MinutesTable | None
    passive: frozenset[GroupCode]
    gone: frozenset[GroupCode]
    late: int | None
    own_messages: int | None
    previous: bytes | None
    year_ago: bytes | None
    outages: tuple[RouteOutage, ...] | None
    watched_all_week: bool
    complaints: GatedComplaints | None
    corrections: Sequence[Correction]
    coming: ComingWeek
    disputed: Sequence[DisputedCounts] | None
    logged: tuple[int, bytes] | None = None
    measured_error: MeasuredError | None = None
    # Of a correction: what it corrects, and what is taken over from it as it was published.
    reissue: Reissue | None = None


@dataclass(frozen=True, slots=True)
class PublishDigests:
    """Composes what is missing. However often it is called, it comes out the same.

    Every closed week gets one digest for each office, composed from protected figures and kept;
    the kept bytes are what is published, for ever.
    """

    ledger: Ledger
    shelf: DigestShelf
    outbox: Outbox
    registry: Registry
    routes: RouteLog
    clock: Clock
    calendar: WorkCalendar
    texts: Texts
    forms: DigestForms
    policy: DigestPolicy
    returned: ReturnedFigures | None = None
    disputes: Disputes | None = None
    registers: InForce = NOTHING_REGISTERED
    backgrounds: Backgrounds | None = None
    last_checkpoint: Callable[[], Awaitable[tuple[int, bytes] | None]] | None = None
    measured_error: Callable[[], Awaitable[MeasuredError | None]] | None = None

    async def __call__(self) -> tuple[tuple[Week, str], ...]:
        """Publish what is due; the weeks and office codes that are new on the shelf."""
        closed = await self.ledger.closed_weeks()
        new: list[tuple[Week, str]] = []
        for office in self.offices():
            kept = {issue.week for issue in await self.shelf.issues(office.code)}
            new += [
                (week, office.code)
                for week in closed
                if week not in kept and await self._compose(week, office)
            ]
        return tuple(new)

    def offices(self) -> Sequence[Office]:
        """Who gets a digest; before anybody is registered one is composed for the shelf alone."""
        return self.registry.offices() or (Office(NOBODY_YET, self.policy.title, (), ()),)

    async def issues(self, week: Week, office: str) -> Sequence[Issue]:
        """What was published of a week, the first issue first."""
        return [one for one in await self.shelf.issues(office) if one.week == week]

    async def issue(self, week: Week, office: str, number: int) -> bytes | None:
        """The published bytes of one issue."""
        return await self.shelf.get(Issue(week, office, number))

    async def stored(self, week: Week, office: str) -> bytes | None:
        """The published bytes of a week's last issue, the same every time; None without any."""
        issues = await self.issues(week, office)
        return await self.shelf.get(issues[-1]) if issues else None

    async def correct(self, week: Week, office: Office) -> Issue | None:
        """One more issue of a week, without what was upheld to be wrong after its close.

        None when there is nothing to correct, as when the facts were kept their time and are
        gone. What was published stays as it is. Raises UserError when nothing was published.
        """
        issues = await self.issues(week, office.code)
        kept = await self.shelf.get(issues[-1]) if issues else None
        if kept is None or self.disputes is None:
            raise UserError("correction.error.not_published", week=str(week))
        upheld = [
            one
            for one in await self.disputes.corrections_of(week)
            if not office.units or one.unit in office.units
        ]
        if not upheld:
            return None
        before, issue = self.forms.figures(kept), Issue(week, office.code, len(issues) + 1)
        then = await self.backgrounds.get(week) if self.backgrounds else None
        reissue = Reissue(issue.number, before, upheld, is_as_then=then is not None)
        tallies = await self.ledger.corrected(week)
        gathered = await self._gathered(week, office, tallies, reissue, then)
        document = await asyncio.to_thread(self._document, gathered)
        if not changes(before, self.forms.figures(document)):
            return None
        await self.shelf.put(issue, document, self.clock.now())
        return issue

    async def copied(self, issue: Issue, office: Office, texts: Texts) -> Digest | None:
        """The same issue in another language: its own figures, told anew; None without it.

        It is compared with what it was compared with when it was composed. Names are those of
        the registry now. It is a copy for reading: what is published, and logged, is the issue.
        """
        kept, made = await self.shelf.get(issue), await self.shelf.composed_at(issue)
        if kept is None or made is None:
            return None
        figures, policy = self.forms.figures(kept), self.policy
        before = await self.shelf.get(replace(issue, number=max(issue.number - 1, FIRST)))
        upheld = await self.disputes.corrections_of(issue.week) if self.disputes else ()
        reissue, then = None, await self.backgrounds.get(issue.week) if self.backgrounds else None
        if issue.number > FIRST and before is not None:
            own = [one for one in upheld if not office.units or one.unit in office.units]
            reissue = Reissue(issue.number, self.forms.figures(before), own, then is not None)
        background = Background(
            Words(texts, self.names(self.registry.groups())),
            self.calendar,
            policy.protection.smallest_group,
            (then.minutes if then else policy.minutes) if figures.person_hours else None,
            self._figures(await self._as_of(made, issue.week.shifted(-1), office), office),
            self._figures(await self._as_of(made, _a_year_before(issue.week), office), office),
            reissue,
        )
        masthead = Masthead(office.code, office.title, policy.compiled_by)
        return Digest(issue.week, office.code, figures, written(figures, masthead, background))

    async def _as_of(self, moment: datetime, week: Week | None, office: Office) -> bytes | None:
        """The issue of a week that was the last one at a moment."""
        found = None
        for issue in await self.issues(week, office.code) if week else ():
            made = await self.shelf.composed_at(issue)
            if made is not None and made <= moment:
                found = issue
        return await self.shelf.get(found) if found else None

    async def _compose(self, week: Week, office: Office) -> bool:
        # An office that is composed for later, or is new, sees the groups that the others saw.
        then = await self.backgrounds.get(week) if self.backgrounds else None
        tallies = await self.ledger.tallies(week)
        gathered = await self._gathered(week, office, tallies, then=then)
        if self.backgrounds and then is None:
            await self.backgrounds.put(week, WeekBackground.of(gathered.groups, gathered.minutes))
        # A province takes seconds, and the doors must go on answering meanwhile.
        document = await asyncio.to_thread(self._document, gathered)
        return await self.shelf.put(Issue(week, office.code), document, self.clock.now())

    async def _gathered(
        self,
        week: Week,
        office: Office,
        tallies: CountTable,
        reissue: Reissue | None = None,
        then: WeekBackground | None = None,
    ) -> _Gathered:
        """What is composed from; with groups and minutes as they were `then`, where that is kept."""
        groups, line = self._groups(tallies), await self.ledger.closed(week)
        if then is not None:
            groups = then.as_then(groups)
        if line is None:
            raise LookupError("only a closed week is published")
        return _Gathered(
            line,
            office,
            tallies,
            groups,
            self.policy.minutes if then is None else then.minutes,
            frozenset(g.code for g in groups if self.registry.is_passively_counted(g.code)),
            frozenset(g.code for g in groups if self.registry.is_gone(g.code)),
            None if office.units else await self._late(week.shifted(-1)),
            None if office.units else await self._own_messages(week),
            await self._published(week.shifted(-1), office),
            await self._published(_a_year_before(week), office),
            *await self._connections(week, self._platforms(office, groups)),
            # A further issue takes over what the first one was told, and must take nothing else:
            # what was returned since is for the next digest.
            await self.returned.take(office, week) if self.returned and not reissue else None,
            await self.disputes.corrections(week) if self.disputes else (),
            self._coming(week.shifted(1), office, groups),
            None if office.units or not self.disputes else await self.disputes.disputed(week),
            await self.last_checkpoint() if self.last_checkpoint else None,
            await self.measured_error() if self.measured_error else None,
            reissue,
        )

    def _document(self, gathered: _Gathered) -> bytes:
        policy, office = self.policy, gathered.office
        protected = protect(
            gathered.tallies,
            gathered.groups,
            policy.protection,
            units=office.units,
            limits=policy.limits_of(gathered.line.week),
            before=_shape(gathered.reissue.before) if gathered.reissue else None,
            complaints=gathered.complaints,
            corrections=gathered.corrections,
        )
        digest = compose_digest(
            gathered.line.week,
            protected,
            gathered.reissue.before.coverage
            if gathered.reissue
            else self._coverage(gathered, protected),
            Masthead(office.code, office.title, policy.compiled_by),
            names=self.names(gathered.groups),
            calendar=self.calendar,
            texts=self.texts,
            smallest_group=policy.protection.smallest_group,
            estimate=_estimate(protected, gathered.minutes),
            previous=self._figures(gathered.previous, office),
            year_ago=self._figures(gathered.year_ago, office),
            reissue=gathered.reissue,
            logged=gathered.logged,
            coming=gathered.reissue.before.next_week if gathered.reissue else gathered.coming,
        )
        return self.forms.encode(digest)

    def _coming(self, week: Week, office: Office, groups: Sequence[GroupProfile]) -> ComingWeek:
        return coming_week(
            self.registers.view,
            week,
            self.clock.now(),
            self.policy.zone,
            units=office.units,
            unit_of={group.code: group.unit for group in groups},
        )

    def _groups(self, table: CountTable) -> list[GroupProfile]:
        """Registered groups, and retired ones that were counted in the week."""
        groups = {group.code: group for group in self.registry.groups()}
        for code in {place.group for place, _ in table.rows()} - groups.keys():
            retired = self.registry.group(code)
            if retired is not None:
                groups[code] = retired
        return [group for _, group in sorted(groups.items())]

    def _coverage(self, gathered: _Gathered, protected: ProtectedTable) -> Coverage:
        heard = protected.heard
        line, office = gathered.line, gathered.office
        own = [one for one in gathered.groups if not office.units or one.unit in office.units]
        whole = gathered.passive & {group.code for group in own}
        gone = gathered.gone & {group.code for group in own}
        units = {group.code: group.unit for group in own if group.code in heard}
        return Coverage(
            units_heard=tuple(sorted(set(units.values()))),
            units_heard_whole=tuple(sorted({units[code] for code in units.keys() & whole})),
            groups=len(own),
            heard_whole=len(whole),
            heard_when_addressed=len(own) - len(whole) - len(gone),
            silent=sum(group.code not in heard for group in own),
            messages=protected.totals.get(Tallied.MESSAGES, 0),
            late=gathered.late,
            incomplete=line.incomplete,
            rulebook=line.rulebook,
            own_messages=gathered.own_messages,
            own_minutes=self._own_minutes(gathered),
            measured_error=gathered.measured_error,
            outages=gathered.outages,
            watched_all_week=gathered.watched_all_week,
            gone=len(gone),
            disputed=None if gathered.disputed is None else tuple(gathered.disputed),
        )

    def _own_minutes(self, gathered: _Gathered) -> int | None:
        """What members spent at most reading the bot's own messages, by the bands of groups."""
        if gathered.own_messages is None or gathered.minutes is None or not gathered.groups:
            return None
        bands = [size_band(group.size) for group in gathered.groups]
        size = sum(most for _, most in bands) / len(bands)
        seconds = gathered.own_messages * size * gathered.minutes.reading_seconds
        return math.ceil(seconds / 60)

    def _platforms(self, office: Office, groups: Sequence[GroupProfile]) -> set[str]:
        return {
            platform
            for group in groups
            if not office.units or group.unit in office.units
            for platform in self.registry.platforms_of(group.code)
        }

    async def _connections(
        self, week: Week, platforms: set[str]
    ) -> tuple[tuple[RouteOutage, ...] | None, bool]:
        """Outages of the routes on these platforms, and whether all were watched all week."""
        begin, end = week.shifted(-1).ends_at(self.policy.zone), week.ends_at(self.policy.zone)
        since = {
            route: watch.since
            for route, watch in (await self.routes.watched()).items()
            if route.partition("_")[0] in platforms and watch.since < end
        }
        if not since:
            return None, False
        gaps = [gap for gap in await self.routes.gaps(begin, end) if gap.route in since]
        return outages(gaps, begin, end), max(since.values()) <= begin

    async def _late(self, week: Week) -> int:
        line = await self.ledger.closed(week)
        return line.late if line else 0

    async def _own_messages(self, week: Week) -> int:
        said = await self.outbox.listed(_SAID)
        zone = self.policy.zone
        return sum(
            one.parcel.destination.is_group
            and not one.parcel.key.startswith(KEYS_OF_DIGESTS)
            and Week.of(one.parcel.not_before, zone) == week
            for one in said
        )

    def names(self, groups: Sequence[GroupProfile]) -> Names:
        """What codes are called in print, as the office decides."""
        if self.policy.as_codes:
            return Names(lines=self.policy.line_names)
        return Names(
            units={
                **{unit.code: unit.name for unit in self.registry.units()},
                **self.policy.unit_names,
            },
            lines=self.policy.line_names,
            groups={group.code: group.alias for group in groups},
        )

    async def _published(self, week: Week | None, office: Office) -> bytes | None:
        return await self.stored(week, office.code) if week else None

    def _figures(self, published: bytes | None, office: Office) -> DigestFigures | None:
        figures = self.forms.figures(published) if published else None
        # What it was told while it answered for all units is nothing to compare some with.
        was_of_some = figures is not None and figures.lines is None
        return figures if was_of_some is bool(office.units) else None


def _estimate(protected: ProtectedTable, table: MinutesTable | None) -> Estimate | None:
    return None if table is None else Estimate(person_hours(protected, table), table)


def _shape(published: DigestFigures) -> Shape:
    return Shape(
        frozenset(map(GroupCode, published.groups)),
        frozenset(published.small_groups),
    )


def _a_year_before(week: Week) -> Week | None:
    """The ISO week of the same number; a week 53 has none as a rule."""
    try:
        return Week(week.year - 1, week.number)
    except ValueError:
        return None
