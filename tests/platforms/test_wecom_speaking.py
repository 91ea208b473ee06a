"""What the bot says through WeCom, over real sockets against the stand-in."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from bot.domain.errors import (
    ContentRefused,
    CredentialRefused,
    DeliveryUncertain,
    PlatformError,
    RateLimited,
    RecipientUnknown,
    Unreachable,
)
from bot.domain.messages import Conversation, Reply, ReplyAddress
from bot.domain.private import Opaque
from bot.platforms.wecom.client import WecomClient
from bot.platforms.wecom.speaker import WecomSpeaker
from bot.platforms.wecom.transport import error_of, open_session
from bot.standins.faults import Fault
from bot.standins.wecom import WecomStandin
from handlers.ports import Destination, Parcel, Speaker

NOW = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
CHIEF = Opaque("office.chief")
SEND = "/cgi-bin/message/send"
HOOK = "/cgi-bin/aibot/response"
_DRAW = random.Random(11)


class MovingClock:
    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time


def parcel(markdown: str, *, to: Opaque = CHIEF, is_group: bool = False) -> Parcel:
    destination = Destination("wecom", "ww0123456789abcdef", is_group, to)
    return Parcel("digest:2026-W41", destination, "周报", markdown, NOW)


def client_on(
    session: aiohttp.ClientSession, standin: WecomStandin, clock: MovingClock
) -> WecomClient:
    account = standin.account
    return WecomClient(
        session,
        api_base=standin.post.base + "/",
        corp_id=account.corp_id,
        secret=account.secret,
        agent_id=account.agent_id,
        clock=clock,
    )


@dataclass
class Line:
    clock: MovingClock
    standin: WecomStandin
    session: aiohttp.ClientSession
    client: WecomClient
    speaker: WecomSpeaker

    def hook(self) -> ReplyAddress:
        code = self.standin.api.new_hook()
        return self.address(f"{self.standin.post.base}{HOOK}?response_code={code}")

    def address(self, hook: str) -> ReplyAddress:
        ends_at = self.clock.now() + timedelta(hours=1)
        group = Conversation(is_group=True, id=Opaque("wrAb"))
        return ReplyAddress("wecom", "ww", group, Opaque(hook), ends_at, CHIEF)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    clock = MovingClock()
    standin = WecomStandin(clock, _DRAW.randbytes)
    base = await standin.start()
    session = open_session()
    client = client_on(session, standin, clock)
    speaker = WecomSpeaker(client, session, api_base=base, clock=clock)
    yield Line(clock, standin, session, client, speaker)
    await session.close()
    await standin.stop()


class TestToken:
    async def test_fifty_at_once_fetch_one(self, line):
        await asyncio.gather(
            *(line.client.send_markdown(CHIEF, f"第{n}条", once=False) for n in range(50))
        )

        assert line.standin.api.tokens_given == 1
        assert len(line.standin.sent) == 50

    async def test_it_is_renewed_before_it_ends(self, line):
        await line.client.check()
        line.clock.time += timedelta(seconds=7200 - 301)
        await line.client.check()
        line.clock.time += timedelta(seconds=2)
        await line.client.check()

        assert line.standin.api.tokens_given == 2

    @pytest.mark.parametrize("waiting", [1, 50])
    async def test_one_that_the_platform_took_back_is_renewed_once(self, line, waiting):
        await line.client.check()
        line.standin.api.take_token_back()

        await asyncio.gather(
            *(line.client.send_markdown(CHIEF, f"第{n}条", once=False) for n in range(waiting))
        )

        assert line.standin.api.tokens_given == 2
        assert len(line.standin.sent) == waiting

    async def test_one_that_stays_refused_is_a_matter_for_the_operator(self, line):
        line.standin.faults.plan(Fault.TOKEN_EXPIRED, SEND, times=2)

        with pytest.raises(CredentialRefused):
            await line.client.send_markdown(CHIEF, "x", once=False)
        assert line.standin.sent == []

    async def test_a_wrong_secret_is_refused(self, line):
        wrong = WecomClient(
            line.session,
            api_base=line.standin.post.base,
            corp_id=line.standin.account.corp_id,
            secret="wrong",
            agent_id=1,
            clock=line.clock,
        )

        with pytest.raises(CredentialRefused, match="40001"):
            await wrong.check()


class TestParcels:
    async def test_a_digest_arrives_in_parts_within_the_limit(self, line):
        text = "\n\n".join(f"## 第{n}节\n" + "数" * 300 for n in range(8))

        parts = line.speaker.parts(parcel(text))
        for part in parts:
            await line.speaker.send(parcel(part))

        assert [sent.content for sent in line.standin.sent] == list(parts)
        assert len(parts) > 1
        assert all(len(part.encode()) <= 2048 for part in parts)

    async def test_a_parcel_sent_again_is_shown_once(self, line):
        for _ in range(2):
            await line.speaker.send(parcel("**周报**"))

        assert [sent.content for sent in line.standin.sent] == ["**周报**"]

    async def test_an_own_group_hears_it_in_its_chat(self, line):
        await line.speaker.send(parcel("超限", to=Opaque("digestroom"), is_group=True))

        assert [(sent.via, sent.to) for sent in line.standin.sent] == [("chat", "digestroom")]

    async def test_a_file_with_a_chinese_name_arrives_whole(self, line):
        destination = parcel("").destination

        await line.speaker.send_file(destination, "周报第42周.html", b"<html></html>")

        ((name, content),) = line.standin.api.files.values()
        assert (name, content) == ("周报第42周.html", b"<html></html>")
        assert line.standin.sent[0].kind == "file"

    async def test_without_an_app_nothing_is_sent_and_the_operator_is_told(self, line):
        deaf = WecomSpeaker(None, line.session, api_base=line.standin.post.base, clock=line.clock)

        with pytest.raises(CredentialRefused):
            await deaf.send(parcel("x"))

    async def test_it_is_a_speaker(self, line):
        speaker: Speaker = line.speaker

        assert speaker.platform == "wecom"


class TestAnswers:
    async def test_the_reply_address_serves_once(self, line):
        address = line.hook()

        await line.speaker.answer(address, Reply("好"))
        with pytest.raises(ContentRefused):
            await line.speaker.answer(address, Reply("又"))

        assert [(sent.via, sent.content) for sent in line.standin.sent] == [("hook", "好")]

    async def test_after_an_hour_a_group_cannot_be_answered(self, line):
        address = line.hook()
        line.clock.time += timedelta(hours=1)

        with pytest.raises(RecipientUnknown):
            await line.speaker.answer(address, Reply("晚"))

    async def test_after_an_hour_a_person_is_answered_directly(self, line):
        hooked = line.hook()
        address = ReplyAddress(
            "wecom", "ww", Conversation(False, CHIEF), hooked.hook, hooked.hook_expires_at, CHIEF
        )
        line.clock.time += timedelta(hours=1)

        await line.speaker.answer(address, Reply("晚"))

        assert [(sent.via, sent.to) for sent in line.standin.sent] == [("app", "office.chief")]

    async def test_the_same_answer_may_be_given_twice(self, line):
        address = ReplyAddress("wecom", "ww", Conversation(False, CHIEF), to=CHIEF)

        for _ in range(2):
            await line.speaker.answer(address, Reply("本周 0 次"))

        assert len(line.standin.sent) == 2

    @pytest.mark.parametrize(
        "hook",
        [
            "https://evil.example/cgi-bin/aibot/response",
            "http://169.254.169.254/latest/meta-data",
            "https://qyapi.weixin.qq.com.evil.example/cgi-bin/aibot/response",
            "https://qyapi.weixin.qq.com@evil.example/cgi-bin/aibot/response",
            "https://qyapi.weixin.qq.com/cgi-bin/message/send",
            "file:///etc/passwd",
            "",
        ],
    )
    async def test_no_other_address_is_ever_called(self, line, hook):
        with pytest.raises(RecipientUnknown):
            await line.speaker.answer(line.address(hook), Reply("x"))
        assert line.standin.sent == []

    async def test_a_redirect_is_not_followed(self, line):
        async def elsewhere(_: web.Request) -> web.Response:
            return web.Response(status=307, headers={"Location": line.hook().hook.reveal()})

        app = web.Application()
        app.router.add_post(HOOK, elsewhere)
        async with TestServer(app) as server:
            base = str(server.make_url("")).rstrip("/")
            speaker = WecomSpeaker(None, line.session, api_base=base, clock=line.clock)

            with pytest.raises(PlatformError, match="http 307"):
                await speaker.answer(line.address(base + HOOK), Reply("x"))
        assert line.standin.sent == []


@asynccontextmanager
async def impatient(line: Line, fault: Fault) -> AsyncIterator[WecomClient]:
    """A client that gives up soon where it is to give up at all."""
    async with open_session(seconds=1 if fault is Fault.SLOW else 10) as session:
        yield client_on(session, line.standin, line.clock)


class TestTrouble:
    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            (Fault.RATE_LIMITED, RateLimited),
            (Fault.SERVER_ERROR, DeliveryUncertain),
            (Fault.SLOW, DeliveryUncertain),
            (Fault.RESET, DeliveryUncertain),
        ],
    )
    async def test_a_fault_while_sending_is_told_apart(self, line, fault, error):
        line.standin.faults.plan(fault, SEND)

        async with impatient(line, fault) as client:
            with pytest.raises(error) as caught:
                await client.send_markdown(CHIEF, "x", once=True)

        assert "access_token" not in repr(caught.value)
        assert caught.value.__cause__ is None

    async def test_an_uncertain_delivery_may_have_arrived_and_is_not_repeated(self, line):
        line.standin.faults.plan(Fault.RESET, SEND)

        with pytest.raises(DeliveryUncertain):
            await line.client.send_markdown(CHIEF, "x", once=False)

        assert len(line.standin.sent) == 1

    @pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.SLOW, Fault.RESET])
    async def test_a_fault_while_fetching_a_token_delivered_nothing(self, line, fault):
        line.standin.faults.plan(fault, "/cgi-bin/gettoken", times=3)

        async with impatient(line, fault) as client:
            with pytest.raises(Unreachable):
                await client.send_markdown(CHIEF, "x", once=True)

    async def test_nobody_listening_means_nothing_was_sent(self, line):
        nobody = WecomClient(
            line.session,
            api_base=f"http://127.0.0.1:{unused_port()}",
            corp_id="ww",
            secret="s",
            agent_id=1,
            clock=line.clock,
        )

        with pytest.raises(Unreachable):
            await nobody.check()

    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            (b"<html>", DeliveryUncertain),
            (b"[]", DeliveryUncertain),
            (b'{"errcode":0,"x":"' + b"a" * 70_000 + b'"}', DeliveryUncertain),
            (b'{"errcode":0,"invaliduser":"office.chief"}', RecipientUnknown),
            (b'{"errcode":"zero"}', Unreachable),
        ],
    )
    async def test_an_answer_that_is_none_is_no_success(self, line, answer, error):
        async def token(_: web.Request) -> web.Response:
            return web.json_response({"errcode": 0, "access_token": "t", "expires_in": 7200})

        async def send(_: web.Request) -> web.Response:
            return web.Response(body=answer)

        app = web.Application()
        app.add_routes([web.get("/cgi-bin/gettoken", token), web.post(SEND, send)])
        async with TestServer(app) as server:
            client = WecomClient(
                line.session,
                api_base=str(server.make_url("")).rstrip("/"),
                corp_id="ww",
                secret="s",
                agent_id=1,
                clock=line.clock,
            )
            with pytest.raises(error):
                await client.send_markdown(CHIEF, "x", once=True)


@pytest.mark.parametrize(
    ("codes", "error"),
    [
        ([40001, 40013, 40014, 40056, 40091, 42001, 41001, 48002], CredentialRefused),
        ([50002, 50003, 60011, 60020, 301002], CredentialRefused),
        ([45009, 45033], RateLimited),
        ([40008, 40058, 44001, 44004, 45001, 45002, 45007, 45008], ContentRefused),
        ([40003, 60111, 81013, 82001, 82002, 82003, 86001, 86003, 86006, 86008], RecipientUnknown),
        ([-1], Unreachable),
        ([12345, 0x7FFFFFFF], PlatformError),
    ],
)
def test_every_code_means_one_outcome(codes, error):
    for code in codes:
        found = error_of(code)

        assert type(found) is error
        assert found.code == str(code)
