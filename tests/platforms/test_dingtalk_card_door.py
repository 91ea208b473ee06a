"""Clicks over HTTP: what the door takes, what it turns away, and the address it registers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from bot.domain.cards import Card, Choice, Done
from bot.domain.errors import BooksUnavailable
from bot.domain.messages import IncomingMessage, Route
from bot.domain.private import Opaque
from bot.platforms.base import Taken
from bot.platforms.dingtalk.cards import CardChannel
from bot.platforms.dingtalk.http_door import CardDoor
from bot.platforms.dingtalk.signing import card_signature
from bot.standins.dingtalk_cards import TEMPLATE
from handlers.ports import Destination
from tests.platforms.dingtalk_stage import Stage, staged

SECRET = "cardsecret"
CLICK = {
    "outTrackId": "ab" * 16,
    "userId": "zhangsan01",
    "spaceType": "IM_ROBOT",
    "content": json.dumps({"cardPrivateData": {"params": {"value": "v1"}}}),
}


class Door(Stage):
    """The stage with a door for clicks."""

    url = ""
    trouble: Exception | None = None
    clicks: list[IncomingMessage]

    async def click(self, message: IncomingMessage) -> Taken:
        if self.trouble is not None:
            raise self.trouble
        self.clicks.append(message)
        return Taken(done=Done("已办", "/限额"))

    def headers(self, seconds: float = 0) -> dict[str, str]:
        when = self.time.now() + timedelta(seconds=seconds)
        timestamp = str(round(when.timestamp() * 1000))
        return {
            "x-ddpaas-signature-timestamp": timestamp,
            "x-ddpaas-signature": card_signature(SECRET, timestamp),
        }

    async def post(self, body: Any = CLICK, headers: dict[str, str] | None = None):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = self.headers() if headers is None else headers
        async with (
            ClientSession() as session,
            session.post(self.url, data=raw, headers=given) as response,
        ):
            return response.status, await response.read()


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with staged(Door) as door:
        door.clicks = []
        card_door = CardDoor(
            channel=door.channel(Route.DINGTALK_HTTP),
            secret=SECRET,
            front_desk=door.click,
            clock=door.time,
            refused=door.refuse,
            fault=door.faults.append,
        )
        app = web.Application()
        app.add_routes(card_door.routes())
        async with TestServer(app) as server:
            door.url = str(server.make_url("/dingtalk/card"))
            yield door


async def test_a_signed_click_is_taken_and_answered_with_the_card_s_change(door: Door) -> None:
    status, body = await door.post()

    assert status == 200
    assert json.loads(body)["cardData"]["cardParamMap"]["status"] == "已办 /限额"
    assert len(door.clicks) == 1


@pytest.mark.parametrize("seconds", [-301, 301])
async def test_a_time_stamp_outside_the_window_is_turned_away(door: Door, seconds: float) -> None:
    assert await door.post(headers=door.headers(seconds)) == (403, b"")
    assert door.clicks == []


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"x-ddpaas-signature": "x"}, 403),
        ({"x-ddpaas-signature": ""}, 403),
        ({"x-ddpaas-signature-timestamp": "1700000000000"}, 403),
        ({"x-ddpaas-signature-timestamp": "soon"}, 403),
    ],
)
async def test_what_is_not_signed_is_turned_away(
    door: Door, changed: dict[str, str], status: int
) -> None:
    assert await door.post(headers=door.headers() | changed) == (status, b"")
    assert door.clicks == []


async def test_without_its_headers_a_request_is_turned_away(door: Door) -> None:
    assert await door.post(headers={}) == (400, b"")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"userId":"a"}'])
async def test_what_is_no_click_is_turned_away_without_a_word(door: Door, body: bytes) -> None:
    assert await door.post(body) == (400, b"")
    assert door.clicks == []


async def test_a_body_that_is_too_large_is_not_read(door: Door) -> None:
    assert (await door.post(b" " * (256 * 1024 + 1)))[0] == 413


async def test_while_the_books_are_away_the_platform_is_asked_to_come_again(door: Door) -> None:
    door.trouble = BooksUnavailable("away")

    assert await door.post() == (503, b"")


async def test_a_fault_of_ours_is_told_to_the_log_alone(door: Door) -> None:
    door.trouble = RuntimeError("the words of somebody")

    assert await door.post() == (503, b"")
    assert [type(fault) for fault in door.faults] == [RuntimeError]


async def test_the_address_that_was_registered_is_where_clicks_go(door: Door) -> None:
    cards = door.standin.api.cards
    to = Destination("dingtalk", "a", False, Opaque("zhangsan01"))
    card = Card("标题", (Choice("限额", "limits"),)).with_values("ab" * 16, ("v1",))
    async with door.speaking() as client:
        await client.register_card_callback("qingzhuang", door.url, SECRET)
        await client.deliver_card(CardChannel(TEMPLATE, "r", "qingzhuang").delivery(card, to))

    assert await door.standin.click(card.id, "zhangsan01", "v1")

    assert cards.registered == {"qingzhuang": (door.url, SECRET)}
    assert (cards.shown[card.id].status, cards.shown[card.id].buttons) == ("已办 /限额", {})
