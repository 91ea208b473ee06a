"""The Outbox port in a dictionary, for tests of what lies above."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.private import Opaque
from bot.domain.sending import NOTHING_SAID, Progress, Urgency
from handlers.ports import DeliveryState, Destination, Parcel, StoredParcel

_CANCELLED = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNCERTAIN)
_SAID = (
    DeliveryState.SENT,
    DeliveryState.UNCERTAIN,
    DeliveryState.RECALLING,
    DeliveryState.RECALLED,
)


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
        due = sorted(
            (
                stored
                for destination, stored in heads.items()
                if destination not in busy and stored.not_before <= now
            ),
            key=lambda stored: (stored.parcel.urgency, int(stored.id)),
        )
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
        progress: Progress | None = None,
    ) -> None:
        """See handlers.ports.Outbox."""
        stored = self._parcels[id]
        if progress is not None:
            is_emptied = not stored.parcel.destination.id
            kept = replace(progress, receipts=()) if is_emptied else progress
            stored = replace(stored, progress=kept)
        if state is DeliveryState.PENDING and not stored.parcel.destination.id:
            state = DeliveryState.FAILED
        not_before = retry_at or stored.not_before
        self._parcels[id] = replace(stored, state=state, error=error, not_before=not_before)

    async def postpone(self, id: str, until: datetime) -> None:  # noqa: A002 - the port calls it so
        """See handlers.ports.Outbox."""
        stored = self._parcels[id]
        await self.settle(id, DeliveryState.PENDING, retry_at=until)
        self._parcels[id] = replace(
            self._parcels[id],
            parcel=replace(stored.parcel, not_before=until),
            attempts=stored.attempts - 1,
        )

    async def renew(
        self,
        id: str,  # noqa: A002 - the port calls it so
        at: datetime,
        *,
        whole: bool = False,
    ) -> None:
        """See handlers.ports.Outbox."""
        stored = self._parcels[id]
        parcel = replace(stored.parcel, not_before=at, expires_at=None)
        progress = NOTHING_SAID if whole else stored.progress
        self._parcels[id] = StoredParcel(
            id, parcel, DeliveryState.PENDING, 0, at, progress=progress
        )

    async def cancel(self, destination: Destination) -> int:
        """See handlers.ports.Outbox and SqlOutbox."""
        nobody, cancelled = replace(destination, id=Opaque("")), 0
        for stored in await self.listed(_CANCELLED):
            if stored.parcel.destination == destination:
                emptied = replace(
                    stored.parcel, destination=nobody, title="", markdown="", card=None
                )
                kept = replace(
                    stored, parcel=emptied, progress=replace(stored.progress, receipts=())
                )
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

    async def repeat_uncertain(self, platforms: Collection[str], most: int) -> int:
        """See handlers.ports.Outbox."""
        found = [
            stored
            for stored in await self.listed([DeliveryState.UNCERTAIN])
            if stored.parcel.destination.platform in platforms
            and stored.parcel.destination.id
            and stored.attempts < most
        ]
        for stored in found:
            await self.settle(stored.id, DeliveryState.PENDING)
        return len(found)

    async def listed(self, states: Collection[DeliveryState]) -> Sequence[StoredParcel]:
        """See handlers.ports.Outbox."""
        return [stored for stored in self._parcels.values() if stored.state in states]

    async def hints_since(self, destination: Destination, since: datetime) -> int:
        """See handlers.ports.Outbox."""
        said = await self.listed(_SAID)
        return sum(
            stored.parcel.destination == destination
            and stored.parcel.urgency is Urgency.HINT
            and (stored.progress.at or stored.not_before) >= since
            for stored in said
        )
