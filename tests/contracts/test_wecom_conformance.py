"""An independent client of WeCom (wechatpy) against our stand-in and our doors: both keep the protocol."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from xml.etree import ElementTree

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from wechatpy.exceptions import APILimitedException, WeChatClientException
from wechatpy.work import WeChatClient, parse_message
from wechatpy.work.crypto import WeChatCrypto

from bot.domain.messages import IncomingMessage
from bot.platforms.base import Taken
from bot.platforms.wecom.crypto import WecomEnvelope
from bot.platforms.wecom.doors import AppChannel, Desk, app_routes
from bot.standins.faults import Fault
from bot.standins.wecom import Sent, WecomStandin

NOW = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
_DRAW = random.Random(5)


class FixedClock:
    def now(self) -> datetime:
        return NOW


async def at_once(_seconds: float) -> None:
    await asyncio.sleep(0)


@pytest.fixture
async def standin() -> AsyncIterator[WecomStandin]:
    standin = WecomStandin(FixedClock(), _DRAW.randbytes, wait=at_once)
    await standin.start()
    yield standin
    await standin.stop()


def client_of(standin: WecomStandin) -> WeChatClient:
    base = f"{standin.post.base}/cgi-bin/"

    class LoopbackClient(WeChatClient):
        API_BASE_URL = base

        def fetch_access_token(self) -> object:
            params = {"corpid": self.corp_id, "corpsecret": self.secret}
            return self._fetch_access_token(f"{base}gettoken", params)

    return LoopbackClient(standin.account.corp_id, standin.account.secret, timeout=5)


def crypto_of(standin: WecomStandin) -> WeChatCrypto:
    account = standin.account
    return WeChatCrypto(account.app_token, account.app_key, account.corp_id)


async def test_another_client_sends_through_the_stand_in(standin):
    client = client_of(standin)

    answer = await asyncio.to_thread(
        client.message.send_markdown, standin.account.agent_id, ["zhang.wei", "li.hua"], "**周报**"
    )

    assert answer["errcode"] == 0
    assert standin.sent == [Sent("app", "zhang.wei|li.hua", "markdown", "**周报**")]


async def test_another_client_renews_a_token_that_was_taken_back(standin):
    client = client_of(standin)
    await asyncio.to_thread(client.message.send_text, 1, "zhang.wei", "一")
    standin.api.take_token_back()

    await asyncio.to_thread(client.message.send_text, 1, "zhang.wei", "二")

    assert standin.api.tokens_given == 2
    assert [sent.content for sent in standin.sent] == ["一", "二"]


async def test_another_client_uploads_a_file(standin, tmp_path):
    path = tmp_path / "digest.html"
    path.write_bytes(b"<html></html>")
    client = client_of(standin)

    with path.open("rb") as file:
        answer = await asyncio.to_thread(client.media.upload, "file", file)

    assert standin.api.files[answer["media_id"]] == ("digest.html", b"<html></html>")


async def test_another_client_understands_the_stand_ins_refusals(standin):
    client = client_of(standin)
    standin.faults.plan(Fault.RATE_LIMITED, "/cgi-bin/message/send")

    with pytest.raises(APILimitedException):
        await asyncio.to_thread(client.message.send_text, 1, "zhang.wei", "x")
    with pytest.raises(WeChatClientException, match="45002"):
        await asyncio.to_thread(client.message.send_text, 1, "zhang.wei", "长" * 700)


async def test_another_server_understands_the_stand_ins_callbacks(standin):
    received: list[tuple[str, str, str]] = []

    async def callback(request: web.Request) -> web.Response:
        query = request.query
        xml = crypto_of(standin).decrypt_message(
            await request.text(), query["msg_signature"], query["timestamp"], query["nonce"]
        )
        message = parse_message(xml)
        received.append((message.type, message.source, message.content))
        return web.Response()

    async def verify(request: web.Request) -> web.Response:
        query = request.query
        echo = crypto_of(standin).check_signature(
            query["msg_signature"], query["timestamp"], query["nonce"], query["echostr"]
        )
        return web.Response(text=echo)

    app = web.Application()
    app.add_routes([web.post("/", callback), web.get("/", verify)])
    async with TestServer(app) as server:
        url = str(server.make_url("/"))
        assert await standin.post.verify_app_url(url)
        delivery = await standin.post.post_app_text(url, "zhang.wei", "今晚 <截图> ]]> 回传")

    assert delivery.accepted
    assert received == [("text", "zhang.wei", "今晚 <截图> ]]> 回传")]


async def test_our_door_understands_what_another_implementation_seals(standin):
    taken: list[IncomingMessage] = []

    async def take(message: IncomingMessage) -> Taken:
        taken.append(message)
        return Taken()

    account = standin.account
    envelope = WecomEnvelope(account.app_token, account.app_key, account.corp_id)
    desk = Desk(
        take=take,
        answer_later=lambda _address, _reply: None,
        clock=FixedClock(),
        elapsed=lambda: 0.0,
        token_bytes=_DRAW.randbytes,
        refused=lambda _reason: None,
        happened=lambda _name: None,
        faulted=lambda _error: None,
    )
    app = web.Application()
    app.add_routes(app_routes(AppChannel(envelope, account.corp_id), desk))
    inner = (
        "<xml><FromUserName><![CDATA[zhang.wei]]></FromUserName><CreateTime>1791795600</CreateTime>"
        "<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[/状态]]></Content><MsgId>1</MsgId></xml>"
    )
    timestamp = str(int(NOW.timestamp()))
    outer = crypto_of(standin).encrypt_message(inner, "nonce1", timestamp)
    query = {
        "msg_signature": ElementTree.fromstring(outer).findtext("MsgSignature") or "",
        "timestamp": timestamp,
        "nonce": "nonce1",
    }

    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        url = server.make_url("/wecom/app")
        async with session.post(url, params=query, data=outer.encode()) as response:
            assert response.status == 200

    assert [message.text.reveal() for message in taken] == ["/状态"]
