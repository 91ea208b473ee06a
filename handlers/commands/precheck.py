"""/预检: what a draft would count as, which limit it meets, how to say it with less burden.

The draft is judged on the spot and forgotten: nothing of it reaches a table, a log or a metric.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.errors import UserError
from bot.domain.excesses import Excess, excesses
from bot.domain.explaining import Explanation
from bot.domain.groups import GroupProfile
from bot.domain.limits import EVERYBODY, Limit, Scope, Window, applicable
from bot.domain.messages import Reply
from bot.domain.periods import Week
from bot.domain.texts import Texts
from bot.domain.vocabulary import Lead, Measure
from handlers.commands.asked import Asked
from handlers.commands.screen import on_one_screen
from handlers.ports import Books, Clock, Registry, Role

MOST_SUGGESTED = 4


@dataclass(frozen=True, slots=True)
class Precheck:
    """Judges a draft in private. The admin of one group also reads where that group stands; others
    read the limits alone (DESIGN 12.9)."""

    explain: Callable[[str, datetime, GroupProfile], Explanation]
    nowhere: GroupProfile
    books: Books
    registry: Registry
    limits: Callable[[], Sequence[Limit]]
    texts: Texts
    clock: Clock

    async def __call__(self, asked: Asked) -> Reply:
        """What would happen; raises UserError in a group and without a draft."""
        if asked.message.conversation.is_group:
            raise UserError("admin.precheck.in_private")
        draft = asked.call.argument
        if not draft.strip():
            raise UserError("admin.precheck.usage")
        group = self._own_group(asked)
        found = self.explain(draft, self.clock.now(), group or self.nowhere)
        too_much = excesses(draft, found.kinds if found.counts else ())
        return Reply(await self._said(found, group, too_much))

    def _own_group(self, asked: Asked) -> GroupProfile | None:
        held = asked.roles.get(Role.GROUP_ADMIN, frozenset())
        own = [one for one in self.registry.groups() if one.code in held]
        return own[0] if len(own) == 1 else None

    async def _said(
        self, found: Explanation, group: GroupProfile | None, too_much: Sequence[Excess]
    ) -> str:
        texts = self.texts
        measures = self._measures(found)
        if not found.counts and not measures and not too_much:
            return texts("admin.precheck.free")
        comma = texts("admin.screen.comma")
        named = comma.join(texts(f"measures.name.{one}") for one in measures)
        lines = [texts("admin.precheck.counts", kinds=named or texts("explain.words.no_kind"))]
        lines += await self._limits(measures, group)
        hints = [texts(f"excess.precheck.{one}") for one in too_much]
        hints += [
            texts(f"admin.suggest.{one}") for one in measures if f"admin.suggest.{one}" in texts
        ]
        head = [f"**{texts('admin.precheck.title')}**", *lines]
        if hints:
            head += ["", texts("admin.precheck.instead")]
        return on_one_screen(
            head,
            [f"- {hint}" for hint in hints[:MOST_SUGGESTED]],
            texts("admin.precheck.foot"),
            texts,
        )

    def _measures(self, found: Explanation) -> list[Measure]:
        measures = [Measure(kind.value) for kind in found.kinds] if found.counts else []
        if found.off_hours:
            measures.append(Measure.OFF_HOURS)
        if found.counts and found.lead in (
            Lead.UNDER_HOUR,
            Lead.UNDER_HALF_DAY,
            Lead.UNDER_DAY,
        ):
            measures.append(Measure.SHORT_NOTICE)
        return measures

    async def _limits(
        self, measures: Sequence[Measure], group: GroupProfile | None
    ) -> Sequence[str]:
        counted = await self._counted(group) if group else {}
        lines: list[str] = []
        for scope in Scope:
            for window in Window:
                code = group.code if group and scope is Scope.GROUP else EVERYBODY
                lines += [
                    self._limit(limit, counted)
                    for limit in applicable(self.limits(), scope, window, code)
                    if limit.measure in measures
                ]
        return lines

    async def _counted(self, group: GroupProfile) -> Mapping[tuple[Window, Measure], int]:
        """The group's own counts of today and of the week."""
        now = self.clock.now()
        today = now.astimezone(group.zone).isoweekday()
        counted: Counter[tuple[Window, Measure]] = Counter()
        for cell, n in await self.books.standing(group.code, Week.of(now, group.zone)):
            if isinstance(cell.measure, Measure):
                counted[Window.WEEK, cell.measure] += n
                counted[Window.DAY, cell.measure] += n if cell.weekday == today else 0
        return counted

    def _limit(self, limit: Limit, counted: Mapping[tuple[Window, Measure], int]) -> str:
        texts = self.texts
        line = texts(
            "admin.precheck.limit",
            measure=texts(f"measures.name.{limit.measure}"),
            scope=texts(f"limits.scope.{limit.scope}"),
            window=texts(f"limits.window.{limit.window}"),
            limit=limit.at_most,
        )
        if not counted or limit.scope is not Scope.GROUP:
            return line
        had = counted.get((limit.window, limit.measure), 0)
        key = "beyond" if had + 1 > limit.at_most else "within"
        return line + texts(f"admin.precheck.{key}", nth=had + 1)
