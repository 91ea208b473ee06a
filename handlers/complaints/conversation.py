"""Conversations about complaints, held in memory for ten minutes each under tags of one day."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo

from bot.domain.complaint_dialogue import (
    Dialogue,
    Say,
    Stage,
    Step,
    Surroundings,
    add_to,
    begin,
    coarse_units,
    proceed,
)
from bot.domain.complaints import Complaint
from bot.domain.errors import UserError
from bot.domain.giveaways import KnownWords
from bot.domain.groups import UnitCode
from bot.domain.messages import Form, IncomingMessage, Reply
from bot.domain.periods import Week
from bot.domain.receipts import Receipt
from bot.domain.texts import Texts
from handlers.complaints.counters import Counters, Tags
from handlers.complaints.ports import BoxClosed, ComplaintBox
from handlers.complaints.words import ComplaintWords
from handlers.ports import Clock, Registry

MOST_AT_ONCE = 2_000


class Conversations:
    """Leads each to its end: a receipt, or nothing kept. It writes nothing and logs nothing.

    What breaks is answered as such and leaves no line in the log: a line at that moment would say
    that somebody complained. `yesterdays_failure` tells it the next day.
    """

    def __init__(
        self,
        *,
        box: ComplaintBox,
        counters: Counters,
        words: ComplaintWords,
        texts: Texts,
        clock: Clock,
        zone: tzinfo,
        registry: Registry,
        roster: KnownWords,
        accuses: Callable[[str], bool],
        is_personal: Callable[[str], bool],
    ) -> None:
        self._box = box
        self._counters = counters
        self._words = words
        self._texts = texts
        self._clock = clock
        self._zone = zone
        self._registry = registry
        self._roster = roster
        self._accuses = accuses
        self._is_personal = is_personal
        self._held: dict[bytes, Dialogue] = {}
        self._failure: Exception | None = None
        self._yesterdays: Exception | None = None

    @property
    def is_open(self) -> bool:
        """Whether complaints can be taken."""
        return self._box.is_open

    def is_going_on(self, message: IncomingMessage) -> bool:
        """Whether the sender is in the middle of a conversation here."""
        return not message.conversation.is_group and self._tags(message).day in self._held

    def sweep(self) -> None:
        """Forget what is older than ten minutes, and at midnight everything of the day."""
        now = self._clock.now()
        if self._counters.roll(now):
            # The tags that they are kept under are worthless now.
            self._held.clear()
            self._yesterdays, self._failure = self._failure or self._yesterdays, None
        for tag in [tag for tag, held in self._held.items() if held.until <= now]:
            del self._held[tag]

    def yesterdays_failure(self) -> Exception | None:
        """What broke on a day that is over, once: the moment says nothing any more."""
        failure, self._yesterdays = self._yesterdays, None
        return failure

    def begin(self, message: IncomingMessage, *, offered: bool = False) -> Reply:
        """The notice. Raises TooMany or BoxClosed."""
        tags = self._tags(message)
        if not self._box.is_open:
            raise BoxClosed("complaint_box.closed")
        self._counters.require_may_complain(tags)
        if len(self._held) >= MOST_AT_ONCE and tags.day not in self._held:
            raise UserError("complaints.limit.all")
        step = begin(self._clock.now())
        self._hold(tags, step.dialogue)
        notice = self._words.notice(self._box.fingerprints, self._box.family)
        return Reply(self._words.offered(notice) if offered else notice)

    async def go_on(self, message: IncomingMessage) -> Reply:
        """The answer to what was asked last; the conversation must be going on."""
        tags = self._tags(message)
        around = self._around()
        step = proceed(
            self._held[tags.day],
            message.text.reveal(),
            self._clock.now(),
            around,
            is_text=message.form is Form.TEXT,
        )
        return await self._take(tags, step, around)

    async def add(self, message: IncomingMessage, receipt: Receipt, text: str) -> Reply:
        """More for the complaint of a receipt; checked like a complaint's own text."""
        tags = self._tags(message)
        held = self._held.get(tags.day)
        if held is not None and held.receipt is None:
            raise UserError("complaints.say.finish_first")  # it would take its place unseen
        self._counters.ask(tags)
        if not self._box.is_open:
            raise BoxClosed("complaint_box.closed")
        around = self._around()
        step = add_to(receipt, text, self._clock.now(), around)
        if step.dialogue is not None and step.dialogue.stage is Stage.TEXT:
            # Too short, too long, an accusation: it is not waited for.
            return Reply(self._words.say(None, step.say, ()))
        return await self._take(tags, step, around)

    async def look_up(self, message: IncomingMessage, receipt: Receipt) -> Reply:
        """What was answered, by the receipt alone."""
        self._counters.ask(self._tags(message))

        async def asked() -> str:
            return self._words.answers(await self._box.look_up(receipt))

        return await self._quietly(asked)

    async def withdraw(self, message: IncomingMessage, receipt: Receipt) -> Reply:
        """Take a complaint back; the same words whether there was one."""
        self._counters.ask(self._tags(message))

        async def asked() -> str:
            await self._box.withdraw(receipt, self._week(self._clock.now()))
            return self._texts("complaints.done.withdrawn")

        return await self._quietly(asked)

    async def _take(self, tags: Tags, step: Step, around: Surroundings) -> Reply:
        self._hold(tags, step.dialogue)
        if step.say is not Say.SEND or step.dialogue is None:
            return Reply(self._words.say(step.dialogue, step.say, around.units))
        return await self._send(tags, step.dialogue)

    async def _send(self, tags: Tags, dialogue: Dialogue) -> Reply:
        async def send() -> str:
            again: Dialogue | None = None
            try:
                return await self._sent(tags, dialogue)
            except BaseException:
                if dialogue.receipt is None:
                    # It can be tried again, within the ten minutes that the words have.
                    again = replace(dialogue, stage=Stage.CONFIRM)
                raise
            finally:
                self._hold(tags, again)

        return await self._quietly(send)

    async def _quietly(self, act: Callable[[], Awaitable[str]]) -> Reply:
        try:
            return Reply(await act())
        except UserError:
            raise
        except Exception as error:
            self._failure = error
            return Reply(self._texts("complaints.say.failed"))

    async def _sent(self, tags: Tags, dialogue: Dialogue) -> str:
        week = self._week(self._clock.now())
        if dialogue.receipt is not None:
            await self._box.supplement(dialogue.receipt, dialogue.text, week)
            return self._texts("complaints.done.added")
        self._counters.require_may_complain(tags)
        first = self._counters.is_first_this_week(tags)
        self._counters.complained(tags)
        try:
            receipt = await self._box.submit(
                Complaint(dialogue.category, dialogue.unit, dialogue.text, first, week)
            )
        except BaseException:
            self._counters.not_taken(tags)
            raise
        return self._words.receipt(receipt)

    def _hold(self, tags: Tags, dialogue: Dialogue | None) -> None:
        if dialogue is None:
            self._drop(tags)
        else:
            self._held[tags.day] = dialogue

    def _drop(self, tags: Tags) -> None:
        self._held.pop(tags.day, None)

    def _tags(self, message: IncomingMessage) -> Tags:
        self.sweep()
        return self._counters.tags_of(message)

    def _week(self, now: datetime) -> Week:
        return Week.of(now, self._zone)

    def _around(self) -> Surroundings:
        groups = self._registry.groups()
        units: Sequence[UnitCode] = coarse_units(groups)
        named = {str(group.unit) for group in groups} | {group.alias for group in groups}
        return Surroundings(
            units=units,
            zone=self._zone,
            accuses=self._accuses,
            is_personal=self._is_personal,
            take_out=self._words.take_out,
            known=KnownWords(frozenset(named), self._roster.names, self._roster.posts),
        )
