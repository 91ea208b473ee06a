"""/备案: what is registered, and a group's admin claims that a count rests on an entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.authors import Person
from bot.domain.errors import NotAllowed, UserError
from bot.domain.groups import GroupCode
from bot.domain.messages import Reply
from bot.domain.registers import Filing
from bot.domain.texts import Texts
from handlers.card_words import CardWords
from handlers.commands.asked import Asked
from handlers.commands.confirm import Confirmations
from handlers.commands.counts import told
from handlers.commands.permissions import Doing, own_groups, require
from handlers.commands.screen import on_one_screen
from handlers.keep_filings import KeepFilings
from handlers.keep_registers import KeepRegisters
from handlers.ports import Registry

MOST_OFFERED = 5


@dataclass(frozen=True, slots=True)
class Register:
    """Lists what holds today. A claim takes two people: who entered the filing at the office, and
    the admin who says that a count rests on it; it cannot be taken back, so it is confirmed."""

    keep: KeepRegisters
    filings: KeepFilings
    registry: Registry
    confirmations: Confirmations
    texts: Texts

    async def __call__(self, asked: Asked) -> Reply:
        """The list, an entry, or the question whether the claim is meant; raises UserError."""
        words = asked.call.argument.split(maxsplit=1)
        if not words:
            return Reply(await self._listed(asked))
        entry = self.keep.view.entry(asked.call.argument)
        if entry is not None and not entry.retired:
            return Reply(self._line(entry))
        if len(words) == 1:
            is_number = any(sign.isdigit() for sign in words[0])
            raise UserError("registers.error.unknown" if is_number else "admin.register.usage")
        require(asked, Doing.CLAIM_FILING)
        groups = own_groups(asked, Doing.CLAIM_FILING, self.registry)
        count = await self.keep.disputes.count_of(words[0], list(groups))
        entry = self.keep.view.entry(words[1])
        if entry is None or entry.retired:
            raise UserError("registers.error.unknown")
        self._require_another(asked, entry)

        async def claim(confirmed: Asked) -> Reply:
            if count.group not in own_groups(confirmed, Doing.CLAIM_FILING, self.registry):
                raise NotAllowed("admin.denied.role")
            return await self._claimed(count.group, count.id, entry.number)

        mark = self.confirmations.put(asked.message, claim)
        text = self.texts(
            "admin.register.sure",
            id=count.id,
            count=told(count, self.texts),
            number=entry.number,
            title=entry.title,
        )
        facts = [("count", count.id), ("entry", entry.number), ("matter", entry.title)]
        return Reply(text, CardWords(self.texts).sure("claim", mark, facts))

    def _require_another(self, asked: Asked, entry: Filing) -> None:
        """Raises UserError for who entered the entry: a claim takes two."""
        message = asked.message
        person = Person(message.platform, message.account, message.sender)
        if self.filings.is_author(entry, person):
            raise UserError("filing.error.own_claim")

    async def _claimed(self, group: GroupCode, written: str, number: str) -> Reply:
        count, entry = await self.keep.match(group, written, number)
        return Reply(self.texts("admin.register.claimed", id=count.id, number=entry.number))

    async def _listed(self, asked: Asked) -> str:
        texts, entries = self.texts, self.keep.listed()
        head = [f"**{texts('admin.register.title')}**"]
        if not entries:
            head.append(texts("admin.register.none"))
        offered = await self._offered(asked)
        foot = texts("admin.register.foot") if offered else ""
        return on_one_screen([*head, *offered], [self._line(one) for one in entries], foot, texts)

    async def _offered(self, asked: Asked) -> Sequence[str]:
        """Counts of the admin's own groups that look like an entry."""
        lines: list[str] = []
        for code in own_groups(asked, Doing.CLAIM_FILING, self.registry):
            lines += [
                self.texts(
                    "admin.register.offered",
                    id=one.count.id,
                    count=told(one.count, self.texts),
                    number=one.number,
                )
                for one in await self.keep.candidates(code)
                if one.number
            ]
        return lines[:MOST_OFFERED]

    def _line(self, entry: Filing) -> str:
        quota = (
            self.texts(
                "admin.register.quota", used=self.keep.used(entry.number), quota=entry.quota
            )
            if entry.quota is not None
            else ""
        )
        return self.texts(
            "admin.register.line",
            number=entry.number,
            sort=self.texts(f"register_commands.sort.{entry.sort}"),
            title=entry.title,
            until=str(entry.ends),
            quota=quota,
        )
