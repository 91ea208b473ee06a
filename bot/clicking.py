"""A button was clicked: verified, used up, and carried out as the command that it is."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace

from bot.domain.cards import Click, Done
from bot.domain.commands import CommandCall
from bot.domain.errors import StoreError, UserError
from bot.domain.messages import IncomingMessage, Reply
from bot.routing import Router
from handlers.sign_cards import SignCards, place_of


@dataclass(frozen=True, slots=True)
class Clicks:
    """What is forged, foreign, expired or used is refused with one sentence, the same for all.

    Who may not do it is told so, and the card stays as it is for whoever may.
    """

    cards: SignCards
    router: Router

    async def __call__(self, message: IncomingMessage, click: Click) -> tuple[Reply, str]:
        """The answer, and `clicked` or `refused`. Raises BooksUnavailable: nothing was done."""
        refused = Reply(self.router.texts("cards.refused")), "refused"
        call = self.cards.call_of(click, place_of(message))
        if call is None:
            return refused
        try:
            asked = self.router.asked(message, call)
        except UserError as error:
            return self.router.told(error), "clicked"
        if not await self.cards.spend(click):
            return refused
        try:
            reply = await self.router.commands[call.name](asked)
        except UserError as error:
            await self.cards.give_back(click)
            return self.router.told(error), "clicked"
        except StoreError:
            with contextlib.suppress(StoreError):
                await self.cards.give_back(click)
            raise
        return replace(reply, done=reply.done or self._done(call)), "clicked"

    def _done(self, call: CommandCall) -> Done:
        what = f"/{self.router.table.word(call.name, self.router.texts.locale)} {call.argument}"
        return Done(self.router.texts("cards.done"), what.rstrip())
