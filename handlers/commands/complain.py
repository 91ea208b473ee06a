"""/投诉, and a DM that reads like one: until complaints are built, a fixed notice (DESIGN 12.21)."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.messages import Reply
from bot.domain.texts import Texts
from handlers.commands.asked import Asked


@dataclass(frozen=True, slots=True)
class Complain:
    """Says that nothing was recorded, and where else to turn. The text is never looked at."""

    texts: Texts

    async def __call__(self, asked: Asked) -> Reply:
        """The notice."""
        return Reply(self.texts("commands.complaint.notice"))
