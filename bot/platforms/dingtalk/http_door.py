"""POST /dingtalk/robot and /dingtalk/card over HTTP, for those who cannot use Stream mode.

The sign covers a time stamp and not the body (facts on transport, 6.2): whoever saw one request
can invent others until its time stamp is stale. Keep the window short, put the platform's
addresses or mutual TLS in front, or use Stream mode.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import orjson
from aiohttp import web

from bot.domain.errors import BooksUnavailable, SignatureMismatch, Stale, Undecipherable
from bot.platforms.base import FRESH_FOR, FrontDesk, Refusal, RefusalCounter
from bot.platforms.dingtalk.cards import answer_of, parse_click
from bot.platforms.dingtalk.notices import Fault, Notice, Notify
from bot.platforms.dingtalk.signing import (
    LONGEST_WINDOW,
    check_fresh,
    verify_card_signature,
    verify_robot_signature,
)
from bot.platforms.dingtalk.wire import OverQuota, RobotChannel, parse_robot_message
from bot.platforms.door import Refused, read_body, refusal
from handlers.ports import Clock

ROBOT_PATH = "/dingtalk/robot"
CARD_PATH = "/dingtalk/card"
_NO_ANSWER = b'{"msgtype":"empty"}'
_REASONS: Mapping[type[Exception], Refusal] = {
    SignatureMismatch: Refusal.SIGNATURE,
    Stale: Refusal.STALE,
    Undecipherable: Refusal.MALFORMED,
    BooksUnavailable: Refusal.BOOKS,
}


@dataclass(frozen=True, slots=True)
class RobotDoor:
    """Takes one request: sign, then body, then the front desk, and only then 200.

    `window` is how old or new a time stamp may be, at most the platform's hour. Every refusal
    is a bare status; `refused` counts the reason. 503 asks the platform to deliver again.
    """

    channel: RobotChannel
    secret: str = field(repr=False)
    front_desk: FrontDesk
    clock: Clock
    refused: RefusalCounter
    notify: Notify
    fault: Fault
    window: timedelta = FRESH_FOR

    def __post_init__(self) -> None:
        if not timedelta(0) < self.window <= LONGEST_WINDOW:
            raise ValueError("the window of a robot sign is at most an hour")

    def routes(self) -> list[web.RouteDef]:
        """What the web application has to serve."""
        return [web.post(ROBOT_PATH, self.take)]

    async def take(self, request: web.Request) -> web.Response:
        """Answer a request; what went wrong is in the counter and nowhere else."""
        return await _guarded(self._hand_over(request), self.refused, self.fault)

    async def _hand_over(self, request: web.Request) -> bytes:
        timestamp, signature = _header(request, "timestamp"), _header(request, "sign")
        now = self.clock.now()
        verify_robot_signature(self.secret, timestamp, signature, now, self.window)
        body = await read_body(request)
        message = parse_robot_message(body, self.channel, now)
        if isinstance(message, OverQuota):
            self.notify(Notice.OVER_QUOTA)
        else:
            await self.front_desk(message)
        return _NO_ANSWER


@dataclass(frozen=True, slots=True)
class CardDoor:
    """Takes a click: sign, then body, then the front desk; the answer says how the card changes.

    The sign covers the time stamp alone, as the robot's does. What was clicked is proven by the
    value, which the bot signed itself; who clicked is not, within the window.
    """

    channel: RobotChannel
    secret: str = field(repr=False)
    front_desk: FrontDesk
    clock: Clock
    refused: RefusalCounter
    fault: Fault
    window: timedelta = FRESH_FOR

    def routes(self) -> list[web.RouteDef]:
        """What the web application has to serve."""
        return [web.post(CARD_PATH, self.take)]

    async def take(self, request: web.Request) -> web.Response:
        """Answer a request; what went wrong is in the counter and nowhere else."""
        return await _guarded(self._hand_over(request), self.refused, self.fault)

    async def _hand_over(self, request: web.Request) -> bytes:
        timestamp = _header(request, "x-ddpaas-signature-timestamp")
        verify_card_signature(self.secret, timestamp, _header(request, "x-ddpaas-signature"))
        now = self.clock.now()
        check_fresh(timestamp, now, self.window)
        click = parse_click(await read_body(request), self.channel, now)
        return orjson.dumps(answer_of((await self.front_desk(click)).done))


async def _guarded(
    handed_over: Awaitable[bytes], refused: RefusalCounter, fault: Fault
) -> web.Response:
    """The outermost: whatever happens, a status and nothing else leaves the house."""
    try:
        answer = await handed_over
    except Refused as turned_away:
        reason = turned_away.reason
    except Exception as error:  # its text may hold what must not be said: only its kind counts
        reason = _REASONS.get(type(error), Refusal.FAULT)
        if reason is Refusal.FAULT:
            fault(error)
    else:
        return web.Response(body=answer, content_type="application/json")
    refused(reason)
    return refusal(reason)


def _header(request: web.Request, name: str) -> str:
    values = request.headers.getall(name, [])
    if len(values) != 1:
        raise Refused(Refusal.QUERY)
    return values[0]
