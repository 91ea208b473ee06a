"""A platform says that a chat changed → what the operator should know of its registered group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bot.domain.group_events import GroupChange, GroupEvent
from bot.domain.groups import GroupCode
from bot.domain.private import Opaque
from handlers.ports import Cursors


class BoundChats(Protocol):
    """The registry, as far as events need it."""

    def group_of_chat(self, platform: str, account: str, chat_id: Opaque) -> GroupCode | None:
        """The group that a chat is bound to, unless it is retired."""
        ...

    async def end_chat(self, platform: str, account: str, chat_id: Opaque) -> bool:
        """The chat is gone: its binding is inactive until it is bound again. Whether it was active.

        Raises BooksUnavailable: nothing was kept.
        """
        ...


@dataclass(frozen=True, slots=True)
class NoteGroupEvents:
    """Ends the binding of a dissolved chat, and notes by group that its size may have changed.

    `told` hears of each change once: a platform sends events more than once. A binding is ended
    until the chat is bound again; a size is noted until the operator enters the group again
    (`confirmed`). A new name says nothing about what is counted: it is told and not kept. A chat
    that is bound to no group leaves nothing.
    """

    chats: BoundChats
    cursors: Cursors
    told: Callable[[GroupCode, GroupChange], None]

    async def __call__(self, event: GroupEvent) -> None:
        """Note one event; raises BooksUnavailable, and then it is to be told again."""
        group = self.chats.group_of_chat(event.platform, event.account, event.chat)
        if group is None:
            return
        if await self._is_news(group, event):
            self.told(group, event.change)

    async def _is_news(self, group: GroupCode, event: GroupEvent) -> bool:
        if event.change is GroupChange.DISSOLVED:
            return await self.chats.end_chat(event.platform, event.account, event.chat)
        if event.change is GroupChange.RESIZED:
            known = await noted(group, self.cursors)
            await _put(group, known | {event.change}, self.cursors)
            return event.change not in known
        return True


async def noted(group: GroupCode, cursors: Cursors) -> frozenset[GroupChange]:
    """What may have changed in a group since the operator last entered it."""
    kept = await cursors.get(_name(group))
    return frozenset(GroupChange(word) for word in (kept or "").split())


async def confirmed(group: GroupCode, cursors: Cursors) -> None:
    """The operator has entered the group anew: what was noted is settled."""
    if await noted(group, cursors):
        await _put(group, frozenset(), cursors)


async def _put(group: GroupCode, changes: frozenset[GroupChange], cursors: Cursors) -> None:
    await cursors.put(_name(group), " ".join(sorted(changes)))


def _name(group: GroupCode) -> str:
    return f"group_events:{group}"
