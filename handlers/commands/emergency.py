"""/应急: which emergencies are declared; an admin or the office declares one, or ends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta, tzinfo

from bot.domain.emergency_words import declaration
from bot.domain.errors import NotAllowed, UserError
from bot.domain.groups import GroupCode, UnitCode
from bot.domain.messages import Reply
from bot.domain.registers import EmergencyWindow
from bot.domain.texts import Texts
from handlers.commands.asked import Asked
from handlers.commands.permissions import Doing, own_groups, require, scopes
from handlers.commands.screen import on_one_screen
from handlers.keep_registers import USUAL_EMERGENCY, KeepRegisters
from handlers.ports import Registry, Role
from handlers.reach import EVERYWHERE, covers_unit

LONGEST_BY_AN_ADMIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Emergency:
    """A group's admin declares one for the group and a day at most; an office for its units.

    It needs a basis, ends by itself, and whoever may declare one may end it.
    """

    keep: KeepRegisters
    registry: Registry
    texts: Texts
    zone: tzinfo

    async def __call__(self, asked: Asked) -> Reply:
        """The list, or what was declared or ended; raises UserError."""
        words = asked.call.argument.split()
        if not words:
            return Reply(self._listed(asked))
        verb = words.pop(0).casefold()
        if verb in self.texts("admin.verbs.begin").split():
            return Reply(await self._opened(asked, words))
        if verb in self.texts("admin.verbs.end").split() and len(words) < 2:
            require(asked, Doing.OPEN_EMERGENCY)
            # Without an id: which there are, each with its own.
            return Reply(await self._closed(asked, words[0]) if words else self._listed(asked))
        raise UserError("admin.emergency.usage")

    def _listed(self, asked: Asked) -> str:
        texts = self.texts
        found = [one for one in self.keep.emergencies() if self._concerns(asked, one)]
        head = [f"**{texts('admin.emergency.title')}**"]
        if not found:
            head.append(texts("admin.emergency.none"))
        foot = (
            texts("admin.emergency.usage")
            if scopes(asked, Doing.OPEN_EMERGENCY)
            else texts("admin.emergency.foot")
        )
        return on_one_screen(head, [self._line(one) for one in found], foot, texts)

    async def _opened(self, asked: Asked, words: list[str]) -> str:
        require(asked, Doing.OPEN_EMERGENCY)
        everywhere = self.texts("admin.verbs.everywhere").split()
        declared = declaration([word for word in words if word.casefold() not in everywhere])
        is_everywhere = any(word.casefold() in everywhere for word in words)
        where = EVERYWHERE if is_everywhere else declared.place
        lasts_for = USUAL_EMERGENCY if declared.lasts_for is None else declared.lasts_for
        group, unit = self._place(asked, where)
        if group and not self._is_office_of(asked, group) and lasts_for > LONGEST_BY_AN_ADMIN:
            raise UserError("admin.emergency.longest")
        window = await self.keep.open_emergency(
            declared.basis,
            declared.level,
            asked.actor,
            group=group,
            unit=unit,
            lasts_for=lasts_for,
        )
        said = self.texts("admin.emergency.opened", line=self._line(window), id=window.id)
        others = [
            one.id
            for one in self.keep.emergencies()
            if (one.group, one.unit) == (window.group, window.unit) and one.id != window.id
        ]
        if others:
            ids = self.texts("admin.screen.comma").join(others)
            said += "\n" + self.texts("admin.emergency.beside", ids=ids)
        return said

    async def _closed(self, asked: Asked, written: str) -> str:
        for window in self.keep.emergencies():
            if window.id == written.upper():
                self._require_reach(asked, window.group or None, window.unit or None)
        window = await self.keep.close_emergency(written, asked.actor)
        return self.texts("admin.emergency.closed", id=window.id)

    def _place(self, asked: Asked, where: str) -> tuple[GroupCode | None, UnitCode | None]:
        """The group or unit meant; said in a group it is that group, else the admin's only one."""
        if not where:
            own = own_groups(asked, Doing.OPEN_EMERGENCY, self.registry)
            if asked.message.conversation.is_group and asked.group is not None:
                where = asked.group.code
            elif len(own) == 1:
                where = next(iter(own))
            else:
                raise UserError("admin.emergency.where")
        group: GroupCode | None = None
        unit: UnitCode | None = None
        if where != EVERYWHERE:
            known = self.registry.group(GroupCode(where))
            if known is not None and not known.retired:
                group = known.code
            else:
                unit = self._unit(where)
        self._require_reach(asked, group, unit)
        return group, unit

    def _unit(self, code: str) -> UnitCode:
        for known in {one.unit for one in self.registry.groups()} | {
            one.code for one in self.registry.units()
        }:
            if known == code:
                return known
        raise UserError("admin.emergency.no_place")

    def _require_reach(self, asked: Asked, group: GroupCode | None, unit: UnitCode | None) -> None:
        """Raises NotAllowed; said in a group, only that group's own emergency is dealt with."""
        if asked.message.conversation.is_group and (
            asked.group is None or group != asked.group.code
        ):
            raise NotAllowed("admin.denied.in_private")
        if group is not None:
            own = group in own_groups(asked, Doing.OPEN_EMERGENCY, self.registry)
            if own or self._is_office_of(asked, group):
                return
        elif covers_unit(scopes(asked, Doing.OPEN_EMERGENCY, of=Role.OFFICE), unit or ""):
            return
        raise NotAllowed("admin.denied.scope")

    def _is_office_of(self, asked: Asked, code: GroupCode) -> bool:
        group = self.registry.group(code)
        held = scopes(asked, Doing.OPEN_EMERGENCY, of=Role.OFFICE)
        return group is not None and covers_unit(held, group.unit)

    def _concerns(self, asked: Asked, window: EmergencyWindow) -> bool:
        """Everywhere's concern everybody; others the group asked in, its admins and its office."""
        if not window.group and not window.unit:
            return True
        if asked.message.conversation.is_group:
            return asked.group is not None and window.covers(asked.group, window.starts)
        own = own_groups(asked, Doing.OPEN_EMERGENCY, self.registry)
        held = scopes(asked, Doing.OPEN_EMERGENCY, of=Role.OFFICE)
        return (
            any(window.covers(group, window.starts) for group in own.values())
            or (bool(window.unit) and covers_unit(held, window.unit))
            or (bool(window.group) and self._is_office_of(asked, window.group))
        )

    def _line(self, window: EmergencyWindow) -> str:
        texts = self.texts
        group = self.registry.group(window.group) if window.group else None
        where = group.alias if group else window.group or window.unit
        return texts(
            "admin.emergency.line",
            id=window.id,
            where=where or texts("admin.emergency.everywhere"),
            basis=window.basis,
            level=texts("admin.emergency.level", level=window.level) if window.level else "",
            until=f"{window.over_at.astimezone(self.zone):%m-%d %H:%M}",
        )
