"""Requests on the AI bot's live socket, and the answers that find them by their number."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import aiohttp
import orjson

from bot.domain.errors import DeliveryUncertain, Unreachable
from bot.platforms.base import TokenBytes, padded
from bot.platforms.wecom.transport import code_in, error_of

_UNSUBSCRIBED = 846609


class LiveRequests:
    """What was asked on `socket` and is not answered yet. `answer` is how many seconds it waits."""

    def __init__(self, token_bytes: TokenBytes, answer: float) -> None:
        self.socket: aiohttp.ClientWebSocketResponse | None = None
        self._token_bytes = token_bytes
        self._seconds = answer
        self._waiting: dict[str, asyncio.Future[Mapping[str, object]]] = {}

    @property
    def is_open(self) -> bool:
        """Whether there is a socket to ask on."""
        return self.socket is not None and not self.socket.closed

    async def ask(
        self, command: str, body: object, request_id: str = "", *, delivers: bool = False
    ) -> None:
        """Send a frame and wait for its answer, both within bounds; raises PlatformError.

        With `delivers` somebody may have got something when no answer comes.
        """
        socket = self.socket
        if socket is None or socket.closed:
            raise Unreachable("not connected")
        request_id = request_id or f"{command}_{self._token_bytes(8).hex()}"
        frame: dict[str, object] = {"cmd": command, "headers": {"req_id": request_id}}
        if body is not None:
            frame["body"] = body
        answer: asyncio.Future[Mapping[str, object]] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = answer
        sent = False
        try:
            async with asyncio.timeout(self._seconds):
                raw = orjson.dumps(frame)
                await socket.send_str((raw if body is None else padded(raw)).decode())
                sent = True
                code = code_in(await answer)
        except (TimeoutError, ConnectionError, aiohttp.ClientError):
            raise (DeliveryUncertain if sent and delivers else Unreachable)("no answer") from None
        finally:
            self._waiting.pop(request_id, None)
        if code == _UNSUBSCRIBED:
            await socket.close()  # it looks open and is none: a new one subscribes again
            raise Unreachable(str(code))
        if code:
            raise error_of(code)

    def answered(self, request_id: str, frame: Mapping[str, object]) -> None:
        """An answer came; one that nobody waits for is let go."""
        waiting = self._waiting.pop(request_id, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(frame)

    def give_up(self) -> None:
        """The socket is gone: no answer comes any more."""
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(ConnectionResetError())
        self._waiting.clear()
