"""Which command a message means: plain functions on messages, and the table they look in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.domain.commands import CommandCall, CommandTable, Unrecognised
from bot.domain.complaint_dialogue import ends_it
from bot.domain.errors import NotAllowed, UserError
from bot.domain.invites import code_in
from bot.domain.messages import IncomingMessage, Reply
from bot.domain.texts import Texts
from handlers.commands.asked import Asked, Command
from handlers.commands.permissions import may
from handlers.ports import Registry

# What answers a direct message that is no command; nobody can call it by a word.
TOLD = CommandCall("told")
LONGEST_CODE_LINE = 60


@dataclass(frozen=True, slots=True)
class Router:
    """Finds who answers an addressed message, and asks them.

    In a DM what is no command is told to the bot: an answer in a conversation that
    `is_going_on`, a burden, talk. It is neither judged for the books nor stored.
    """

    table: CommandTable
    commands: Mapping[str, Command]
    registry: Registry
    texts: Texts
    is_going_on: Callable[[IncomingMessage], bool]

    def called(self, message: IncomingMessage) -> CommandCall | Unrecognised | None:
        """The command that an addressed message calls; None for talk."""
        if not message.is_addressed:
            return None
        text = message.text.reveal()
        if message.conversation.is_group:
            return self.table.parse(text, addressed=True)
        # In a conversation only what has a slash is a command: a complaint may begin with any word.
        is_going_on = self.is_going_on(message)
        call = self.table.parse(text, addressed=not is_going_on)
        # Who writes a slash before every command writes one before ending it too.
        ends = is_going_on and isinstance(call, Unrecognised) and ends_it(text)
        return TOLD if call is None or ends else call

    def overheard(self, message: IncomingMessage) -> CommandCall | None:
        """A code to bind by, said in a group on a route that hears everything and is not asked.

        It is the only command that such a route obeys: the chat's id there may be another one.
        """
        text = message.text.reveal()
        if not message.route.sees_everything or len(text) > LONGEST_CODE_LINE:
            return None
        if not message.conversation.is_group or code_in(text) is None:
            return None
        called = text.partition(" ")[2] if text.startswith("@") else text
        call = self.table.parse(called, addressed=True)
        return call if isinstance(call, CommandCall) and call.name == "bind" else None

    def is_for_the_bot(self, call: CommandCall | Unrecognised | None) -> bool:
        """Whether a group message that calls this is a command and nothing more: not judged."""
        return self.table.is_for_the_bot(call)

    async def answer(self, message: IncomingMessage, call: CommandCall | Unrecognised) -> Reply:
        """The answer to a command, or the nearest command; what a person can mend is said."""
        if isinstance(call, Unrecognised):
            return self._nearest(message, call)
        try:
            return await self.commands[call.name](self.asked(message, call))
        except UserError as error:
            return self.told(error)

    def asked(self, message: IncomingMessage, call: CommandCall) -> Asked:
        """The command as it is asked, with what its sender may; raises NotAllowed."""
        asked = Asked(
            message=message,
            call=call,
            group=self.registry.group_of(message) if message.conversation.is_group else None,
            roles=self.registry.roles_of(message.platform, message.account, message.sender),
        )
        if not may(asked.roles, call.name):
            raise NotAllowed("admin.denied.role")
        return asked

    def told(self, error: UserError) -> Reply:
        """What a person can mend, in words."""
        return Reply(self.texts(error.key, **error.values))

    def _nearest(self, message: IncomingMessage, call: Unrecognised) -> Reply:
        if not call.nearest:
            return Reply(self.texts("commands.unknown.none"))
        # What was typed is not echoed: it may be anything, and markdown besides.
        return Reply(self.texts("commands.unknown.nearest", nearest=call.nearest))
