"""Filings entered in the chat: what makes less count takes two persons, and neither claims by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.authors import Person, author_of, is_by
from bot.domain.errors import UserError
from bot.domain.periods import Week
from bot.domain.pseudonyms import WeekKey
from bot.domain.registers import TAKES_TWO, Filing, Proposal
from handlers.keep_registers import KeepRegisters
from handlers.ports import Keyring

WAITS_FOR = timedelta(days=14)
"""Shorter than a week's key lives, so that the second person can be told from the first."""


MOST_WAITING = 10
"""Proposals of one person at a time: each is told to somebody else in private."""


@dataclass(frozen=True, slots=True)
class KeepFilings:
    """Proposes, confirms, withdraws, retires. Every method that writes raises UserError for what a
    person can mend. Who did it is kept as pseudonyms under the keys of weeks."""

    registers: KeepRegisters
    keyring: Keyring

    def proposals(self) -> Sequence[Proposal]:
        """What waits for a second person, oldest first."""
        since = self.registers.clock.now() - WAITS_FOR
        return [one for one in self.registers.view.proposals if one.proposed_at > since]

    def is_author(self, entry: Filing, person: Person) -> bool:
        """Whether the person proposed or confirmed it. After four weeks nobody can tell any
        more; two others than who claims by it have entered it then, or a file has."""
        return any(is_by(one, person, self._live()) for one in entry.authors)

    async def enter(self, entry: Filing, person: Person) -> Proposal | None:
        """Enter it, or where it takes two write it down as proposed."""
        self._check(entry)
        if any(one.filing.number == entry.number for one in self.proposals()):
            raise UserError("filing.error.waits_already", number=entry.number)
        if entry.sort in TAKES_TWO and self._waiting_of(person) >= MOST_WAITING:
            raise UserError("filing.error.too_many", most=str(MOST_WAITING))
        author = author_of(self._key(), person)
        signed = replace(entry, authors=(author,))
        store, now = self.registers.store, self.registers.clock.now()
        if entry.sort in TAKES_TWO:
            return await store.propose(signed, author.name, now)
        await store.put_entries([signed], author.name, now)
        return None

    async def confirm(self, number: int, person: Person) -> Filing:
        """The second person's yes; refused to the first."""
        proposal = self._waiting(number)
        for author in proposal.filing.authors:
            first = is_by(author, person, self._live())
            if first is None:
                raise UserError("filing.error.no_key")
            if first:
                raise UserError("filing.error.second_person")
        self._check(proposal.filing)
        author = author_of(self._key(), person)
        entry = replace(proposal.filing, authors=(*proposal.filing.authors, author))
        await self._settle(proposal, entry, author.name)
        return entry

    async def withdraw(self, number: int, person: Person) -> Filing:
        """Take a proposal back; either person may."""
        proposal = self._waiting(number)
        await self._settle(proposal, None, author_of(self._key(), person).name)
        return proposal.filing

    async def retire(self, number: str, person: Person) -> Filing:
        """End an entry: from now on it legitimises nothing."""
        return await self.registers.retire(number, author_of(self._key(), person).name)

    def retired(self, number: str) -> Filing:
        """A retired entry, to be entered again."""
        entry = self.registers.view.entry(number)
        if entry is None or not entry.retired:
            raise UserError("filing.error.not_retired")
        return replace(entry, retired=False)

    async def _settle(self, proposal: Proposal, entry: Filing | None, by: str) -> None:
        now = self.registers.clock.now()
        if not await self.registers.store.settle(proposal, entry, by, now):
            raise UserError("filing.error.no_proposal")

    def _waiting_of(self, person: Person) -> int:
        return sum(self.is_author(one.filing, person) for one in self.proposals())

    def _check(self, entry: Filing) -> None:
        known = self.registers.view.entry(entry.number)
        if known is not None and not known.retired:
            raise UserError("registers.error.number_taken", number=known.number)
        self.registers.check(entry)

    def _waiting(self, number: int) -> Proposal:
        for proposal in self.proposals():
            if proposal.number == number:
                return proposal
        raise UserError("filing.error.no_proposal")

    def _live(self) -> tuple[WeekKey, ...]:
        return self.keyring.sketches(Week.on(self.registers.today()))

    def _key(self) -> WeekKey:
        return self._live()[0]
