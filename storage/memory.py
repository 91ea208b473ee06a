"""The same ports in dictionaries, for the console and for tests of what lies above.

Nothing outlives the program; the contract suite holds them to what the stored ones do.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.domain.groups import GroupCode, GroupProfile
from bot.domain.periods import Week
from bot.domain.private import Opaque
from bot.domain.pseudonyms import KEY_BYTES, WeekKey
from bot.domain.vocabulary import Lead
from handlers.ports import (
    DeliveryState,
    Destination,
    Office,
    Parcel,
    Role,
    StoredParcel,
)
from storage.memory_books import MemoryBooks
from storage.registry_view import Binding, Grant, RegistryContents, RegistryView

LIVE_WEEKS = 4
_OVER = {DeliveryState.SENT, DeliveryState.FAILED}
_SHORT = (Lead.UNDER_HOUR, Lead.UNDER_HALF_DAY, Lead.UNDER_DAY)


class MemoryRegistry(RegistryView):
    """The Registry port; refuses what the stored one refuses."""

    async def load(self) -> None:
        """Nothing to read: it is all here."""

    async def put_group(self, profile: GroupProfile) -> None:
        """See SqlRegistry."""
        self._check_group(profile)
        self._apply(RegistryContents(groups=[profile]))

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

    async def put_office(self, office: Office) -> None:
        """See SqlRegistry."""
        self._check_office(office)
        self._apply(RegistryContents(offices=[office]))


class MemoryOutbox:
    """The Outbox port."""

    def __init__(self) -> None:
        self._parcels: dict[str, StoredParcel] = {}

    async def put(self, parcels: Sequence[Parcel]) -> int:
        """See handlers.ports.Outbox."""
        known = {stored.parcel.key for stored in self._parcels.values()}
        added = 0
        for parcel in parcels:
            if parcel.key not in known:
                known.add(parcel.key)
                added += 1
                id_ = str(len(self._parcels) + 1)
                self._parcels[id_] = StoredParcel(
                    id_, parcel, DeliveryState.PENDING, 0, parcel.not_before
                )
        return added

    async def claim(self, now: datetime, most: int) -> Sequence[StoredParcel]:
        """See handlers.ports.Outbox and SqlOutbox."""
        begun = [
            stored
            for stored in self._parcels.values()
            if stored.state in (DeliveryState.PENDING, DeliveryState.SENDING)
            and stored.parcel.not_before <= now
        ]
        heads: dict[object, StoredParcel] = {}
        busy = {
            stored.parcel.destination for stored in begun if stored.state is DeliveryState.SENDING
        }
        for stored in begun:
            heads.setdefault(stored.parcel.destination, stored)
        due = [
            stored
            for destination, stored in heads.items()
            if destination not in busy and stored.not_before <= now
        ]
        claimed = [
            replace(stored, state=DeliveryState.SENDING, attempts=stored.attempts + 1)
            for stored in due[:most]
        ]
        self._parcels |= {stored.id: stored for stored in claimed}
        return claimed

    async def settle(
        self,
        id: str,  # noqa: A002 - the port calls it so
        state: DeliveryState,
        error: str = "",
        retry_at: datetime | None = None,
    ) -> None:
        """See handlers.ports.Outbox."""
        stored = self._parcels[id]
        if state is DeliveryState.PENDING and not stored.parcel.destination.id:
            state = DeliveryState.FAILED
        not_before = retry_at or stored.not_before
        self._parcels[id] = replace(stored, state=state, error=error, not_before=not_before)

    async def renew(self, id: str, at: datetime) -> None:  # noqa: A002 - the port calls it so
        """See handlers.ports.Outbox."""
        parcel = replace(self._parcels[id].parcel, not_before=at)
        self._parcels[id] = StoredParcel(id, parcel, DeliveryState.PENDING, 0, at)

    async def cancel(self, destination: Destination) -> int:
        """See handlers.ports.Outbox and SqlOutbox."""
        nobody, cancelled = replace(destination, id=Opaque("")), 0
        for stored in await self.listed(set(DeliveryState) - _OVER):
            if stored.parcel.destination == destination:
                emptied = replace(stored.parcel, destination=nobody, title="", markdown="")
                kept = replace(stored, parcel=emptied)
                if stored.state is not DeliveryState.SENDING:
                    kept = replace(kept, state=DeliveryState.FAILED, error="cancelled")
                    cancelled += 1
                self._parcels[stored.id] = kept
        return cancelled

    async def recover(self) -> int:
        """See handlers.ports.Outbox."""
        found = await self.listed([DeliveryState.SENDING])
        for stored in found:
            await self.settle(stored.id, DeliveryState.UNCERTAIN)
        return len(found)

    async def listed(self, states: Collection[DeliveryState]) -> Sequence[StoredParcel]:
        """See handlers.ports.Outbox."""
        return [stored for stored in self._parcels.values() if stored.state in states]


class MemoryDigestShelf:
    """The DigestShelf port."""

    def __init__(self) -> None:
        self._documents: dict[tuple[Week, str], bytes] = {}

    async def put(self, week: Week, office: str, document: bytes, composed_at: datetime) -> bool:
        """See handlers.ports.DigestShelf."""
        if (week, office) in self._documents:
            return False
        self._documents[week, office] = document
        return True

    async def get(self, week: Week, office: str) -> bytes | None:
        """See handlers.ports.DigestShelf."""
        return self._documents.get((week, office))

    async def weeks(self, office: str) -> Sequence[Week]:
        """See handlers.ports.DigestShelf."""
        return sorted(week for week, of in self._documents if of == office)


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
    )
