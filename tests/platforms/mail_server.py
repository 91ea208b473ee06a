"""A mail server on loopback that keeps what it accepted and fails as a test plans it."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

CUT, SILENT = "cut", "silent"
LIMIT = 30.0


@dataclass
class Letter:
    """What was accepted, as it came over the line, dots unstuffed."""

    sender: str
    to: str
    content: bytes
    encrypted: bool
    user: str


@dataclass
class MailStandin:
    """`faults` by verb (GREETING, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, END): an answer instead
    of the usual one, CUT to hang up or SILENT to say nothing. `after_end` comes once the letter
    is accepted. Each serves once."""

    offers_tls: bool = True
    size: int = 0
    password: str = "geheim-8"
    letters: list[Letter] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    after_end: str = ""
    verbs: list[str] = field(default_factory=list)
    context: ssl.SSLContext | None = None
    port: int = 0
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            async with asyncio.timeout(LIMIT):
                await _Talk(self, reader, writer).run()
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    def hang_up(self) -> None:
        for writer in tuple(self._open):
            writer.transport.abort()


class _Talk:
    def __init__(
        self, server: MailStandin, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.sender = self.to = self.user = ""

    @property
    def encrypted(self) -> bool:
        return self.writer.get_extra_info("ssl_object") is not None

    async def run(self) -> None:
        if not await self.say("GREETING", "220 standin ESMTP"):
            return
        while line := await self.reader.readline():
            verb, _, rest = line.decode("ascii").strip().partition(" ")
            self.server.verbs.append(verb.upper())
            if not await self.obey(verb.upper(), rest):
                return

    async def say(self, verb: str, usual: str) -> bool:
        """False when the line is to end."""
        answer = self.server.faults.pop(verb, usual)
        if answer == CUT:
            self.writer.transport.abort()
            return False
        if answer == SILENT:
            await asyncio.sleep(LIMIT)
            return False
        self.writer.write(answer.encode() + b"\r\n")
        await self.writer.drain()
        return True

    async def obey(self, verb: str, rest: str) -> bool:
        match verb:
            case "EHLO":
                return await self.say(verb, self.greeting())
            case "STARTTLS":
                if await self.say(verb, "220 go ahead") and self.server.context:
                    await self.writer.start_tls(self.server.context)
                return True
            case "AUTH":
                return await self.log_in(rest)
            case "MAIL":
                self.sender = rest.partition("<")[2].partition(">")[0]
                return await self.say(verb, "250 ok")
            case "RCPT":
                self.to = rest.partition("<")[2].partition(">")[0]
                return await self.say(verb, "250 ok")
            case "DATA":
                planned = self.server.faults.get("DATA")
                return await self.say(verb, "354 go on") and (
                    planned is not None or await self.take_in()
                )
            case "QUIT":
                await self.say(verb, "221 bye")
                return False
        return await self.say(verb, "502 what")

    def greeting(self) -> str:
        said = ["standin"]
        if self.server.offers_tls and not self.encrypted:
            said.append("STARTTLS")
        if self.encrypted:
            said.append("AUTH PLAIN")
        if self.server.size:
            said.append(f"SIZE {self.server.size}")
        return "\r\n".join(
            f"250{'-' if place < len(said) else ' '}{each}" for place, each in enumerate(said, 1)
        )

    async def log_in(self, rest: str) -> bool:
        _, _, coded = rest.partition(" ")
        _, self.user, password = base64.b64decode(coded).decode().split("\0")
        fits = password == self.server.password
        return await self.say("AUTH", "235 welcome" if fits else f"535 no, {self.user}")

    async def take_in(self) -> bool:
        content = b""
        while (line := await self.reader.readline()) != b".\r\n":
            if not line:
                return False
            content += line[1:] if line.startswith(b".") else line
        if self.server.faults.get("END", "250")[0] == "2":
            letter = Letter(self.sender, self.to, content, self.encrypted, self.user)
            self.server.letters.append(letter)
        if self.server.after_end:
            self.server.faults["END"], self.server.after_end = self.server.after_end, ""
        return await self.say("END", "250 queued")


@asynccontextmanager
async def mail_server(
    certificate: Path | None = None, *, tls: bool = False, size: int = 0
) -> AsyncIterator[MailStandin]:
    """A server on a free port; with `tls` from the first byte, else by STARTTLS if it can."""
    standin = MailStandin(offers_tls=certificate is not None, size=size)
    if certificate is not None:
        standin.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        standin.context.load_cert_chain(certificate)
    server = await asyncio.start_server(
        standin.talk, "127.0.0.1", 0, ssl=standin.context if tls else None, limit=1 << 22
    )
    standin.port = server.sockets[0].getsockname()[1]
    try:
        yield standin
    finally:
        standin.hang_up()
        server.close()
        async with asyncio.timeout(LIMIT):
            await server.wait_closed()


def certificate_of(name: str, folder: Path, until: datetime | None = None) -> Path:
    """A self-signed certificate with its key for a name, as one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begin = datetime.now(UTC) - timedelta(days=2)  # noqa: TID251  what OpenSSL compares with
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(until or begin + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path
