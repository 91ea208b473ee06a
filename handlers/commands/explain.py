"""/解释: whether a sentence counts, and why. The words are judged on the spot and forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.errors import UserError
from bot.domain.groups import GroupProfile
from bot.domain.messages import Reply
from bot.domain.texts import Texts
from handlers.commands.asked import Asked
from handlers.ports import Clock


@dataclass(frozen=True, slots=True)
class Explain:
    """Explains what stands behind the command, else the quoted message.

    `say` judges words as if they were said now in `group`, or in `nowhere` when asked in a DM.
    """

    say: Callable[[str, datetime, GroupProfile], str]
    nowhere: GroupProfile
    texts: Texts
    clock: Clock

    async def __call__(self, asked: Asked) -> Reply:
        """Two lines; raises UserError when there is nothing to explain."""
        quote = asked.message.quote
        words = asked.call.argument or (quote.text.reveal() if quote else "")
        if not words.strip():
            raise UserError("commands.explain.usage")
        return Reply(self.say(words, self.clock.now(), asked.group or self.nowhere))
