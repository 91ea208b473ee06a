"""A builder tells the stand-in from outside what to do, and reads what the bot sent."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.platforms.wecom.crypto import WecomEnvelope
from bot.standins.wecom import WecomStandin


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 10, 12, 9, 0, tzinfo=UTC)


@pytest.fixture
async def standin() -> AsyncIterator[WecomStandin]:
    standin = WecomStandin(FixedClock(), random.Random(2).randbytes)
    await standin.start()
    yield standin
    await standin.stop()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def asked(
    session: aiohttp.ClientSession, standin: WecomStandin, deed: str, body: object
) -> tuple[int, dict[str, object]]:
    url = f"{standin.post.base}/standin/{deed}"
    async with session.post(url, data=orjson.dumps(body)) as response:
        return response.status, orjson.loads(await response.read())


async def test_somebody_speaks_to_a_bot_that_is_being_built(standin, session):
    account = standin.account
    heard: list[bytes] = []

    async def bot(request: web.Request) -> web.Response:
        envelope = WecomEnvelope(account.bot_token, account.bot_key, "")
        heard.append(envelope.open(orjson.loads(await request.read())["encrypt"]))
        return web.Response()

    app = web.Application()
    app.router.add_post("/", bot)
    async with TestServer(app) as server:
        body = {"url": str(server.make_url("/")), "sender": "u", "text": "/状态", "chat": "wrA"}
        status, delivery = await asked(session, standin, "aibot", body)

    assert (status, delivery["statuses"]) == (200, [200])
    assert orjson.loads(heard[0])["text"]["content"] == f"@{account.bot_name} /状态"


async def test_the_account_and_what_was_sent_can_be_read(standin, session):
    async with session.get(f"{standin.post.base}/standin/account") as response:
        account = orjson.loads(await response.read())
    async with session.get(f"{standin.post.base}/standin/sent") as response:
        sent = orjson.loads(await response.read())

    assert account["corp_id"] == standin.account.corp_id
    assert sent == []


async def test_faults_and_records_are_planned(standin, session):
    status, planned = await asked(
        session, standin, "fault", {"fault": "slow", "where": "/x", "times": "2"}
    )
    _, kept = await asked(session, standin, "archive", {"msgid": "1", "msgtype": "text"})

    assert (status, planned) == (200, {"planned": 2})
    assert kept["seq"] > 0


@pytest.mark.parametrize(
    ("deed", "body"),
    [("app", {}), ("app", []), ("fault", {"fault": "no such"}), ("verify", {"url": "x"})],
)
async def test_what_cannot_be_understood_says_what_was_expected(standin, session, deed, body):
    status, answer = await asked(session, standin, deed, body)

    assert status == 400
    assert "/standin/" in str(answer["expected"])
