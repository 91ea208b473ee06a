"""Reading a body within bounds, and answers of one length."""

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.platforms.base import PADDED_BYTES, padded
from bot.platforms.door import Refused, read_body, refusal


async def test_a_body_that_never_ends_is_given_up():
    async def slowly() -> AsyncIterator[bytes]:
        yield b"<xml>"
        await asyncio.Event().wait()

    async def door(request: web.Request) -> web.Response:
        try:
            await read_body(request, seconds=0.1)
        except Refused as turned_away:
            return refusal(turned_away.reason)
        return web.Response()

    app = web.Application()
    app.router.add_post("/", door)
    async with (
        TestServer(app) as server,
        aiohttp.ClientSession() as session,
        session.post(server.make_url("/"), data=slowly()) as response,
    ):
        assert (response.status, await response.read()) == (408, b"")


@pytest.mark.parametrize("answer", [b"{}", b'{"content": "' + b"x" * 3000 + b'"}'])
def test_short_and_long_answers_have_one_length_on_the_wire(answer: bytes) -> None:
    made = padded(answer)

    assert len(made) == PADDED_BYTES
    assert json.loads(made) == json.loads(answer)


def test_what_fills_a_step_exactly_is_not_lengthened() -> None:
    exact = padded(b"{}")

    assert padded(exact) == exact
