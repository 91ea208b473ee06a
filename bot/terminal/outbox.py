"""outbox: what waits to be said, and what the operator does about it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import typer
from rich.console import Console

from bot.counting import Counting
from bot.domain.errors import UserError
from bot.domain.sending import Urgency
from bot.domain.texts import Texts
from bot.terminal.session import counting
from bot.terminal.tables import folding
from handlers.deliver import RECALLED_WITHIN
from handlers.ports import DeliveryState, StoredParcel

_WAITING = (
    DeliveryState.PENDING,
    DeliveryState.SENDING,
    DeliveryState.UNCERTAIN,
    DeliveryState.FAILED,
    DeliveryState.EXPIRED,
    DeliveryState.RECALLING,
)
_RESENDABLE = (DeliveryState.UNCERTAIN, DeliveryState.FAILED, DeliveryState.EXPIRED)
_ARRIVED = (DeliveryState.SENT, DeliveryState.RECALLED)
_DROPPABLE = (*_RESENDABLE, DeliveryState.PENDING)
_COLUMNS = ("id", "urgency", "title", "state", "parts", "attempts", "due", "error")


async def list_outbox(config: Path | None, texts: Texts, *, sent: bool = False) -> int:
    """What waits, failed or is uncertain; what it says is not shown, only which it is.

    With `sent`, digests that went out, and what may still be recalled.
    """
    async with counting(config, counts=False) as (settings, house):
        listed = await (_sent(house) if sent else house.store.outbox.listed(_WAITING))
    # What was emptied can only be left as it is.
    shown = [each for each in listed if each.parcel.markdown]
    if not shown:
        typer.echo(texts("outbox.none_sent" if sent else "outbox.none"))
        return 0
    table = folding(texts(f"outbox.columns.{name}") for name in _COLUMNS)
    for each in shown:
        table.add_row(
            each.id,
            texts(f"outbox.urgency.{each.parcel.urgency.name.lower()}"),
            each.parcel.title,
            texts(f"outbox.states.{each.state.value}"),
            str(each.progress.parts),
            str(each.attempts),
            f"{each.not_before.astimezone(settings.zone):%m-%d %H:%M}",
            each.error,
        )
    Console().print(table)
    return 0


async def resend(parcel: str, config: Path | None, texts: Texts, *, whole: bool = False) -> int:
    """Queue a failed, expired or uncertain parcel once more; the operator has asked whom it is for.

    Parts that are known to have arrived are not said again. With `whole` they are, also of what
    went out: its reader has lost it.
    """
    async with counting(config, counts=False) as (_, house):
        states = (*_RESENDABLE, *_ARRIVED) if whole else _RESENDABLE
        found = await _found(house, parcel, states)
        if not found.parcel.markdown:
            raise UserError("outbox.emptied")
        await house.store.outbox.renew(parcel, house.clock.now(), whole=whole)
    typer.echo(texts("outbox.resent_whole" if whole else "outbox.resent"))
    return 0


async def drop(parcel: str, config: Path | None, texts: Texts) -> int:
    """Give up what waits, failed or is uncertain: it is never said."""
    async with counting(config, counts=False) as (_, house):
        await _found(house, parcel, _DROPPABLE)
        await house.store.outbox.settle(parcel, DeliveryState.DROPPED)
    typer.echo(texts("outbox.dropped"))
    return 0


async def recall(parcel: str, config: Path | None, texts: Texts) -> int:
    """Ask the running bot to take back what it said within the last 24 hours."""
    async with counting(config, counts=False) as (_, house):
        if parcel not in {each.id for each in await _recallable(house)}:
            raise UserError("outbox.not_recallable")
        await house.store.outbox.settle(parcel, DeliveryState.RECALLING)
    typer.echo(texts("outbox.recalling"))
    return 0


async def _found(house: Counting, parcel: str, states: Collection[DeliveryState]) -> StoredParcel:
    for each in await house.store.outbox.listed(states):
        if each.id == parcel:
            return each
    raise UserError("outbox.missing")


async def _sent(house: Counting) -> list[StoredParcel]:
    recallable = {each.id for each in await _recallable(house)}
    return [
        each
        for each in await house.store.outbox.listed(_ARRIVED)
        if each.id in recallable or each.parcel.urgency is Urgency.DIGEST
    ]


async def _recallable(house: Counting) -> list[StoredParcel]:
    since = house.clock.now() - RECALLED_WITHIN
    return [
        each
        for each in await house.store.outbox.listed([DeliveryState.SENT])
        if each.progress.is_recallable and each.progress.at and each.progress.at > since
    ]
