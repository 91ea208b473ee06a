"""What stands on the bot's cards: one function for each place where a button spares typing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.cards import Card, Choice, Fact
from bot.domain.disputes import DisputeState, PublicCount
from bot.domain.documents import Document, Figures
from bot.domain.issues import Issue
from bot.domain.limit_changes import ChangeState
from bot.domain.texts import Texts

MOST_DISPUTES = 3  # two buttons each
MOST_IN_MENU = 5
_SETTLE = {
    "limits": (f"admin.verbs.{ChangeState.STANDING}", f"admin.verbs.{ChangeState.WITHDRAWN}"),
    "enter": ("filing.verbs.confirm", "filing.verbs.withdraw"),
}


@dataclass(frozen=True, slots=True)
class CardWords:
    """Cards in the reader's language, not yet signed. What they say stands in the text as well."""

    texts: Texts

    def menu(self, title: str, commands: Sequence[tuple[str, str]]) -> Card:
        """Commands, each with the word that its button says; the last button asks for all."""
        choices = [Choice(word, name) for name, word in commands[:MOST_IN_MENU]]
        whole = self.texts("cards.menu.whole")
        choices.append(Choice(whole, "help", self._verb("admin.verbs.whole")))
        return Card(title, tuple(choices), self.texts("cards.menu.text"))

    def sure(self, what: str, mark: str, facts: Sequence[tuple[str, str]]) -> Card:
        """The question whether something that cannot be undone is meant, to whoever asked for it.

        `what` is claim or retire; `mark` tells this question from every other.
        """
        cancel = f"{self._verb('admin.verbs.cancel')} {mark}"
        return Card(
            self.texts("cards.sure.title"),
            (
                Choice(self.texts("cards.sure.yes"), "confirm", mark, is_private=True),
                Choice(self.texts("cards.sure.no"), "confirm", cancel, is_private=True),
            ),
            self.texts(f"cards.sure.{what}"),
            tuple(Fact(self.texts(f"cards.sure.{name}"), value) for name, value in facts),
        )

    def second(self, command: str, number: int, said: str) -> Card:
        """What one person proposed, to a second one; `command` is limits or enter."""
        choices = tuple(
            Choice(self.texts(f"cards.second.{deed}"), command, f"{self._verb(verb)} {number}")
            for deed, verb in zip(("confirm", "withdraw"), _SETTLE[command], strict=True)
        )
        return Card(self.texts("filing.tell.title"), choices, said)

    def match(self, id: str, number: str, said: str) -> Card:  # noqa: A002 - as it is called
        """Whether a count rests on an entry of the register, to the group's admin."""
        return Card(
            self.texts("cards.match.title"),
            (
                Choice(self.texts("cards.match.claim"), "register", f"{id} {number}"),
                Choice(self.texts("cards.match.entry"), "register", number),
            ),
            said,
        )

    def disputes(self, counts: Sequence[PublicCount], lines: Sequence[str]) -> Card:
        """The first disputes that wait, to the office; `lines` tell of the counts, in order."""
        choices = [
            Choice(
                self.texts(f"cards.dispute.{state}", id=count.id),
                "dispute",
                f"{self._verb(f'dispute.words.{state}')} {count.id} {self._kinds(count)}".rstrip(),
            )
            for count in counts[:MOST_DISPUTES]
            for state in (DisputeState.UPHELD, DisputeState.REJECTED)
        ]
        title = self.texts("cards.dispute.title", n=len(counts))
        return Card(title, tuple(choices), "\n".join(lines[:MOST_DISPUTES]))

    def _kinds(self, count: PublicCount) -> str:
        """What a decision is about, so that one on anything else is refused."""
        return self.texts("dispute.count.comma").join(
            self.texts(f"measures.name.{kind.value}") for kind in count.disputed
        )

    def digest(self, document: Document, issue: Issue) -> Card:
        """The digest's headline figures as the page has them, to an office."""
        blocks = [block for section in document.sections for block in section.blocks]
        items = [
            figure
            for block in blocks
            if isinstance(block, Figures)
            for figure in block.items
        ]  # fmt: skip
        text = self.texts("cards.digest.between").join(
            f"{figure.label} {figure.value}" for figure in items
        )
        return Card(
            self.texts("cards.digest.title", week=issue.label),
            (
                Choice(self.texts("cards.digest.whole"), "digest", str(issue.week)),
                Choice(self.texts("cards.digest.disputes"), "dispute"),
            ),
            text,
        )

    def _verb(self, key: str) -> str:
        return self.texts(key).split()[0]
