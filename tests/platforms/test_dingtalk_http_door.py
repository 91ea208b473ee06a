"""The HTTP door over real sockets: what it takes, and that nothing else gets in."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession, web
from aiohttp.test_utils import TestServer

from bot.domain.errors import BooksUnavailable
from bot.domain.messages import Route
from bot.platforms.dingtalk.http_door import RobotDoor
from bot.platforms.dingtalk.notices import Notice
from bot.platforms.dingtalk.signing import robot_signature
from bot.standins.dingtalk import POST
from bot.standins.dingtalk_messages import body_of
from bot.standins.faults import Fault
from tests.platforms.dingtalk_stage import Stage, Trouble, staged


class Door(Stage):
    """The stage with an HTTP door of the bot open."""

    url = ""

    def body(self, **fields: Any) -> dict[str, Any]:
        code = self.standin.robot_code
        body = body_of(self.says(), robot_code=code, corp_id="c", session_webhook="https://x/")
        return body | fields

    def headers(self, seconds: float = 0) -> dict[str, str]:
        when = self.time.now() + timedelta(seconds=seconds)
        timestamp = str(round(when.timestamp() * 1000))
        return {
            "timestamp": timestamp,
            "sign": robot_signature(self.standin.client_secret, timestamp),
        }

    async def post(self, body: Any, headers: dict[str, str] | None = None) -> int:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with (
            ClientSession() as session,
            session.post(self.url, data=raw, headers=headers or self.headers()) as response,
        ):
            await self.says_nothing(response)
            return response.status

    async def says_nothing(self, response: ClientResponse) -> None:
        said = await response.read()
        assert said == (b'{"msgtype":"empty"}' if response.status == 200 else b"")


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with staged(Door) as door:
        robot_door = RobotDoor(
            channel=door.channel(Route.DINGTALK_HTTP),
            secret=door.standin.client_secret,
            front_desk=door.desk,
            clock=door.time,
            refused=door.refuse,
            notify=door.notices.append,
            fault=door.faults.append,
        )
        app = web.Application()
        app.add_routes(robot_door.routes())
        server = TestServer(app)
        await server.start_server()
        door.url = str(server.make_url("/dingtalk/robot"))
        yield door
        await server.close()


async def test_a_signed_message_is_taken_before_it_is_answered(door: Door) -> None:
    assert await door.standin.post(door.url, door.says("今晚8点前截图上报")) == 200

    (message,) = door.desk.handed
    assert message.route is Route.DINGTALK_HTTP
    assert message.text.reveal() == "今晚8点前截图上报"
    assert not door.refused


async def test_a_message_posted_twice_is_taken_twice_and_counted_once(door: Door) -> None:
    door.standin.faults.plan(Fault.DUPLICATE, POST)

    assert await door.standin.post(door.url, door.says()) == 200

    assert len(door.desk.handed) == 2
    assert door.desk.counted == {"m1": 1}


async def test_what_the_books_could_not_take_is_asked_for_again(door: Door) -> None:
    door.desk.troubles = [BooksUnavailable("locked")]

    status = await door.time.passes_during(door.standin.post(door.url, door.says()))

    assert status == 200
    assert door.refused == {"books": 1}
    assert door.desk.counted == {"m1": 1}


async def test_an_error_of_ours_asks_again_and_says_nothing(door: Door) -> None:
    door.desk.troubles = [Trouble("zhangsan01 said 截图")]

    assert await door.post(door.body()) == 503

    assert [type(fault) for fault in door.faults] == [Trouble]
    assert door.refused == {"fault": 1}


@pytest.mark.parametrize(
    ("seconds", "status"), [(-301, 403), (-300, 200), (0, 200), (300, 200), (301, 403)]
)
async def test_a_time_stamp_is_good_for_five_minutes_either_way(
    door: Door, seconds: float, status: int
) -> None:
    assert await door.post(door.body(), door.headers(seconds)) == status

    assert len(door.desk.handed) == (status == 200)


async def test_a_message_withheld_for_the_quota_is_taken_and_the_operator_told(
    door: Door,
) -> None:
    assert await door.post(door.body(errCode=20001, errMsg="x", text={})) == 200

    assert door.notices == [Notice.OVER_QUOTA]
    assert door.desk.handed == []


REFUSED: list[tuple[str, Any, dict[str, Any], int, str]] = [
    ("no sign", {}, {"sign": None}, 400, "query"),
    ("no time stamp", {}, {"timestamp": None}, 400, "query"),
    ("an empty sign", {}, {"sign": ""}, 403, "signature"),
    ("a foreign sign", {}, {"sign": robot_signature("other", "1577262236757")}, 403, "signature"),
    ("a sign that is not ASCII", {}, {"sign": "签名"}, 403, "signature"),
    ("seconds for milliseconds", {}, {"timestamp": "1577262236"}, 403, "signature"),
    ("a compressed body", {}, {"Content-Encoding": "gzip"}, 415, "encoded"),
    ("another robot's message", {"robotCode": "dingother"}, {}, 400, "malformed"),
    ("no message key", {"msgId": ""}, {}, 400, "malformed"),
    ("a list", b"[]", {}, 400, "malformed"),
    ("nothing", b"", {}, 400, "malformed"),
    ("too much", b" " * (256 * 1024 + 1), {}, 413, "too_large"),
    ("a deep one", b'{"a":' * 50 + b"0" + b"}" * 50, {}, 400, "malformed"),
]


@pytest.mark.parametrize(
    ("body", "headers", "status", "reason"),
    [case[1:] for case in REFUSED],
    ids=[case[0] for case in REFUSED],
)
async def test_a_request_is_refused_with_a_bare_status(
    door: Door, body: Any, headers: dict[str, Any], status: int, reason: str
) -> None:
    raw = body if isinstance(body, bytes) else door.body(**body)
    changed = {**door.headers(), **headers}
    sent = {name: value for name, value in changed.items() if value is not None}

    assert await door.post(raw, sent) == status

    assert door.refused == {reason: 1}
    assert door.desk.handed == []


async def test_a_doubled_sign_is_refused(door: Door) -> None:
    headers = door.headers()
    doubled = [*headers.items(), ("sign", headers["sign"])]

    async with (
        ClientSession() as session,
        session.post(door.url, data=b"{}", headers=doubled) as response,
    ):
        assert response.status == 400


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
async def test_only_posts_are_served(door: Door, method: str) -> None:
    async with ClientSession() as session, session.request(method, door.url) as response:
        assert response.status == 405


def test_a_window_wider_than_the_platforms_hour_is_refused_at_start() -> None:
    stage = Stage()

    with pytest.raises(ValueError, match="hour"):
        RobotDoor(
            channel=stage.channel(Route.DINGTALK_HTTP),
            secret="s",
            front_desk=stage.desk,
            clock=stage.time,
            refused=stage.refuse,
            notify=stage.notices.append,
            fault=stage.faults.append,
            window=timedelta(hours=1, seconds=1),
        )


def garbled(
    dice: random.Random, headers: dict[str, str], body: bytes
) -> tuple[dict[str, str], bytes]:
    """A request with its proof spoilt, or with a good proof and a body no platform sends."""
    headers = dict(headers)
    match dice.randrange(6):
        case 0:
            name = dice.choice(["sign", "timestamp"])
            place = dice.randrange(len(headers[name]))
            old = headers[name][place]
            new = dice.choice([c for c in "0123456789ABCDEFabc+/=" if c != old])
            headers[name] = headers[name][:place] + new + headers[name][place + 1 :]
        case 1:
            del headers[dice.choice(["sign", "timestamp"])]
        case 2:
            headers["sign"] = "".join(
                dice.choices("ABCDEFabc+/=签 \"';%", k=dice.randrange(80))
            ).strip()
        case 3:
            headers["timestamp"] = str(dice.randrange(10 ** dice.randrange(1, 30)))
        case 4:
            body = body[: dice.randrange(len(body))]
        case _:
            body = dice.randbytes(dice.randrange(300))
    return headers, body


async def test_of_a_thousand_forged_and_garbled_requests_none_is_taken_and_none_breaks_it(
    door: Door,
) -> None:
    dice = random.Random(20261012)
    headers, body = door.headers(), json.dumps(door.body()).encode()
    statuses = set()

    async with ClientSession() as session:
        for _ in range(1_200):
            forged, spoilt = garbled(dice, headers, body)
            async with session.post(door.url, data=spoilt, headers=forged) as response:
                statuses.add(response.status)
                await door.says_nothing(response)

    assert statuses == {400, 403}
    assert sum(door.refused.values()) == 1_200
    assert door.desk.handed == []
    assert door.faults == []
