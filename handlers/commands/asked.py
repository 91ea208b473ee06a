"""What a command is given: the message, the call, and who may do what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.domain.actors import actor_code
from bot.domain.commands import CommandCall
from bot.domain.groups import GroupProfile
from bot.domain.messages import IncomingMessage, Reply
from handlers.ports import Role


@dataclass(frozen=True, slots=True)
class Asked:
    """A command as it was asked. `group` is None in a DM and in a group that is not registered."""

    message: IncomingMessage
    call: CommandCall
    group: GroupProfile | None
    roles: Mapping[Role, frozenset[str]]

    @property
    def actor(self) -> str:
        """The code by which a deed of the asker's is written down."""
        message = self.message
        return actor_code(message.platform, message.account, message.sender)


class Command(Protocol):
    """A command: asked, it answers. It raises UserError when a person can mend it."""

    async def __call__(self, asked: Asked) -> Reply:
        """The answer."""
        ...
