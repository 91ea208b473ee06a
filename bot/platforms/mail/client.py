"""SMTP as far as sending needs it (RFC 5321): what each answer means, and when it is uncertain.

The standard library's client speaks; it blocks, so each letter has a thread of its own, and a
limit after which its line is cut. Each letter has one recipient: there is no half success.
"""

from __future__ import annotations

import asyncio
import contextlib
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bot.domain.errors import (
    ContentRefused,
    CredentialRefused,
    DeliveryUncertain,
    PlatformError,
    RecipientUnknown,
    Unreachable,
)
from bot.domain.private import Opaque

Security = Literal["tls", "starttls", "none"]
USUAL_PORTS = {"tls": 465, "starttls": 587, "none": 25}
_READY, _GO_ON = 220, 354
_END = b".\r\n"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where letters are handed in. `seconds` bound each answer, `whole_seconds` a whole letter."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: Opaque | None = None
    ca_file: Path | None = None
    seconds: float = 30.0
    whole_seconds: float = 300.0


class MailClient:
    """Hands letters to a server. Raises PlatformError subclasses; none shows who was written to."""

    def __init__(self, server: MailServer, sender: str) -> None:
        self._server = server
        self._sender = sender

    async def send(self, to: Opaque, content: bytes) -> None:
        """Hand in a letter to a plain address: ASCII, lines that end in CRLF.

        Unreachable: the server does not have it. DeliveryUncertain: the last line had left and
        no answer came. RecipientUnknown and ContentRefused are final, CredentialRefused is the
        operator's to mend.
        """
        await self._in_a_thread(_Try(self._server, self._sender, to, content))

    async def check(self) -> None:
        """Connect, log in and part again; nothing is sent."""
        await self._in_a_thread(_Try(self._server, self._sender, None, b""))

    async def _in_a_thread(self, attempt: _Try) -> None:
        loop = asyncio.get_running_loop()
        # A line that drips answers for ever must end, and a bot that stops must not wait for it.
        limit = loop.call_later(self._server.whole_seconds, attempt.cut)
        work = loop.run_in_executor(None, attempt.make)
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            attempt.cut()
            raise
        finally:
            limit.cancel()


@dataclass(slots=True)
class _Try:
    """One conversation with the server; without `to` it ends after the greeting."""

    server: MailServer
    sender: str
    to: Opaque | None
    content: bytes
    _line: socket.socket | None = field(default=None, init=False)
    _is_cut: bool = field(default=False, init=False)

    def make(self) -> None:
        """See MailClient.send."""
        with _named_errors(Unreachable), self._session() as session:
            if self.to is not None:
                self._address(session, self.to)
                self._hand_over(session)

    def cut(self) -> None:
        """End the conversation from another thread: whatever waits for an answer gets none."""
        self._is_cut = True
        if self._line is not None:
            with contextlib.suppress(OSError):
                # The plain socket's own: TLS would be unwrapped under the other thread's feet.
                socket.socket.shutdown(self._line, socket.SHUT_RDWR)

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        server = self.server
        session = smtplib.SMTP(
            local_hostname=self.sender.rpartition("@")[2], timeout=server.seconds
        )
        try:
            line = self._connect(session)
            code, _ = session.getreply()
            if code != _READY:
                raise _refused(code, CredentialRefused)
            _expect(session.ehlo(), Unreachable)
            if server.security == "starttls":
                self._secure(session, line)
            if server.user:
                self._log_in(session)
            yield session
            # What was handed in is handed in, whatever becomes of the farewell.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                session.quit()
        finally:
            session.close()

    def _connect(self, session: smtplib.SMTP) -> socket.socket:
        server = self.server
        line = socket.create_connection((server.host, server.port), server.seconds)
        self._speak_over(session, line)
        if server.security == "tls":
            self._speak_over(session, self._encrypted(line))
        return line

    def _encrypted(self, line: socket.socket) -> socket.socket:
        file = self.server.ca_file
        context = ssl.create_default_context(cafile=str(file) if file else None)
        return context.wrap_socket(line, server_hostname=self.server.host)

    def _speak_over(self, session: smtplib.SMTP, line: socket.socket) -> None:
        session.sock, session.file = line, None
        self._line = line
        if self._is_cut:
            raise Unreachable("timeout")

    def _secure(self, session: smtplib.SMTP, line: socket.socket) -> None:
        """Nothing goes out in the clear because a server, or who stands before it, offers no TLS."""
        if not session.has_extn("starttls"):
            raise CredentialRefused("no starttls")
        code, _ = session.docmd("STARTTLS")
        if code != _READY:
            raise Unreachable(str(code))
        # The reader goes with what it holds: what was said in the clear is not listened to.
        self._speak_over(session, self._encrypted(line))
        session.ehlo_resp, session.esmtp_features = None, {}
        _expect(session.ehlo(), Unreachable)

    def _log_in(self, session: smtplib.SMTP) -> None:
        password = self.server.password.reveal() if self.server.password else ""
        try:
            session.login(self.server.user, password)
        except smtplib.SMTPAuthenticationError as error:
            raise _refused(error.smtp_code, CredentialRefused) from None
        except smtplib.SMTPNotSupportedError:
            raise CredentialRefused("no login") from None

    def _address(self, session: smtplib.SMTP, to: Opaque) -> None:
        most = session.esmtp_features.get("size", "")
        if most.isdecimal() and 0 < int(most) < len(self.content):
            raise ContentRefused("size")
        _expect(session.mail(self.sender), CredentialRefused)
        _expect(session.rcpt(to.reveal()), RecipientUnknown)

    def _hand_over(self, session: smtplib.SMTP) -> None:
        code, _ = session.docmd("DATA")
        if code != _GO_ON:
            raise _refused(code, ContentRefused)
        session.send(self.content)
        # From here on the server may have the whole letter.
        with _named_errors(DeliveryUncertain):
            session.send(_END)
            code, _ = session.getreply()
        if code < 0:
            raise DeliveryUncertain("answer")
        if code // 100 != 2:
            raise _refused(code, ContentRefused)


def _expect(answer: tuple[int, bytes], final: type[PlatformError]) -> None:
    code = answer[0]
    if code // 100 != 2:
        raise _refused(code, final)


def _refused(code: int, final: type[PlatformError]) -> PlatformError:
    """4xx: not now (421 is a server that is going down). 5xx: never."""
    return final(str(code)) if code // 100 == 5 else Unreachable(str(code))


@contextmanager
def _named_errors(lost: type[PlatformError]) -> Iterator[None]:
    """The library's errors by our names; what a server wrote stays behind, it may quote ids."""
    try:
        yield
    except ssl.SSLCertVerificationError:
        raise CredentialRefused("certificate") from None
    except TimeoutError:
        raise lost("timeout") from None
    except (smtplib.SMTPException, OSError):
        raise lost("connection") from None
