"""Digests by mail over a real socket: encrypted, one letter, and what each fault makes of it."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from dataclasses import replace
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path

import pytest

from bot.domain.errors import (
    ContentRefused,
    CredentialRefused,
    DeliveryUncertain,
    PlatformError,
    RecipientUnknown,
    Unreachable,
)
from bot.domain.mail_addresses import is_mail_address
from bot.domain.private import Opaque
from bot.platforms.mail.client import MailClient, MailServer
from bot.platforms.mail.speaker import MailSpeaker
from handlers.ports import Destination, Parcel
from tests.contracts.test_speakers import NOW, FixedClock
from tests.platforms.mail_server import CUT, SILENT, MailStandin, certificate_of, mail_server

READER = "jfb@qingchuan.gov.cn"
SENDER = "qingzhuang@qingchuan.gov.cn"
FILES = {"基层负担监测周报 2026-W42.docx": b"PK\x03\x04", "基层负担监测周报 2026-W42.pdf": b"%PDF"}
WORDS = (
    "# 基层负担监测周报\n\n> 供内部参考\n\n## 一、总体情况\n\n- 工作要求 **12件**\n.\n.. 两点\n"
)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate_of("localhost", tmp_path_factory.mktemp("certificate"))


@pytest.fixture
async def server(certificate: Path) -> AsyncIterator[MailStandin]:
    async with mail_server(certificate) as standin:
        yield standin


def speaker(server: MailStandin, certificate: Path | None, **changes: object) -> MailSpeaker:
    to = MailServer(
        host="localhost",
        port=server.port,
        security="starttls",
        user="qingzhuang",
        password=Opaque(server.password),
        ca_file=certificate,
        seconds=20.0,
    )
    client = MailClient(replace(to, **changes), SENDER)  # type: ignore[arg-type]
    return MailSpeaker(client, Address("轻装", addr_spec=SENDER), FixedClock(), ("docx", "pdf"))


def parcel(to: str = READER) -> Parcel:
    destination = Destination("mail", "mail", True, Opaque(to))
    title = "基层负担监测周报 2026-W42"
    return Parcel("digest:2026-W42:county:0123456789abcdef", destination, title, WORDS, NOW)


def read(content: bytes) -> EmailMessage:
    found = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


async def test_a_digest_is_one_letter_with_its_words_and_files(server, certificate) -> None:
    await speaker(server, certificate).send_whole(parcel(), FILES)

    (letter,) = server.letters
    assert (letter.sender, letter.to, letter.encrypted) == (SENDER, READER, True)
    shown = read(letter.content)
    assert shown["Subject"] == "基层负担监测周报 2026-W42"
    assert shown["From"] == f"轻装 <{SENDER}>"
    assert shown["Auto-Submitted"] == "auto-generated"
    body = shown.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == (
        "基层负担监测周报\n\n供内部参考\n\n一、总体情况\n\n- 工作要求 12件\n.\n.. 两点\n"
    )
    assert {part.get_filename(): part.get_content() for part in shown.iter_attachments()} == FILES


async def test_a_letter_that_is_sent_again_has_the_same_name(server, certificate) -> None:
    for _ in range(2):
        await speaker(server, certificate).send_whole(parcel(), FILES)

    first, second = (letter.content for letter in server.letters)
    assert first == second
    assert read(first)["Message-ID"].endswith("@qingchuan.gov.cn>")


async def test_the_lines_are_ascii_and_short_enough_for_every_server(server, certificate) -> None:
    await speaker(server, certificate).send_whole(parcel(), {"数.xlsx": bytes(range(256)) * 400})

    (letter,) = server.letters
    assert letter.content.isascii()
    lines = letter.content.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert b"\n" not in b"".join(lines)


async def test_tls_from_the_first_byte(certificate) -> None:
    async with mail_server(certificate, tls=True) as standin:
        await speaker(standin, certificate, security="tls").send_whole(parcel(), FILES)

    assert [letter.encrypted for letter in standin.letters] == [True]


async def test_a_relay_on_this_machine_needs_neither_tls_nor_login() -> None:
    async with mail_server() as standin:
        relay = speaker(standin, None, security="none", user="", host="127.0.0.1")
        await relay.send_whole(parcel(), FILES)

    assert len(standin.letters) == 1
    assert "AUTH" not in standin.verbs


async def test_nothing_goes_out_in_the_clear_where_tls_is_not_offered() -> None:
    async with mail_server() as standin:
        with pytest.raises(CredentialRefused, match="no starttls"):
            await speaker(standin, None).send_whole(parcel(), FILES)

    assert not {"AUTH", "MAIL"} & set(standin.verbs)


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_certificate_that_nobody_vouches_for_ends_it(certificate, security) -> None:
    async with mail_server(certificate, tls=security == "tls") as standin:
        with pytest.raises(CredentialRefused, match="certificate"):
            await speaker(standin, None, security=security).send_whole(parcel(), FILES)

    assert "AUTH" not in standin.verbs


async def test_a_certificate_for_another_name_ends_it(tmp_path) -> None:
    other = certificate_of("mail.example", tmp_path)
    async with mail_server(other, tls=True) as standin:
        with pytest.raises(CredentialRefused, match="certificate"):
            await speaker(standin, other, security="tls").send_whole(parcel(), FILES)


REFUSALS = [
    ("GREETING", "421 too busy", Unreachable),
    ("GREETING", "554 go away", CredentialRefused),
    ("GREETING", CUT, Unreachable),
    ("EHLO", "502 what", Unreachable),
    ("STARTTLS", "454 not now", Unreachable),
    ("STARTTLS", CUT, Unreachable),
    ("AUTH", "535 no", CredentialRefused),
    ("AUTH", "454 later", Unreachable),
    ("AUTH", CUT, Unreachable),
    ("MAIL", "421 going down", Unreachable),
    ("MAIL", "550 not you", CredentialRefused),
    ("MAIL", CUT, Unreachable),
    ("RCPT", "450 greylisted", Unreachable),
    ("RCPT", "550 nobody here", RecipientUnknown),
    ("RCPT", CUT, Unreachable),
    ("DATA", "451 disk", Unreachable),
    ("DATA", "554 no", ContentRefused),
    ("DATA", CUT, Unreachable),
    ("END", "451 scanner is busy", Unreachable),
    ("END", "554 looks like spam", ContentRefused),
]


@pytest.mark.parametrize(("verb", "answer", "outcome"), REFUSALS)
async def test_what_was_refused_is_known_not_to_have_arrived(
    server, certificate, verb, answer, outcome
) -> None:
    server.faults[verb] = answer

    with pytest.raises(outcome):
        await speaker(server, certificate).send_whole(parcel(), FILES)

    assert server.letters == []


@pytest.mark.parametrize("fault", [CUT, "what?"])
async def test_a_line_cut_behind_the_last_dot_is_uncertain(server, certificate, fault) -> None:
    server.after_end = fault

    with pytest.raises(DeliveryUncertain):
        await speaker(server, certificate).send_whole(parcel(), FILES)

    assert len(server.letters) == 1


@pytest.mark.parametrize(("verb", "outcome"), [("MAIL", Unreachable), ("END", DeliveryUncertain)])
async def test_a_server_that_falls_silent_is_given_up(server, certificate, verb, outcome) -> None:
    if verb == "END":
        server.after_end = SILENT
    else:
        server.faults[verb] = SILENT

    with pytest.raises(outcome, match=r"timeout|connection"):
        await speaker(server, certificate, seconds=0.5).send_whole(parcel(), FILES)


async def test_a_letter_has_a_limit_for_the_whole(server, certificate) -> None:
    server.faults["RCPT"] = SILENT

    with pytest.raises(Unreachable):
        await speaker(server, certificate, whole_seconds=0.5).send_whole(parcel(), FILES)


async def test_a_bot_that_stops_does_not_wait_for_the_server(server, certificate) -> None:
    server.faults["RCPT"] = SILENT
    sending = asyncio.create_task(speaker(server, certificate).send_whole(parcel(), FILES))
    async with asyncio.timeout(20):
        while "RCPT" not in server.verbs:
            await asyncio.sleep(0)

    sending.cancel()

    with pytest.raises(asyncio.CancelledError):
        await sending
    assert server.letters == []


async def test_a_letter_over_the_server_s_size_is_not_begun(certificate) -> None:
    async with mail_server(certificate, size=100) as standin:
        with pytest.raises(ContentRefused, match="size"):
            await speaker(standin, certificate).send_whole(parcel(), FILES)

    assert "MAIL" not in standin.verbs


async def test_where_nobody_listens_it_is_unreachable(certificate) -> None:
    async with mail_server(certificate) as standin:
        pass

    with pytest.raises(Unreachable):
        await speaker(standin, certificate).send_whole(parcel(), FILES)


@pytest.mark.parametrize(("verb", "answer", "outcome"), REFUSALS)
async def test_no_error_shows_who_was_written_to_or_what(
    server, certificate, verb, answer, outcome
) -> None:
    server.faults[verb] = f"{answer} <{READER}> {server.password}" if answer != CUT else CUT

    with pytest.raises(PlatformError) as caught:
        await speaker(server, certificate).send_whole(parcel(), FILES)

    shown = f"{caught.value!r} {caught.value.__cause__!r}"
    assert READER not in shown
    assert server.password not in shown
    assert outcome is type(caught.value)


async def test_the_doctor_logs_in_and_sends_nothing(server, certificate) -> None:
    client = speaker(server, certificate)._client

    await client.check()

    assert server.letters == []
    assert server.verbs[-2:] == ["AUTH", "QUIT"]


@pytest.mark.parametrize(
    "address",
    [
        "a@b\r\nRCPT TO:<c@d>",
        "a@b>",
        "a b@c",
        "@c",
        "a@",
        "王@例.cn",
        '"a b"@c',
        "a@b@c",
        "a..b@c",
        "a@-b",
        "x" * 250 + "@b.cn",
        "",
    ],
)
async def test_what_is_no_plain_address_reaches_no_server(server, certificate, address) -> None:
    assert not is_mail_address(address)

    with pytest.raises(RecipientUnknown):
        await speaker(server, certificate).send_whole(parcel(address or "-"), FILES)

    assert server.verbs == []


@pytest.mark.parametrize("address", [READER, "a@b", "jian-fu.ban_1+x@mail.county.gov.cn"])
def test_plain_addresses_are_taken(address) -> None:
    assert is_mail_address(address)


async def test_a_title_cannot_add_a_header(server, certificate) -> None:
    sly = replace(parcel(), title="周报\r\nBcc: x@y")

    await speaker(server, certificate).send_whole(sly, {})

    (letter,) = server.letters
    assert read(letter.content)["Bcc"] is None


async def test_what_is_gone_cannot_be_recalled(server, certificate) -> None:
    with pytest.raises(PlatformError):
        await speaker(server, certificate).recall(parcel().destination, "x")
