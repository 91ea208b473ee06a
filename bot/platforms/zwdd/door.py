"""POST /zwdd/robot: what is said to the robot, in the public robot's body.

How the platform proves itself is not documented in public; the robot's record has an
`outgoingToken`, which is asked for here as the header or query parameter `token`. It covers nothing
of the body: put the platform's addresses or mutual TLS in front.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from aiohttp import web

from bot.domain.errors import BooksUnavailable, Undecipherable
from bot.platforms.base import FrontDesk, Refusal, RefusalCounter
from bot.platforms.dingtalk.notices import Fault
from bot.platforms.dingtalk.wire import OverQuota, RobotChannel, parse_robot_message
from bot.platforms.door import Refused, read_body, refusal
from handlers.ports import Clock

ROBOT_PATH = "/zwdd/robot"
_NO_ANSWER = b'{"msgtype":"empty"}'


@dataclass(frozen=True, slots=True)
class ZwddDoor:
    """Takes one request: token, then body, then the front desk, and only then 200.

    Every refusal is a bare status; `refused` counts the reason. 503 asks for another delivery.
    """

    channel: RobotChannel
    token: str = field(repr=False)
    front_desk: FrontDesk
    clock: Clock
    refused: RefusalCounter
    fault: Fault

    def __post_init__(self) -> None:
        if not self.token:
            raise ValueError("the door needs a token: without one anybody could speak")

    def routes(self) -> list[web.RouteDef]:
        """What the web application has to serve."""
        return [web.post(ROBOT_PATH, self.take)]

    async def take(self, request: web.Request) -> web.Response:
        """Answer a request; what went wrong is in the counter and nowhere else."""
        try:
            self._check(request)
            body = await read_body(request)
            message = parse_robot_message(body, self.channel, self.clock.now())
            if not isinstance(message, OverQuota):
                await self.front_desk(message)
        except Refused as turned_away:
            return self._refuse(turned_away.reason)
        except Undecipherable:
            return self._refuse(Refusal.MALFORMED)
        except BooksUnavailable:
            return self._refuse(Refusal.BOOKS)
        except Exception as error:  # the outermost
            self.fault(error)
            return self._refuse(Refusal.FAULT)
        return web.Response(body=_NO_ANSWER, content_type="application/json")

    def _check(self, request: web.Request) -> None:
        given = [*request.headers.getall("token", []), *request.query.getall("token", [])]
        if len(given) != 1:
            raise Refused(Refusal.QUERY)
        said = given[0].encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(said, self.token.encode()):
            raise Refused(Refusal.SIGNATURE)

    def _refuse(self, reason: Refusal) -> web.Response:
        self.refused(reason)
        return refusal(reason)
