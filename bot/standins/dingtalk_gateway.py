"""The stand-in's Stream gateway: tickets, connections, pushes that wait for their acknowledgement."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from aiohttp import WSMsgType, web

from bot.standins.faults import Fault, Faults

OPEN_PATH = "/v1.0/gateway/connections/open"
CONNECT_PATH = "/connect"
PUSH = "push"
ROBOT_TOPIC = "/v1.0/im/bot/messages/get"
CARD_TOPIC = "/v1.0/card/instances/callback"
EVERY_EVENT = {"type": "EVENT", "topic": "*"}
TICKET_LIFE = timedelta(seconds=90)
DONE = 200


class Clock(Protocol):
    """The clock that the bot uses too."""

    def now(self) -> datetime:
        """This moment, aware."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the gateway waits, in seconds of the injected wait."""

    acknowledgement: float = 3.0
    before_pushing_again: float = 1.0
    ping: float = 25.0
    after_disconnect: float = 10.0
    pushes: int = 6


_Ack = tuple[int, dict[str, Any]]


@dataclass(slots=True, eq=False)
class _Live:
    """A client's connection. One that was told to go gets nothing more."""

    id: str
    request: web.Request
    socket: web.WebSocketResponse
    takes_messages: bool
    going: bool = False
    silent: bool = False
    waiting: dict[str, asyncio.Future[_Ack]] = field(default_factory=dict)

    async def send(self, frame: dict[str, Any]) -> None:
        """Write a frame; a silent connection swallows it."""
        if not self.silent and not self.socket.closed:
            await self.socket.send_str(json.dumps(frame, ensure_ascii=False))

    def cut(self) -> None:
        """Break the connection without a word."""
        _cut(self.request)


class StandinGateway:
    """Opens connections for the right credentials and spreads pushes over them."""

    def __init__(
        self,
        *,
        clock: Clock,
        wait: Callable[[float], Awaitable[None]],
        faults: Faults,
        credentials: tuple[str, str],
        pace: Pace,
    ) -> None:
        self._clock = clock
        self._wait = wait
        self._faults = faults
        self._credentials = credentials
        self._pace = pace
        self._tickets: dict[str, tuple[datetime, bool]] = {}
        self._live: list[_Live] = []
        self._turn = 0
        self._frames = 0
        self._joined = asyncio.Event()
        self._closing: set[asyncio.Task[None]] = set()
        self.endpoint = ""
        self.opened = 0
        self.subscribed: list[dict[str, str]] = []
        self.refused = 0
        self.acks: list[int] = []
        self.answered: dict[str, Any] = {}  # the data of the last acknowledgement
        self.asked_at: list[datetime] = []  # when a connection was asked for
        self.closed_until: datetime | None = None  # an outage: until then it answers 500

    def routes(self) -> list[web.RouteDef]:
        """The two steps of the protocol."""
        return [web.post(OPEN_PATH, self._open), web.get(CONNECT_PATH, self._connect)]

    @property
    def listening(self) -> int:
        """Connections that are pushed to."""
        return len([live for live in self._live if not live.going])

    async def joined(self) -> None:
        """Return when a connection is open that takes robot messages."""
        await self._joined.wait()

    async def push(self, body: dict[str, Any]) -> bool:
        """Push until it is acknowledged as done; False when no push was.

        Each push goes to one connection. Without one it waits like after a lost
        acknowledgement: whether the real platform pushes again differs by report (sheet 1.7).
        """
        done = False
        for turn in range(self._pace.pushes):
            if turn:
                await self._wait(self._pace.before_pushing_again)
            fault = self._faults.due(PUSH)
            await self._suffer(fault)
            code = await self._push_once(body)
            if fault is Fault.DUPLICATE:
                await self._push_once(body)
            done = code == DONE and fault is not Fault.LOST_ACK
            if done:
                break
        return done

    async def disconnect(self) -> None:
        """Ask the next connection to go, and close it when it does not (sheet 1.5)."""
        if live := self._pick():
            await self._dismiss(live, "connection is expired")

    async def push_event(self, event_type: str, data: dict[str, Any]) -> int | None:
        """One event, pushed once; the code of its acknowledgement, None where none was asked for."""
        if EVERY_EVENT not in self.subscribed:
            return None
        return await self._push_once(data, kind="EVENT", topic="*", eventType=event_type)

    async def push_click(self, body: dict[str, Any]) -> Any:
        """One click; the bot's answer to it, None where it was not subscribed or not taken.

        Fault "push": DUPLICATE pushes it twice.
        """
        if {"type": "CALLBACK", "topic": CARD_TOPIC} not in self.subscribed:
            return None
        fault = self._faults.due(PUSH)
        code = await self._push_once(body, topic=CARD_TOPIC)
        answer = self.answered.get("response") if code == DONE else None
        if fault is Fault.DUPLICATE:
            await self._push_once(body, topic=CARD_TOPIC)
        return answer

    async def push_raw(self, text: str) -> None:
        """Write whatever to the next connection; nobody waits for an answer."""
        if live := self._pick():
            with contextlib.suppress(ConnectionError):
                await live.socket.send_str(text)

    def cut(self) -> None:
        """Break the next connection without a word."""
        if live := self._pick():
            live.cut()

    async def close(self) -> None:
        """Close every connection."""
        for task in tuple(self._closing):
            task.cancel()
        for live in tuple(self._live):
            await live.socket.close()

    async def _dismiss(self, live: _Live, reason: str) -> None:
        live.going = True
        self._settle_joined()
        await live.send(self._system("disconnect", {"reason": reason}))
        task = asyncio.create_task(self._close_later(live))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _close_later(self, live: _Live) -> None:
        await self._wait(self._pace.after_disconnect)
        await live.socket.close()

    async def _suffer(self, fault: Fault | None) -> None:
        live = self._pick()
        if live is None:
            return
        if fault is Fault.DISCONNECT:
            await self._dismiss(live, "connection is expired")
        elif fault is Fault.HALF_OPEN:
            live.silent = True
        elif fault is Fault.RESET:
            live.cut()

    async def _push_once(
        self,
        body: dict[str, Any],
        *,
        kind: str = "CALLBACK",
        topic: str = ROBOT_TOPIC,
        **headers: str,
    ) -> int | None:
        live = self._pick()
        if live is None:
            return None
        self._turn += 1
        frame = self._frame(kind, topic, body, live)
        frame["headers"] |= headers
        answer: asyncio.Future[_Ack] = asyncio.get_running_loop().create_future()
        message_id = frame["headers"]["messageId"]
        live.waiting[message_id] = answer
        giving_up = asyncio.ensure_future(self._wait(self._pace.acknowledgement))
        try:
            await live.send(frame)
            either: set[asyncio.Future[Any]] = {answer, giving_up}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        except ConnectionError:
            return None
        finally:
            giving_up.cancel()
            live.waiting.pop(message_id, None)
        if not answer.done() or answer.cancelled():
            return None
        code, self.answered = answer.result()
        self.acks.append(code)
        return code

    def _pick(self) -> _Live | None:
        taking = [live for live in self._live if live.takes_messages and not live.going]
        return taking[self._turn % len(taking)] if taking else None

    async def _open(self, request: web.Request) -> web.Response:
        self.asked_at.append(self._clock.now())
        if self.closed_until is not None and self._clock.now() < self.closed_until:
            return _said(500, "systemError")
        fault = self._faults.due(OPEN_PATH)
        if fault is Fault.RESET:
            _cut(request)
        if fault is Fault.SLOW:
            await self._wait(self._pace.after_disconnect)
        if fault is Fault.SERVER_ERROR:
            return _said(500, "systemError")
        if fault is Fault.RATE_LIMITED:
            return _said(403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi")
        asked = await request.json()
        if (asked.get("clientId"), asked.get("clientSecret")) != self._credentials:
            self.refused += 1
            return _said(401, "authFailed")
        if request.headers.get("Accept") != "application/json":
            return web.Response(text="<result/>", content_type="application/xml")
        ticket = f"tk+/={len(self._tickets)}"  # it must be percent-encoded by whoever uses it
        self.subscribed = asked.get("subscriptions", [])
        takes = {"type": "CALLBACK", "topic": ROBOT_TOPIC} in self.subscribed
        self._tickets[ticket] = (self._clock.now() + TICKET_LIFE, takes)
        return web.json_response({"endpoint": self.endpoint, "ticket": ticket})

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        until, takes = self._tickets.pop(request.query.get("ticket", ""), (None, False))
        if until is None or self._clock.now() > until:
            return web.Response(status=401)
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        self.opened += 1
        live = _Live(f"connection-{self.opened}", request, socket, takes)
        await self._greet(live)
        self._live.append(live)
        self._settle_joined()
        pings = asyncio.ensure_future(self._ping(live))
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    _acknowledged(live, message.data)
        finally:
            pings.cancel()
            self._live.remove(live)
            self._settle_joined()
            for answer in live.waiting.values():
                answer.cancel()
        return socket

    async def _greet(self, live: _Live) -> None:
        fault = self._faults.due(CONNECT_PATH)
        if fault is Fault.HALF_OPEN:
            live.silent = True
        if fault is Fault.DISCONNECT:
            await self._dismiss(live, "kicked")
            await live.socket.close()
        if fault is Fault.RESET:
            live.cut()

    async def _ping(self, live: _Live) -> None:
        while not live.socket.closed:
            await self._wait(self._pace.ping)
            try:
                await live.send(self._system("ping", {"opaque": live.id}))
            except ConnectionError:
                return

    def _settle_joined(self) -> None:
        if self._pick() is None:
            self._joined.clear()
        else:
            self._joined.set()

    def _system(self, topic: str, data: dict[str, Any]) -> dict[str, Any]:
        return self._frame("SYSTEM", topic, data, None)

    def _frame(self, kind: str, topic: str, data: Any, live: _Live | None) -> dict[str, Any]:
        self._frames += 1
        headers = {
            "topic": topic,
            "messageId": f"frame-{self._frames}",
            "contentType": "application/json",
            "time": str(round(self._clock.now().timestamp() * 1000)),
        }
        if live is not None:
            headers |= {"appId": "standin", "connectionId": live.id}
        return {
            "specVersion": "1.0",
            "type": kind,
            "headers": headers,
            "data": json.dumps(data, ensure_ascii=False),
        }


def _acknowledged(live: _Live, raw: str) -> None:
    """Settle the push that this acknowledges; the double encoding of `data` is insisted on."""
    ack = json.loads(raw)
    data = json.loads(ack["data"])
    answer = live.waiting.get(ack["headers"]["messageId"])
    if answer is not None and not answer.done():
        answer.set_result((int(ack["code"]), data))


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def _said(status: int, code: str) -> web.Response:
    return web.json_response(
        {"code": code, "message": code, "requestid": "standin"}, status=status
    )
