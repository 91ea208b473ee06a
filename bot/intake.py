"""The front desk: own messages out, duplicates out, count now, answer later."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import timedelta

from bot.clicking import Clicks
from bot.domain.cards import Click
from bot.domain.commands import CommandCall
from bot.domain.errors import BooksUnavailable, NoCalendarForYear, PlatformError
from bot.domain.messages import IncomingMessage, Quote, Reply, ReplyAddress, Route
from bot.domain.private import Opaque
from bot.domain.sending import Rate, Urgency
from bot.domain.windows import AT_ONCE, MovingWindows
from bot.logs import Log
from bot.metrics import Metrics
from bot.platforms.base import Taken
from bot.routing import Router
from handlers.count_messages import Counted, CountMessages
from handlers.pacing import Pacing
from handlers.ports import Clock, Speaker
from handlers.sign_cards import place_of

ANSWERED_IN_MEMORY = 20_000
SAID_IN_MEMORY = 5_000
ANSWERS_WAITING = 1_000
LONGEST_HELD = timedelta(seconds=3)
MISDATED = timedelta(days=400)
PER_SENDER = Rate(20, timedelta(minutes=1))
PER_CONVERSATION = Rate(40, timedelta(minutes=1))
ASKED_IN_MEMORY = 50_000


class Answers:
    """What ordinary members are told: by the reply address in RAM, best effort (DESIGN 12.16)."""

    def __init__(
        self,
        speakers: Mapping[str, Speaker],
        pacing: Pacing,
        metrics: Metrics,
        log: Log,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._wait = wait
        self._speakers = speakers
        self._pacing = pacing
        self._metrics = metrics
        self._log = log
        self._waiting: asyncio.Queue[tuple[ReplyAddress, Reply]] = asyncio.Queue(ANSWERS_WAITING)

    def say(self, address: ReplyAddress, reply: Reply) -> None:
        """Queue an answer; a full queue drops it and says so in a counter."""
        try:
            self._waiting.put_nowait((address, reply))
        except asyncio.QueueFull:
            self._metrics.answers.labels("dropped").inc()

    def fits_acknowledgement(self, address: ReplyAddress) -> bool:
        """Whether the conversation may hear something at once, in the acknowledgement of what was
        said in it; it is counted then."""
        where = address.conversation.id
        return self._pacing.wait_in(address.platform, address.account, where) == AT_ONCE

    async def run(self) -> None:
        """Send what is queued, until cancelled."""
        while True:
            address, reply = await self._waiting.get()
            try:
                outcome = await self._answered(address, reply)
            except PlatformError as error:
                self._metrics.answers.labels("failed").inc()
                self._log.warning("answer_failed", error=type(error).__name__, code=error.code)
            except Exception as error:
                self._metrics.answers.labels("failed").inc()
                self._log.fault("answer_failed", error)
            else:
                self._metrics.answers.labels(outcome).inc()
            finally:
                self._waiting.task_done()

    async def _answered(self, address: ReplyAddress, reply: Reply) -> str:
        """Say it unless the platform would count it as too much: it waits for seconds, no longer.

        It may be a receipt, which is shown once.
        """
        where = address.conversation.id
        platform, account = address.platform, address.account
        held = await self._pacing.wait_before(platform, account, where, Urgency.ANSWER)
        if AT_ONCE < held <= LONGEST_HELD:
            await self._wait(held.total_seconds())
            held = await self._pacing.wait_before(platform, account, where, Urgency.ANSWER)
        if held:
            return "paced"
        await self._speakers[platform].answer(address, reply)
        return "sent"

    async def drained(self) -> None:
        """Return when nothing waits any more."""
        await self._waiting.join()


class FrontDesk:
    """Takes a message from a door; when it returns, what was to be counted is durable."""

    def __init__(
        self,
        *,
        count: CountMessages,
        router: Router,
        clicks: Clicks,
        answers: Answers,
        own_ids: Collection[Opaque],
        clock: Clock,
        metrics: Metrics,
        log: Log,
        per_sender: Rate = PER_SENDER,
        per_conversation: Rate = PER_CONVERSATION,
    ) -> None:
        self._per_sender, self._per_conversation = (per_sender,), (per_conversation,)
        self._count = count
        self._router = router
        self._clicks = clicks
        self._answers = answers
        self._own_ids = frozenset(own_ids)
        self._clock = clock
        self._metrics = metrics
        self._log = log
        self._answered: OrderedDict[tuple[str, str, Opaque], None] = OrderedDict()
        self._said: OrderedDict[str, None] = OrderedDict()
        self._asked = MovingWindows(ASKED_IN_MEMORY)

    async def __call__(self, message: IncomingMessage) -> Taken:
        """Raises BooksUnavailable when nothing was recorded: the platform delivers again."""
        if message.sender in self._own_ids:
            return self._taken(message, "own")
        if message.quote is not None and self._is_own(message.quote):
            message = replace(message, quote=None)
        if message.click is not None:
            return await self._clicked(message, message.click)
        overheard = self._router.overheard(message)
        if overheard is not None:
            return await self._obey(message, overheard)
        call = self._router.called(message)
        if message.conversation.is_group and not self._router.is_for_the_bot(call):
            counted = await self._counted(message)
            if call is None:
                return self._taken(message, counted.value)
        if call is None:
            return self._taken(message, "ignored")
        if self._is_repeated(message):
            return self._taken(message, "duplicate")
        if not self._may_ask(message):
            return self._taken(message, "too_often")
        try:
            reply = await self._router.answer(message, call)
        except Exception as error:
            self._log.fault("command_failed", error)
            reply = Reply(self._router.texts("commands.unknown.trouble"))
        self._taken(message, "answered")
        return self._say(message, reply)

    async def _clicked(self, message: IncomingMessage, click: Click) -> Taken:
        """Nothing was said, so nothing is counted; it is answered as the command is."""
        if self._is_repeated(message):
            return self._taken(message, "duplicate")
        if not self._may_ask(message):
            return self._taken(message, "too_often")
        try:
            reply, outcome = await self._clicks(message, click)
        except BooksUnavailable:
            # Nothing was done: the platform's next delivery is the first.
            self._answered.pop(_key(message), None)
            self._taken(message, "books_unavailable")
            raise
        except Exception as error:
            self._log.fault("click_failed", error)
            reply, outcome = Reply(self._router.texts("commands.unknown.trouble")), "clicked"
        self._taken(message, outcome)
        return self._say(message, reply)

    async def _obey(self, message: IncomingMessage, call: CommandCall) -> Taken:
        """A code to bind by, on a route that cannot answer."""
        try:
            await self._router.answer(message, call)
        except BooksUnavailable:
            raise
        except Exception as error:
            self._log.fault("command_failed", error)
        return self._taken(message, "obeyed")

    def _is_own(self, quote: Quote) -> bool:
        """Whether somebody quotes the bot: its answers speak of demands and lay none.

        Where the platform does not say who is quoted, it is told by how the answer begins.
        """
        return quote.sender in self._own_ids or _beginning(quote.text.reveal()) in self._said

    async def _counted(self, message: IncomingMessage) -> Counted:
        try:
            return await self._count(message)
        except BooksUnavailable:
            self._taken(message, "books_unavailable")
            raise
        except NoCalendarForYear:
            if abs(self._clock.now() - message.sent_at) < MISDATED:
                raise  # the operator must load this year's calendar; the platform delivers again
            # A moment that nobody can have sent it at would hold up its route for ever.
            return Counted.MISDATED

    def _say(self, message: IncomingMessage, reply: Reply) -> Taken:
        if reply.card is not None:
            signed = self._clicks.cards.signed(reply.card, place_of(message))
            reply = replace(reply, card=signed)
        if message.conversation.is_group:
            # What is said in private is nowhere counted, so no quotation of it need be known.
            self._said[_beginning(reply.text)] = None
        if len(self._said) > SAID_IN_MEMORY:
            self._said.popitem(last=False)
        address = message.reply_address
        if address is None or self._fits_acknowledgement(message, address):
            return Taken(reply, reply.done)
        self._answers.say(address, reply)
        return Taken(done=reply.done)

    def _fits_acknowledgement(self, message: IncomingMessage, address: ReplyAddress) -> bool:
        """The AI bot's acknowledgement has room for an answer, but that of a click for the card's
        change alone; elsewhere an answer goes out after it."""
        if message.route is not Route.WECOM_AIBOT or message.click is not None:
            return False
        return self._answers.fits_acknowledgement(address)

    def _taken(self, message: IncomingMessage, outcome: str) -> Taken:
        self._metrics.messages.labels(message.route.value, outcome).inc()
        return Taken()

    def _is_repeated(self, message: IncomingMessage) -> bool:
        key = _key(message)
        if key in self._answered:
            return True
        self._answered[key] = None
        if len(self._answered) > ANSWERED_IN_MEMORY:
            self._answered.popitem(last=False)
        return False

    def _may_ask(self, message: IncomingMessage) -> bool:
        now = self._clock.now()
        kept = (
            (("who", message.platform, message.sender), self._per_sender),
            (("where", message.platform, message.conversation.id), self._per_conversation),
        )
        if self._asked.wait(kept, now) > AT_ONCE:
            return False
        self._asked.note(kept, now)
        return True


def _key(message: IncomingMessage) -> tuple[str, str, Opaque]:
    return message.platform, message.account, message.key


def _beginning(text: str) -> str:
    """The first words without marks: clients show a quotation without its markdown."""
    return re.sub(r"\W+", "", text)[:20]
