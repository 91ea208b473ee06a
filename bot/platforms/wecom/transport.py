"""Calls to WeCom's HTTP API: time-outs, small answers, and one table from its codes to our errors."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import aiohttp
import orjson
from yarl import URL

from bot.domain.errors import (
    ContentRefused,
    CredentialRefused,
    DeliveryUncertain,
    PlatformError,
    RateLimited,
    RecipientUnknown,
    Unreachable,
)
from bot.platforms.base import padded
from bot.platforms.hooks import public_socket

ANSWER_LIMIT_BYTES = 64 * 1024
# 40001 is a wrong secret where a token is asked for, and elsewhere a token that was taken back.
STALE_TOKEN_CODES = frozenset((40001, 40014, 42001, 41001))
_RATE_WINDOW = timedelta(seconds=60)

_CODES: Mapping[Callable[[str], PlatformError], tuple[int, ...]] = {
    # A wrong secret, a disabled app, an address that is not trusted, a right that is missing.
    CredentialRefused: (
        *STALE_TOKEN_CODES,
        *(40013, 40056, 40091, 48002, 50002, 50003, 60011, 60020),
        *(93000, 93004, 93019, 301002, 301042, 301052, 301053, 853000),
    ),
    lambda code: RateLimited(code, _RATE_WINDOW): (45009, 45033),
    ContentRefused: (40008, 40058, 42045, 44001, 44004, 45001, 45002, 45007, 45008),
    RecipientUnknown: (
        *(40003, 60111, 81013, 82001, 82002, 82003),
        *(86001, 86003, 86006, 86008, 93006, 93008),
    ),
    Unreachable: (-1, 6000),
}
_ERRORS = {code: make for make, codes in _CODES.items() for code in codes}


def error_of(code: int) -> PlatformError:
    """The error that an errcode of the platform means; its text plays no part."""
    return _ERRORS.get(code, PlatformError)(str(code))


def open_session(
    ca_file: Path | None = None, seconds: float = 10.0, *, public_only: bool = False
) -> aiohttp.ClientSession:
    """A session for the platform: bounded in time, without cookies, environment or redirects.

    `ca_file` is for a private deployment that signs its own certificates; `public_only` is for
    addresses from messages. Close it in the end.
    """
    verify: ssl.SSLContext | bool = True
    if ca_file is not None:
        verify = ssl.create_default_context(cafile=str(ca_file))
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            ssl=verify, limit=32, socket_factory=public_socket if public_only else None
        ),
        timeout=aiohttp.ClientTimeout(total=seconds, connect=seconds / 2),
        cookie_jar=aiohttp.DummyCookieJar(),
        json_serialize=lambda value: padded(orjson.dumps(value)).decode(),
        trust_env=False,
    )


async def call(
    session: aiohttp.ClientSession,
    method: str,
    url: str | URL,
    *,
    params: Mapping[str, str] | None = None,
    json: object = None,
    data: aiohttp.FormData | None = None,
    delivers: bool = False,
    most_bytes: int = ANSWER_LIMIT_BYTES,
) -> Mapping[str, object]:
    """The answer's JSON object, whatever its errcode. Raises PlatformError subclasses.

    `delivers` says that somebody may have got something when no answer comes: then it is
    DeliveryUncertain, else Unreachable. No error shows the address: it holds a token.
    """
    lost = DeliveryUncertain if delivers else Unreachable
    try:
        async with session.request(
            method, url, params=params, json=json, data=data, allow_redirects=False
        ) as response:
            if response.status != 200:
                raise _refused(response.status, delivers)
            return await _object(response, lost, most_bytes)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        raise Unreachable("connect") from None
    except TimeoutError:
        raise lost("timeout") from None
    except (aiohttp.ClientError, OSError):
        raise lost("connection") from None


def _refused(status: int, delivers: bool) -> PlatformError:
    code = f"http {status}"
    if status == 429:
        return RateLimited(code, _RATE_WINDOW)
    if status == 503:
        return Unreachable(code)
    if status >= 500:
        return DeliveryUncertain(code) if delivers else Unreachable(code)
    return PlatformError(code)


async def _object(
    response: aiohttp.ClientResponse, lost: Callable[[str], PlatformError], most_bytes: int
) -> Mapping[str, object]:
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > most_bytes:
            raise lost("too large")
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise lost("not json") from None
    if not isinstance(answer, dict):
        raise lost("not json")
    return answer


def code_in(answer: Mapping[str, object]) -> int:
    """The errcode of an answer; one without any is a success, as the older pages have it."""
    code = answer.get("errcode", 0)
    return code if isinstance(code, int) else -1
