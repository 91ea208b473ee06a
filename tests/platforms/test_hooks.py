"""Addresses from messages: which are called at all, and what is seen to at the connection."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import Unreachable
from bot.platforms.dingtalk import transport as dingtalk_transport
from bot.platforms.hooks import Hooks, VendorHooks, is_allowed_hook, is_public, public_socket
from bot.platforms.wecom import transport as wecom_transport
from config.platform_settings import DingtalkSettings, WecomSettings, ZwddSettings
from config.settings import BadSettings, load_settings

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


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.254",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.8.9.10",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.254",
        "192.0.0.8",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001:db8::1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",  # Teredo, to 127.0.0.1
        "2002:7f00:1::1",
        "2002:a00:1::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "",
        "localhost",
        "2130706433",
        "0x7f.1",
    ],
)
def test_an_address_that_is_not_the_public_internets_gets_no_socket(address):
    assert not is_public(address)
    with pytest.raises(OSError, match="not a public address"):
        public_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, 443)))


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "140.205.1.2",
        "203.119.1.2",
        "2400:3200::1",
        "64:ff9b::101:101",
        "::ffff:1.1.1.1",
    ],
)
def test_a_public_address_gets_one(address):
    assert is_public(address)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with public_socket((family, socket.SOCK_STREAM, 0, "", (address, 443))) as made:
        assert made.family == family


@dataclass
class Names(AbstractResolver):
    """A resolver that gives each next answer, and the last one for ever."""

    answers: list[str]
    asked: list[str] = field(default_factory=list)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(hostname=host, host=found, port=port, family=family, proto=0, flags=0)
        ]

    async def close(self) -> None:
        """Nothing is held."""


@asynccontextmanager
async def inner_service() -> AsyncIterator[tuple[int, list[str]]]:
    """Something on this machine that nobody outside is to reach, and what reached it."""
    reached: list[str] = []

    async def take(request: web.Request) -> web.Response:
        reached.append(request.path)
        return web.json_response({"errcode": 0})

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", take)
    async with TestServer(app) as server:
        assert server.port is not None
        yield server.port, reached


@asynccontextmanager
async def calling(resolver: Names, *, public_only: bool) -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(
        resolver=resolver,
        use_dns_cache=False,
        socket_factory=public_socket if public_only else None,
    )
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session


async def test_a_vendors_name_that_resolves_inwards_is_not_connected_to():
    async with (
        inner_service() as (port, reached),
        calling(Names(["127.0.0.1"]), public_only=True) as session,
    ):
        with pytest.raises(Unreachable, match="connect"):
            await wecom_transport.call(session, "POST", f"http://vendor.example:{port}/x")
        with pytest.raises(Unreachable, match="connect"):
            await dingtalk_transport.post(
                session, f"http://vendor.example:{port}/x", dingtalk_transport.HOOK_TIMEOUT
            )
    assert reached == []


async def test_without_the_guard_the_same_call_would_have_arrived():
    async with (
        inner_service() as (port, reached),
        calling(Names(["127.0.0.1"]), public_only=False) as session,
    ):
        await wecom_transport.call(session, "POST", f"http://vendor.example:{port}/x")
    assert reached == ["/x"]


async def test_a_name_that_was_public_when_it_was_looked_at_is_judged_again_at_the_connection():
    names = Names(["1.1.1.1", "127.0.0.1"])
    looked_at = (await names.resolve("vendor.example"))[0]["host"]
    assert is_public(looked_at)
    async with (
        inner_service() as (port, reached),
        calling(names, public_only=True) as session,
    ):
        with pytest.raises(Unreachable, match="connect"):
            await wecom_transport.call(session, "POST", f"http://vendor.example:{port}/x")
    assert (len(names.asked), reached) == (2, [])


@pytest.mark.parametrize("opened", [wecom_transport.open_session, dingtalk_transport.open_session])
async def test_the_sessions_for_addresses_from_messages_do_not_reach_this_machine(opened):
    async with inner_service() as (port, reached), opened(public_only=True) as session:
        for host in ("127.0.0.1", "localhost", "[::1]"):
            with pytest.raises(aiohttp.ClientConnectorError):
                await session.post(f"http://{host}:{port}/x")
    assert reached == []


async def test_the_vendors_addresses_go_by_the_guarded_session_and_the_operators_by_their_own():
    async with aiohttp.ClientSession() as trusted, aiohttp.ClientSession() as guarded:
        hooks = Hooks(
            trusted,
            [
                "https://wecom.county.example/answer",
                "http://127.0.0.1:8099/answer",
                "http://10.1.2.3/answer",
                "https://vendor.example/everything/",
            ],
            VendorHooks(["https://vendor.example/answer"], guarded),
        )

        assert hooks.session_for("https://vendor.example/answer?code=1") is guarded
        assert hooks.session_for("https://wecom.county.example/answer?code=1") is trusted
        assert hooks.session_for("http://127.0.0.1:8099/answer") is trusted
        for refused in (
            "http://10.1.2.3/answer",  # the operator's, but in the clear over a network
            "https://vendor.example/everything/else",  # a base on the vendor's host adds nothing
            "https://vendor.example:8443/answer",
            "https://elsewhere.example/answer",
        ):
            assert hooks.session_for(refused) is None


def test_the_vendors_addresses_are_the_default_and_over_https_on_port_443():
    for part in (WecomSettings(), DingtalkSettings(), ZwddSettings()):
        assert part.hooks
        for prefix in part.hooks:
            assert is_allowed_hook(prefix, part.hooks)
            assert prefix.startswith("https://")
            assert ":" not in prefix.removeprefix("https://")


@pytest.mark.parametrize(
    "prefix",
    [
        "http://vendor.example/x",
        "https://vendor.example",
        "https://user@vendor.example/x",
        "https://vendor/x",
        "https://vendor.example/x?y",
        "https://vendor.example/%78",
        "https://VENDOR.example/x",
        "https://[::1]/x",
        "//vendor.example/x",
        "vendor.example/x",
    ],
)
def test_a_listed_address_that_would_match_nothing_or_too_much_is_a_setting_refused(
    prefix, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QZ_WECOM__HOOKS", f'["{prefix}"]')
    with pytest.raises(BadSettings, match="QZ_WECOM__HOOKS"):
        load_settings(None)
