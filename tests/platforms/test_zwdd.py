"""专有钉钉 and 浙政钉: signed calls, notices that come once, and a door with a token."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.domain.errors import (
    BooksUnavailable,
    CredentialRefused,
    DeliveryUncertain,
    PlatformError,
    RateLimited,
    RecipientUnknown,
    Unreachable,
)
from bot.domain.messages import Conversation, IncomingMessage, Reply, ReplyAddress, Route
from bot.domain.private import Opaque
from bot.platforms.base import Taken
from bot.platforms.dingtalk.transport import open_session
from bot.platforms.dingtalk.wire import RobotChannel
from bot.platforms.zwdd.client import WORK_NOTICE_LIMIT_BYTES, ZwddClient
from bot.platforms.zwdd.door import ROBOT_PATH, ZwddDoor
from bot.platforms.zwdd.signing import sign
from bot.platforms.zwdd.speaker import ZwddSpeaker
from bot.standins.faults import Fault
from bot.standins.zwdd import NOTICE_PATH, Sent, ZwddStandin
from handlers.ports import Destination, Parcel

NOW = datetime(2026, 10, 14, 1, 0, tzinfo=UTC)
READER, CHAT = Opaque("1001"), Opaque("chat-7")


class FixedClock:
    def now(self) -> datetime:
        return NOW


@pytest.fixture
async def standin() -> AsyncIterator[ZwddStandin]:
    standin = ZwddStandin(FixedClock())
    await standin.start()
    yield standin
    await standin.stop()


@pytest.fixture
async def client(standin) -> AsyncIterator[ZwddClient]:
    async with open_session() as session:
        yield client_of(standin, session)


def client_of(standin: ZwddStandin, session, *, secret: str = "", tenant: str = "") -> ZwddClient:
    return ZwddClient(
        session=session,
        api_base=standin.base_url,
        app_key=standin.app_key,
        app_secret=secret or standin.app_secret,
        tenant_id=tenant or standin.tenant_id,
        robot_token="",
        client_ip="127.0.0.1",
        client_mac="00:00:00:00:00:00",
        clock=FixedClock(),
        token_bytes=secrets.token_bytes,
    )


def parcel(markdown: str, *, is_group: bool = False) -> Parcel:
    to = Destination("zwdd", "zwdd-standin", is_group, CHAT if is_group else READER)
    return Parcel("digest:2026-W41", to, "周报", markdown, NOW)


def test_the_signature_fits_the_known_values():
    at, nonce, secret = "2026-01-02T03:04:05.000+08:00", "17000000000001234", "demo-secret"
    token = {"appsecret": "demo-secret", "appkey": "demo-app", "empty": ""}
    assert (
        sign(secret, "GET", at, nonce, "/gettoken.json", token)
        == "c0GGDr4BcmaLShY0LAPg/uf8nwJ3aXMFA9Nodiie+w4="
    )
    notice = {
        "tenantId": "50",
        "receiverIds": "1001,1002",
        "msg": '{"msgtype":"text","text":{"content":"周报"}}',
        "bizMsgId": "m-1",
    }
    assert (
        sign(secret, "POST", at, nonce, NOTICE_PATH, notice)
        == "kEH8N8CRqOsMSALBQ7FqWdLWGGX4q+8l8wc0i3oz2lI="
    )


async def test_the_credentials_are_checked_by_asking_for_a_token(standin, client):
    await client.check()
    async with open_session() as session:
        with pytest.raises(CredentialRefused):
            await client_of(standin, session, secret="another").check()


async def test_a_digest_goes_to_a_person_as_a_notice_and_to_a_group_as_the_robots_word(
    standin, client
):
    speaker = ZwddSpeaker(client, FixedClock())
    receipt = await speaker.send(parcel("**本周** 3 次"))
    await speaker.send(parcel("本群 1 次", is_group=True))
    assert receipt
    assert standin.sent == [
        Sent("notice", "1001", "**本周** 3 次"),
        Sent("group", "chat-7", "本群 1 次"),
    ]


async def test_a_notice_whose_answer_was_lost_is_uncertain_and_not_shown_twice(standin, client):
    standin.faults.plan(Fault.RESET, NOTICE_PATH)
    speaker = ZwddSpeaker(client, FixedClock())
    with pytest.raises(DeliveryUncertain):
        await speaker.send(parcel("周报"))
    await speaker.send(parcel("周报"))
    assert standin.sent == [Sent("notice", "1001", "周报")]


async def test_every_part_fits_a_notice(standin, client):
    speaker = ZwddSpeaker(client, FixedClock())
    whole = parcel("\n".join(f"- 第{number}行 “引号” \\ 反斜杠" for number in range(300)))
    parts = speaker.parts(whole)
    for part in parts:
        await speaker.send(parcel(part))
    assert len(standin.sent) == len(parts) > 1
    assert WORK_NOTICE_LIMIT_BYTES == 2048


@pytest.mark.parametrize(
    ("fault", "error"),
    [(Fault.SERVER_ERROR, DeliveryUncertain), (Fault.RATE_LIMITED, RateLimited)],
)
async def test_refusals_mean_what_they_mean(standin, client, fault, error):
    standin.faults.plan(fault, NOTICE_PATH)
    with pytest.raises(error):
        await ZwddSpeaker(client, FixedClock()).send(parcel("周报"))
    assert not standin.sent


async def test_another_tenants_place_is_unknown(standin):
    async with open_session() as session:
        speaker = ZwddSpeaker(client_of(standin, session, tenant="51"), FixedClock())
        with pytest.raises(RecipientUnknown):
            await speaker.send(parcel("周报"))


async def test_nothing_is_sent_where_nobody_listens(standin, client):
    await standin.stop()
    with pytest.raises(Unreachable):
        await ZwddSpeaker(client, FixedClock()).send(parcel("周报"))


async def test_a_recall_says_that_it_cannot(client):
    speaker = ZwddSpeaker(client, FixedClock())
    with pytest.raises(PlatformError):
        await speaker.recall(parcel("").destination, "receipt")


def address(standin: ZwddStandin, hook: str = "", *, is_group: bool = True) -> ReplyAddress:
    return ReplyAddress(
        platform="zwdd",
        account=standin.app_key,
        conversation=Conversation(is_group, CHAT),
        hook=Opaque(hook) if hook else None,
        to=READER,
    )


async def test_an_answer_goes_by_the_webhook_of_the_deployment_itself(standin, client):
    hook = f"{standin.base_url}/robot/sendBySession?session=chat-7"
    await ZwddSpeaker(client, FixedClock()).answer(address(standin, hook), Reply("好"))
    assert standin.sent == [Sent("hook", "chat-7", "好")]


@pytest.mark.parametrize(("is_group", "by"), [(True, "group"), (False, "person")])
async def test_a_webhook_of_another_host_is_never_called(standin, client, is_group, by):
    found = address(standin, "https://evil.example/robot/sendBySession", is_group=is_group)
    await ZwddSpeaker(client, FixedClock()).answer(found, Reply("好"))
    assert [sent.by for sent in standin.sent] == [by]


class Desk:
    def __init__(self) -> None:
        self.taken: list[IncomingMessage] = []
        self.refused: list[str] = []
        self.faults: list[BaseException] = []
        self.error: Exception | None = None

    async def take(self, message: IncomingMessage) -> Taken:
        if self.error is not None:
            raise self.error
        self.taken.append(message)
        return Taken()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def door(standin, desk) -> AsyncIterator[str]:
    channel = RobotChannel(standin.app_key, Route.ZWDD, "轻装", platform="zwdd")
    door = ZwddDoor(
        channel, standin.outgoing_token, desk.take, FixedClock(), desk.refused.append,
        desk.faults.append,
    )  # fmt: skip
    app = web.Application()
    app.add_routes(door.routes())
    async with TestServer(app) as server:
        yield str(server.make_url(ROBOT_PATH))


async def test_what_is_said_to_the_robot_is_taken(standin, desk, door):
    assert await standin.say(door, "/状态", chat="chat-7") == 200
    (message,) = desk.taken
    assert (message.platform, message.route) == ("zwdd", Route.ZWDD)
    assert message.conversation == Conversation(True, CHAT)
    assert message.reply_address is not None
    assert message.reply_address.platform == "zwdd"


async def test_a_wrong_token_is_turned_away(standin, desk, door):
    assert await standin.say(door, "/状态", token="wrong") == 403
    assert not desk.taken
    assert desk.refused == ["signature"]


async def test_what_was_not_recorded_is_asked_for_again(standin, desk, door):
    desk.error = BooksUnavailable()
    assert await standin.say(door, "/状态") == 503


async def test_an_error_of_ours_is_told_and_asked_for_again(standin, desk, door):
    desk.error = ZeroDivisionError()
    assert await standin.say(door, "/状态") == 503
    assert isinstance(desk.faults[0], ZeroDivisionError)


def test_a_door_without_a_token_is_not_opened(desk):
    channel = RobotChannel("key", Route.ZWDD, "轻装", platform="zwdd")
    with pytest.raises(ValueError, match="token"):
        ZwddDoor(channel, "", desk.take, FixedClock(), desk.refused.append, desk.faults.append)
