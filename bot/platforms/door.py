"""How every HTTP door reads a body and turns a request away without saying why."""

from __future__ import annotations

import asyncio

from aiohttp import web

from bot.platforms.base import BODY_LIMIT_BYTES, Refusal

BODY_SECONDS = 5.0

_STATUS = {
    Refusal.QUERY: 400,
    Refusal.SIGNATURE: 403,
    Refusal.STALE: 403,
    Refusal.UNDECIPHERABLE: 400,
    Refusal.MALFORMED: 400,
    Refusal.TOO_LARGE: 413,
    Refusal.TOO_SLOW: 408,
    Refusal.ENCODED: 415,
    Refusal.BOOKS: 503,
    Refusal.FAULT: 503,
}


class Refused(Exception):
    """A request is turned away for this reason; it carries nothing of the request."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


def refusal(reason: Refusal) -> web.Response:
    """The answer to a refused request: a status, no body, no reason."""
    return web.Response(status=_STATUS[reason])


async def read_body(
    request: web.Request, limit: int = BODY_LIMIT_BYTES, seconds: float = BODY_SECONDS
) -> bytes:
    """The body, of at most `limit` bytes and within `seconds`; raises Refused.

    It never unpacks a compressed one.
    """
    if request.headers.get("Content-Encoding"):
        raise Refused(Refusal.ENCODED)
    if (request.content_length or 0) > limit:
        raise Refused(Refusal.TOO_LARGE)
    if request.content.is_eof():
        # It came with its head, as nearly every callback does: nothing to wait for.
        whole = request.content.read_nowait()
        if len(whole) > limit:
            raise Refused(Refusal.TOO_LARGE)
        return whole
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            while piece := await request.content.readany():
                body += piece
                if len(body) > limit:
                    raise Refused(Refusal.TOO_LARGE)
    except TimeoutError:
        raise Refused(Refusal.TOO_SLOW) from None
    return bytes(body)
