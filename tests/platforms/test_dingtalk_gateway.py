"""Gateways that say anything: every frame gets its answer, every refusal another try."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.domain.errors import Unreachable
from bot.platforms.dingtalk import gateway as dingtalk_gateway
from bot.platforms.dingtalk.notices import Notice
from bot.platforms.dingtalk.transport import open_session
from bot.standins.dingtalk_gateway import OPEN_PATH
from bot.standins.faults import Fault
from tests.platforms.dingtalk_stage import Stage, staged, until


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged(Stage) as stage:
        yield stage


FRAMES = {
    "ping": {"type": "SYSTEM", "headers": {"topic": "ping", "messageId": "p"}, "data": '{"opaque":"9"}'},
    "robot": {
        "type": "CALLBACK",
        "headers": {"topic": "/v1.0/im/bot/messages/get", "messageId": "r"},
        "data": "not even JSON",
    },
    "quota": {
        "type": "CALLBACK",
        "headers": {"topic": "/v1.0/im/bot/messages/get", "messageId": "q"},
        "data": '{"errCode":20001,"conversationType":"2","senderId":"s"}',
    },
    "card": {"type": "CALLBACK", "headers": {"topic": "/v1.0/card", "messageId": "c"}, "data": "{}"},
    "event": {"type": "EVENT", "header": {"topic": "*", "messageId": "e"}, "data": "{}"},
    "unknown": {"type": "GREETING", "headers": {"messageId": "u"}},
}  # fmt: skip


class Gateway:
    """A gateway that says what it is told to, and nothing else."""

    def __init__(self, opening: web.Response | None = None) -> None:
        self.opening = opening
        self.opened = 0
        self.acks: dict[str, dict[str, Any]] = {}
        self.server: TestServer | None = None
        self.texts: list[str] = []

    async def open(self, request: web.Request) -> web.Response:
        self.opened += 1
        if self.opening is not None:
            return web.Response(
                status=self.opening.status, text=self.opening.text, headers={"Location": "/open"}
            )
        return web.json_response({"endpoint": f"ws://{request.host}/connect?v=1", "ticket": "t"})

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        for text in self.texts:
            await socket.send_str(text)
        await socket.send_bytes(b"\x00")
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                ack = json.loads(message.data)
                self.acks[ack["headers"]["messageId"]] = ack
        return socket

    async def serve(self) -> str:
        app = web.Application()
        app.add_routes([web.post(OPEN_PATH, self.open), web.get("/connect", self.connect)])
        self.server = TestServer(app)
        await self.server.start_server()
        return str(self.server.make_url("")).rstrip("/")

    async def stop(self) -> None:
        if self.server is not None:
            await self.server.close()


async def test_every_kind_of_frame_is_answered_as_the_protocol_says(stage: Stage) -> None:
    gateway = Gateway()
    gateway.texts = ["garbage", "[]", "{}", *(json.dumps(frame) for frame in FRAMES.values())]
    base = await gateway.serve()

    async with stage.streaming(api_base=base) as stream:
        await until(lambda: len(gateway.acks) == len(FRAMES))
        assert stream.is_connected
    await gateway.stop()

    assert {key: ack["code"] for key, ack in gateway.acks.items()} == {
        "p": 200, "r": 400, "q": 200, "c": 404, "e": 200, "u": 404,
    }  # fmt: skip
    assert gateway.acks["p"]["data"] == '{"opaque":"9"}'
    assert json.loads(gateway.acks["e"]["data"])["status"] == "SUCCESS"
    assert stage.refused == {"malformed": 4}
    assert Notice.OVER_QUOTA in stage.notices
    assert stage.desk.handed == []


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(status=503, text="<html>proxy</html>"),
        web.Response(status=400, text='{"code":"systemError","message":"系统错误"}'),
        web.Response(status=302, text=""),
        web.Response(status=200, text=""),
        web.Response(status=200, text="<result/>"),
        web.Response(status=200, text="[]"),
        web.Response(status=200, text='{"endpoint":"wss://127.0.0.1:1/","ticket":""}'),
        web.Response(status=200, text='{"endpoint":"http://127.0.0.1/","ticket":"t"}'),
        web.Response(status=200, text='{"endpoint":"wss://[bad/","ticket":"t"}'),
        web.Response(status=200, text='{"endpoint":"ws://127.0.0.1:1/","ticket":"t"}'),
    ],
    ids=lambda answer: f"{answer.status} {answer.text[:22]}",
)
async def test_whatever_a_gateway_answers_the_client_backs_off_and_tries_again(
    stage: Stage, answer: web.Response
) -> None:
    gateway = Gateway(answer)
    base = await gateway.serve()

    async with stage.streaming(api_base=base):
        await stage.time.passes_until(lambda: gateway.opened == 4, step=20)
    await gateway.stop()

    assert set(stage.notices) == {Notice.NOT_OPENED}


async def test_a_gateway_that_never_answers_is_given_up_in_time(stage: Stage) -> None:
    stage.standin.faults.plan(Fault.SLOW, OPEN_PATH)

    async with open_session() as session:
        client = stage.standin.client_id, stage.standin.client_secret
        gateway = dingtalk_gateway.Gateway(session, stage.standin.base_url, *client, within=0.02)
        with pytest.raises(Unreachable):
            await gateway.connect()
