"""/周报: an office reads what was published to it, in private."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.domain.documents import Document
from bot.domain.errors import UserError
from bot.domain.issues import Issue
from bot.domain.messages import Reply
from bot.domain.periods import Week
from bot.domain.texts import Texts
from handlers.commands.asked import Asked
from handlers.commands.permissions import Doing, require, require_private
from handlers.commands.screen import on_one_screen
from handlers.ports import DigestShelf, Office
from handlers.reach import EVERYWHERE

_RELEASE, _CORRECT = "release", "correct"


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
    release: Callable[[Issue], Awaitable[bool]]
    correct: Callable[[Week, Office], Awaitable[Issue | None]]

    async def __call__(self, asked: Asked) -> Reply:
        """The last issue of the latest week, or of one such as 2026-W42; raises UserError.

        Behind the week an office may say that it is to go out, or to be corrected.
        """
        verb, argument = self._parsed(asked.call.argument)
        held = require(asked, Doing.ISSUE_DIGEST if verb else Doing.DIGEST)
        require_private(asked)
        wanted = self._week(argument)
        offices = [one for one in self.offices() if _is_theirs(one, held)]
        if not offices:
            raise UserError("admin.denied.scope")
        office = offices[0]
        issues = await self.shelf.issues(office.code)
        issue = next((one for one in reversed(issues) if wanted in (None, one.week)), None)
        kept = await self.shelf.get(issue) if issue else None
        if issue is None or kept is None:
            raise UserError("admin.digest.none" if issues else "admin.digest.none_yet")
        if verb:
            return await self._issue(verb, issue, office)
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

    async def _issue(self, verb: str, issue: Issue, office: Office) -> Reply:
        done: Issue | None = issue
        if verb == _CORRECT:
            done = await self.correct(issue.week, office)
        else:
            await self.release(issue)
        if done is None:
            raise UserError(
                "correction.error.nothing", week=str(issue.week), number=str(issue.number)
            )
        return Reply(self.texts(f"preview.done.{verb}", issue=done.label))

    def _parsed(self, argument: str) -> tuple[str, str]:
        """The verb's name, empty to read, and what is left."""
        words = argument.split()
        for verb in (_RELEASE, _CORRECT):
            known = self.texts(f"preview.words.{verb}").split()
            for place, word in enumerate(words):
                if word.casefold() in known:
                    return verb, " ".join(words[:place] + words[place + 1 :])
        return "", argument

    def _week(self, written: str) -> Week | None:
        if not written.strip():
            return None
        try:
            # The label of a further issue names its week too.
            return Issue.labelled(written.strip().upper().replace("-R", "-r"), "").week
        except ValueError:
            raise UserError("admin.digest.usage") from None


def _is_theirs(office: Office, held: frozenset[str]) -> bool:
    return EVERYWHERE in held or (bool(office.units) and set(office.units) <= held)
