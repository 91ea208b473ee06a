"""Telling a platform's reply address from any other, and reading a body within bounds."""

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.base import PADDED_BYTES, is_allowed_hook, padded
from bot.platforms.door import Refused, read_body, refusal

ALLOWED = (
    "https://qyapi.weixin.qq.com/cgi-bin/aibot/response",
    "http://127.0.0.1:8099/cgi-bin/aibot/response",
    "https://api.dingtalk.com/v1.0/",
)


@pytest.mark.parametrize(
    "url",
    [
        "https://qyapi.weixin.qq.com/cgi-bin/aibot/response",
        "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=R%2BC",
        "https://qyapi.weixin.qq.com:443/cgi-bin/aibot/response?x=1",
        "http://127.0.0.1:8099/cgi-bin/aibot/response?response_code=1",
        "https://api.dingtalk.com/v1.0/robot/reply",
    ],
)
def test_the_platforms_own_address_is_allowed(url):
    assert is_allowed_hook(url, ALLOWED)


_HOST = "qyapi.weixin.qq.com"
_PATH = "/cgi-bin/aibot/response"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "//",
        _HOST + _PATH,
        f"//{_HOST}{_PATH}",
        f"http://{_HOST}{_PATH}",
        f"ftp://{_HOST}{_PATH}",
        f"file://{_HOST}{_PATH}",
        f"javascript://{_HOST}{_PATH}",
        f"https://{_HOST}:8443{_PATH}",
        f"https://{_HOST}:0{_PATH}",
        f"https://{_HOST}:99999{_PATH}",
        f"https://{_HOST}:x{_PATH}",
        f"https://{_HOST}.evil.example{_PATH}",
        f"https://evil.example/{_HOST}{_PATH}",
        f"https://evil.example?{_HOST}{_PATH}",
        f"https://evil.example#{_HOST}{_PATH}",
        f"https://evil-{_HOST}{_PATH}",
        f"https://{_HOST}@evil.example{_PATH}",
        f"https://{_HOST}:443@evil.example{_PATH}",
        f"https://user@{_HOST}{_PATH}",
        f"https://user:pass@{_HOST}{_PATH}",
        f"https://evil.example\\@{_HOST}{_PATH}",
        f"https://{_HOST}\\.evil.example{_PATH}",
        f"https:\\\\{_HOST}{_PATH}",
        f"https:/{_HOST}{_PATH}",
        f"https:///{_HOST}{_PATH}",
        f"https://{_HOST}.{_PATH}",
        f"https://.{_HOST}{_PATH}",
        "https://qyapi。weixin.qq.com" + _PATH,
        "https://ｑｙａｐｉ.weixin.qq.com" + _PATH,
        "https://xn--qyapi-.weixin.qq.com" + _PATH,
        f"https://{_HOST}%00.evil.example{_PATH}",
        f"https://{_HOST}%2eevil.example{_PATH}",
        f"https://{_HOST} .evil.example{_PATH}",
        f"https://{_HOST}\t{_PATH}",
        f"https://{_HOST}\n{_PATH}",
        f" https://{_HOST}{_PATH}",
        f"https://{_HOST}{_PATH} ",
        f"https://{_HOST}/",
        f"https://{_HOST}",
        f"https://{_HOST}/cgi-bin/message/send",
        f"https://{_HOST}{_PATH}/",
        f"https://{_HOST}{_PATH}/../../message/send",
        f"https://{_HOST}{_PATH}/./x",
        f"https://{_HOST}{_PATH}s",
        f"https://{_HOST}/{_PATH}",
        f"https://{_HOST}/CGI-BIN/aibot/response",
        f"https://{_HOST}/cgi-bin/aibot/%72esponse",
        f"https://{_HOST}/cgi-bin%2faibot/response",
        f"https://{_HOST}/cgi-bin/aibot;x/response",
        "https://127.0.0.1:8099/cgi-bin/aibot/response",
        "http://127.0.0.1:8098/cgi-bin/aibot/response",
        "http://127.0.0.1/cgi-bin/aibot/response",
        "http://2130706433:8099/cgi-bin/aibot/response",
        "http://0x7f.1:8099/cgi-bin/aibot/response",
        "http://localhost:8099/cgi-bin/aibot/response",
        "http://[::1]:8099/cgi-bin/aibot/response",
        "http://[::ffff:127.0.0.1]:8099/cgi-bin/aibot/response",
        "http://[fe80::1%25eth0]/cgi-bin/aibot/response",
        "http://[::1/cgi-bin/aibot/response",
        "http://169.254.169.254/latest/meta-data/",
        "http://metadata.google.internal/",
        "https://api.dingtalk.com/v1.0",
        "https://api.dingtalk.com/v1.0/../v2.0/x",
        "https://api.dingtalk.com/v1.0//x",
        "https://api.dingtalk.com/v1.0x/y",
        f"https://{_HOST}{_PATH}?" + "x" * 2048,
    ],
)
def test_a_hostile_address_is_refused(url):
    assert not is_allowed_hook(url, ALLOWED)


@given(st.text(max_size=80))
def test_no_address_whatever_makes_the_check_stumble(text):
    for url in (text, f"https://{text}", f"https://{_HOST}{text}", f"http://[{text}]/"):
        is_allowed_hook(url, ALLOWED)


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
