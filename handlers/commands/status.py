"""/状态: what a group has had this week, and how far its limits are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.domain.errors import GroupNotRegistered, UserError
from bot.domain.groups import GroupProfile
from bot.domain.limits import Level, Limit, Standing, group_standing
from bot.domain.messages import Reply
from bot.domain.periods import Week
from bot.domain.rules import Rulebook
from bot.domain.tallies import Counted, CountTable
from bot.domain.texts import Texts
from bot.domain.vocabulary import Measure, Tallied
from handlers.commands.asked import Asked
from handlers.commands.counts import listed
from handlers.ports import Books, Clock, Disputes, Registry

MOST_LISTED = 4


@dataclass(frozen=True, slots=True)
class Status:
    """A group's own conduct counts of the running week, to whoever asks in the group.

    Nobody is shown another group's (DESIGN 12.9), so a DM is pointed to the group.
    """

    books: Books
    disputes: Disputes
    registry: Registry
    limits: Callable[[], Sequence[Limit]]
    rulebook: Rulebook
    texts: Texts
    clock: Clock

    async def __call__(self, asked: Asked) -> Reply:
        """The standing; raises UserError in a DM and in a group that is not registered."""
        if not asked.message.conversation.is_group:
            raise UserError("commands.status.ask_in_group")
        group = asked.group
        if group is None:
            raise GroupNotRegistered("commands.status.not_registered")
        now = self.clock.now()
        week = Week.of(now, group.zone)
        table = await self.books.standing(group.code, week)
        latest = await self.disputes.latest(group.code, week, MOST_LISTED)
        today = now.astimezone(group.zone).isoweekday()
        whole = self.registry.hears_whole(group.code, asked.message.platform)
        lines = self._lines(group, table, today)
        if latest:
            lines += ["", self.texts("dispute.status.latest")]
            lines += [listed(count, self.rulebook, self.texts) for count in latest]
        seen = "all" if whole else "addressed"
        lines += ["", self.texts(f"commands.status.sees_{seen}")]
        lines.append(self.texts("dispute.status.foot" if latest else "commands.status.foot"))
        return Reply("\n".join(lines))

    def _lines(self, group: GroupProfile, table: CountTable, today: int) -> list[str]:
        texts, week = self.texts, _sums(table)
        lines = [f"**{texts('commands.status.title', alias=group.alias)}**", ""]
        if not week[Tallied.EPISODES] and not week[Measure.OFF_HOURS]:
            lines.append(texts("commands.status.none", messages=week[Tallied.MESSAGES]))
        else:
            lines.append(
                texts(
                    "commands.status.intro",
                    messages=week[Tallied.MESSAGES],
                    episodes=week[Tallied.EPISODES],
                    reminders=week[Measure.REPEAT],
                    off_hours=week[Measure.OFF_HOURS],
                )
            )
            lines += self._measures(group, table, week, today)
        if week[Tallied.EXEMPT]:
            lines.append(texts("commands.status.exempt", exempt=week[Tallied.EXEMPT]))
        return lines

    def _measures(
        self, group: GroupProfile, table: CountTable, week: Counter[Counted], today: int
    ) -> list[str]:
        """Every measure that has a count, once: with its limit where it has one."""
        lines = []
        shown: set[Measure] = set()
        for each in group_standing(self.limits(), table, group.code, today):
            if each.count and each.limit.measure not in shown:
                shown.add(each.limit.measure)
                lines.append(self._limited(each))
        lines += [
            self.texts(
                "commands.status.unlimited",
                measure=self.texts(f"measures.name.{measure}"),
                count=self.texts(f"measures.count.{measure}", n=week[measure]),
            )
            for measure in Measure
            if week[measure] and measure not in shown
        ]
        return lines

    def _limited(self, each: Standing) -> str:
        texts, limit = self.texts, each.limit
        mark = ""
        if each.level is Level.OVER:
            over = each.count - limit.at_most
            mark = texts(
                "commands.status.over", by=texts(f"measures.count.{limit.measure}", n=over)
            )
        elif each.level is Level.NEAR:
            mark = texts("commands.status.near")
        return texts(
            "commands.status.line",
            measure=texts(f"measures.name.{limit.measure}"),
            count=texts(f"measures.count.{limit.measure}", n=each.count),
            window=texts(f"limits.window.{limit.window}"),
            limit=texts(f"measures.count.{limit.measure}", n=limit.at_most),
            basis=texts(limit.basis_key) if limit.basis_key else limit.basis_text,
            mark=mark,
        )


def _sums(table: CountTable) -> Counter[Counted]:
    sums: Counter[Counted] = Counter()
    for cell, count in table:
        sums[cell.measure] += count
    return sums
