"""/投诉: begins the conversation in which a burden is told, in private only."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.messages import Reply
from handlers.commands.asked import Asked
from handlers.complaints.conversation import Conversations
from handlers.complaints.private import require_private


@dataclass(frozen=True, slots=True)
class Complain:
    """The notice. What stands behind the command is not taken: nothing was agreed to yet."""

    conversations: Conversations

    async def __call__(self, asked: Asked) -> Reply:
        """Raises NotADirectMessage in a group, BoxClosed, TooMany."""
        require_private(asked.message)
        told_too_early = bool(asked.call.argument.strip())
        return self.conversations.begin(asked.message, offered=told_too_early)
