"""The same ports in dictionaries, for the console and for tests of what lies above.

Nothing outlives the program; the contract suite holds them to what the stored ones do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.domain.departments import Unit
from bot.domain.groups import GroupCode, GroupProfile
from bot.domain.issues import Issue
from bot.domain.periods import Week
from bot.domain.private import Opaque
from bot.domain.pseudonyms import KEY_BYTES, WeekKey
from bot.domain.reach import RouteGap, Watch
from handlers.ports import Office, Role
from storage.memory_books import MemoryBooks
from storage.memory_limits import MemoryLimitLog, MemoryRegisters
from storage.memory_outbox import MemoryOutbox
from storage.registry_view import Binding, Grant, RegistryContents, RegistryView

LIVE_WEEKS = 4


class MemoryRegistry(RegistryView):
    """The Registry port; refuses what the stored one refuses."""

    async def load(self) -> None:
        """Nothing to read: it is all here."""

    async def put_group(self, profile: GroupProfile) -> None:
        """See SqlRegistry."""
        self._check_group(profile)
        self._apply(RegistryContents(groups=[profile]))

    async def put_heard(self, groups: Sequence[GroupProfile], platform: str, account: str) -> None:
        """See SqlRegistry."""
        self._apply(self._heard(groups, platform, account))

    async def retire(self, code: GroupCode) -> None:
        """See SqlRegistry."""
        self._apply(RegistryContents(groups=[self._retired(code)]))

    async def bind(
        self,
        platform: str,
        account: str,
        chat_id: Opaque,
        group: GroupCode,
        sees_everything: bool,
    ) -> None:
        """See SqlRegistry."""
        binding = Binding(platform, account, chat_id, group, sees_everything)
        self._check_binding(binding)
        self._apply(RegistryContents(bindings=[binding]))

    async def end_chat(self, platform: str, account: str, chat_id: Opaque) -> bool:
        """See SqlRegistry."""
        ended = self._ended(platform, account, chat_id)
        if ended is not None:
            self._apply(RegistryContents(bindings=[ended]))
        return ended is not None

    async def unbind(self, platform: str, account: str, chat_id: Opaque) -> bool:
        """See SqlRegistry."""
        return self._forget_binding((platform, account, chat_id))

    async def grant(
        self, platform: str, account: str, person: Opaque, role: Role, scope: str, on: date
    ) -> None:
        """See SqlRegistry."""
        grant = Grant(platform, account, person, role, scope, on)
        self._check_grant(grant)
        self._apply(RegistryContents(grants=[grant]))

    async def revoke(
        self, platform: str, account: str, person: Opaque, role: Role, scope: str
    ) -> None:
        """See SqlRegistry."""
        self._forget_grant((platform, account, person, role, scope))

    async def put_units(self, units: Sequence[Unit]) -> None:
        """See SqlRegistry."""
        for unit in units:
            self._check_unit(unit)
        taken = {place[:2] for unit in units for place in unit.departments}
        left = [
            replace(unit, departments=tuple(p for p in unit.departments if p[:2] not in taken))
            for unit in self.units()
        ]
        self._apply(RegistryContents(units=[*left, *units]))

    async def put_office(self, office: Office) -> None:
        """See SqlRegistry."""
        self._check_office(office)
        self._apply(RegistryContents(offices=[office]))


class MemoryDigestShelf:
    """The DigestShelf port."""

    def __init__(self) -> None:
        self._documents: dict[Issue, bytes] = {}
        self._composed_at: dict[Issue, datetime] = {}

    async def put(self, issue: Issue, document: bytes, composed_at: datetime) -> bool:
        """See handlers.ports.DigestShelf."""
        if issue in self._documents:
            return False
        self._documents[issue], self._composed_at[issue] = document, composed_at
        return True

    async def composed_at(self, issue: Issue) -> datetime | None:
        """See handlers.ports.DigestShelf."""
        return self._composed_at.get(issue)

    async def get(self, issue: Issue) -> bytes | None:
        """See handlers.ports.DigestShelf."""
        return self._documents.get(issue)

    async def issues(self, office: str) -> Sequence[Issue]:
        """See handlers.ports.DigestShelf."""
        return sorted(issue for issue in self._documents if issue.office == office)


class MemorySpendings:
    """The Spendings port."""

    def __init__(self) -> None:
        self._calls: Counter[tuple[str, str, date]] = Counter()

    async def spend(self, platform: str, account: str, on: date) -> None:
        """See handlers.ports.Spendings."""
        self._calls[platform, account, on] += 1

    async def spent(self, platform: str, account: str, since: date) -> int:
        """See handlers.ports.Spendings."""
        return sum(
            calls
            for (of, whose, day), calls in self._calls.items()
            if (of, whose) == (platform, account) and day >= since
        )


class MemoryRouteLog:
    """The RouteLog port."""

    def __init__(self) -> None:
        self._watched: dict[str, Watch] = {}
        self._gaps: dict[tuple[str, datetime], RouteGap] = {}

    async def watched(self) -> Mapping[str, Watch]:
        """See handlers.ports.RouteLog."""
        open_gaps = {
            gap.route: gap.began_at for gap in self._gaps.values() if gap.ended_at is None
        }
        return {
            route: replace(watch, gap_began_at=open_gaps.get(route))
            for route, watch in self._watched.items()
        }

    async def watch(self, routes: Sequence[str], now: datetime) -> None:
        """See handlers.ports.RouteLog."""
        for route in routes:
            self._watched.setdefault(route, Watch(now, now))

    async def write(
        self, connected: Sequence[str], now: datetime, gaps: Sequence[RouteGap]
    ) -> None:
        """See handlers.ports.RouteLog."""
        for route in self._watched.keys() & set(connected):
            self._watched[route] = replace(self._watched[route], seen_at=now)
        for gap in gaps:
            self._gaps.pop((gap.route, gap.began_at), None)
            if not gap.is_nothing:
                self._gaps[gap.route, gap.began_at] = gap

    async def gaps(self, since: datetime, until: datetime) -> Sequence[RouteGap]:
        """See handlers.ports.RouteLog."""
        return [gap for _, gap in sorted(self._gaps.items()) if gap.within(since, until)]


class MemoryInvites:
    """The Invites port."""

    def __init__(self) -> None:
        self._alive: dict[bytes, tuple[GroupCode, datetime]] = {}
        self._served: set[tuple[bytes, bool]] = set()

    async def put(self, mark: bytes, group: GroupCode, expires_at: datetime) -> None:
        """See handlers.ports.Invites."""
        self._alive[mark] = (group, expires_at)

    async def find(self, mark: bytes, now: datetime, *, whole: bool) -> GroupCode | None:
        """See handlers.ports.Invites."""
        group, expires_at = self._alive.get(mark, (None, now))
        return group if expires_at > now and (mark, whole) not in self._served else None

    async def use(self, mark: bytes, now: datetime, *, whole: bool) -> bool:
        """See handlers.ports.Invites."""
        is_first = await self.find(mark, now, whole=whole) is not None
        self._served.add((mark, whole))
        return is_first


class MemorySpentCards:
    """The SpentCards port."""

    def __init__(self) -> None:
        self._spent: dict[bytes, date] = {}

    async def spend(self, card: bytes, until: date, today: date) -> bool:
        """See handlers.ports.SpentCards."""
        self._spent = {one: day for one, day in self._spent.items() if day >= today}
        if card in self._spent:
            return False
        self._spent[card] = until
        return True

    async def give_back(self, card: bytes) -> None:
        """See handlers.ports.SpentCards."""
        self._spent.pop(card, None)


class MemoryCursors:
    """Positions of sources."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    async def get(self, name: str) -> str | None:
        """See SqlCursors."""
        return self._values.get(name)

    async def put(self, name: str, value: str) -> None:
        """See SqlCursors."""
        self._values[name] = value


class MemoryClaims:
    """Acts that run once."""

    def __init__(self) -> None:
        self._runs: dict[tuple[str, datetime], datetime | None] = {}

    async def claim(self, job: str, due: datetime, now: datetime, lease: timedelta) -> bool:
        """See SqlClaims."""
        if (job, due) in self._runs:
            claimed_at = self._runs[job, due]
            if claimed_at is None or claimed_at > now - lease:
                return False
        self._runs[job, due] = now
        return True

    async def is_running(self, job: str, now: datetime, lease: timedelta) -> bool:
        """See SqlClaims."""
        return any(
            name == job and claimed_at is not None and claimed_at > now - lease
            for (name, _), claimed_at in self._runs.items()
        )

    async def finish(self, job: str, due: datetime) -> None:
        """See SqlClaims."""
        self._runs[job, due] = None

    async def is_done(self, job: str, due: datetime) -> bool:
        """See SqlClaims."""
        return self._runs.get((job, due), due) is None


class MemoryKeyring:
    """The Keyring port."""

    def __init__(self, token_bytes: Callable[[int], bytes]) -> None:
        self._token_bytes = token_bytes
        self._tags: dict[Week, WeekKey] = {}
        self._sketches: dict[Week, WeekKey] = {}

    def tags(self, week: Week) -> WeekKey:
        """See handlers.ports.Keyring."""
        if week not in self._tags:
            self._tags[week] = WeekKey(week, self._token_bytes(KEY_BYTES))
        return self._tags[week]

    def sketches(self, week: Week) -> tuple[WeekKey, ...]:
        """See handlers.ports.Keyring."""
        if week not in self._sketches:
            self._sketches[week] = WeekKey(week, self._token_bytes(KEY_BYTES))
        live = (self._sketches.get(week.shifted(-back)) for back in range(LIVE_WEEKS))
        return tuple(key for key in live if key is not None)

    def destroy(self, week: Week) -> None:
        """See handlers.ports.Keyring."""
        self._tags.pop(week, None)
        oldest = week.shifted(1 - LIVE_WEEKS)
        self._sketches = {made: key for made, key in self._sketches.items() if made >= oldest}

    def destroy_leftovers(self, closed: Sequence[Week]) -> None:
        """See handlers.ports.Keyring."""
        for week in closed:
            self.destroy(week)

    def holds_tags(self, week: Week) -> bool:
        """See FileKeyring."""
        return week in self._tags


@dataclass(frozen=True, slots=True)
class MemoryStore:
    """What `storage.store.Store` offers, without a disk. The books are the ledger too."""

    registry: MemoryRegistry
    books: MemoryBooks
    ledger: MemoryBooks
    outbox: MemoryOutbox
    shelf: MemoryDigestShelf
    cursors: MemoryCursors
    claims: MemoryClaims
    keyring: MemoryKeyring
    spendings: MemorySpendings
    routes: MemoryRouteLog
    invites: MemoryInvites
    spent_cards: MemorySpentCards
    limit_log: MemoryLimitLog
    registers: MemoryRegisters


def memory_store(token_bytes: Callable[[int], bytes]) -> MemoryStore:
    """An empty store."""
    registry = MemoryRegistry()
    books = MemoryBooks(registry)
    return MemoryStore(
        registry=registry,
        books=books,
        ledger=books,
        outbox=MemoryOutbox(),
        shelf=MemoryDigestShelf(),
        cursors=MemoryCursors(),
        claims=MemoryClaims(),
        keyring=MemoryKeyring(token_bytes),
        spendings=MemorySpendings(),
        routes=MemoryRouteLog(),
        invites=MemoryInvites(),
        spent_cards=MemorySpentCards(),
        limit_log=MemoryLimitLog(),
        registers=MemoryRegisters(books),
    )
