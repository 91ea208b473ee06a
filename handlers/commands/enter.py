"""/登记: an approved inspection, an admitted matter, a filed app, duties, a group on duty; typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.domain.authors import Person
from bot.domain.commands import nearest
from bot.domain.errors import NotAllowed, UserError
from bot.domain.filing_words import Typed, Vocabulary, typed
from bot.domain.groups import GroupCode, LineCode, UnitCode
from bot.domain.messages import Reply
from bot.domain.registers import (
    ANY_GROUP,
    ANY_UNIT,
    TAKES_TWO,
    Filing,
    Proposal,
    Sort,
)
from bot.domain.texts import Texts
from handlers.card_words import CardWords
from handlers.commands.asked import Asked
from handlers.commands.confirm import Confirmations
from handlers.commands.permissions import Doing, may, own_groups, require, require_private, scopes
from handlers.commands.screen import on_one_screen
from handlers.keep_filings import KeepFilings
from handlers.ports import Registry, Role
from handlers.proposal_words import entry_line
from handlers.reach import EVERYWHERE, covers_unit, unit_of_entry
from handlers.tell_seconds import TellSecondPersons

VERBS = ("add", "retire", "restore", "confirm", "withdraw")
NEEDS = {
    **dict.fromkeys(("add", "retire", "restore"), Doing.ENTER_FILING),
    "confirm": Doing.CONFIRM_FILING,
}
"""What a verb takes; whoever may use the command at all may withdraw within their reach."""


@dataclass(frozen=True, slots=True)
class Enter:
    """What makes less count is proposed by one person and confirmed by another; what only flags
    (apps, duties) is entered at once and can be taken back. Said in private alone: in a group the
    words would be a notice."""

    filings: KeepFilings
    registry: Registry
    confirmations: Confirmations
    seconds: TellSecondPersons
    vocabulary: Vocabulary
    texts: Texts

    async def __call__(self, asked: Asked) -> Reply:
        """What waits and how it is typed, or what became of an entry; raises UserError."""
        words = asked.call.argument.split()
        verb, rest = self._verb(words) if words else ("", [])
        if verb in NEEDS:
            require(asked, NEEDS[verb])
        require_private(asked)
        match verb:
            case "confirm":
                return Reply(await self._confirmed(asked, rest))
            case "withdraw":
                return Reply(await self._withdrawn(asked, rest))
            case "retire":
                return await self._retired(asked, rest)
            case "restore":
                return Reply(await self._restored(asked, rest))
            case "add":
                return Reply(await self._entered(asked, rest))
            case _:
                return Reply(self._waiting(asked))

    def _verb(self, words: Sequence[str]) -> tuple[str, Sequence[str]]:
        for verb in VERBS:
            if words[0].casefold() in self.texts(f"filing.verbs.{verb}").split():
                return verb, words[1:]
        return "add", words

    def _waiting(self, asked: Asked) -> str:
        texts = self.texts
        own = [
            texts("filing.waits", number=one.number, line=entry_line(one.filing, texts))
            for one in self.filings.proposals()
            if self._may_confirm(asked, one.filing) or self._reaches(asked, one.filing)
        ]
        foot = [texts("filing.how.settle")] if own else []
        if may(asked.roles, Doing.ENTER_FILING):
            foot.append(texts("filing.how.enter", sorts=self._sorts()))
        head = [f"**{texts('filing.title')}**"]
        if not own:
            head.append(texts("filing.none"))
        return on_one_screen(head, own, "\n".join(foot), texts)

    async def _entered(self, asked: Asked, words: Sequence[str]) -> str:
        said = typed(words, self.vocabulary, self.filings.registers.today())
        if not said.number or not said.title:
            raise UserError("filing.error.usage")
        if not any(letter.isdigit() for letter in said.number):
            self._suggest_sort(said.number)
        return await self._put(asked, self._meant(asked, said))

    async def _put(self, asked: Asked, entry: Filing) -> str:
        if not self._reaches(asked, entry):
            raise NotAllowed("admin.denied.scope")
        proposal = await self.filings.enter(entry, _person(asked))
        line = entry_line(entry, self.texts)
        beside = "".join(
            "\n" + self.texts("register_commands.beside", number=one.number, title=one.title)
            for one in self.filings.registers.beside(entry)
        )
        if proposal is None:
            return self.texts("filing.entered", line=line, number=entry.number) + beside
        return self._proposed(proposal, line) + beside

    def _proposed(self, proposal: Proposal, line: str) -> str:
        told = len(self.seconds.of_entry(proposal))
        ends = self.texts("filing.told" if told else "filing.nobody", n=told)
        return self.texts("filing.proposed", line=line, number=proposal.number, told=ends)

    async def _confirmed(self, asked: Asked, words: Sequence[str]) -> str:
        proposal = self._numbered(words)
        if not self._may_confirm(asked, proposal.filing):
            raise NotAllowed("admin.denied.scope")
        entry = await self.filings.confirm(proposal.number, _person(asked))
        line = entry_line(entry, self.texts)
        return self.texts("filing.confirmed", line=line, number=entry.number)

    async def _withdrawn(self, asked: Asked, words: Sequence[str]) -> str:
        proposal = self._numbered(words)
        reached = self._may_confirm(asked, proposal.filing) or self._reaches(
            asked, proposal.filing
        )
        if not reached:
            raise NotAllowed("admin.denied.scope")
        entry = await self.filings.withdraw(proposal.number, _person(asked))
        return self.texts("filing.withdrawn", line=entry_line(entry, self.texts))

    async def _retired(self, asked: Asked, words: Sequence[str]) -> Reply:
        entry = self.filings.registers.view.entry(" ".join(words))
        if entry is None or entry.retired:
            raise UserError("registers.error.unknown")
        self._require_reach(asked, entry)

        async def retire(confirmed: Asked) -> Reply:
            self._require_reach(confirmed, entry)
            await self.filings.retire(entry.number, _person(confirmed))
            return Reply(self.texts("filing.retired", number=entry.number))

        if entry.sort not in TAKES_TWO:
            return await retire(asked)
        mark = self.confirmations.put(asked.message, retire)
        return Reply(
            self.texts("filing.sure", line=entry_line(entry, self.texts)),
            CardWords(self.texts).sure(
                "retire", mark, [("entry", entry.number), ("matter", entry.title)]
            ),
        )

    async def _restored(self, asked: Asked, words: Sequence[str]) -> str:
        return await self._put(asked, self.filings.retired(" ".join(words)))

    def _sorts(self) -> str:
        names = (self.texts(f"register_commands.sort.{sort}") for sort in Sort)
        return self.texts("admin.screen.comma").join(names)

    def _numbered(self, words: Sequence[str]) -> Proposal:
        if len(words) == 1 and words[0].isdecimal() and len(words[0]) <= 9:
            for proposal in self.filings.proposals():
                if proposal.number == int(words[0]):
                    return proposal
            raise UserError("filing.error.no_proposal")
        raise UserError("filing.error.which")

    def _suggest_sort(self, written: str) -> None:
        """Raises UserError that names the sort which was probably meant."""
        meant = nearest(written.casefold(), list(self.vocabulary.sorts))
        if meant:
            sort = self.texts(f"register_commands.sort.{self.vocabulary.sorts[meant]}")
            raise UserError("filing.error.sort", sort=sort)
        raise UserError("registers.error.number_digit")

    def _meant(self, asked: Asked, said: Typed) -> Filing:
        """The entry, with what was not said as usual: an inspection, from today to the year's
        end, of the asker's own unit."""
        sort = said.sort or Sort.INSPECTION
        group, unit = self._place(asked, sort, said.place)
        today = self.filings.registers.today()
        first = said.days[0] if len(said.days) > 1 else min((today, *said.days))
        last = said.days[-1] if said.days else date(first.year, 12, 31)
        return Filing(
            number=said.number,
            sort=sort,
            title=said.title,
            starts=first,
            ends=last,
            unit=unit,
            line=LineCode(said.line),
            kinds=said.kinds,
            words=said.words,
            quota=said.quota,
            group=group,
        )

    def _place(self, asked: Asked, sort: Sort, place: str) -> tuple[GroupCode, UnitCode]:
        """The group on duty, or the unit it is about; raises UserError when that is not clear."""
        own = own_groups(asked, Doing.ENTER_FILING, self.registry)
        if sort is Sort.ON_DUTY:
            code = place or (next(iter(own)) if len(own) == 1 else "")
            group = self.registry.group(GroupCode(code)) if code else None
            if group is None or group.retired:
                raise UserError("registers.error.on_duty_group")
            return group.code, ANY_UNIT
        if place:
            return ANY_GROUP, self._unit(place)
        held = scopes(asked, Doing.ENTER_FILING, of=Role.OFFICE)
        if EVERYWHERE in held:
            return ANY_GROUP, ANY_UNIT
        units = {UnitCode(scope) for scope in held} | {group.unit for group in own.values()}
        if len(units) != 1:
            raise UserError("filing.error.where")
        return ANY_GROUP, units.pop()

    def _unit(self, place: str) -> UnitCode:
        if place in (EVERYWHERE, *self.texts("admin.verbs.everywhere").split()):
            return ANY_UNIT
        group = self.registry.group(GroupCode(place))
        if group is not None and not group.retired:
            return group.unit
        known = {one.unit for one in self.registry.groups()}
        for unit in known | {one.code for one in self.registry.units()}:
            if unit == place:
                return unit
        raise UserError("admin.emergency.no_place")

    def _may_confirm(self, asked: Asked, entry: Filing) -> bool:
        held = scopes(asked, Doing.CONFIRM_FILING)
        return covers_unit(held, unit_of_entry(entry, self.registry))

    def _require_reach(self, asked: Asked, entry: Filing) -> None:
        if not self._reaches(asked, entry):
            raise NotAllowed("admin.denied.scope")

    def _reaches(self, asked: Asked, entry: Filing) -> bool:
        """An office its units; a group's admin the group itself and its unit."""
        unit = unit_of_entry(entry, self.registry)
        if covers_unit(scopes(asked, Doing.ENTER_FILING, of=Role.OFFICE), unit):
            return True
        own = own_groups(asked, Doing.ENTER_FILING, self.registry)
        if entry.group:
            return entry.group in own
        return bool(unit) and unit in {group.unit for group in own.values()}


def _person(asked: Asked) -> Person:
    message = asked.message
    return Person(message.platform, message.account, message.sender)
