"""/周报: an office reads what was published to it, in private."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.domain.documents import Document
from bot.domain.errors import UserError
from bot.domain.messages import Reply
from bot.domain.periods import Week
from bot.domain.texts import Texts
from handlers.commands.asked import Asked
from handlers.commands.permissions import Doing, require, require_private
from handlers.commands.screen import on_one_screen
from handlers.ports import DigestShelf, Office
from handlers.reach import EVERYWHERE


@dataclass(frozen=True, slots=True)
class DigestOnAsking:
    """The first screen of a published digest: nothing that the office was not sent.

    Who answers for some units reads those offices' digests whose units they all hold.
    """

    shelf: DigestShelf
    offices: Callable[[], Sequence[Office]]
    document: Callable[[bytes], Document]
    markdown: Callable[[Document], str]
    texts: Texts

    async def __call__(self, asked: Asked) -> Reply:
        """The last issue of the latest week, or of one such as 2026-W42; raises UserError."""
        held = require(asked, Doing.DIGEST)
        require_private(asked)
        wanted = self._week(asked.call.argument)
        offices = [one for one in self.offices() if _is_theirs(one, held)]
        if not offices:
            raise UserError("admin.denied.scope")
        office = offices[0]
        issues = await self.shelf.issues(office.code)
        issue = next((one for one in reversed(issues) if wanted in (None, one.week)), None)
        kept = await self.shelf.get(issue) if issue else None
        if issue is None or kept is None:
            raise UserError("admin.digest.none")
        document = self.document(kept)
        lines = [line for line in self.markdown(document).splitlines() if line.strip()]
        return Reply(
            on_one_screen(
                [self.texts("admin.digest.title", title=document.title, week=issue.label)],
                lines,
                self.texts("admin.digest.foot"),
                self.texts,
            )
        )

    def _week(self, written: str) -> Week | None:
        if not written.strip():
            return None
        try:
            return Week.parse(written.upper())
        except ValueError:
            raise UserError("admin.digest.usage") from None


def _is_theirs(office: Office, held: frozenset[str]) -> bool:
    return EVERYWHERE in held or (bool(office.units) and set(office.units) <= held)
