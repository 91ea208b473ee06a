"""A proposal waits → a private word to whoever may confirm it, with the command to do so."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.domain.actors import actor_code
from bot.domain.authors import Person
from bot.domain.cards import Card
from bot.domain.errors import UserError
from bot.domain.limit_changes import LimitChange
from bot.domain.registers import Proposal
from bot.domain.sending import Urgency
from bot.domain.texts import Texts
from bot.domain.work_calendar import OfficeHours, WorkCalendar
from handlers.card_words import CardWords
from handlers.keep_filings import WAITS_FOR, KeepFilings
from handlers.keep_limits import KeepLimits
from handlers.ports import Clock, Destination, Outbox, Parcel, Registry, Role
from handlers.proposal_words import change_line, entry_line
from handlers.reach import covers_unit, unit_of_entry, unit_of_limit

SECONDS = (Role.OFFICE, Role.APPROVER)
"""Who may be the second person."""


@dataclass(frozen=True, slots=True)
class TellSecondPersons:
    """Each is told once of each proposal, in working time; the outbox knows what it was told.

    Nothing listens: what waits is looked up, so that also a proposal made at the command line is
    told of, and none is lost when the program dies.
    """

    filings: KeepFilings
    limits: KeepLimits
    registry: Registry
    outbox: Outbox
    clock: Clock
    calendar: WorkCalendar
    hours: OfficeHours
    zone: tzinfo
    texts: Texts

    async def __call__(self) -> int:
        """How many parcels were put."""
        now = self.clock.now()
        parcels: list[Parcel] = []
        words = CardWords(self.texts)
        for proposal in self.filings.proposals():
            line = entry_line(proposal.filing, self.texts)
            said = self.texts("filing.tell.entry", line=line, number=proposal.number)
            subject = f"filing:{proposal.number}:{proposal.proposed_at:%Y%m%d}"
            ends = proposal.proposed_at + WAITS_FOR
            card = words.second("enter", proposal.number, line)
            parcels += self._parcels(subject, self.of_entry(proposal), said, ends, card)
        for change in self.limits.proposals():
            ends = change.proposed_at + WAITS_FOR
            if ends > now:
                line = change_line(change, self.texts)
                said = self.texts("filing.tell.limit", line=line, number=change.number)
                subject = f"limit:{change.number}:{change.proposed_at:%Y%m%d}"
                card = words.second("limits", change.number, line.removeprefix("- "))
                parcels += self._parcels(subject, self.of_limit(change), said, ends, card)
        return await self.outbox.put(parcels) if parcels else 0

    def of_entry(self, proposal: Proposal) -> list[Destination]:
        """Who may confirm an entry: those with the role for its unit, without who proposed it."""
        unit = unit_of_entry(proposal.filing, self.registry)

        def proposed(person: Person) -> bool:
            return self.filings.is_author(proposal.filing, person)

        return self._others(unit, proposed)

    def of_limit(self, change: LimitChange) -> list[Destination]:
        """Who may confirm a change of a limit."""
        try:
            unit = unit_of_limit(change.limit.id, self.registry)
        except UserError:  # the group is gone: nobody is asked about it
            return []

        def proposed(person: Person) -> bool:
            return actor_code(person.platform, person.account, person.id) == change.by

        return self._others(unit, proposed)

    def _others(self, unit: str, proposed: Callable[[Person], bool]) -> list[Destination]:
        found: dict[Destination, None] = {}
        for role in SECONDS:
            for to, scope in self.registry.holders_of(role):
                person = Person(to.platform, to.account, to.id)
                if covers_unit(frozenset({scope}), unit) and not proposed(person):
                    found[to] = None
        return list(found)

    def _parcels(
        self, subject: str, to: Iterable[Destination], said: str, ends: datetime, card: Card
    ) -> list[Parcel]:
        local = self.clock.now().astimezone(self.zone)
        at = self.calendar.next_working_moment(local, self.hours)
        return [
            Parcel(
                key=f"second:{subject}:{_mark(one)}",
                destination=one,
                title=self.texts("filing.tell.title"),
                markdown=said,
                not_before=at,
                urgency=Urgency.ANSWER,
                expires_at=ends,
                card=card,
            )
            for one in to
        ]


def _mark(to: Destination) -> str:
    who = "\0".join((to.platform, to.account, to.id.reveal())).encode()
    return hashlib.sha256(who).hexdigest()[:16]
