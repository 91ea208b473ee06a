"""DingTalk's events about a group (sheet 6.3): the event's type and the chat, nothing else of it."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.errors import Undecipherable
from bot.domain.group_events import GroupChange, GroupEvent
from bot.domain.private import Opaque
from bot.platforms.dingtalk.untrusted import json_object, text_of
from bot.platforms.dingtalk.wire import PLATFORM

_CHANGES: Mapping[str, GroupChange] = {
    "chat_disband": GroupChange.DISSOLVED,
    "chat_update_title": GroupChange.RENAMED,
    "chat_add_member": GroupChange.RESIZED,
    "chat_remove_member": GroupChange.RESIZED,
    "chat_quit": GroupChange.RESIZED,
}


def parse_group_event(event_type: str, data: str, account: str) -> GroupEvent | None:
    """The event, None for one that is not about a group. Raises Undecipherable.

    The platform writes the same keys in two ways (`openConversationId`, `OpenConversationId`).
    """
    change = _CHANGES.get(event_type)
    if change is None:
        return None
    fields = {name.lower(): value for name, value in json_object(data).items()}
    chat = text_of(fields, "openconversationid")
    if not chat:
        raise Undecipherable("a group event without a conversation")
    return GroupEvent(PLATFORM, account, Opaque(chat), change)
