"""What is to be said to registered destinations: durable, in order, each once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.cards import decode_card, encode_card
from bot.domain.private import Opaque
from bot.domain.sending import Progress, Urgency
from handlers.ports import DeliveryState, Destination, Parcel, StoredParcel
from storage import tables
from storage.engine import Database

_box = tables.outbox
_UNDER_WAY = (DeliveryState.PENDING, DeliveryState.SENDING)
LONGEST_ERROR = 128
CANCELLED = (DeliveryState.PENDING, DeliveryState.UNCERTAIN)
_SAID = (
    DeliveryState.SENT,
    DeliveryState.UNCERTAIN,
    DeliveryState.RECALLING,
    DeliveryState.RECALLED,
)
EMPTIED = {"title": "", "markdown": "", "recipient": "", "receipts": "", "card": ""}


class SqlOutbox:
    """The Outbox port on SQLAlchemy."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, parcels: Sequence[Parcel]) -> int:
        """See handlers.ports.Outbox."""
        if not parcels:
            return 0
        return await self._database.write(lambda connection: put_parcels(connection, parcels))

    async def claim(self, now: datetime, most: int) -> Sequence[StoredParcel]:
        """See handlers.ports.Outbox.

        A parcel that waits for its next attempt keeps later ones to the same destination back;
        one that is not due for the first time does not.
        """
        return await self._database.write(lambda connection: _claim(connection, now, most))

    async def settle(
        self,
        id: str,  # noqa: A002 - the port calls it so
        state: DeliveryState,
        error: str = "",
        retry_at: datetime | None = None,
        progress: Progress | None = None,
    ) -> None:
        """See handlers.ports.Outbox."""
        values: dict[str, Any] = {"state": state.value, "error": error[:LONGEST_ERROR]}
        if progress is not None:
            values |= {
                "parts": progress.parts,
                "said_at": progress.at,
                # What was emptied meanwhile stays empty.
                "receipts": case((_box.c.recipient == "", ""), else_="\n".join(progress.receipts)),
            }
        if state is DeliveryState.PENDING:
            was_cancelled = _box.c.recipient == ""
            values["state"] = case((was_cancelled, DeliveryState.FAILED.value), else_=state.value)
        if retry_at is not None:
            values["due_at"] = retry_at
        change = update(_box).where(_box.c.id == int(id)).values(values)
        await self._database.write(lambda connection: connection.execute(change))

    async def postpone(self, id: str, until: datetime) -> None:  # noqa: A002 - the port calls it so
        """See handlers.ports.Outbox."""
        was_cancelled = _box.c.recipient == ""
        change = (
            update(_box)
            .where(_box.c.id == int(id))
            .values(
                state=case(
                    (was_cancelled, DeliveryState.FAILED.value), else_=DeliveryState.PENDING.value
                ),
                not_before=until,
                due_at=until,
                attempts=_box.c.attempts - 1,
            )
        )
        await self._database.write(lambda connection: connection.execute(change))

    async def renew(
        self,
        id: str,  # noqa: A002 - the port calls it so
        at: datetime,
        *,
        whole: bool = False,
    ) -> None:
        """See handlers.ports.Outbox."""
        values: dict[str, Any] = {
            "state": DeliveryState.PENDING.value,
            "not_before": at,
            "due_at": at,
            "attempts": 0,
            "error": "",
            "expires_at": None,
        }
        if whole:
            values |= {"parts": 0, "said_at": None, "receipts": ""}
        change = update(_box).where(_box.c.id == int(id)).values(values)
        await self._database.write(lambda connection: connection.execute(change))

    async def cancel(self, destination: Destination) -> int:
        """See handlers.ports.Outbox. Afterwards the words and the id are gone from the file too."""
        cancelled = await self._database.write(lambda connection: _cancel(connection, destination))
        await self._database.erase_remnants()
        return cancelled

    async def recover(self) -> int:
        """See handlers.ports.Outbox. Of several processes only the one that sends may ask."""
        change = (
            update(_box)
            .where(_box.c.state == DeliveryState.SENDING)
            .values(state=DeliveryState.UNCERTAIN.value)
        )
        return await self._database.write(lambda connection: connection.execute(change).rowcount)

    async def repeat_uncertain(self, platforms: Collection[str], most: int) -> int:
        """See handlers.ports.Outbox."""
        change = (
            update(_box)
            .where(
                _box.c.state == DeliveryState.UNCERTAIN,
                _box.c.platform.in_(sorted(platforms)),
                _box.c.recipient != "",
                _box.c.attempts < most,
            )
            .values(state=DeliveryState.PENDING.value)
        )
        return await self._database.write(lambda connection: connection.execute(change).rowcount)

    async def listed(self, states: Collection[DeliveryState]) -> Sequence[StoredParcel]:
        """See handlers.ports.Outbox."""
        rows = select(_box).where(_box.c.state.in_(sorted(states))).order_by(_box.c.id)
        found = await self._database.read(lambda connection: connection.execute(rows).all())
        return [_stored(row) for row in found]

    async def hints_since(self, destination: Destination, since: datetime) -> int:
        """See handlers.ports.Outbox."""
        said = select(func.count()).where(
            _goes_to(destination),
            _box.c.urgency == Urgency.HINT,
            _box.c.state.in_(_SAID),
            func.coalesce(_box.c.said_at, _box.c.due_at) >= since,
        )
        return await self._database.read(lambda connection: connection.scalar(said)) or 0


def _goes_to(destination: Destination) -> ColumnElement[bool]:
    return and_(
        _box.c.platform == destination.platform,
        _box.c.account == destination.account,
        _box.c.is_group == destination.is_group,
        _box.c.recipient == destination.id.reveal(),
    )


def _cancel(connection: Connection, destination: Destination) -> int:
    theirs = _goes_to(destination)
    under_way = update(_box).where(theirs, _box.c.state == DeliveryState.SENDING)
    waiting = update(_box).where(theirs, _box.c.state.in_(CANCELLED))
    connection.execute(under_way.values(EMPTIED))
    ended = {"state": DeliveryState.FAILED.value, "error": "cancelled"}
    return connection.execute(waiting.values(ended | EMPTIED)).rowcount


def put_parcels(connection: Connection, parcels: Sequence[Parcel]) -> int:
    """Put parcels within a transaction of somebody else's; how many had a new key."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    added = 0
    for parcel in parcels:
        row = make(_box).values(_row(parcel)).on_conflict_do_nothing(index_elements=[_box.c.key])
        added += len(connection.execute(row.returning(_box.c.id)).all())
    return added


def _row(parcel: Parcel) -> dict[str, Any]:
    return {
        "key": parcel.key,
        "platform": parcel.destination.platform,
        "account": parcel.destination.account,
        "is_group": parcel.destination.is_group,
        "recipient": parcel.destination.id.reveal(),
        "title": parcel.title,
        "markdown": parcel.markdown,
        "not_before": parcel.not_before,
        "due_at": parcel.not_before,
        "state": DeliveryState.PENDING.value,
        "attempts": 0,
        "error": "",
        "urgency": int(parcel.urgency),
        "expires_at": parcel.expires_at,
        "card": encode_card(parcel.card),
    }


def _claim(connection: Connection, now: datetime, most: int) -> list[StoredParcel]:
    earlier = _box.alias("earlier")
    held_back = (
        select(earlier.c.id)
        .where(
            earlier.c.platform == _box.c.platform,
            earlier.c.account == _box.c.account,
            earlier.c.is_group == _box.c.is_group,
            earlier.c.recipient == _box.c.recipient,
            earlier.c.state.in_(_UNDER_WAY),
            earlier.c.not_before <= now,
            (earlier.c.id < _box.c.id) | (earlier.c.state == DeliveryState.SENDING),
        )
        .correlate(_box)
        .exists()
    )
    due = (
        select(_box)
        .where(
            and_(_box.c.state == DeliveryState.PENDING, _box.c.due_at <= now, ~held_back),
            _box.c.not_before <= now,
        )
        .order_by(_box.c.urgency, _box.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    rows = connection.execute(due).all()
    if not rows:
        return []
    ids = [row.id for row in rows]
    connection.execute(
        update(_box)
        .where(_box.c.id.in_(ids))
        .values(state=DeliveryState.SENDING.value, attempts=_box.c.attempts + 1)
    )
    return [_stored(row, claimed=True) for row in rows]


def _stored(row: Any, *, claimed: bool = False) -> StoredParcel:
    return StoredParcel(
        id=str(row.id),
        parcel=Parcel(
            key=row.key,
            destination=Destination(
                row.platform, row.account, row.is_group, Opaque(row.recipient)
            ),
            title=row.title,
            markdown=row.markdown,
            not_before=row.not_before,
            urgency=Urgency(row.urgency),
            expires_at=row.expires_at,
            card=decode_card(row.card),
        ),
        state=DeliveryState.SENDING if claimed else DeliveryState(row.state),
        attempts=row.attempts + claimed,
        not_before=row.due_at,
        error=row.error,
        progress=Progress(row.parts, row.said_at, _receipts(row)),
    )


def _receipts(row: Any) -> tuple[str, ...]:
    return tuple(row.receipts.split("\n")) if row.parts and row.receipts else ()
