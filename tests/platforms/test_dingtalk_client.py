"""What is sent through DingTalk, and what is made of every way it can fail."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientConnectorCertificateError, web
from aiohttp.test_utils import TestServer, unused_port
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

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
from bot.platforms.dingtalk.client import DingtalkClient
from bot.platforms.dingtalk.markup import dingtalk_markdown, message_params, title_of
from bot.platforms.dingtalk.notices import Notice
from bot.platforms.dingtalk.refusals import (
    REACTIONS,
    QuotaUsedUp,
    TokenWorn,
    TooQuick,
    answer_of,
)
from bot.platforms.dingtalk.speaker import DingtalkSpeaker
from bot.platforms.dingtalk.tokens import Token, TokenCache
from bot.platforms.dingtalk.transport import open_session
from bot.standins.dingtalk_api import GROUP_PATH, HOOK_PATH, TOKEN_PATH, UPLOAD_PATH, Sent
from bot.standins.faults import Fault
from handlers.ports import Destination, Parcel
from tests.platforms.dingtalk_stage import START, Stage, VirtualTime, staged

GROUP = Opaque("cidDEMO1==")
PARAM = '{"title":"周报","text":"正文"}'


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged(Stage) as stage:
        yield stage


@pytest.fixture
async def client(stage: Stage) -> AsyncIterator[DingtalkClient]:
    async with stage.speaking() as client:
        yield client


def speaker_of(stage: Stage, client: DingtalkClient) -> DingtalkSpeaker:
    return DingtalkSpeaker(client, stage.time, stage.time.wait)


def parcel_to(id: str, *, is_group: bool, markdown: str = "正文") -> Parcel:  # noqa: A002
    destination = Destination("dingtalk", "dingstandin", is_group, Opaque(id))
    return Parcel("digest:1", destination, "基层负担监测周报", markdown, START)


async def test_fifty_senders_at_once_fetch_one_token(stage: Stage, client: DingtalkClient) -> None:
    await asyncio.gather(
        *(client.send_to_group(GROUP, "sampleMarkdown", PARAM) for _ in range(50))
    )

    assert stage.standin.api.token_fetches == 1
    assert len(stage.standin.sent) == 50


async def test_a_token_is_renewed_five_minutes_before_it_ends(
    stage: Stage, client: DingtalkClient
) -> None:
    await client.send_to_group(GROUP, "sampleMarkdown", PARAM)
    stage.time.advance(7200 - 300 - 1)
    await client.send_to_group(GROUP, "sampleMarkdown", PARAM)
    fetched_early = stage.standin.api.token_fetches

    stage.time.advance(1)
    await client.send_to_group(GROUP, "sampleMarkdown", PARAM)

    assert (fetched_early, stage.standin.api.token_fetches) == (1, 2)


async def test_a_worn_token_is_fetched_anew_once_and_the_message_sent_once(
    stage: Stage, client: DingtalkClient
) -> None:
    await client.check()
    stage.standin.faults.plan(Fault.TOKEN_EXPIRED, GROUP_PATH)

    await client.send_to_group(GROUP, "sampleMarkdown", PARAM)

    assert len(stage.standin.sent) == 1
    assert stage.standin.api.token_fetches == 3


async def test_a_token_that_is_refused_twice_is_the_operators_business(
    stage: Stage, client: DingtalkClient
) -> None:
    stage.standin.faults.plan(Fault.TOKEN_EXPIRED, GROUP_PATH, 2)

    with pytest.raises(CredentialRefused):
        await client.send_to_group(GROUP, "sampleMarkdown", PARAM)

    assert stage.standin.sent == []


async def test_both_generations_of_tokens_are_checked(stage: Stage) -> None:
    async with stage.speaking(secret="wrong") as client:
        with pytest.raises(CredentialRefused):
            await client.check()


async def test_an_old_tokens_refusal_is_a_credential_refused_too(stage: Stage) -> None:
    async with stage.speaking() as client:
        await client.check()
        stage.standin.api.credentials = (stage.standin.client_id, "changed")
        stage.time.advance(7200)
        with pytest.raises(CredentialRefused):
            await client.upload("周报.pdf", b"%PDF")


async def test_who_gives_up_waiting_for_a_token_does_not_take_it_from_the_others() -> None:
    came = asyncio.Event()
    time = VirtualTime()

    async def fetch() -> Token:
        await came.wait()
        return Token("t", START + timedelta(hours=2))

    cache = TokenCache(fetch, time)
    impatient, patient = asyncio.create_task(cache.get()), asyncio.create_task(cache.get())
    await asyncio.sleep(0)

    impatient.cancel()
    came.set()

    assert await patient == "t"


async def test_a_failed_fetch_fails_all_who_waited_and_is_tried_again_by_the_next() -> None:
    fetches = 0

    async def fetch() -> Token:
        nonlocal fetches
        fetches += 1
        await asyncio.sleep(0)
        if fetches == 1:
            raise Unreachable("token")
        return Token("t", START + timedelta(hours=2))

    cache = TokenCache(fetch, VirtualTime())
    failed = await asyncio.gather(*(cache.get() for _ in range(5)), return_exceptions=True)

    assert {type(error) for error in failed} == {Unreachable}
    assert await cache.get() == "t"
    assert fetches == 2


async def test_over_the_calls_per_second_it_waits_and_sends_once(
    stage: Stage, client: DingtalkClient
) -> None:
    stage.standin.faults.plan(Fault.RATE_LIMITED, GROUP_PATH, 3)

    await stage.time.passes_during(client.send_to_group(GROUP, "sampleMarkdown", PARAM))

    assert stage.time.waits == [1, 2, 4]
    assert len(stage.standin.sent) == 1


async def test_it_stops_after_five_tries_and_says_when_to_come_back(
    stage: Stage, client: DingtalkClient
) -> None:
    stage.standin.faults.plan(Fault.RATE_LIMITED, GROUP_PATH, 9)

    with pytest.raises(RateLimited):
        await stage.time.passes_during(client.send_to_group(GROUP, "sampleMarkdown", PARAM))

    assert len(stage.standin.faults) == 4


async def test_an_answer_that_never_comes_leaves_the_delivery_uncertain(
    stage: Stage, client: DingtalkClient
) -> None:
    stage.standin.faults.plan(Fault.RESET, GROUP_PATH)

    with pytest.raises(DeliveryUncertain):
        await client.send_to_group(GROUP, "sampleMarkdown", PARAM)

    assert len(stage.standin.sent) == 1, "it was delivered, and is not sent again"


async def test_a_request_that_could_not_leave_may_be_tried_again(stage: Stage) -> None:
    nobody = f"http://127.0.0.1:{unused_port()}"

    async with stage.speaking(api_base=nobody) as client:
        with pytest.raises(Unreachable):
            await client.send_to_group(GROUP, "sampleMarkdown", PARAM)


async def test_a_token_that_never_comes_is_unreachable_because_nothing_was_sent(
    stage: Stage, client: DingtalkClient
) -> None:
    stage.standin.faults.plan(Fault.SERVER_ERROR, TOKEN_PATH)

    with pytest.raises(Unreachable):
        await client.send_to_group(GROUP, "sampleMarkdown", PARAM)


async def test_people_are_written_to_twenty_in_a_call_and_who_left_is_named(
    stage: Stage, client: DingtalkClient
) -> None:
    people = [Opaque(f"user-{n}") for n in range(45)]
    stage.standin.api.gone = {"user-3", "user-44"}

    reached = await client.send_to_people(people, "sampleMarkdown", PARAM)

    assert set(reached.unknown) == {Opaque("user-3"), Opaque("user-44")}
    assert len(stage.standin.sent) == 43


async def test_a_file_is_stored_under_the_old_token(stage: Stage, client: DingtalkClient) -> None:
    stage.standin.faults.plan(Fault.TOKEN_EXPIRED, UPLOAD_PATH)

    media_id = await client.upload("周报.pdf", b"%PDF")

    assert media_id == "@media-1"
    assert stage.standin.api.uploads == ["周报.pdf"]


@pytest.mark.parametrize(("name", "size"), [("周报.html", 1), ("周报.pdf", 20 * 1024 * 1024 + 1)])
async def test_a_file_that_the_platform_does_not_take_is_refused_before_it_is_sent(
    client: DingtalkClient, name: str, size: int
) -> None:
    with pytest.raises(ContentRefused):
        await client.upload(name, b"x" * size)


# --- speaking ---------------------------------------------------------------------------------


@pytest.mark.parametrize("is_group", [True, False])
async def test_a_parcel_goes_to_a_group_or_a_person(
    stage: Stage, client: DingtalkClient, is_group: bool
) -> None:
    await speaker_of(stage, client).send(parcel_to("office-1", is_group=is_group))

    by = "group" if is_group else "person"
    assert stage.standin.sent == [Sent(by, "office-1", "基层负担监测周报", "正文")]


async def test_a_long_parcel_goes_out_in_parts_in_order(
    stage: Stage, client: DingtalkClient
) -> None:
    paragraphs = [f"第{n}段" + "工作要求" * 300 for n in range(20)]

    await speaker_of(stage, client).send(
        parcel_to("office-1", is_group=True, markdown="\n\n".join(paragraphs))
    )

    assert len(stage.standin.sent) > 1
    assert "\n\n".join(sent.text for sent in stage.standin.sent) == "\n\n".join(paragraphs)


@pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.SERVER_ERROR])
async def test_a_later_part_that_fails_is_tried_again_without_repeating_the_first(
    stage: Stage, client: DingtalkClient, fault: Fault
) -> None:
    text = "\n\n".join(["甲" * 4_000, "乙" * 4_000])
    speaker = speaker_of(stage, client)
    stage.standin.faults.plan(
        Fault.DUPLICATE, GROUP_PATH
    )  # harmless here: it takes the first turn
    stage.standin.faults.plan(fault, GROUP_PATH)

    await stage.time.passes_during(
        speaker.send(parcel_to("office-1", is_group=True, markdown=text))
    )

    assert [sent.text[0] for sent in stage.standin.sent] == ["甲", "乙"]


async def test_a_parcel_of_which_a_part_never_went_out_is_uncertain_and_not_begun_again(
    stage: Stage, client: DingtalkClient
) -> None:
    text = "\n\n".join(["甲" * 4_000, "乙" * 4_000])
    stage.standin.faults.plan(Fault.DUPLICATE, GROUP_PATH)
    stage.standin.faults.plan(Fault.SERVER_ERROR, GROUP_PATH, 3)

    with pytest.raises(DeliveryUncertain):
        await stage.time.passes_during(
            speaker_of(stage, client).send(parcel_to("o", is_group=True, markdown=text))
        )

    assert [sent.text[0] for sent in stage.standin.sent] == ["甲"]


async def test_a_person_who_left_is_unknown(stage: Stage, client: DingtalkClient) -> None:
    stage.standin.api.gone = {"user-7"}

    with pytest.raises(RecipientUnknown):
        await speaker_of(stage, client).send(parcel_to("user-7", is_group=False))


async def test_a_dissolved_group_is_unknown(stage: Stage, client: DingtalkClient) -> None:
    stage.standin.api.dissolved = {"cidGONE=="}

    with pytest.raises(RecipientUnknown):
        await speaker_of(stage, client).send(parcel_to("cidGONE==", is_group=True))


async def asked(stage: Stage, **fields: Any) -> ReplyAddress:
    """The reply address of a message that came by Stream."""
    async with stage.streaming():
        await stage.standin.gateway.joined()
        assert await stage.standin.push(stage.says("/状态", **fields))
    address = stage.desk.handed[-1].reply_address
    assert address is not None
    return address


async def test_an_answer_goes_by_the_session_webhook(stage: Stage, client: DingtalkClient) -> None:
    address = await asked(stage)

    await speaker_of(stage, client).answer(address, Reply("## 本周\n- 截图上报:3"))

    assert stage.standin.sent == [Sent("hook", "cidDEMO1==", "本周", "## 本周\n- 截图上报:3")]


@pytest.mark.parametrize(
    ("group", "by", "to"), [("cidDEMO1==", "group", "cidDEMO1=="), ("", "person", "user-7")]
)
@pytest.mark.parametrize(
    "how", ["by its time", "before its time", "within five minutes", "broken"]
)
async def test_when_the_webhook_is_dead_an_ordinary_message_takes_its_place(
    stage: Stage, client: DingtalkClient, group: str, by: str, to: str, how: str
) -> None:
    address = await asked(stage, group=group)
    if how == "by its time":
        stage.time.advance(3 * 3600)
    if how == "within five minutes":
        stage.time.advance(86 * 60)
    if how == "before its time":
        stage.standin.api.forget_sessions()
    if how == "broken":
        stage.standin.faults.plan(Fault.SERVER_ERROR, HOOK_PATH)

    await speaker_of(stage, client).answer(address, Reply("本周:3"))

    assert stage.standin.sent == [Sent(by, to, "本周:3", "本周:3")]


async def test_an_answer_that_may_have_gone_by_webhook_is_not_said_again(
    stage: Stage, client: DingtalkClient
) -> None:
    address = await asked(stage)
    stage.standin.faults.plan(Fault.RESET, HOOK_PATH)

    with pytest.raises(DeliveryUncertain):
        await speaker_of(stage, client).answer(address, Reply("本周:3"))

    assert len(stage.standin.sent) == 1


async def test_a_stranger_without_user_id_and_webhook_cannot_be_answered(
    stage: Stage, client: DingtalkClient
) -> None:
    address = ReplyAddress("dingtalk", "a", Conversation(False, Opaque("$:LWCP_v1:$x")))

    with pytest.raises(RecipientUnknown):
        await speaker_of(stage, client).answer(address, Reply("本周:3"))


async def test_an_empty_answer_is_not_sent(stage: Stage, client: DingtalkClient) -> None:
    await speaker_of(stage, client).answer(await asked(stage), Reply("\n \n"))

    assert stage.standin.sent == []


async def test_a_long_answer_goes_on_by_the_webhook_it_began_with(
    stage: Stage, client: DingtalkClient
) -> None:
    address = await asked(stage)

    await speaker_of(stage, client).answer(address, Reply("甲" * 4_000 + "\n\n" + "乙" * 4_000))

    assert [(sent.by, sent.text[0]) for sent in stage.standin.sent] == [
        ("hook", "甲"),
        ("hook", "乙"),
    ]


@asynccontextmanager
async def platform_that_says(*answers: tuple[int, dict[str, Any]]) -> AsyncIterator[str]:
    """A platform that gives out a token and then these answers, in turn; its address."""
    left = list(answers)

    async def answer(request: web.Request) -> web.Response:
        if request.path == TOKEN_PATH:
            return web.json_response({"accessToken": "t", "expireIn": "7200"})
        status, body = left.pop(0)
        return web.json_response(body, status=status)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    server = TestServer(app)
    await server.start_server()
    try:
        yield str(server.make_url("")).rstrip("/")
    finally:
        await server.close()


LONG = "\n\n".join(["甲" * 4_000, "乙" * 4_000])


async def test_a_later_part_sent_too_fast_waits_as_long_as_it_is_told_but_a_minute_at_most(
    stage: Stage,
) -> None:
    slow, much_slower = (400, {"code": "send.too.fast"}), (400, {"code": "130101"})

    async with (
        platform_that_says((200, {}), slow, much_slower, (200, {})) as base,
        stage.speaking(api_base=base) as client,
    ):
        parcel = parcel_to("o", is_group=True, markdown=LONG)
        await stage.time.passes_during(speaker_of(stage, client).send(parcel), step=20)

    assert stage.time.waits == [60, 60]


async def test_a_later_part_whose_content_is_refused_leaves_the_parcel_uncertain(
    stage: Stage,
) -> None:
    refused = 400, {"code": "contain.notAllowed.content"}

    async with (
        platform_that_says((200, {}), refused) as base,
        stage.speaking(api_base=base) as client,
    ):
        with pytest.raises(DeliveryUncertain, match="notAllowed"):
            await speaker_of(stage, client).send(parcel_to("o", is_group=True, markdown=LONG))


async def test_a_person_to_whom_the_platform_is_slow_is_tried_again_later(stage: Stage) -> None:
    slowed = 200, {"processQueryKey": "k", "flowControlledStaffIdList": ["user-7"]}

    async with platform_that_says(slowed) as base, stage.speaking(api_base=base) as client:
        with pytest.raises(RateLimited):
            await speaker_of(stage, client).send(parcel_to("user-7", is_group=False))


@pytest.mark.parametrize(
    "answer", [{}, {"access_token": "t"}, {"access_token": 7, "expires_in": 1}, {"expires_in": 1}]
)
async def test_an_answer_without_a_token_or_its_life_is_no_token(
    stage: Stage, answer: dict[str, Any]
) -> None:
    async with (
        platform_that_says((200, answer)) as base,
        stage.speaking(api_base=base, oapi_base=base) as client,
    ):
        with pytest.raises(Unreachable):
            await client.check()


async def test_a_private_deployments_own_authority_is_trusted_when_it_is_configured(
    tmp_path: Path,
) -> None:
    certificate, key = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    app = web.Application()
    app.router.add_post("/", well)
    server = TestServer(app)
    await server.start_server(ssl=context)
    url = str(server.make_url("/"))

    async with open_session(certificate) as trusting, open_session() as strict:
        async with trusting.post(url) as response:
            assert response.status == 200
        with pytest.raises(ClientConnectorCertificateError):
            await strict.post(url)
    await server.close()


async def well(_request: web.Request) -> web.Response:
    return web.Response()


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "standin")])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "ca.pem", folder / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(Encoding.PEM))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return certificate_file, key_file


# --- reply addresses that somebody forged -----------------------------------------------------

HOSTILE = [
    "", "x", "http://", "https://", "//oapi.dingtalk.com/robot/sendBySession",
    "http://oapi.dingtalk.com/robot/sendBySession?session=1",
    "ftp://oapi.dingtalk.com/robot/sendBySession", "file:///etc/passwd", "gopher://127.0.0.1:70/",
    "https://oapi.dingtalk.com.evil.example/robot/sendBySession",
    "https://evil.example/oapi.dingtalk.com/robot/sendBySession",
    "https://evil-oapi.dingtalk.com/robot/sendBySession",
    "https://sub.oapi.dingtalk.com/robot/sendBySession", "https://dingtalk.com/robot/sendBySession",
    "https://oapi.dingtalk.com@evil.example/robot/sendBySession",
    "https://evil.example@oapi.dingtalk.com/robot/sendBySession",
    "https://user:pass@oapi.dingtalk.com/robot/sendBySession",
    "https://oapi.dingtalk.com:8443/robot/sendBySession", "https://oapi.dingtalk.com:0/robot/sendBySession",
    "https://oapi.dingtalk.com:99999/robot/sendBySession", "https://oapi.dingtalk.com:x/robot/sendBySession",
    "https://oapi.dingtalk.com\\@evil.example/robot/sendBySession",
    "https:\\\\oapi.dingtalk.com\\robot\\sendBySession",
    "https://oapi.dingtalk.com/robot/sendBySession/../../gettoken",
    "https://oapi.dingtalk.com/robot/sendBySession/..", "https://oapi.dingtalk.com/robot/../gettoken",
    "https://oapi.dingtalk.com/robot/%2e%2e/gettoken", "https://oapi.dingtalk.com/robot%2fsendBySession",
    "https://oapi.dingtalk.com/gettoken", "https://oapi.dingtalk.com/", "https://oapi.dingtalk.com",
    "https://oapi.dingtalk.com/robot/sendBySessionX", "https://oapi.dingtalk.com//robot/sendBySession",
    "https://oapi.dingtalk.com./robot/sendBySession", "https://OAPI。dingtalk。com/robot/sendBySession",
    "https://oapi.dingtalk.com\t/robot/sendBySession", "https://oapi.dingtalk.com\n/robot/sendBySession",
    " https://oapi.dingtalk.com/robot/sendBySession", "https://oapi.dingtalk.com /robot/sendBySession",
    "https://оapi.dingtalk.com/robot/sendBySession", "https://xn--api-7ed.dingtalk.com/robot/sendBySession",
    "https://oapi.dingtalk.com\x00.evil.example/robot/sendBySession",
    "https://127.0.0.1/robot/sendBySession", "https://localhost/robot/sendBySession",
    "http://127.0.0.1:1/robot/sendBySession", "http://127.1/robot/sendBySession",
    "https://[::1]/robot/sendBySession", "https://[::ffff:127.0.0.1]/robot/sendBySession",
    "https://[fe80::1%25eth0]/robot/sendBySession", "https://2130706433/robot/sendBySession",
    "https://0x7f000001/robot/sendBySession", "https://0177.0.0.1/robot/sendBySession",
    "http://169.254.169.254/latest/meta-data/", "https://169.254.169.254/robot/sendBySession",
    "https://metadata.google.internal/robot/sendBySession", "https://100.100.100.200/robot/sendBySession",
    "https://10.0.0.1/robot/sendBySession", "https://192.168.1.1/robot/sendBySession",
    "https://evil.example/?x=https://oapi.dingtalk.com/robot/sendBySession",
    "https://evil.example#https://oapi.dingtalk.com/robot/sendBySession",
    "https://evil.example/robot/sendBySession?session=1",
    "javascript:alert(1)", "data:text/plain,x", "https:///robot/sendBySession",
    "https://oapi.dingtalk.com/robot/sendBySession?session=" + "a" * 2_048,
]  # fmt: skip


@pytest.mark.parametrize("url", HOSTILE)
async def test_nothing_is_posted_to_an_address_that_is_not_the_platforms(
    client: DingtalkClient, url: str
) -> None:
    assert not client.may_use(Opaque(url))
    with pytest.raises(ContentRefused):
        await client.reply(Opaque(url), {"title": "t", "text": "x"})


@pytest.mark.parametrize(
    "url",
    [
        "https://oapi.dingtalk.com/robot/sendBySession?session=deadbeef",
        "https://oapi.dingtalk.com:443/robot/sendBySession?session=a%2Fb",
        "https://api.dingtalk.com/robot/sendBySession?session=deadbeef",
    ],
)
async def test_the_platforms_own_addresses_are_used(client: DingtalkClient, url: str) -> None:
    assert client.may_use(Opaque(url))


async def test_an_operators_base_without_tls_is_trusted_on_this_machine_only(
    stage: Stage,
) -> None:
    async with stage.speaking(
        oapi_base="http://10.1.2.3", api_base="https://ding.example"
    ) as client:
        assert not client.may_use(Opaque("http://10.1.2.3/robot/sendBySession?session=1"))
        assert client.may_use(Opaque("https://ding.example/robot/sendBySession?session=1"))


async def test_a_redirect_is_not_followed(stage: Stage) -> None:
    visited: list[str] = []

    async def redirect(request: web.Request) -> web.Response:
        visited.append(request.path)
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", redirect)
    server = TestServer(app)
    await server.start_server()
    base = str(server.make_url("")).rstrip("/")

    async with stage.speaking(oapi_base=base) as client:
        with pytest.raises(PlatformError):
            await client.reply(Opaque(f"{base}/robot/sendBySession"), {"title": "t", "text": "x"})
    await server.close()

    assert visited == ["/robot/sendBySession"]


# --- the table of errors ----------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(REACTIONS))
@pytest.mark.parametrize("form", ["new", "old"])
def test_each_code_of_the_table_is_the_error_it_says(code: str, form: str) -> None:
    expected = type(REACTIONS[code](code))
    is_number = code.lstrip("-").isdigit()
    body = {"errcode": int(code) if is_number else code, "errmsg": "x"}
    if form == "new":
        body = {"code": code, "message": "x", "requestid": "r"}

    with pytest.raises(expected) as raised:
        answer_of(200 if form == "old" else 400, json.dumps(body).encode())

    assert raised.value.code == code


CASES: list[tuple[int, Any, type[PlatformError]]] = [
    (401, {"code": "whatever"}, TokenWorn),
    (400, {"code": "InvalidAuthentication"}, TokenWorn),
    (403, {"code": "Forbidden.AccessDenied.QpsLimitForApi"}, TooQuick),
    (403, {"code": "Forbidden.AccessDenied.ApiCountLimitForOrg"}, QuotaUsedUp),
    (200, {"status": 1111, "wait": 5, "source": "x5", "punish": "deny"}, RateLimited),
    (429, {}, RateLimited),
    (500, {"code": "unheardOf"}, Unreachable),
    (500, b"<html>", Unreachable),
    (502, b"<html>", DeliveryUncertain),
    (504, {}, DeliveryUncertain),
    (200, b"<html>blocked</html>", Unreachable),
    (404, b"", Unreachable),
    (400, {"code": "a.new.code"}, ContentRefused),
    (200, {"errcode": 987654, "errmsg": "new"}, ContentRefused),
    (400, {"code": ["odd"]}, ContentRefused),
    (302, {}, ContentRefused),
]


@pytest.mark.parametrize(("status", "body", "error"), CASES)
def test_an_answer_outside_the_table_is_judged_by_its_status(
    status: int, body: Any, error: type[PlatformError]
) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()

    with pytest.raises(error):
        answer_of(status, raw)


@pytest.mark.parametrize(
    "body", [{}, {"errcode": 0, "errmsg": "ok"}, {"errcode": "0"}, {"processQueryKey": "k"}]
)
def test_a_good_answer_is_given_back(body: dict[str, Any]) -> None:
    assert answer_of(200, json.dumps(body).encode()) == body


def test_an_error_never_repeats_what_the_platform_echoed() -> None:
    body = {"code": "userid zhangsan01 不存在", "message": "zhangsan01 said 截图"}

    with pytest.raises(PlatformError) as raised:
        answer_of(400, json.dumps(body).encode())

    assert "zhangsan01" not in f"{raised.value!r} {raised.value.code}"


async def test_a_used_up_quota_tells_the_operator(stage: Stage) -> None:
    used_up = 403, {"code": "Forbidden.AccessDenied.ApiCountLimitForOrg", "message": "m"}

    async with platform_that_says(used_up) as base, stage.speaking(api_base=base) as client:
        with pytest.raises(RateLimited) as raised:
            await client.send_to_people([Opaque("u")], "sampleMarkdown", PARAM)

    assert raised.value.retry_after >= timedelta(hours=1)
    assert stage.notices == [Notice.OVER_QUOTA]


# --- markup -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("一行", "一行"),
        ("一行\n二行", "一行  \n  二行"),
        ("一段\n\n二段", "一段\n\n二段"),
        ("## 题\n正文", "## 题  \n  正文"),
        ("正文\n- 甲\n- 乙\n1. 丙\n> 引", "正文\n- 甲\n- 乙\n1. 丙\n> 引"),
    ],
)
def test_lines_stay_lines_in_dingtalks_subset(ours: str, theirs: str) -> None:
    assert dingtalk_markdown(ours) == theirs


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("## 本周情况\n- 甲", "本周情况"),
        ("\n**截图** `x`", "截图 x"),
        ("", ""),
        ("字" * 99, "字" * 60),
    ],
)
def test_the_title_is_the_first_line_without_marks(text: str, title: str) -> None:
    assert title_of(text) == title


@given(text=st.text(max_size=600), times=st.integers(1, 90))
def test_every_part_fits_and_no_word_is_lost(text: str, times: int) -> None:
    whole = text * times

    params = message_params("周报", whole)

    assert all(len(param.encode()) <= 15_000 for param in params)
    joined = "".join(json.loads(param)["text"] for param in params)
    assert "".join(joined.split()) == "".join(dingtalk_markdown(whole).split())
