"""HTTP callbacks: forged, old, broken or huge requests count nothing, and the next one counts."""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from bot.domain.errors import BooksUnavailable
from bot.domain.messages import Route
from bot.platforms.dingtalk.http_door import RobotDoor
from bot.platforms.dingtalk.signing import robot_signature
from bot.platforms.dingtalk.wire import RobotChannel
from bot.platforms.wecom.crypto import WecomEnvelope
from bot.platforms.wecom.doors import AibotChannel, Desk, aibot_routes
from bot.standins.dingtalk_messages import Said, body_of
from tests.faults.books import CountingDesk, counting_desk
from tests.platforms.dingtalk_stage import Trouble, VirtualTime

CHAT = "wrAbCdEf"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
_DRAW = random.Random(5)


@dataclass(frozen=True)
class Request:
    """One callback as it goes over the wire."""

    body: bytes
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def with_query(self, **changed: str) -> Request:
        return replace(self, query={**self.query, **changed})

    def with_headers(self, **changed: str) -> Request:
        return replace(self, headers={**self.headers, **changed})


@dataclass
class Door:
    """A door that counts, and the platform's way to compose requests for it."""

    url: str
    desk: CountingDesk
    time: VirtualTime
    compose: Callable[[VirtualTime, str], Request]
    refused: Counter[str]

    async def post(self, request: Request) -> int:
        async with (
            ClientSession() as session,
            session.post(
                self.url, params=request.query, data=request.body, headers=request.headers
            ) as response,
        ):
            await response.read()
            return response.status

    def genuine(self, key: str) -> Request:
        return self.compose(self.time, key)


# --- the two platforms ------------------------------------------------------------------------


def wecom_request(
    time: VirtualTime, key: str, *, receiver: str = "", seconds: float = 0
) -> Request:
    envelope = WecomEnvelope("token", KEY, receiver)
    message = {
        "msgid": key,
        "aibotid": "AIBOT1",
        "chattype": "group",
        "chatid": CHAT,
        "from": {"userid": "zhang.wei"},
        "msgtype": "text",
        "text": {"content": "@轻装 今晚8点前截图上报"},
    }
    sealed = envelope.seal(orjson.dumps(message), _DRAW.randbytes(16))
    stamp, nonce = str(int(time.now().timestamp() + seconds)), str(_DRAW.getrandbits(32))
    query = {
        "msg_signature": envelope.sign(stamp, nonce, sealed),
        "timestamp": stamp,
        "nonce": nonce,
    }
    return Request(orjson.dumps({"encrypt": sealed}), query)


def dingtalk_request(
    time: VirtualTime, key: str, *, secret: str = "secret", seconds: float = 0
) -> Request:
    said = Said(key, "user-7", "今晚8点前截图上报", time.now(), CHAT)
    body = body_of(said, robot_code="robot", corp_id="c", session_webhook="https://x/")
    stamp = str(round((time.now().timestamp() + seconds) * 1000))
    headers = {"timestamp": stamp, "sign": robot_signature(secret, stamp)}
    return Request(json.dumps(body).encode(), headers=headers)


@asynccontextmanager
async def wecom_door(url: str, folder: Path) -> AsyncIterator[Door]:
    time, refused = VirtualTime(), Counter[str]()
    async with counting_desk(url, folder, time, "wecom", "corp", CHAT) as desk:
        channel = AibotChannel(WecomEnvelope("token", KEY, ""), "corp", "AIBOT1", "轻装")
        house = Desk(
            take=desk,
            answer_later=lambda _address, _reply: None,
            clock=time,
            elapsed=lambda: 0.0,
            token_bytes=_DRAW.randbytes,
            refused=lambda reason: refused.update([reason]),
            happened=lambda _name: None,
            faulted=lambda _error: None,
        )
        app = web.Application(client_max_size=512 * 1024)
        app.add_routes(aibot_routes(channel, house))
        async with TestServer(app) as server:
            address = str(server.make_url("/wecom/aibot"))
            yield Door(address, desk, time, wecom_request, refused)


@asynccontextmanager
async def dingtalk_door(url: str, folder: Path) -> AsyncIterator[Door]:
    time, refused = VirtualTime(), Counter[str]()
    async with counting_desk(url, folder, time, "dingtalk", "account", CHAT) as desk:
        door = RobotDoor(
            channel=RobotChannel("account", Route.DINGTALK_HTTP, "轻装", "robot"),
            secret="secret",
            front_desk=desk,
            clock=time,
            refused=lambda reason: refused.update([reason]),
            notify=lambda _notice: None,
            fault=lambda _error: None,
        )
        app = web.Application(client_max_size=512 * 1024)
        app.add_routes(door.routes())
        async with TestServer(app) as server:
            address = str(server.make_url("/dingtalk/robot"))
            yield Door(address, desk, time, dingtalk_request, refused)


# --- what goes wrong --------------------------------------------------------------------------

Spoil = Callable[[Door, Request], Request]


def flipped(signature: str) -> str:
    return ("0" if signature[0] != "0" else "1") + signature[1:]


WECOM: dict[str, Spoil] = {
    "wrong signature": lambda _, r: r.with_query(msg_signature=flipped(r.query["msg_signature"])),
    "no signature": lambda _, r: replace(
        r, query={k: v for k, v in r.query.items() if k != "msg_signature"}
    ),
    "a signature in capitals": lambda _, r: r.with_query(
        msg_signature=r.query["msg_signature"].upper()
    ),
    "another time than was signed": lambda _, r: r.with_query(timestamp="1790000000"),
    "another nonce than was signed": lambda _, r: r.with_query(nonce="1"),
    "signed an hour ago": lambda door, _: wecom_request(door.time, "bad", seconds=-3600),
    "signed in an hour": lambda door, _: wecom_request(door.time, "bad", seconds=3600),
    "signed in another time zone": lambda door, _: wecom_request(
        door.time, "bad", seconds=-8 * 3600
    ),
    "for another receiver": lambda door, _: wecom_request(door.time, "bad", receiver="ww1"),
    "sealed words that are cut": lambda _, r: replace(r, body=r.body[:-40] + b'"}'),
    "nothing sealed": lambda _, r: replace(r, body=b'{"encrypt":""}'),
    "no body": lambda _, r: replace(r, body=b""),
    "not JSON": lambda _, r: replace(r, body=b"<xml/>"),
    "a document type": lambda _, r: replace(r, body=b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'),
    "larger than a callback is": lambda _, r: replace(r, body=r.body + b" " * 300_000),
    "compressed": lambda _, r: replace(r, body=gzip.compress(r.body)).with_headers(
        **{"Content-Encoding": "gzip"}
    ),
    "numbers where words belong": lambda _, r: replace(r, body=b'{"encrypt":7}'),
}

DINGTALK: dict[str, Spoil] = {
    "wrong signature": lambda _, r: r.with_headers(sign=flipped(r.headers["sign"])),
    "no signature": lambda _, r: replace(r, headers={"timestamp": r.headers["timestamp"]}),
    "another secret": lambda door, _: dingtalk_request(door.time, "bad", secret="other"),
    "another time than was signed": lambda _, r: r.with_headers(timestamp="1790000000000"),
    "a time that is none": lambda _, r: r.with_headers(timestamp="yesterday"),
    "signed an hour ago": lambda door, _: dingtalk_request(door.time, "bad", seconds=-3600),
    "signed in an hour": lambda door, _: dingtalk_request(door.time, "bad", seconds=3600),
    "signed in another time zone": lambda door, _: dingtalk_request(
        door.time, "bad", seconds=8 * 3600
    ),
    "no body": lambda _, r: replace(r, body=b""),
    "not JSON": lambda _, r: replace(r, body=b"text=hello"),
    "a list": lambda _, r: replace(r, body=b"[]"),
    "nested deeply": lambda _, r: replace(r, body=b"[" * 5000 + b"]" * 5000),
    "larger than a callback is": lambda _, r: replace(r, body=r.body + b" " * 300_000),
    "compressed": lambda _, r: replace(r, body=gzip.compress(r.body)).with_headers(
        **{"Content-Encoding": "gzip"}
    ),
    "another robot's": lambda _, r: replace(
        r, body=r.body.replace(b'"robotCode": "robot"', b'"robotCode": "other"')
    ),
}
BAD: list[Any] = [
    *[pytest.param(wecom_door, spoil, id=f"wecom, {name}") for name, spoil in WECOM.items()],
    *[pytest.param(dingtalk_door, spoil, id=f"dingtalk, {n}") for n, spoil in DINGTALK.items()],
]
DOORS = pytest.mark.parametrize("opened", [wecom_door, dingtalk_door], ids=["wecom", "dingtalk"])


@pytest.mark.parametrize(("opened", "spoil"), BAD)
async def test_a_bad_request_counts_nothing_and_the_next_good_one_counts(
    opened: Any, spoil: Spoil, sqlite_url: str, tmp_path: Path
) -> None:
    async with opened(sqlite_url, tmp_path) as door:
        status = await door.post(spoil(door, door.genuine("bad")))
        assert status >= 400
        assert sum(door.refused.values()) == 1
        assert await door.post(door.genuine("good")) == 200

        assert door.desk.new == {"good": 1}


@DOORS
async def test_a_request_that_is_played_again_counts_once(
    opened: Any, sqlite_url: str, tmp_path: Path
) -> None:
    async with opened(sqlite_url, tmp_path) as door:
        request = door.genuine("m1")
        assert [await door.post(request) for _ in range(5)] == [200] * 5

        assert await door.desk.messages() == 1


@DOORS
async def test_a_delivery_repeated_with_a_new_signature_and_over_a_restart_counts_once(
    opened: Any, sqlite_url: str, tmp_path: Path
) -> None:
    async with opened(sqlite_url, tmp_path) as door:
        for _ in range(4):
            assert await door.post(door.genuine("m1")) == 200
            door.time.advance(60)
            door.desk.restart()

        assert await door.desk.messages() == 1


@DOORS
@pytest.mark.parametrize("trouble", [BooksUnavailable("locked"), Trouble("x")])
async def test_what_was_not_recorded_is_not_acknowledged_and_counts_when_it_comes_again(
    opened: Any, trouble: Exception, sqlite_url: str, tmp_path: Path
) -> None:
    async with opened(sqlite_url, tmp_path) as door:
        door.desk.troubles.append(trouble)
        request = door.genuine("m1")

        assert await door.post(request) >= 500
        assert await door.post(request) == 200

        assert await door.desk.messages() == 1
