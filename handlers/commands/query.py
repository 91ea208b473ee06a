"""/查询: the office's answer, by the receipt alone."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.errors import UserError
from bot.domain.messages import Reply
from bot.domain.receipts import Receipt
from handlers.commands.asked import Asked
from handlers.complaints.conversation import Conversations
from handlers.complaints.private import require_private


@dataclass(frozen=True, slots=True)
class Query:
    """What was answered; the same words for a receipt that is unknown, expired or without an answer."""

    conversations: Conversations

    async def __call__(self, asked: Asked) -> Reply:
        """Raises NotADirectMessage, WrongReceipt, TooMany, BoxClosed or BoxFull."""
        require_private(asked.message)
        if not asked.call.argument.strip():
            raise UserError("complaints.usage.query")
        receipt = Receipt.parse(asked.call.argument)
        return await self.conversations.look_up(asked.message, receipt)
