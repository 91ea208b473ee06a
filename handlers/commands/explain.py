"""/解释: whether a sentence counts, and why; or which rules stand behind a count, by its id.

Words are judged on the spot and forgotten. Of a stored count there are none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.disputes import PublicCount, telling_rules, written_id
from bot.domain.errors import UserError
from bot.domain.groups import GroupCode, GroupProfile
from bot.domain.judgement import VOTE_ALONE
from bot.domain.messages import Reply
from bot.domain.rules import Rulebook
from bot.domain.texts import Texts
from handlers.commands.asked import Asked
from handlers.commands.counts import mark_of, told
from handlers.dispute_counts import DisputeCounts
from handlers.ports import Clock, Registry, Role

MOST_RULES = 6


@dataclass(frozen=True, slots=True)
class Explain:
    """Explains what stands behind the command, else the quoted message.

    `say` judges words as if they were said now in `group`, or in `nowhere` when asked in a DM.
    Counts are explained within their group, and to its admin in a DM.
    """

    say: Callable[[str, datetime, GroupProfile], str]
    nowhere: GroupProfile
    counts: DisputeCounts
    rulebook: Rulebook
    registry: Registry
    texts: Texts
    clock: Clock

    async def __call__(self, asked: Asked) -> Reply:
        """A few lines; raises UserError when there is nothing to explain."""
        quote = asked.message.quote
        words = asked.call.argument or (quote.text.reveal() if quote else "")
        if not words.strip():
            raise UserError("commands.explain.usage")
        if (count := await self._count(words, asked)) is not None:
            return Reply(self._counted(count))
        return Reply(self.say(words, self.clock.now(), asked.group or self.nowhere))

    async def _count(self, words: str, asked: Asked) -> PublicCount | None:
        """The count whose id was written; None where it was a word such as "report"."""
        if written_id(words) is None:
            return None
        try:
            return await self.counts.count_of(words, self._groups(asked))
        except UserError:
            if any(sign.isdigit() for sign in words):
                raise
            return None

    def _groups(self, asked: Asked) -> set[GroupCode]:
        if asked.message.conversation.is_group:
            return {asked.group.code} if asked.group else set()
        scopes = asked.roles.get(Role.GROUP_ADMIN, frozenset())
        deciding = asked.roles.get(Role.OFFICE, frozenset())
        return {
            group.code
            for group in self.registry.groups()
            if "*" in scopes | deciding or group.code in scopes or group.unit in deciding
        }

    def _counted(self, count: PublicCount) -> str:
        texts = self.texts
        comma = texts("explain.words.comma")
        lines = [
            texts(
                "dispute.explain.counted",
                id=count.id,
                week=count.week,
                count=told(count, texts) + mark_of(count, texts),
            ),
            texts(
                "dispute.explain.rules",
                rules=comma.join(self._rule(rule) for rule in telling_rules(count, MOST_RULES)),
            ),
        ]
        if basis := self.rulebook.basis_of(count.kinds):
            lines.append(texts("dispute.explain.basis", basis=comma.join(basis)))
        lines.append(texts("dispute.explain.version", version=count.rulebook))
        return "\n".join(lines)

    def _rule(self, name: str) -> str:
        if name == VOTE_ALONE:
            return self.texts("dispute.explain.wording")
        rule = self.rulebook.rule(name)
        if rule is None:
            return self.texts("dispute.explain.retired", id=name)
        return self.texts("dispute.explain.rule", title=rule.title, id=name)
