"""POST /dingtalk/robot: robot messages over HTTP, for those who cannot use Stream mode.

The sign covers a time stamp and not the body (facts on transport, 6.2): whoever saw one request
can invent others until its time stamp is stale. Keep the window short, put the platform's
addresses or mutual TLS in front, or use Stream mode.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from aiohttp import web

from bot.domain.errors import BooksUnavailable, SignatureMismatch, Stale, Undecipherable
from bot.platforms.base import FRESH_FOR, FrontDesk, Refusal, RefusalCounter
from bot.platforms.dingtalk.notices import Fault, Notice, Notify
from bot.platforms.dingtalk.signing import LONGEST_WINDOW, verify_robot_signature
from bot.platforms.dingtalk.wire import OverQuota, RobotChannel, parse_robot_message
from bot.platforms.door import Refused, read_body, refusal
from handlers.ports import Clock

ROBOT_PATH = "/dingtalk/robot"
_NO_ANSWER = b'{"msgtype":"empty"}'


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
        try:
            await self._hand_over(request)
        except Refused as turned_away:
            return self._refuse(turned_away.reason)
        except SignatureMismatch:
            return self._refuse(Refusal.SIGNATURE)
        except Stale:
            return self._refuse(Refusal.STALE)
        except Undecipherable:
            return self._refuse(Refusal.MALFORMED)
        except BooksUnavailable:
            return self._refuse(Refusal.BOOKS)
        except Exception as error:  # the outermost
            self.fault(error)
            return self._refuse(Refusal.FAULT)
        return web.Response(body=_NO_ANSWER, content_type="application/json")

    async def _hand_over(self, request: web.Request) -> None:
        timestamp, signature = _header(request, "timestamp"), _header(request, "sign")
        now = self.clock.now()
        verify_robot_signature(self.secret, timestamp, signature, now, self.window)
        body = await read_body(request)
        message = parse_robot_message(body, self.channel, now)
        if isinstance(message, OverQuota):
            self.notify(Notice.OVER_QUOTA)
            return
        await self.front_desk(message)

    def _refuse(self, reason: Refusal) -> web.Response:
        self.refused(reason)
        return refusal(reason)


def _header(request: web.Request, name: str) -> str:
    values = request.headers.getall(name, [])
    if len(values) != 1:
        raise Refused(Refusal.QUERY)
    return values[0]
