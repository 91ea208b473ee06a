"""A platform says that a chat changed → what the operator should know of its registered group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bot.domain.group_events import GroupChange, GroupEvent
from bot.domain.groups import GroupCode
from bot.domain.private import Opaque
from handlers.ports import Cursors

# A name says nothing about what is counted: that it changed is told and not kept.
_KEPT = frozenset((GroupChange.DISSOLVED, GroupChange.RESIZED))


class BoundChats(Protocol):
    """The registry, as far as events need it."""

    def group_of_chat(self, platform: str, account: str, chat_id: Opaque) -> GroupCode | None:
        """The group that a chat is bound to, unless it is retired."""
        ...


@dataclass(frozen=True, slots=True)
class NoteGroupEvents:
    """Notes under a group's code that a chat of it was dissolved, or that its size may have changed.

    `told` hears of each change once: a platform sends events more than once, and one that is
    noted stays so until the operator enters the group again (`confirmed`). A chat that is bound
    to no group leaves nothing.
    """

    chats: BoundChats
    cursors: Cursors
    told: Callable[[GroupCode, GroupChange], None]

    async def __call__(self, event: GroupEvent) -> None:
        """Note one event; raises BooksUnavailable, and then it is to be told again."""
        group = self.chats.group_of_chat(event.platform, event.account, event.chat)
        if group is None:
            return
        if event.change in _KEPT:
            known = await noted(group, self.cursors)
            if event.change in known:
                return
            await _put(group, known | {event.change}, self.cursors)
        self.told(group, event.change)


async def noted(group: GroupCode, cursors: Cursors) -> frozenset[GroupChange]:
    """What happened to a group's chats since the operator last entered it."""
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
