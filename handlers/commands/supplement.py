"""/补充: adds to a complaint, by the receipt alone."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.errors import UserError
from bot.domain.messages import Reply
from bot.domain.receipts import Receipt
from handlers.commands.asked import Asked
from handlers.complaints.conversation import Conversations
from handlers.complaints.private import require_private, split_receipt


@dataclass(frozen=True, slots=True)
class Supplement:
    """Checks the text as a complaint's own is checked, and says the same for any receipt."""

    conversations: Conversations

    async def __call__(self, asked: Asked) -> Reply:
        """Raises NotADirectMessage, WrongReceipt, TooMany, BoxClosed or BoxFull."""
        require_private(asked.message)
        number, text = split_receipt(asked.call.argument.strip())
        if not number or not text:
            raise UserError("complaints.usage.supplement")
        return await self.conversations.add(asked.message, Receipt.parse(number), text)
