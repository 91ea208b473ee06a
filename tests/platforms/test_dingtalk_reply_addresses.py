"""Reply addresses that somebody forged: nothing is posted to them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.domain.errors import (
    ContentRefused,
    PlatformError,
)
from bot.domain.private import Opaque
from bot.platforms.dingtalk.client import DingtalkClient
from tests.platforms.dingtalk_stage import Stage, staged


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged(Stage) as stage:
        yield stage


@pytest.fixture
async def client(stage: Stage) -> AsyncIterator[DingtalkClient]:
    async with stage.speaking() as client:
        yield client


HOSTILE = [
    "", "x", "http://", "https://", "//oapi.dingtalk.com/robot/sendBySession",
    "http://oapi.dingtalk.com/robot/sendBySession?session=1",
    "ftp://oapi.dingtalk.com/robot/sendBySession", "file:///etc/passwd", "gopher://127.0.0.1:70/",
    "https://oapi.dingtalk.com.evil.example/robot/sendBySession",
    "https://evil.example/oapi.dingtalk.com/robot/sendBySession",
    "https://evil-oapi.dingtalk.com/robot/sendBySession",
    "https://sub.oapi.dingtalk.com/robot/sendBySession", "https://dingtalk.com/robot/sendBySession",
    "https://oapi.dingtalk.com@evil.example/robot/sendBySession",
    "https://evil.example@oapi.dingtalk.com/robot/sendBySession",
    "https://user:pass@oapi.dingtalk.com/robot/sendBySession",
    "https://oapi.dingtalk.com:8443/robot/sendBySession", "https://oapi.dingtalk.com:0/robot/sendBySession",
    "https://oapi.dingtalk.com:99999/robot/sendBySession", "https://oapi.dingtalk.com:x/robot/sendBySession",
    "https://oapi.dingtalk.com\\@evil.example/robot/sendBySession",
    "https:\\\\oapi.dingtalk.com\\robot\\sendBySession",
    "https://oapi.dingtalk.com/robot/sendBySession/../../gettoken",
    "https://oapi.dingtalk.com/robot/sendBySession/..", "https://oapi.dingtalk.com/robot/../gettoken",
    "https://oapi.dingtalk.com/robot/%2e%2e/gettoken", "https://oapi.dingtalk.com/robot%2fsendBySession",
    "https://oapi.dingtalk.com/gettoken", "https://oapi.dingtalk.com/", "https://oapi.dingtalk.com",
    "https://oapi.dingtalk.com/robot/sendBySessionX", "https://oapi.dingtalk.com//robot/sendBySession",
    "https://oapi.dingtalk.com./robot/sendBySession", "https://OAPI。dingtalk。com/robot/sendBySession",
    "https://oapi.dingtalk.com\t/robot/sendBySession", "https://oapi.dingtalk.com\n/robot/sendBySession",
    " https://oapi.dingtalk.com/robot/sendBySession", "https://oapi.dingtalk.com /robot/sendBySession",
    "https://оapi.dingtalk.com/robot/sendBySession", "https://xn--api-7ed.dingtalk.com/robot/sendBySession",
    "https://oapi.dingtalk.com\x00.evil.example/robot/sendBySession",
    "https://127.0.0.1/robot/sendBySession", "https://localhost/robot/sendBySession",
    "http://127.0.0.1:1/robot/sendBySession", "http://127.1/robot/sendBySession",
    "https://[::1]/robot/sendBySession", "https://[::ffff:127.0.0.1]/robot/sendBySession",
    "https://[fe80::1%25eth0]/robot/sendBySession", "https://2130706433/robot/sendBySession",
    "https://0x7f000001/robot/sendBySession", "https://0177.0.0.1/robot/sendBySession",
    "http://169.254.169.254/latest/meta-data/", "https://169.254.169.254/robot/sendBySession",
    "https://metadata.google.internal/robot/sendBySession", "https://100.100.100.200/robot/sendBySession",
    "https://10.0.0.1/robot/sendBySession", "https://192.168.1.1/robot/sendBySession",
    "https://evil.example/?x=https://oapi.dingtalk.com/robot/sendBySession",
    "https://evil.example#https://oapi.dingtalk.com/robot/sendBySession",
    "https://evil.example/robot/sendBySession?session=1",
    "javascript:alert(1)", "data:text/plain,x", "https:///robot/sendBySession",
    "https://oapi.dingtalk.com/robot/sendBySession?session=" + "a" * 2_048,
]  # fmt: skip


@pytest.mark.parametrize("url", HOSTILE)
async def test_nothing_is_posted_to_an_address_that_is_not_the_platforms(
    client: DingtalkClient, url: str
) -> None:
    assert not client.may_use(Opaque(url))
    with pytest.raises(ContentRefused):
        await client.reply(Opaque(url), {"title": "t", "text": "x"})


@pytest.mark.parametrize(
    "url",
    [
        "https://oapi.dingtalk.com/robot/sendBySession?session=deadbeef",
        "https://oapi.dingtalk.com:443/robot/sendBySession?session=a%2Fb",
        "https://api.dingtalk.com/robot/sendBySession?session=deadbeef",
    ],
)
async def test_the_platforms_own_addresses_are_used(client: DingtalkClient, url: str) -> None:
    assert client.may_use(Opaque(url))


async def test_an_operators_base_without_tls_is_trusted_on_this_machine_only(
    stage: Stage,
) -> None:
    async with stage.speaking(
        oapi_base="http://10.1.2.3", api_base="https://ding.example"
    ) as client:
        assert not client.may_use(Opaque("http://10.1.2.3/robot/sendBySession?session=1"))
        assert client.may_use(Opaque("https://ding.example/robot/sendBySession?session=1"))


async def test_a_redirect_is_not_followed(stage: Stage) -> None:
    visited: list[str] = []

    async def redirect(request: web.Request) -> web.Response:
        visited.append(request.path)
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", redirect)
    server = TestServer(app)
    await server.start_server()
    base = str(server.make_url("")).rstrip("/")

    async with stage.speaking(oapi_base=base) as client:
        with pytest.raises(PlatformError):
            await client.reply(Opaque(f"{base}/robot/sendBySession"), {"title": "t", "text": "x"})
    await server.close()

    assert visited == ["/robot/sendBySession"]
