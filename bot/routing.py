"""Which command a message means: plain functions on messages, and the table they look in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.commands import CommandCall, CommandTable, Unrecognised
from bot.domain.errors import UserError
from bot.domain.messages import IncomingMessage, Reply
from bot.domain.texts import Texts
from handlers.commands.asked import Asked, Command
from handlers.ports import Registry

TELLING = 15


@dataclass(frozen=True, slots=True)
class Router:
    """Finds who answers an addressed message, and asks them.

    `complaint_cues` are words that make a DM read like a complaint; such a DM gets the
    complaint command's answer and is neither judged nor stored (DESIGN 12.21).
    """

    table: CommandTable
    commands: Mapping[str, Command]
    registry: Registry
    texts: Texts
    complaint_cues: Sequence[str]

    def called(self, message: IncomingMessage) -> CommandCall | Unrecognised | None:
        """The command that an addressed message calls; None for talk."""
        if not message.is_addressed:
            return None
        text = message.text.reveal()
        call = self.table.parse(text, addressed=True)
        if call is None and not message.conversation.is_group:
            return self._talk(text)
        return call

    def is_for_the_bot(self, message: IncomingMessage) -> bool:
        """Whether a group message is a command and nothing more, so that it is not judged."""
        return message.is_addressed and self.table.is_for_the_bot(message.text.reveal())

    def _talk(self, text: str) -> CommandCall | None:
        """A DM that tells the bot something at length is taken for a complaint, cue or not: to
        point a grievance to the list of commands is worse than to answer small talk with care."""
        told = len(text.strip())
        if told >= TELLING or (told > 3 and any(cue in text for cue in self.complaint_cues)):
            return CommandCall("complain")
        return None

    async def answer(
        self, message: IncomingMessage, call: CommandCall | Unrecognised | None
    ) -> Reply:
        """The answer to a command, or the nearest command; what a person can mend is said."""
        if call is None:
            return Reply(self.texts("commands.unknown.talk"))
        if isinstance(call, Unrecognised):
            return self._nearest(message, call)
        asked = Asked(
            message=message,
            call=call,
            group=self.registry.group_of(message) if message.conversation.is_group else None,
            roles=self.registry.roles_of(message.platform, message.account, message.sender),
        )
        try:
            return await self.commands[call.name](asked)
        except UserError as error:
            return Reply(self.texts(error.key, **error.values))

    def _nearest(self, message: IncomingMessage, call: Unrecognised) -> Reply:
        if not call.nearest:
            return Reply(self.texts("commands.unknown.none"))
        # What was typed is not echoed: it may be anything, and markdown besides.
        return Reply(self.texts("commands.unknown.nearest", nearest=call.nearest))
