"""What is said in private and is no command: an answer in a conversation, a burden told, talk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.complaint_dialogue import is_menu_answer
from bot.domain.messages import Form, Reply
from bot.domain.private_hearing import Told
from bot.domain.receipts import Receipt
from bot.domain.texts import Texts
from handlers.commands.asked import Asked
from handlers.complaints.conversation import Conversations
from handlers.complaints.private import looks_like_receipt
from handlers.complaints.words import ComplaintWords


@dataclass(frozen=True, slots=True)
class ToldInPrivate:
    """Goes on with a conversation, else offers what fits. `hear` tells what a text is; the words
    are neither judged for the books nor kept."""

    conversations: Conversations
    hear: Callable[[str], Told]
    texts: Texts
    words: ComplaintWords

    async def __call__(self, asked: Asked) -> Reply:
        """Raises WrongReceipt, TooMany, BoxClosed or BoxFull."""
        message = asked.message
        if self.conversations.is_going_on(message):
            return await self.conversations.go_on(message)
        if message.form is not Form.TEXT:
            return Reply(self.texts("complaints.talk.text_only"))
        said = message.text.reveal()
        if looks_like_receipt(said):
            return await self.conversations.look_up(message, Receipt.parse(said))
        if is_menu_answer(said):
            return Reply(self.texts("complaints.say.none_going"))
        match self.hear(said):
            case Told.COMPLAINT:
                return self.conversations.begin(message, offered=True)
            case Told.ACCUSATION:
                return Reply(self.words.accusation())
            case Told.DEMAND:
                return Reply(self.texts("complaints.talk.demand"))
            case _:
                return Reply(self.texts("complaints.talk.talk"))
