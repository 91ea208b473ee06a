"""The archive's stand-in for a bot in another process: its two calls, over loopback HTTP."""

from __future__ import annotations

import aiohttp
from aiohttp import web

from bot.domain.errors import ContentRefused, Unreachable
from bot.standins.wecom_archive import StandinArchive

_REFUSED = 422


def bridge_routes(archive: StandinArchive) -> list[web.RouteDef]:
    """What the player serves beside the stand-ins."""

    async def chat_data(request: web.Request) -> web.Response:
        asked = await request.json()
        return web.Response(body=await archive.get_chat_data(asked["seq"], asked["limit"]))

    async def decrypt(request: web.Request) -> web.Response:
        asked = await request.json()
        try:
            return web.Response(body=await archive.decrypt(asked["key"], asked["message"]))
        except ContentRefused:
            return web.Response(status=_REFUSED)

    return [web.post("/chatdata", chat_data), web.post("/decrypt", decrypt)]


class BridgedArchive:
    """An ArchiveLibrary that asks the player; one in the bot's process, for the demo only."""

    def __init__(self, base: str) -> None:
        self._base = base

    async def get_chat_data(self, seq: int, limit: int) -> bytes:
        """See ArchiveLibrary."""
        return await self._ask("/chatdata", {"seq": seq, "limit": limit})

    async def decrypt(self, random_key: str, encrypt_chat_msg: str) -> bytes:
        """See ArchiveLibrary."""
        return await self._ask("/decrypt", {"key": random_key, "message": encrypt_chat_msg})

    async def _ask(self, path: str, asked: object) -> bytes:
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session,
                session.post(self._base + path, json=asked) as response,
            ):
                body = await response.read()
        except (aiohttp.ClientError, OSError, TimeoutError):
            raise Unreachable("10001") from None
        if response.status == _REFUSED:
            raise ContentRefused("10008")
        return body
