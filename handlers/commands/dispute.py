"""/误报: a count, or a kind of it, is called wrong; it is taken back, or the office decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from bot.domain.disputes import DECIDED, DisputeState, PublicCount
from bot.domain.errors import UserError
from bot.domain.groups import GroupCode
from bot.domain.messages import Reply
from bot.domain.periods import Week
from bot.domain.texts import Texts
from bot.domain.typed_disputes import TypedDispute, typed_dispute, words_of
from bot.domain.vocabulary import Kind
from handlers.card_words import CardWords
from handlers.commands.asked import Asked
from handlers.commands.counts import mark_of, named, told, told_of_step
from handlers.dispute_counts import DisputeCounts
from handlers.ports import Registry, Role

EVERYWHERE = "*"
MOST_LISTED = 8
MOST_CHOSEN = 20
LONGEST_CHOICE = 1500  # bytes: with title and foot it fits a message of 2048


@dataclass(frozen=True, slots=True)
class Dispute:
    """A group's admin disputes its own counts; the office decides on those of its units.

    Whoever administers a group does not decide on it: it takes two. `kinds` are what kinds are
    called in small letters, in all languages.
    """

    counts: DisputeCounts
    registry: Registry
    texts: Texts
    kinds: Mapping[str, Kind]

    async def __call__(self, asked: Asked) -> Reply:
        """What became of it; raises UserError for whoever may not, and for an id that is none."""
        own, deciding = self._own(asked), self._deciding(asked)
        if not own and not deciding:
            raise UserError("dispute.answer.not_yours")
        wanted, typed = self._parsed(asked.call.argument)
        week = _week_in(typed)
        if typed == TypedDispute("") and deciding:
            return await self._open(own, deciding)
        if typed == TypedDispute("") or week:
            return Reply(await self._undecided(own, week))
        is_decision = wanted in (DisputeState.UPHELD, DisputeState.REJECTED)
        allowed = deciding if is_decision else own
        if not allowed:
            raise UserError(f"dispute.answer.{'office_only' if is_decision else 'admin_only'}")
        count = await self.counts.count_of(typed.id, allowed)
        if is_decision and count.group in own:
            raise UserError("dispute.answer.two_persons")
        self._require_its_kinds(count, wanted, typed)
        by = Role.OFFICE if is_decision else Role.GROUP_ADMIN
        moved = await self.counts.move(count, wanted, by.value, typed.kinds)
        kinds = typed.kinds if wanted is DisputeState.OPEN else count.disputed
        sharing = await self.counts.sharing(count, kinds)
        return Reply(told_of_step(count, wanted, moved, kinds, sharing, self.texts))

    def _own(self, asked: Asked) -> set[GroupCode]:
        """The groups whose counts the asker may dispute; within a group, that group's only."""
        scopes = asked.roles.get(Role.GROUP_ADMIN, frozenset())
        groups = {
            group.code
            for group in self.registry.groups()
            if EVERYWHERE in scopes or group.code in scopes
        }
        if asked.message.conversation.is_group:
            groups &= {asked.group.code} if asked.group else set()
        return groups

    def _deciding(self, asked: Asked) -> set[GroupCode]:
        scopes = asked.roles.get(Role.OFFICE, frozenset())
        if asked.message.conversation.is_group:
            return set()  # what an office decides is not said before a group
        return {
            group.code
            for group in self.registry.groups()
            if EVERYWHERE in scopes or group.unit in scopes
        }

    def _require_its_kinds(
        self, count: PublicCount, wanted: DisputeState, typed: TypedDispute
    ) -> None:
        if wanted is not DisputeState.OPEN or count.state in DECIDED:
            if typed.unknown:
                raise UserError("dispute.answer.no_id")
            return  # what stands decides
        if not typed.unknown and set(typed.kinds) <= set(count.kinds):
            return
        if not count.kinds:
            raise UserError("dispute.answer.without_kinds", id=count.id)
        kinds = named(count.kinds, self.texts)
        example = named(count.kinds[-1:], self.texts)
        raise UserError("dispute.answer.not_its_kind", id=count.id, kinds=kinds, example=example)

    def _parsed(self, argument: str) -> tuple[DisputeState, TypedDispute]:
        """The state that is asked for, and what else was typed."""
        steps: Mapping[str, DisputeState] = {
            word: state
            for state in (DisputeState.WITHDRAWN, DisputeState.REJECTED, DisputeState.UPHELD)
            for word in self.texts(f"dispute.words.{state.value}").split()
        }
        words = words_of(argument)
        for place, word in enumerate(words):
            if (state := steps.get(word.casefold())) is not None:
                return state, typed_dispute(words[:place] + words[place + 1 :], self.kinds)
        return DisputeState.OPEN, typed_dispute(words, self.kinds)

    async def _undecided(self, own: set[GroupCode], week: Week | None) -> str:
        if not own:
            raise UserError("dispute.answer.admin_only")
        newest, there_are = await self.counts.undecided(own, week, MOST_CHOSEN)
        if not newest:
            return self.texts("dispute.choose.none")
        shown = _fitting([self._line(count) + mark_of(count, self.texts) for count in newest])
        said = [self.texts("dispute.choose.title", n=there_are), *shown]
        if there_are > len(shown):
            more = "more_of_week" if week else "more"
            said.append(self.texts(f"dispute.choose.{more}", n=there_are - len(shown)))
        foot = self.texts("dispute.choose.foot", week=week or self.counts.week().shifted(-1))
        return "\n".join([*said, "", foot])

    async def _open(self, own: set[GroupCode], deciding: set[GroupCode]) -> Reply:
        waiting = await self.counts.open(own | deciding)
        if not waiting:
            how = ["\n" + self.texts("dispute.answer.no_id")] if own else []
            return Reply("".join([self.texts("dispute.list.none"), *how]))
        shown = _fitting([self._waiting(one) for one in waiting[:MOST_LISTED]])
        lines = [self.texts("dispute.list.title", n=len(waiting)), *shown]
        if len(waiting) > len(shown):
            lines.append(self.texts("dispute.list.more", n=len(waiting) - len(shown)))
        text = "\n".join([*lines, "", self.texts("dispute.list.foot")])
        # Whoever administers a group does not decide on it.
        theirs = [one for one in waiting if one.group in deciding - own]
        if not theirs:
            return Reply(text)
        told_of = [self._waiting(one).removeprefix("- ") for one in theirs]
        return Reply(text, CardWords(self.texts).disputes(theirs, told_of))

    def _waiting(self, count: PublicCount) -> str:
        if not count.disputed:
            return self._line(count)
        only = self.texts("dispute.list.only", kinds=named(count.disputed, self.texts))
        return self._line(count) + only

    def _line(self, count: PublicCount) -> str:
        group = self.registry.group(count.group)
        return self.texts(
            "dispute.list.line",
            id=count.id,
            group=group.alias if group else count.group,
            week=count.week,
            count=told(count, self.texts),
        )


def _fitting(lines: Sequence[str]) -> list[str]:
    """As many of the lines, from the first, as a message has room for."""
    ends = accumulate(len(line.encode()) + 1 for line in lines)
    return [line for line, end in zip(lines, ends, strict=True) if end <= LONGEST_CHOICE]


def _week_in(typed: TypedDispute) -> Week | None:
    if typed.kinds or typed.unknown:
        return None
    try:
        return Week.parse(typed.id.upper())
    except ValueError:
        return None
