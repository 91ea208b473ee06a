"""The official AI-bot client against our end of the long connection, where it is installed."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest

from bot.standins.wecom import WecomStandin

aibot = pytest.importorskip("aibot", reason="needs wecom-aibot-python-sdk")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 10, 12, 9, 0, tzinfo=UTC)


class Silent:
    """The client's own logger prints every message."""

    def debug(self, *_words: object) -> None: ...

    info = warn = error = debug


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0)


@pytest.fixture
async def standin() -> AsyncIterator[WecomStandin]:
    standin = WecomStandin(FixedClock(), random.Random(6).randbytes)
    await standin.start()
    yield standin
    await standin.stop()


@pytest.fixture
async def client(standin: WecomStandin) -> AsyncIterator[object]:
    import aibot.ws

    aibot.ws._SSL_CONTEXT = None  # it insists on TLS; loopback has none
    account = standin.account
    client = aibot.WSClient(
        aibot.WSClientOptions(
            bot_id=account.bot_id,
            secret=account.bot_secret,
            ws_url=standin.live_url,
            heartbeat_interval=100,
            logger=Silent(),
        )
    )
    yield client
    client.disconnect()
    await until(lambda: not standin.live.is_held)


async def test_it_subscribes_pings_and_answers_what_the_stand_in_says(standin, client):
    heard: list[str] = []

    async def on_text(frame: dict[str, object]) -> None:
        heard.append(frame["body"]["text"]["content"])
        await client.reply_stream(frame, "S1", "收到", True)

    client.on("message.text", on_text)
    await client.connect()
    await asyncio.wait_for(standin.live.held(), 10)

    await standin.live.say("zhang.wei", "/状态", chat="wrAbCdEf")
    await until(lambda: bool(standin.sent))
    await until(lambda: standin.live.pings >= 2)

    assert heard == [f"@{standin.account.bot_name} /状态"]
    assert [(sent.to, sent.kind, sent.content) for sent in standin.sent] == [
        ("wrAbCdEf", "stream", "收到")
    ]


async def test_it_is_welcomed_and_writes_first(standin, client):
    async def on_enter(frame: dict[str, object]) -> None:
        await client.reply_welcome(frame, {"msgtype": "text", "text": {"content": "欢迎"}})
        body = {"msgtype": "markdown", "markdown": {"content": "周报"}}
        await client.send_message("zhang.wei", body)

    client.on("event.enter_chat", on_enter)
    await client.connect()
    await asyncio.wait_for(standin.live.held(), 10)

    event = {"msgtype": "event", "event": {"eventtype": "enter_chat"}}
    await standin.live.callback("aibot_event_callback", "zhang.wei", event)
    await until(lambda: len(standin.sent) == 2)

    assert [sent.content for sent in standin.sent] == ["欢迎", "周报"]
