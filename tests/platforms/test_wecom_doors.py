"""WeCom's two HTTP doors over real sockets: what comes in, what is turned away, what is answered."""

import asyncio
import base64
import gzip
import hashlib
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

import aiohttp
import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.domain.errors import BooksUnavailable
from bot.domain.messages import IncomingMessage, Reply, ReplyAddress
from bot.platforms.base import Taken
from bot.platforms.wecom.crypto import WecomEnvelope
from bot.platforms.wecom.doors import (
    AibotChannel,
    AppChannel,
    Desk,
    aibot_routes,
    app_routes,
)
from bot.standins.faults import Fault
from bot.standins.wecom import WecomStandin

NOW = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)


class FixedClock:
    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time


_DRAW = random.Random(7)


def drawn(size: int) -> bytes:
    return _DRAW.randbytes(size)


async def at_once(_seconds: float) -> None:
    await asyncio.sleep(0)


@dataclass
class FakeDesk:
    """A front desk that remembers what it took and says what it is told to say."""

    clock: FixedClock = field(default_factory=FixedClock)
    taken: list[IncomingMessage] = field(default_factory=list)
    later: list[tuple[ReplyAddress, Reply]] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    happened: Counter[str] = field(default_factory=Counter)
    faults: list[Exception] = field(default_factory=list)
    reply: Reply | None = None
    error: Exception | None = None
    seconds: float = 0.0
    elapsed: float = 0.0

    async def take(self, message: IncomingMessage) -> Taken:
        if self.error is not None:
            raise self.error
        self.taken.append(message)
        self.elapsed += self.seconds
        return Taken(self.reply)

    def desk(self) -> Desk:
        return Desk(
            take=self.take,
            answer_later=lambda address, reply: self.later.append((address, reply)),
            clock=self.clock,
            elapsed=lambda: self.elapsed,
            token_bytes=drawn,
            refused=lambda reason: self.refused.update([reason]),
            happened=lambda name: self.happened.update([name]),
            faulted=self.faults.append,
            welcome=Reply("欢迎"),
        )


@dataclass
class House:
    """A running bot's doors, and the platform that calls them."""

    desk: FakeDesk
    standin: WecomStandin
    server: TestServer
    session: aiohttp.ClientSession

    @property
    def app_url(self) -> str:
        return str(self.server.make_url("/wecom/app"))

    @property
    def aibot_url(self) -> str:
        return str(self.server.make_url("/wecom/aibot"))

    def app_request(
        self, plain: bytes = b"", *, at: datetime = NOW
    ) -> tuple[dict[str, str], bytes]:
        """A genuine callback of the app, as query and body."""
        sealed = self.standin.post.app.seal(plain or APP_XML, drawn(16))
        return self.query_for(sealed, at=at), outer_xml(sealed)

    def query_for(self, sealed: str, *, at: datetime = NOW) -> dict[str, str]:
        timestamp, nonce = str(int(at.timestamp())), "1372623149"
        signature = self.standin.post.app.sign(timestamp, nonce, sealed)
        return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}

    async def post(
        self, query: dict[str, str], body: bytes, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        async with self.session.post(
            self.app_url, params=query, data=body, headers=headers
        ) as response:
            return response.status, await response.read()


APP_XML = (
    b"<xml><ToUserName><![CDATA[ww0123456789abcdef]]></ToUserName>"
    b"<FromUserName><![CDATA[li.hua]]></FromUserName><CreateTime>1791795600</CreateTime>"
    b"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[hello]]></Content>"
    b"<MsgId>4561255354251345929</MsgId><AgentID>218</AgentID></xml>"
)


def outer_xml(sealed: str) -> bytes:
    return (
        "<xml><ToUserName><![CDATA[ww0123456789abcdef]]></ToUserName>"
        f"<AgentID><![CDATA[218]]></AgentID><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
    ).encode()


@asynccontextmanager
async def open_house() -> AsyncIterator[House]:
    fake = FakeDesk()
    standin = WecomStandin(fake.clock, drawn, wait=at_once)
    account = standin.account
    app = web.Application()
    app.add_routes(app_routes(AppChannel(standin.post.app, account.corp_id), fake.desk()))
    channel = AibotChannel(standin.post.bot, account.corp_id, account.bot_id, account.bot_name)
    app.add_routes(aibot_routes(channel, fake.desk()))
    await standin.start()
    try:
        async with TestServer(app) as server, aiohttp.ClientSession() as session:
            yield House(fake, standin, server, session)
    finally:
        await standin.stop()


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as opened:
        yield opened


class TestUrlVerification:
    async def test_the_console_can_save_both_addresses(self, house):
        assert await house.standin.post.verify_app_url(house.app_url)
        assert await house.standin.post.verify_aibot_url(house.aibot_url)

    async def test_the_echo_goes_back_bare(self, house):
        sealed = house.standin.post.app.seal(b"94966531020182955848408", drawn(16))
        query = {**house.query_for(sealed), "echostr": sealed}

        async with house.session.get(house.app_url, params=query) as response:
            body = await response.read()

        assert (response.status, body) == (200, b"94966531020182955848408")
        assert response.content_type == "text/plain"

    async def test_a_raw_plus_sign_that_became_a_space_still_verifies(self, house):
        sealed = next(
            found
            for found in iter(lambda: house.standin.post.app.seal(b"1", drawn(16)), None)
            if "+" in found
        )
        query = urlencode(house.query_for(sealed)) + "&echostr=" + quote(sealed, safe="+")

        async with house.session.get(
            aiohttp.client.URL(f"{house.app_url}?{query}", encoded=True)
        ) as response:
            assert response.status == 200

    async def test_a_captured_callback_is_not_opened_for_its_bearer(self, house):
        """The same signature covers a callback: this door must not decrypt one."""
        sealed = house.standin.post.app.seal(APP_XML, drawn(16))
        query = {**house.query_for(sealed), "echostr": sealed}

        async with house.session.get(house.app_url, params=query) as response:
            body = await response.read()

        assert (response.status, body) == (400, b"")

    async def test_another_receivers_echo_is_refused(self, house):
        account = house.standin.account
        other = WecomEnvelope(account.app_token, account.app_key, "ww_other")
        sealed = other.seal(b"1616140317555161061", drawn(16))
        query = {**house.query_for(sealed), "echostr": sealed}

        async with house.session.get(house.app_url, params=query) as response:
            assert response.status == 400
        assert house.desk.refused == {"undecipherable": 1}


class TestTakingIn:
    async def test_a_direct_message_reaches_the_front_desk_before_the_answer(self, house):
        delivery = await house.standin.post.post_app_text(house.app_url, "li.hua", "/状态")

        assert delivery.statuses == (200,)
        (message,) = house.desk.taken
        assert message.text.reveal() == "/状态"
        assert message.is_addressed
        assert not message.conversation.is_group

    async def test_an_app_answer_goes_out_after_the_acknowledgement(self, house):
        house.desk.reply = Reply("好")

        delivery = await house.standin.post.post_app_text(house.app_url, "li.hua", "/状态")

        assert delivery.answer is None
        ((address, reply),) = house.desk.later
        assert reply.text == "好"
        assert address.to is not None
        assert address.to.reveal() == "li.hua"

    async def test_words_to_the_ai_bot_lose_the_mention_and_are_answered_at_once(self, house):
        house.desk.reply = Reply("本周 12 次")

        delivery = await house.standin.post.post_aibot_text(
            house.aibot_url, "zhang.wei", "/周报", chat="wrAbCdEf"
        )

        assert house.desk.taken[0].text.reveal() == "/周报"
        assert delivery.answer is not None
        assert delivery.answer["stream"]["finish"] is True
        assert delivery.answer["stream"]["content"] == "本周 12 次"
        assert house.desk.later == []

    async def test_an_answer_that_took_too_long_goes_by_the_reply_address(self, house):
        house.desk.reply, house.desk.seconds = Reply("迟到"), 4.5

        delivery = await house.standin.post.post_aibot_text(house.aibot_url, "zhang.wei", "/周报")

        assert delivery.answer is None
        ((address, reply),) = house.desk.later
        assert reply.text == "迟到"
        assert address.hook

    async def test_what_does_not_fit_one_frame_follows(self, house):
        house.desk.reply = Reply("\n\n".join("段" * 1000 for _ in range(9)))

        delivery = await house.standin.post.post_aibot_text(house.aibot_url, "zhang.wei", "/周报")

        assert delivery.answer is not None
        first = delivery.answer["stream"]["content"]
        ((_, rest),) = house.desk.later
        assert len(first.encode()) <= 20_480
        assert first + "\n\n" + rest.text == house.desk.reply.text

    async def test_a_first_conversation_is_welcomed(self, house):
        event = {"msgtype": "event", "event": {"eventtype": "enter_chat"}}

        delivery = await house.standin.post.post_aibot(house.aibot_url, "zhang.wei", event)
        await house.standin.post.post_app(
            house.app_url, "li.hua", "event", "<Event>subscribe</Event>"
        )

        assert delivery.answer == {"msgtype": "text", "text": {"content": "欢迎"}}
        assert [reply.text for _, reply in house.desk.later] == ["欢迎"]
        assert house.desk.happened == {"enter": 1, "subscribe": 1}
        assert house.desk.taken == []

    @pytest.mark.parametrize(
        "content_type", ["text/xml", "application/json", "application/x-unheard-of", "☃".encode()]
    )
    async def test_the_content_type_plays_no_part(self, house, content_type):
        query, body = house.app_request()
        header = content_type if isinstance(content_type, str) else "text/plain; charset=x"

        status, _ = await house.post(query, body, {"Content-Type": header})

        assert status == 200


class TestRedelivery:
    async def test_a_lost_acknowledgement_is_answered_as_success_again(self, house):
        house.standin.faults.plan(Fault.LOST_ACK, "callback")

        delivery = await house.standin.post.post_app_text(house.app_url, "li.hua", "/状态")

        assert delivery.statuses == (200, 200)
        assert len(house.desk.taken) == 1

    async def test_an_answer_is_given_again_with_the_repeated_acknowledgement(self, house):
        house.desk.reply = Reply("只做一次")
        house.standin.faults.plan(Fault.LOST_ACK, "callback")

        delivery = await house.standin.post.post_aibot_text(house.aibot_url, "zhang.wei", "/周报")

        assert delivery.answer is not None
        assert delivery.answer["stream"]["content"] == "只做一次"
        assert len(house.desk.taken) == 1

    async def test_a_repetition_under_a_new_signature_is_passed_on_to_the_durable_tag(self, house):
        for _ in range(2):
            await house.standin.post.post_aibot_text(
                house.aibot_url, "zhang.wei", "/周报", msgid="M-1"
            )

        first, second = house.desk.taken
        assert first.key == second.key

    async def test_what_the_books_did_not_take_is_delivered_again(self, house):
        house.desk.error = BooksUnavailable()

        refused = await house.standin.post.post_app_text(house.app_url, "li.hua", "/状态")
        house.desk.error = None
        taken = await house.standin.post.post_app_text(house.app_url, "li.hua", "/状态")

        assert refused.statuses == (503, 503, 503, 503)
        assert house.desk.refused == {"books": 4}
        assert taken.accepted

    async def test_a_refused_delivery_is_not_remembered_as_done(self, house):
        house.desk.error = BooksUnavailable()
        query, body = house.app_request()
        first, _ = await house.post(query, body)
        house.desk.error = None

        second, _ = await house.post(query, body)

        assert (first, second) == (503, 200)
        assert len(house.desk.taken) == 1

    async def test_an_error_of_ours_says_nothing_and_asks_for_another_try(self, house):
        house.desk.error = KeyError("li.hua")

        query, body = house.app_request()
        status, answer = await house.post(query, body)

        assert (status, answer) == (503, b"")
        assert house.desk.refused == {"fault": 1}
        assert [type(error) for error in house.desk.faults] == [KeyError]


def without(query: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in query.items() if key != name}


class TestTurningAway:
    @pytest.mark.parametrize(
        ("change", "status", "reason"),
        [
            (lambda query: without(query, "msg_signature"), 400, "query"),
            (lambda query: without(query, "timestamp"), 400, "query"),
            (lambda query: without(query, "nonce"), 400, "query"),
            (lambda query: query | {"msg_signature": "0" * 40}, 403, "signature"),
            (
                lambda query: query | {"msg_signature": query["msg_signature"].upper()},
                400,
                "query",
            ),
            (lambda query: query | {"msg_signature": "签" * 40}, 400, "query"),
            (lambda query: query | {"nonce": "随机"}, 400, "query"),
            (lambda query: query | {"nonce": "x" * 65}, 400, "query"),
            (lambda query: query | {"nonce": "other"}, 403, "signature"),
            (lambda query: query | {"timestamp": "１７９１７９５６００"}, 403, "stale"),
            (lambda query: query | {"timestamp": "1791795600.0"}, 403, "stale"),
            (lambda query: query | {"timestamp": "1791795601"}, 403, "signature"),
        ],
    )
    async def test_a_query_that_was_not_signed_like_this(self, house, change, status, reason):
        query, body = house.app_request()

        answered = await house.post(change(query), body)

        assert answered == (status, b"")
        assert house.desk.refused == {reason: 1}
        assert house.desk.taken == []

    @pytest.mark.parametrize("seconds", [-301, 301, -86_400])
    async def test_a_stale_request(self, house, seconds):
        query, body = house.app_request(at=NOW + timedelta(seconds=seconds))

        assert await house.post(query, body) == (403, b"")
        assert house.desk.refused == {"stale": 1}

    async def test_a_parameter_given_twice(self, house):
        query, body = house.app_request()
        twice = urlencode([*query.items(), ("nonce", query["nonce"])])

        async with house.session.post(f"{house.app_url}?{twice}", data=body) as response:
            assert response.status == 400

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"<xml></xml>",
            b"<xml><Encrypt></Encrypt></xml>",
            b"<xml><Encrypt>" + "中".encode() + b"</Encrypt></xml>",
            b"<xml><Encrypt>QUJD</Encrypt><Encrypt>QUJD</Encrypt></xml>",
            b"<!DOCTYPE x [<!ENTITY e 'e'>]><xml><Encrypt>&e;</Encrypt></xml>",
            b"<!DOCTYPE x><xml><Encrypt>QUJD</Encrypt></xml>",
            b"<xml><!-- <Encrypt>QUJD</Encrypt> --></xml>",
            b'{"encrypt":"QUJD"}',
            b"\x00\xff" * 500,
        ],
    )
    async def test_a_body_without_one_sealed_element(self, house, body):
        query, _ = house.app_request()

        assert await house.post(query, body) == (400, b"")
        assert house.desk.refused == {"malformed": 1}

    @pytest.mark.parametrize(
        "body",
        [b"", b"[]", b"{", b'{"encrypt":1}', b'{"encrypt":"*"}', b"[" * 100_000, b'{"a":' * 500],
    )
    async def test_a_json_body_without_one_sealed_field(self, house, body):
        query, _ = house.app_request()

        async with house.session.post(house.aibot_url, params=query, data=body) as response:
            assert (response.status, await response.read()) == (400, b"")
        assert house.desk.refused == {"malformed": 1}

    async def test_a_truncated_body(self, house):
        query, body = house.app_request()
        start = body.index(b"<Encrypt><![CDATA[") + 18
        cut = body[: start + 64] + body[body.index(b"]]></Encrypt>") :]

        assert await house.post(query, cut) == (403, b"")

    async def test_a_body_beyond_the_limit(self, house):
        query, _ = house.app_request()

        assert await house.post(query, outer_xml("A" * 300_000)) == (413, b"")
        assert house.desk.refused == {"too_large": 1}

    async def test_a_body_that_hides_its_length(self, house):
        query, _ = house.app_request()

        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(40):
                yield b"<xml>" * 2000

        async with house.session.post(house.app_url, params=query, data=pieces()) as response:
            assert response.status == 413
        assert house.desk.refused == {"too_large": 1}

    @pytest.mark.parametrize("encoding", ["gzip", "deflate", "identity"])
    async def test_a_body_with_an_encoding(self, house, encoding):
        query, body = house.app_request()
        packed = gzip.compress(body) if encoding == "gzip" else body

        answered = await house.post(query, packed, {"Content-Encoding": encoding})

        assert answered == (415, b"")
        assert house.desk.taken == []

    async def test_an_encoding_that_the_server_itself_does_not_know(self, house):
        query, body = house.app_request()

        status, _ = await house.post(query, body, {"Content-Encoding": "br"})

        assert status in (400, 415)
        assert house.desk.taken == []

    async def test_a_bomb_in_gzip_is_never_unpacked(self, house):
        query, _ = house.app_request()
        bomb = gzip.compress(b"<xml>" * 10_000_000, 9)

        assert await house.post(query, bomb, {"Content-Encoding": "gzip"}) == (415, b"")

    async def test_what_was_sealed_for_another_receiver(self, house):
        account = house.standin.account
        other = WecomEnvelope(account.app_token, account.app_key, "ww_other")
        sealed = other.seal(APP_XML, drawn(16))

        assert await house.post(house.query_for(sealed), outer_xml(sealed)) == (400, b"")
        assert house.desk.refused == {"undecipherable": 1}

    @pytest.mark.parametrize(
        "inner",
        [
            b"",
            b"not xml",
            b"<xml>",
            b"<xml><FromUserName>a</FromUserName><CreateTime>x</CreateTime></xml>",
            b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><xml>&b;</xml>',
            b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml>&e;</xml>',
            b"<xml>" * 20_000,
            b"\xff\xfe" * 100,
        ],
    )
    async def test_a_sealed_message_that_is_no_message(self, house, inner):
        query, body = house.app_request(inner or b" ")

        assert await house.post(query, body) == (400, b"")
        assert house.desk.refused == {"undecipherable": 1}

    async def test_a_message_for_another_bot(self, house):
        delivery = await house.standin.post.post_aibot(
            house.aibot_url, "zhang.wei", {"aibotid": "AIBother", "msgtype": "text"}
        )

        assert set(delivery.statuses) == {400}
        assert house.desk.taken == []

    async def test_other_methods_are_not_there(self, house):
        for method in ("PUT", "DELETE", "HEAD", "PATCH"):
            async with house.session.request(method, house.app_url) as response:
                assert response.status == 405


async def test_a_thousand_forged_and_garbled_requests_get_in_nowhere(house):
    """None is accepted, none is an error of ours, and nothing is left behind."""
    draw = random.Random(20_261_012)
    statuses: Counter[int] = Counter()

    for _ in range(1_000):
        url, query, body, headers = forged(house, draw)
        async with house.session.post(url, params=query, data=body, headers=headers) as response:
            assert await response.read() == b""
        statuses[response.status] += 1

    assert statuses[200] == 0
    assert not [status for status in statuses if status >= 500]
    assert house.desk.taken == []
    assert house.desk.faults == []


def forged(house: House, draw: random.Random) -> tuple[str, dict[str, str], bytes, dict[str, str]]:
    """A request that began as a genuine one and had something done to it."""
    envelope = house.standin.post.app
    sealed = envelope.seal(APP_XML, draw.randbytes(16))
    query = house.query_for(sealed)
    headers: dict[str, str] = {}
    match draw.randrange(9):
        case 0:  # a byte of the ciphertext
            raw = bytearray(base64.b64decode(sealed))
            raw[draw.randrange(len(raw))] ^= draw.randrange(1, 256)
            sealed = base64.b64encode(raw).decode()
        case 1:  # a digit of the signature
            place = draw.randrange(40)
            old = query["msg_signature"]
            query["msg_signature"] = (
                old[:place]
                + draw.choice([c for c in "0123456789abcdef" if c != old[place]])
                + old[place + 1 :]
            )
        case 2:  # somebody else's token, everything else right
            other = WecomEnvelope("guessed", house.standin.account.app_key, "ww0123456789abcdef")
            query["msg_signature"] = other.sign(query["timestamp"], query["nonce"], sealed)
        case 3:  # an old request with a new time
            query["timestamp"] = str(int(query["timestamp"]) + draw.randrange(1, 300))
        case 4:  # shorter or longer ciphertext
            sealed = sealed[: draw.randrange(len(sealed))] + draw.choice(["", "A", "====", "AAAA"])
        case 5:  # noise for every parameter
            query = {
                name: "".join(chr(draw.randrange(1, 0x2FFF)) for _ in range(draw.randrange(1, 50)))
                for name in query
            }
        case 6:  # noise for a body
            noise = draw.randbytes(draw.randrange(0, 2000))
            return house.app_url, query, noise, headers
        case 7:  # a missing or renamed parameter
            name = draw.choice(list(query))
            query[name + draw.choice(["", "_", "[]"])] = query.pop(name)[:-1]
        case _:  # a signature without the token, as an outsider computes it
            joined = "".join(sorted((query["timestamp"], query["nonce"], sealed)))
            query["msg_signature"] = hashlib.sha1(joined.encode()).hexdigest()
    if draw.random() < 0.5:
        return house.app_url, query, outer_xml(sealed), headers
    return house.aibot_url, query, orjson.dumps({"encrypt": sealed}), headers
