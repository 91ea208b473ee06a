"""/隐私: what is read, what is kept, who sees it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.messages import Reply
from bot.domain.texts import Texts
from handlers.commands.asked import Asked


@dataclass(frozen=True, slots=True)
class Privacy:
    """The same words for everybody."""

    texts: Texts
    office: str

    async def __call__(self, asked: Asked) -> Reply:
        """The notice."""
        return Reply(self.texts("commands.privacy.body", office=self.office))
