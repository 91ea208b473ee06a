"""Cards signed before they are shown, and their clicks read when they come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, timedelta

from bot.domain.card_values import Place, called, sign
from bot.domain.cards import CARD_ID_BYTES, Card, Click
from bot.domain.commands import CommandCall
from bot.domain.errors import Forged
from bot.domain.messages import IncomingMessage
from handlers.ports import Clock, Destination, SpentCards

LASTS_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SignCards:
    """Every value is bound to its card, its command, its place and its end, and serves once.

    `key` gives the secret of 32 bytes; with another one all cards that are about are refused.
    """

    key: Callable[[], bytes]
    spent: SpentCards
    clock: Clock
    token_bytes: Callable[[int], bytes]

    def signed(self, card: Card, place: Place) -> Card:
        """The card as it may be shown at a place, under a new id."""
        drawn = self.token_bytes(CARD_ID_BYTES).hex()
        ends, key = self.clock.now() + LASTS_FOR, self.key()
        return card.with_values(
            drawn, tuple(sign(key, choice, drawn, place, ends) for choice in card.choices)
        )

    def signed_for(self, card: Card, destination: Destination) -> Card:
        """The card as it goes to a registered destination."""
        to = destination
        return self.signed(card, Place(to.platform, to.account, to.is_group, to.id, to.id))

    def call_of(self, click: Click, place: Place) -> CommandCall | None:
        """The command behind a click; None for what is forged, foreign or expired."""
        try:
            return called(self.key(), click, place, self.clock.now())
        except Forged:
            return None

    async def spend(self, click: Click) -> bool:
        """Use the card up; False when it was. Only of a click that `call_of` took.

        Raises BooksUnavailable.
        """
        today = self.clock.now().astimezone(UTC).date()
        return await self.spent.spend(_id(click), today + LASTS_FOR, today)

    async def give_back(self, click: Click) -> None:
        """It was refused what it asked for: it may be clicked again."""
        await self.spent.give_back(_id(click))


def place_of(message: IncomingMessage) -> Place:
    """Where a message was said, and by whom."""
    where = message.conversation
    return Place(message.platform, message.account, where.is_group, where.id, message.sender)


def _id(click: Click) -> bytes:
    return bytes.fromhex(click.card.reveal())
