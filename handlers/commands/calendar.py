"""/无会周: which weeks are without meetings and which days without notices; the office marks them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.domain.errors import NotAllowed, UserError
from bot.domain.groups import UnitCode
from bot.domain.messages import Reply
from bot.domain.periods import Week
from bot.domain.registers import Mark, MarkSort
from bot.domain.texts import Texts
from bot.domain.typed_values import typed_days
from handlers.commands.asked import Asked
from handlers.commands.permissions import Doing, may, require, require_private
from handlers.commands.screen import on_one_screen
from handlers.keep_registers import KeepRegisters
from handlers.ports import Registry
from handlers.reach import covers_unit

_WEEK = re.compile(r"(\d{4})-?W(\d{1,2})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Reads marks to everybody whose unit they concern; an office marks days of its units."""

    keep: KeepRegisters
    registry: Registry
    texts: Texts

    async def __call__(self, asked: Asked) -> Reply:
        """The list, or what was marked or taken back; raises UserError."""
        words = asked.call.argument.casefold().split()
        if not words:
            return Reply(self._listed(asked))
        held = require(asked, Doing.MARK_DAYS)
        require_private(asked)
        if words[0] in self.texts("admin.verbs.unmark").split() and len(words) == 2:
            return Reply(await self._unmarked(asked, held, words[1]))
        return Reply(await self._marked(asked, held, words))

    def _listed(self, asked: Asked) -> str:
        texts = self.texts
        marks = [one for one in self.keep.marks() if self._concerns(asked, one)]
        head = [f"**{texts('admin.calendar.title')}**"]
        if not marks:
            head.append(texts("admin.calendar.none"))
        foot = texts("admin.calendar.usage") if may(asked.roles, Doing.MARK_DAYS) else ""
        return on_one_screen(head, [self._line(one) for one in marks], foot, texts)

    def _concerns(self, asked: Asked, mark: Mark) -> bool:
        if not mark.unit:
            return True
        if asked.message.conversation.is_group:
            return asked.group is not None and asked.group.unit == mark.unit
        return any(covers_unit(held, mark.unit) for held in asked.roles.values())

    async def _unmarked(self, asked: Asked, held: frozenset[str], written: str) -> str:
        for mark in self.keep.marks():
            if mark.id != written.upper():
                continue
            if not covers_unit(held, mark.unit):
                raise NotAllowed("admin.denied.scope")
            # What has begun holds for everybody: who marked it does not lift it alone.
            if mark.first <= self.keep.today() and mark.by == asked.actor:
                raise UserError("admin.calendar.second_person")
        await self.keep.unmark(written, asked.actor)
        return self.texts("admin.calendar.unmarked", id=written.upper())

    async def _marked(self, asked: Asked, held: frozenset[str], words: Sequence[str]) -> str:
        sort, unit, weekday, days = MarkSort.NO_MEETINGS, "", 0, list[date]()
        names = self.texts("admin.calendar.weekdays").casefold().split()
        for word in words:
            if word.startswith("@") and len(word) > 1:
                unit = word[1:]
            elif word in self.texts("admin.verbs.no_notices").split():
                sort = MarkSort.NO_NOTICES
            elif word in names:
                weekday = names.index(word) + 1
            elif said := self._days(word):
                days += said
            else:
                raise UserError("admin.calendar.usage")
        if weekday and not days:
            today = self.keep.today()
            days = [today, date(today.year, 12, 31)]
        if not days:
            raise UserError("admin.calendar.usage")
        if not covers_unit(held, unit):
            raise NotAllowed("admin.denied.scope")
        if unit and unit not in self._units():
            raise UserError("admin.emergency.no_place")
        mark = await self.keep.mark(
            sort, days[0], days[-1], asked.actor, weekday=weekday, unit=UnitCode(unit) or None
        )
        return self.texts("admin.calendar.marked", line=self._line(mark), id=mark.id)

    def _units(self) -> set[str]:
        return {one.unit for one in self.registry.groups()} | {
            one.code for one in self.registry.units()
        }

    def _days(self, word: str) -> Sequence[date]:
        this = Week.on(self.keep.today())
        for ahead, key in ((0, "this_week"), (1, "next_week")):
            if word in self.texts(f"admin.verbs.{key}").split():
                return this.shifted(ahead).days
        if days := typed_days(word, self.keep.today()):
            return days
        found = _WEEK.fullmatch(word)
        try:
            return Week(int(found[1]), int(found[2])).days if found else ()
        except ValueError:
            raise UserError("admin.calendar.usage") from None

    def _line(self, mark: Mark) -> str:
        weekday = self.texts("admin.calendar.weekdays").split()[mark.weekday - 1]
        return self.texts(
            "admin.calendar.line",
            id=mark.id,
            sort=self.texts(f"admin.calendar.{mark.sort}"),
            first=str(mark.first),
            last=str(mark.last),
            weekday=self.texts("admin.calendar.each", weekday=weekday) if mark.weekday else "",
            where=mark.unit or self.texts("admin.calendar.everywhere"),
        )
