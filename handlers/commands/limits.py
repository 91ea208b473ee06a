"""/限额: what is in force; the office proposes a change, a second person confirms it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.errors import UserError
from bot.domain.limit_changes import ChangeState, LimitChange
from bot.domain.limits import Limit, Scope, Window
from bot.domain.messages import Reply
from bot.domain.texts import Texts
from bot.domain.typed_values import typed_number
from bot.domain.vocabulary import Measure
from handlers.commands.asked import Asked
from handlers.commands.permissions import Doing, may, require, require_private
from handlers.commands.screen import on_one_screen
from handlers.keep_limits import KeepLimits
from handlers.ports import Registry
from handlers.proposal_words import change_line, limit_name
from handlers.reach import EVERYWHERE, covers_unit, unit_of_limit
from handlers.reaction_words import basis
from handlers.tell_seconds import TellSecondPersons

MOST_NAMED = 4
MOST_WAITING = 5


@dataclass(frozen=True, slots=True)
class Limits:
    """Reads limits to everybody; with a number it proposes, with 确认 or 撤回 it settles.

    An office of some units changes what holds for those units or their groups alone.
    """

    keep: KeepLimits
    registry: Registry
    seconds: TellSecondPersons
    texts: Texts

    async def __call__(self, asked: Asked) -> Reply:
        """The limits, or what became of a change; raises UserError."""
        words = asked.call.argument.split()
        if not words:
            return Reply(self._listed(asked))
        for state in (ChangeState.STANDING, ChangeState.WITHDRAWN):
            if words[0].casefold() in self.texts(f"admin.verbs.{state}").split():
                return Reply(await self._settled(asked, state, words[1:]))
        number = typed_number(words[-1]) if len(words) > 1 else None
        if number is None and not self._is_off(words[-1]):
            self._require_known(words)
            return Reply(self._one(words))
        return Reply(await self._proposed(asked, words[:-1], number))

    def _listed(self, asked: Asked) -> str:
        texts = self.texts
        limits = self.keep.today()
        if asked.message.conversation.is_group:
            code = asked.group.code if asked.group else ""
            limits = tuple(
                one for one in limits if one.scope is Scope.GROUP and one.only in ("", code)
            )
        is_private = not asked.message.conversation.is_group
        waiting = []
        if may(asked.roles, Doing.CONFIRM_LIMITS) and is_private:
            waiting = [
                change_line(one, self.texts) for one in self.keep.proposals()[:MOST_WAITING]
            ]
        foot = [texts("admin.limits.foot")]
        if may(asked.roles, Doing.CHANGE_LIMITS) and is_private:
            foot.append(texts("admin.limits.how"))
        elif waiting:
            foot.append(texts("admin.limits.settle"))
        return on_one_screen(
            [f"**{texts('admin.limits.title')}**", *waiting],
            [self._line(one) for one in limits],
            "\n".join(foot),
            texts,
        )

    def _one(self, words: Sequence[str]) -> str:
        """A limit with its basis and its name."""
        limit = self._meant(words)
        lines = [
            self._line(limit),
            self.texts("admin.limits.basis", basis=basis(limit, self.texts)),
            self.texts("admin.limits.name", id=limit.id),
        ]
        return "\n".join(lines)

    async def _proposed(self, asked: Asked, words: Sequence[str], at_most: int | None) -> str:
        held = require(asked, Doing.CHANGE_LIMITS)
        require_private(asked)
        limit_id = words[0] if "@" in words[0] else self._of_the_asker(self._meant(words), held)
        self._require_reach(limit_id, held)
        for waiting in self.keep.proposals():
            # Sent twice, it would wait twice, and be told twice to whoever confirms.
            if waiting.limit.id == limit_id and _wanted(waiting) == at_most:
                return self.texts(
                    "admin.limits.already",
                    change=change_line(waiting, self.texts),
                    number=waiting.number,
                )
        change = await self.keep.propose(limit_id, at_most, asked.actor)
        told = len(self.seconds.of_limit(change))
        return self.texts(
            "admin.limits.proposed",
            change=change_line(change, self.texts),
            number=change.number,
            told=self.texts("filing.told" if told else "filing.nobody", n=told),
        )

    async def _settled(self, asked: Asked, state: ChangeState, words: Sequence[str]) -> str:
        held = require(asked, Doing.CONFIRM_LIMITS)
        require_private(asked)
        if len(words) != 1 or not words[0].isdecimal() or len(words[0]) > 9:
            raise UserError("admin.limits.which")
        number = int(words[0])
        for change in self.keep.proposals():
            if change.number == number:
                self._require_reach(change.limit.id, held)
        if state is ChangeState.STANDING:
            settled = await self.keep.confirm(number, asked.actor)
        else:
            settled = await self.keep.withdraw(number, asked.actor)
        return self.texts(
            f"admin.limits.{state}",
            change=change_line(settled, self.texts),
            on=str(settled.effective_on or ""),
        )

    def _of_the_asker(self, limit: Limit, held: frozenset[str]) -> str:
        """The limit; to an office of one unit a limit of units is that unit's own."""
        if limit.scope is Scope.UNIT and len(held) == 1 and EVERYWHERE not in held:
            return f"{limit.id}@{next(iter(held))}"
        return limit.id

    def _require_reach(self, limit_id: str, held: frozenset[str]) -> None:
        """Raises UserError when the limit holds for others than the office's units."""
        if not covers_unit(held, unit_of_limit(limit_id, self.registry)):
            raise UserError("admin.denied.scope")

    def _meant(self, words: Sequence[str]) -> Limit:
        """The one limit of a name, or of a measure with as much of scope and window as it takes."""
        known = {limit.id: limit for limit in self.keep.today()}
        if words[0] in known:
            return known[words[0]]
        said = {word.casefold() for word in words}
        texts = self.texts
        measures, scopes, windows = (self._named(names, said) for names in self._names())
        found = [
            one
            for one in known.values()
            if one.measure in measures
            and (not scopes or one.scope in scopes)
            and (not windows or one.window in windows)
            and not one.only
        ]
        if len(found) == 1:
            return found[0]
        if not found:
            raise UserError("admin.limits.unknown")
        ids = texts("admin.screen.comma").join(
            texts("admin.limits.with_id", name=limit_name(one, texts), id=one.id)
            for one in found[:MOST_NAMED]
        )
        raise UserError("admin.limits.several", ids=ids)

    def _names(self) -> tuple[dict[str, str], ...]:
        """What measures, scopes and windows are called."""
        texts = self.texts
        return (
            {one: texts(f"measures.name.{one}") for one in Measure},
            {one: texts(f"limits.scope.{one}") for one in Scope},
            {one: texts(f"limits.window.{one}") for one in Window},
        )

    def _require_known(self, words: Sequence[str]) -> None:
        """Raises UserError for a last word that is nothing: it was probably meant as a number,
        and a limit told as it stands would pass for a change."""
        last = {words[-1].casefold()}
        if len(words) > 1 and not any(self._named(names, last) for names in self._names()):
            raise UserError("admin.limits.unknown")

    def _named(self, names: dict[str, str], said: set[str]) -> set[str]:
        return {
            one for one, name in names.items() if one.casefold() in said or name.casefold() in said
        }

    def _line(self, limit: Limit) -> str:
        key = "line_only" if limit.only else "line"
        values = {"only": limit.only} if limit.only else {}
        return self.texts(
            f"admin.limits.{key}",
            measure=self.texts(f"measures.name.{limit.measure}"),
            scope=self.texts(f"limits.scope.{limit.scope}"),
            window=self.texts(f"limits.window.{limit.window}"),
            limit=limit.at_most,
            ground=self.texts(f"limits.ground.{limit.ground}"),
            **values,
        )

    def _is_off(self, written: str) -> bool:
        return written.casefold() in self.texts("admin.verbs.off").split()


def _wanted(change: LimitChange) -> int | None:
    return None if change.removed else change.limit.at_most
