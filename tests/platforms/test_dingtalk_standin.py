"""The stand-in keeps the vendor's protocol: the vendor's own SDK cannot tell the difference."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, WSMsgType

from bot.platforms.dingtalk.gateway import Gateway
from bot.standins import dingtalk as standin_module
from bot.standins.dingtalk import DingtalkStandin
from bot.standins.dingtalk_gateway import OPEN_PATH
from tests.platforms.dingtalk_stage import Stage, staged, until

PROGRAM = Path(__file__).with_name("dingtalk_sdk_client.py")


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged(Stage) as stage:
        yield stage


@asynccontextmanager
async def sdk_client(stage: Stage) -> AsyncIterator[asyncio.StreamReader]:
    """What the SDK's process prints."""
    standin = stage.standin
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(PROGRAM),
        standin.client_id,
        standin.client_secret,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "DINGTALK_OPENAPI_ENDPOINT": standin.base_url},
    )
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        process.kill()
        await process.communicate()  # to the end of its pipe: none stays open


async def test_the_vendors_sdk_receives_acknowledges_and_comes_back_after_a_disconnect(
    stage: Stage,
) -> None:
    gateway = stage.standin.gateway
    async with asyncio.timeout(100), sdk_client(stage) as printed:
        await gateway.joined()
        assert await stage.standin.push(stage.says("今晚8点前截图上报"))
        first = json.loads(await printed.readline())

        await gateway.disconnect()
        await gateway.joined()
        assert await stage.standin.push(stage.says("收到请回复"))
        second = json.loads(await printed.readline())

    assert first == {"key": "m1", "text": " 今晚8点前截图上报"}
    assert second["key"] == "m2"
    assert gateway.opened == 2
    assert gateway.acks == [200, 200]


def opening(stage: Stage, **changed: Any) -> dict[str, Any]:
    asked = {
        "clientId": stage.standin.client_id,
        "clientSecret": stage.standin.client_secret,
        "subscriptions": [{"type": "CALLBACK", "topic": "/v1.0/im/bot/messages/get"}],
    }
    return asked | changed


async def open_connection(session: ClientSession, stage: Stage, **changed: Any) -> dict[str, str]:
    async with session.post(
        stage.standin.base_url + OPEN_PATH,
        json=opening(stage, **changed),
        headers={"Accept": "application/json"},
    ) as response:
        return dict(await response.json())


async def test_a_ticket_is_good_once_and_for_ninety_seconds(stage: Stage) -> None:
    async with ClientSession() as session:
        used = await open_connection(session, stage)
        late = await open_connection(session, stage)

        socket = await session.ws_connect(used["endpoint"], params={"ticket": used["ticket"]})
        await socket.close()
        again = await session.get(used["endpoint"], params={"ticket": used["ticket"]})
        stage.time.advance(91)
        too_late = await session.get(late["endpoint"], params={"ticket": late["ticket"]})

    assert (again.status, too_late.status) == (401, 401)


async def test_without_an_accept_header_the_gateway_answers_xml(stage: Stage) -> None:
    async with (
        ClientSession() as session,
        session.post(stage.standin.base_url + OPEN_PATH, json=opening(stage)) as response,
    ):
        assert response.content_type == "application/xml"


async def test_a_robot_topic_subscribed_as_an_event_brings_no_message(stage: Stage) -> None:
    wrong = [{"type": "EVENT", "topic": "/v1.0/im/bot/messages/get"}]
    async with ClientSession() as session:
        opened = await open_connection(session, stage, subscriptions=wrong)
        socket = await session.ws_connect(opened["endpoint"], params={"ticket": opened["ticket"]})

        assert not await stage.time.passes_during(stage.standin.push(stage.says()), step=5)

        await socket.close()


async def test_a_push_that_nobody_acknowledges_is_made_again_but_not_for_ever(
    stage: Stage,
) -> None:
    async with ClientSession() as session:
        gateway = Gateway(
            session, stage.standin.base_url, stage.standin.client_id, stage.standin.client_secret
        )
        socket = await gateway.connect()
        await stage.standin.gateway.joined()

        acknowledged = await stage.time.passes_during(stage.standin.push(stage.says()), step=5)

        pushed: list[dict[str, Any]] = []
        while (message := await socket.receive()).type is WSMsgType.TEXT and len(pushed) < 60:
            frame = json.loads(message.data)
            if frame["type"] == "CALLBACK":
                pushed.append(frame)
                if len(pushed) == 60:
                    break
        await socket.close()

    assert not acknowledged
    assert {json.loads(frame["data"])["msgId"] for frame in pushed} == {"m1"}
    assert len({frame["headers"]["messageId"] for frame in pushed}) == 60


async def test_two_connections_share_the_pushes(stage: Stage) -> None:
    async with stage.streaming(), stage.streaming():
        await until(lambda: stage.standin.gateway.listening == 2)
        for _ in range(4):
            assert await stage.standin.push(stage.says())

    assert len(stage.desk.keys) == 4


async def test_run_serves_until_told_to_stop_and_can_be_tried_by_hand(stage: Stage) -> None:
    ready: asyncio.Future[DingtalkStandin] = asyncio.get_running_loop().create_future()
    enough = asyncio.Event()
    running = asyncio.create_task(standin_module.run(0, stage.time, enough.wait, ready.set_result))
    served = await ready
    stage.standin.gateway.endpoint = served.gateway.endpoint
    base = served.base_url

    async with ClientSession() as session, stage.streaming(api_base=base):
        await served.gateway.joined()
        said = {"text": "今晚8点前截图上报", "group": "g", "sender": "u"}
        async with session.post(f"{base}/standin/say", json=said) as response:
            assert await response.json() == {"acknowledged": True}
        async with session.get(f"{base}/standin/sent") as response:
            assert await response.json() == []
    enough.set()
    await running

    assert [message.text.reveal() for message in stage.desk.handed] == [said["text"]]
