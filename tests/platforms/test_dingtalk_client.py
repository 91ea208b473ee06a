"""Calls to DingTalk: tokens, people, files, and what is made of every way a call can fail."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator
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

from bot.domain.errors import (
    ContentRefused,
    CredentialRefused,
    DeliveryUncertain,
    RateLimited,
    Unreachable,
)
from bot.domain.private import Opaque
from bot.platforms.dingtalk.client import DingtalkClient
from bot.platforms.dingtalk.notices import Notice
from bot.platforms.dingtalk.tokens import Token, TokenCache
from bot.platforms.dingtalk.transport import open_session
from bot.standins.dingtalk_api import GROUP_PATH, TOKEN_PATH, UPLOAD_PATH
from bot.standins.faults import Fault
from tests.platforms.dingtalk_stage import START, Stage, VirtualTime, platform_that_says, staged

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


async def test_a_used_up_quota_tells_the_operator(stage: Stage) -> None:
    used_up = 403, {"code": "Forbidden.AccessDenied.ApiCountLimitForOrg", "message": "m"}

    async with platform_that_says(used_up) as base, stage.speaking(api_base=base) as client:
        with pytest.raises(RateLimited) as raised:
            await client.send_to_people([Opaque("u")], "sampleMarkdown", PARAM)

    assert raised.value.retry_after >= timedelta(hours=1)
    assert stage.notices == [Notice.OVER_QUOTA]


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
