"""/绑定: a code said in a group makes the chat the registered group's."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.messages import Reply
from bot.domain.texts import Texts
from handlers.bind_chats import BindChats
from handlers.commands.asked import Asked
from handlers.ports import Registry
from handlers.tell_notices import TellNotices


@dataclass(frozen=True, slots=True)
class Bind:
    """Ties the chat, and says in the same breath what is read in it from now on."""

    bind: BindChats
    registry: Registry
    texts: Texts
    notices: TellNotices

    async def __call__(self, asked: Asked) -> Reply:
        """The notice; raises UserError for a code that does not fit."""
        group = await self.bind(asked.message, asked.call.argument)
        await self.notices.told(group)
        whole = self.registry.is_passively_counted(group.code)
        return Reply(
            "\n".join(
                (
                    self.texts("binding.bound", alias=group.alias),
                    self.texts(f"binding.notice.{'whole' if whole else 'addressed'}"),
                )
            )
        )
