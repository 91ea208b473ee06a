"""The HTTP session for DingTalk's hosts: patience, trust, and how much of an answer is read."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from bot.domain.errors import CredentialRefused, DeliveryUncertain, Unreachable
from bot.platforms.base import padded
from bot.platforms.dingtalk.refusals import answer_of
from bot.platforms.hooks import public_socket

ANSWER_LIMIT_BYTES = 64 * 1024
BOOK_LIMIT_BYTES = 8 * 1024 * 1024
CALL_TIMEOUT = aiohttp.ClientTimeout(total=15, connect=8, sock_connect=5)
HOOK_TIMEOUT = aiohttp.ClientTimeout(total=5, connect=3, sock_connect=3)
UPLOAD_TIMEOUT = aiohttp.ClientTimeout(total=120, connect=8, sock_connect=5)


def open_session(
    ca_file: Path | None = None, *, public_only: bool = False
) -> aiohttp.ClientSession:
    """A session for DingTalk's hosts; to be made in a running loop and closed by its owner.

    `public_only` is for addresses from messages.

    Connections are not reused: on one that the server closed meanwhile a send would be lost or
    not, and nobody could say which. Sends are few, because the quota is.
    """
    verify: ssl.SSLContext | bool = True
    if ca_file is not None:
        verify = ssl.create_default_context(cafile=str(ca_file))
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            force_close=True, ssl=verify, socket_factory=public_socket if public_only else None
        ),
        headers={"User-Agent": "qingzhuang"},
        json_serialize=lambda value: padded(orjson.dumps(value)).decode(),
    )


async def read_answer(
    response: aiohttp.ClientResponse, most_bytes: int = ANSWER_LIMIT_BYTES
) -> bytes:
    """The body of an answer, cut at 64 KiB: only those of the address book are nearly as long."""
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > most_bytes:
            break
    return bytes(body[:most_bytes])


async def post(
    session: aiohttp.ClientSession,
    url: str,
    patience: aiohttp.ClientTimeout,
    most_bytes: int = ANSWER_LIMIT_BYTES,
    **request: Any,
) -> Mapping[str, Any]:
    """The answer's JSON; raises PlatformError subclasses, none of which shows the address.

    Unreachable when the request cannot have left, DeliveryUncertain when it may have.
    """
    try:
        async with session.post(
            url, timeout=patience, allow_redirects=False, **request
        ) as response:
            return answer_of(response.status, await read_answer(response, most_bytes))
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        raise Unreachable("connect") from None
    except aiohttp.InvalidURL:
        raise CredentialRefused("address") from None
    except (aiohttp.ClientError, TimeoutError, OSError):
        raise DeliveryUncertain("no answer") from None
