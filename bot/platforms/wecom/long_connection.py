"""The AI bot's long connection (page 101463): no public address, one live socket, never given up.

The platform keeps one connection a bot: a second one ends the first. Callbacks are not
acknowledged, so what the books could not take is tried again here.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import aiohttp
import orjson

from bot.domain.cards import Click, Done
from bot.domain.errors import (
    BooksUnavailable,
    ContentRefused,
    CredentialRefused,
    PlatformError,
    Undecipherable,
    Unreachable,
)
from bot.domain.messages import IncomingMessage, Reply
from bot.domain.private import Opaque
from bot.platforms.backoff import Backoff
from bot.platforms.base import Refusal, Taken, Wait
from bot.platforms.splitting import split_markdown
from bot.platforms.wecom.aibot_wire import parse_aibot
from bot.platforms.wecom.cards import fits, template_card, update_of
from bot.platforms.wecom.doors import STREAM_LIMIT_BYTES, Desk
from bot.platforms.wecom.live_requests import LiveRequests
from bot.platforms.wecom.payload import Event, Occurrence, field, read_json

FRAME_LIMIT_BYTES = 1024 * 1024
_THROWN_OUT = "disconnected_event"
# A reply that came too late for its callback, or that a group does not take, is pushed instead.
_PUSH_INSTEAD = frozenset(("846605", "846608", "600039"))


class Notice(StrEnum):
    """What the operator should hear of the connection."""

    CONNECTED = "connected"
    LOST = "lost"
    NOT_OPENED = "not_opened"
    CREDENTIAL_REFUSED = "credential_refused"  # only a person can help
    DISPLACED = "displaced"  # somebody else uses the bot: a copy, or a thief


@dataclass(frozen=True, slots=True)
class Patience:
    """How long it waits for what, in seconds. `missed` acknowledgements of pings end a socket."""

    ping: float = 30.0
    missed: int = 2
    answer: float = 5.0
    longest_backoff: float = 60.0
    refused: float = 300.0
    stable: timedelta = timedelta(minutes=2)
    books: float = 2.0
    drain: float = 10.0
    in_hand: int = 1000


@dataclass(frozen=True, slots=True)
class LiveBot:
    """Whose connection it is. `account` scopes ids, as in the other doors."""

    url: str
    bot_id: str
    secret: Opaque
    account: str
    bot_name: str


@dataclass(frozen=True, slots=True)
class _Arrival:
    body: bytes
    request_id: str
    at: datetime


class LongConnection:
    """Receives what is said to the bot, answers on the same socket, and can write first.

    It writes first only to people and groups that have spoken to the bot before. `notify` hears
    of the connection's fate; `random` gives numbers from 0 to 1.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        bot: LiveBot,
        desk: Desk,
        *,
        wait: Wait,
        random: Callable[[], float],
        notify: Callable[[str], None],
        patience: Patience | None = None,
    ) -> None:
        self._session = session
        self._bot = bot
        self._desk = desk
        self._wait = wait
        self._notify = notify
        self._patience = patience or Patience()
        self._backoff = Backoff(random, self._patience.longest_backoff)
        self._requests = LiveRequests(desk.token_bytes, self._patience.answer)
        self._arrivals: asyncio.Queue[_Arrival] = asyncio.Queue(self._patience.in_hand)
        self._displaced = False
        self._subscribed = False

    @property
    def is_connected(self) -> bool:
        """Whether a subscribed socket is open."""
        return self._subscribed and self._requests.is_open

    async def run(self) -> None:
        """Stay connected until cancelled; then finish what has arrived, within bounds."""
        taking = asyncio.create_task(self._take_in_order())
        try:
            while True:
                await self._wait(await self._connect_once())
        finally:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._patience.drain):
                    await self._arrivals.join()
            taking.cancel()
            await asyncio.gather(taking, return_exceptions=True)

    async def send_markdown(self, conversation: Opaque, is_group: bool, text: str) -> None:
        """Write first, at most 20 480 bytes. Raises PlatformError subclasses."""
        body = {
            "chatid": conversation.reveal(),
            "chat_type": 2 if is_group else 1,
            "msgtype": "markdown",
            "markdown": {"content": text},
        }
        await self._requests.ask("aibot_send_msg", body, delivers=True)

    async def send_card(
        self, conversation: Opaque, is_group: bool, card: Mapping[str, object]
    ) -> None:
        """Write first with a template card. Raises PlatformError subclasses."""
        to = {"chatid": conversation.reveal(), "chat_type": 2 if is_group else 1}
        await self._requests.ask("aibot_send_msg", {**to, **card}, delivers=True)

    # One connection from its opening to its end.

    async def _connect_once(self) -> float:
        """Live one connection; the seconds to wait before the next."""
        opened_at = self._desk.clock.now()
        try:
            await self._live()
        except CredentialRefused:
            self._notify(Notice.CREDENTIAL_REFUSED)
            return self._patience.refused
        except PlatformError:
            self._notify(Notice.NOT_OPENED)
        else:
            if self._displaced:
                # To reconnect at once would only throw the other out, for ever in turn.
                self._notify(Notice.DISPLACED)
                self._displaced = False
                return self._patience.refused
            self._notify(Notice.LOST)
        if self._desk.clock.now() - opened_at >= self._patience.stable:
            self._backoff.recovered()
        self._backoff.failed()
        return self._backoff.delay()

    async def _live(self) -> None:
        try:
            socket = await self._open()
        except (aiohttp.ClientError, OSError, TimeoutError):
            raise Unreachable("connect") from None
        tasks = [asyncio.create_task(self._read(socket))]
        try:
            self._requests.socket = socket
            await self._requests.ask(
                "aibot_subscribe",
                {"bot_id": self._bot.bot_id, "secret": self._bot.secret.reveal()},
            )
            self._subscribed = True
            self._notify(Notice.CONNECTED)
            tasks.append(asyncio.create_task(self._ping(socket)))
            await tasks[0]
        finally:
            self._requests.socket, self._subscribed = None, False
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await socket.close()
            self._requests.give_up()

    async def _open(self) -> aiohttp.ClientWebSocketResponse:
        async with asyncio.timeout(self._patience.answer * 2):
            return await self._session.ws_connect(
                self._bot.url, autoping=True, max_msg_size=FRAME_LIMIT_BYTES
            )

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Parse, resolve, queue, and never wait for a handler."""
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            try:
                frame = read_json(message.data.encode())
            except Undecipherable:
                self._desk.refused(Refusal.MALFORMED.value)
                continue
            if field(frame, "body", "event", "eventtype") == _THROWN_OUT:
                self._displaced = True
                return
            self._sort(frame)
        self._requests.give_up()

    def _sort(self, frame: Mapping[str, object]) -> None:
        request_id, command = field(frame, "headers", "req_id"), field(frame, "cmd")
        if not command:
            self._requests.answered(request_id, frame)
            return
        if command not in ("aibot_msg_callback", "aibot_event_callback"):
            return
        arrival = _Arrival(orjson.dumps(frame.get("body")), request_id, self._desk.clock.now())
        try:
            self._arrivals.put_nowait(arrival)
        except asyncio.QueueFull:
            self._desk.refused(Refusal.TOO_LARGE.value)

    async def _ping(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """The platform's own ping is JSON; a control frame would close the socket."""
        missed = 0
        while missed < self._patience.missed:
            await self._wait(self._patience.ping)
            try:
                await self._requests.ask("ping", None)
                missed = 0
            except PlatformError:
                missed += 1
        await socket.close()

    # What arrived, in its order.

    async def _take_in_order(self) -> None:
        while True:
            arrival = await self._arrivals.get()
            try:
                await self._take(arrival)
            except Undecipherable:
                self._desk.refused(Refusal.UNDECIPHERABLE.value)
            except PlatformError:
                self._desk.happened("answer_failed")
            except Exception as error:  # the outermost
                self._desk.refused(Refusal.FAULT.value)
                self._desk.faulted(error)
            finally:
                self._arrivals.task_done()

    async def _take(self, arrival: _Arrival) -> None:
        bot = self._bot
        found = parse_aibot(arrival.body, bot.account, bot.bot_id, bot.bot_name, arrival.at)
        if isinstance(found, Event):
            await self._happened(found, arrival.request_id)
            return
        taken = await self._taken(found)
        if found.click is not None:
            if taken.done is not None:
                await self._change_card(found.click, taken.done, arrival.request_id)
        elif taken.reply is not None:
            await self._answer(found, taken.reply, arrival.request_id)

    async def _taken(self, message: IncomingMessage) -> Taken:
        while True:
            try:
                return await self._desk.take(message)
            except BooksUnavailable:
                self._desk.refused(Refusal.BOOKS.value)
                await self._wait(self._patience.books)

    async def _happened(self, event: Event, request_id: str) -> None:
        self._desk.happened(event.occurrence.value)
        if event.occurrence is Occurrence.ENTERED and self._desk.welcome:
            words = {"msgtype": "text", "text": {"content": self._desk.welcome.text}}
            await self._requests.ask("aibot_respond_welcome_msg", words, request_id, delivers=True)

    async def _change_card(self, click: Click, done: Done, request_id: str) -> None:
        """Within five seconds of the click, whose request takes no other reply.

        What was done is done and is said, whether the card shows it or not.
        """
        try:
            await self._requests.ask(
                "aibot_respond_update_msg", update_of(click, done), request_id
            )
        except PlatformError:
            self._desk.happened("card_not_changed")

    async def _answer(self, message: IncomingMessage, reply: Reply, request_id: str) -> None:
        """A card where it fits and is taken, else the words; what a reply has no room for, or
        came too late for, is said later."""
        try:
            if reply.card is not None and fits(reply.card):
                with contextlib.suppress(ContentRefused):
                    await self._respond(template_card(reply.card), request_id)
                    return
            first, *rest = split_markdown(reply.text, STREAM_LIMIT_BYTES) or [""]
            if not first:
                return
            stream = {"id": self._desk.token_bytes(12).hex(), "finish": True, "content": first}
            await self._respond({"msgtype": "stream", "stream": stream}, request_id)
        except PlatformError as error:
            if error.code not in _PUSH_INSTEAD:
                raise
            self._later(message, reply)
        else:
            if rest:
                self._later(message, Reply("\n\n".join(rest)))

    async def _respond(self, body: Mapping[str, object], request_id: str) -> None:
        await self._requests.ask("aibot_respond_msg", body, request_id, delivers=True)

    def _later(self, message: IncomingMessage, reply: Reply) -> None:
        if message.reply_address is not None:
            self._desk.answer_later(message.reply_address, reply)
