"""Stream mode: one outgoing connection that is kept alive for ever, and its acknowledgements."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

import aiohttp

from bot.domain.errors import BooksUnavailable, CredentialRefused, Undecipherable, Unreachable
from bot.platforms.backoff import Backoff
from bot.platforms.base import FrontDesk, NoteGroupEvent, Refusal, RefusalCounter, Wait
from bot.platforms.dingtalk.cards import answer_of, parse_click
from bot.platforms.dingtalk.frames import (
    BAD_REQUEST,
    CARD_TOPIC,
    DISCONNECT,
    DONE,
    FAILED,
    NO_HANDLER,
    ROBOT_TOPIC,
    Frame,
    FrameType,
    acknowledge,
    parse_frame,
)
from bot.platforms.dingtalk.gateway import Gateway
from bot.platforms.dingtalk.group_events import parse_group_event
from bot.platforms.dingtalk.notices import Fault, Notice, Notify
from bot.platforms.dingtalk.wire import OverQuota, RobotChannel, parse_robot_message
from handlers.ports import Clock


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the client waits for what.

    `silence`: without any frame of the gateway a connection is taken for dead; the right value
    is a little more than the gateway's ping interval, which differs between tenants.
    `healthy_after`: a connection that held so long ends the back-off. `refused_for`: before
    trying again with credentials that were refused. `drain`: for messages in hand at the end.
    """

    silence: timedelta = timedelta(seconds=180)
    healthy_after: timedelta = timedelta(seconds=60)
    longest_backoff: timedelta = timedelta(seconds=60)
    refused_for: timedelta = timedelta(minutes=3)
    drain: timedelta = timedelta(seconds=10)
    in_hand: int = 256


class _End(Enum):
    ASKED = auto()
    LOST = auto()
    SILENT = auto()


class _Connection:
    """A live socket, what is in hand on it, and why it ended."""

    __slots__ = ("heard_at", "in_hand", "opened_at", "over", "socket", "why")

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, now: datetime) -> None:
        self.socket = socket
        self.opened_at = self.heard_at = now
        self.in_hand: set[asyncio.Task[None]] = set()
        self.over = asyncio.Event()
        self.why = _End.LOST

    def end(self, why: _End) -> None:
        """The first reason stands; a replacement is opened from here on."""
        if not self.over.is_set():
            self.why = why
            self.over.set()

    async def send(self, text: str) -> None:
        """Send, or let it be: what is not acknowledged is pushed again and known by its tag."""
        try:
            await self.socket.send_str(text)
        except (ConnectionError, aiohttp.ClientError):
            self.end(_End.LOST)


class DingtalkStream:
    """Receives robot messages and clicks, hands each to the front desk, acknowledges what it took.

    A message that the books could not take is answered as failed, so that it is pushed again.
    When the gateway asks for a new connection, that is opened before the old one is closed.
    With `note_group_event` what a group's events tell is handed over too; others are acknowledged.
    """

    def __init__(
        self,
        *,
        gateway: Gateway,
        channel: RobotChannel,
        front_desk: FrontDesk,
        clock: Clock,
        wait: Wait,
        random: Callable[[], float],
        refused: RefusalCounter,
        notify: Notify,
        fault: Fault,
        patience: Patience | None = None,
        note_group_event: NoteGroupEvent | None = None,
    ) -> None:
        self._gateway = gateway
        self._channel = channel
        self._front_desk = front_desk
        self._clock = clock
        self._wait = wait
        self._refused = refused
        self._notify = notify
        self._fault = fault
        self._note_group_event = note_group_event
        self._patience = patience or Patience()
        self._backoff = Backoff(random, self._patience.longest_backoff.total_seconds())
        self._places = asyncio.Semaphore(self._patience.in_hand)
        self._live: _Connection | None = None

    @property
    def is_connected(self) -> bool:
        """Whether a connection is open that the gateway pushes to."""
        return self._live is not None and not self._live.over.is_set()

    async def run(self) -> None:
        """Stay connected until cancelled; then finish what is in hand and close properly.

        It never gives up: every failure is a longer wait, a refused credential an alert.
        """
        previous: _Connection | None = None
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._live = connection = await self._connected()
                tasks.create_task(self._serve(connection))
                if previous is not None:
                    tasks.create_task(self._close(previous))
                await connection.over.wait()
                await self._ended(connection)
                previous = connection

    async def _connected(self) -> _Connection:
        renewing = self._live is not None and self._live.why is _End.ASKED
        while True:
            try:
                socket = await self._gateway.connect()
            except CredentialRefused:
                self._notify(Notice.CREDENTIAL_REFUSED)
                await self._wait(self._patience.refused_for.total_seconds())
            except Unreachable:
                self._notify(Notice.NOT_OPENED)
                self._backoff.failed()
                await self._wait(self._backoff.delay())
            else:
                self._notify(Notice.RENEWED if renewing else Notice.CONNECTED)
                return _Connection(socket, self._clock.now())

    async def _ended(self, connection: _Connection) -> None:
        """Wait as long as the way it ended asks for."""
        if self._clock.now() - connection.opened_at >= self._patience.healthy_after:
            self._backoff.recovered()
        if connection.why is _End.ASKED:
            # Nothing is pushed until the next one is open, so the first renewal is not delayed.
            delay = self._backoff.delay()
            self._backoff.failed()
        else:
            self._notify(Notice.SILENT if connection.why is _End.SILENT else Notice.LOST)
            self._backoff.failed()
            delay = self._backoff.delay()
        if delay:
            await self._wait(delay)

    async def _serve(self, connection: _Connection) -> None:
        watch = asyncio.create_task(self._watch(connection))
        try:
            async for message in connection.socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    connection.heard_at = self._clock.now()
                    await self._read(connection, message.data)
        except Exception as error:  # the outermost: the next connection may fare better
            self._fault(error)
        finally:
            watch.cancel()
            connection.end(_End.LOST)
            await self._close(connection)

    async def _close(self, connection: _Connection) -> None:
        """Finish what is in hand, within bounds, then close so that the gateway knows."""
        if connection.in_hand:
            await asyncio.wait(connection.in_hand, timeout=self._patience.drain.total_seconds())
        for task in tuple(connection.in_hand):
            task.cancel()
        await connection.socket.close()

    async def _watch(self, connection: _Connection) -> None:
        """End a connection that answers pings and brings nothing (a zombie)."""
        while not connection.over.is_set():
            left = self._patience.silence - (self._clock.now() - connection.heard_at)
            if left <= timedelta(0):
                connection.end(_End.SILENT)
                await connection.socket.close()
                return
            await self._wait(left.total_seconds())

    async def _read(self, connection: _Connection, raw: str) -> None:
        try:
            frame = parse_frame(raw)
        except Undecipherable:
            self._refused(Refusal.MALFORMED)
            return
        is_ours = frame.type is FrameType.CALLBACK and frame.topic in (ROBOT_TOPIC, CARD_TOPIC)
        if is_ours or frame.type is FrameType.EVENT:
            # A full hand stops the reading: the gateway then waits, or asks another replica.
            await self._places.acquire()
            task = asyncio.create_task(self._take(connection, frame))
            connection.in_hand.add(task)
            task.add_done_callback(connection.in_hand.discard)
            return
        if frame.type is FrameType.SYSTEM and frame.topic == DISCONNECT:
            connection.end(_End.ASKED)
        known = frame.type is FrameType.SYSTEM
        await connection.send(acknowledge(frame, DONE if known else NO_HANDLER))

    async def _take(self, connection: _Connection, frame: Frame) -> None:
        try:
            code, response = await self._taken(frame)
        finally:
            self._places.release()
        await connection.send(acknowledge(frame, code, response))

    async def _taken(self, frame: Frame) -> tuple[int, Mapping[str, Any] | None]:
        """The code of the acknowledgement, and for a click how its card changes."""
        response: Mapping[str, Any] | None = None
        try:
            if frame.type is FrameType.EVENT:
                await self._note(frame)
            elif frame.topic == CARD_TOPIC:
                click = parse_click(frame.data, self._channel, self._clock.now())
                response = answer_of((await self._front_desk(click)).done)
            else:
                await self._hear(frame)
        except Undecipherable:
            self._refused(Refusal.MALFORMED)
            return BAD_REQUEST, None
        except BooksUnavailable:
            self._refused(Refusal.BOOKS)
            return FAILED, None
        except Exception as error:  # the outermost: one message must not end the others
            self._fault(error)
            self._refused(Refusal.FAULT)
            return FAILED, None
        return DONE, response

    async def _hear(self, frame: Frame) -> None:
        message = parse_robot_message(frame.data, self._channel, self._clock.now())
        if isinstance(message, OverQuota):
            self._notify(Notice.OVER_QUOTA)
        else:
            await self._front_desk(message)

    async def _note(self, frame: Frame) -> None:
        if self._note_group_event is None:
            return
        event = parse_group_event(frame.event_type, frame.data, self._channel.account)
        if event is not None:
            await self._note_group_event(event)
