"""The HTTP doors of the self-built app and of the AI bot: verify, translate, hand over, answer."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import orjson
from aiohttp import web

from bot.domain.errors import BooksUnavailable, SignatureMismatch, Stale, Undecipherable
from bot.domain.messages import IncomingMessage, Reply
from bot.platforms.base import (
    FRESH_FOR,
    AnswerLater,
    FrontDesk,
    Refusal,
    RefusalCounter,
    TokenBytes,
    padded,
)
from bot.platforms.door import Refused, read_body, refusal
from bot.platforms.splitting import split_markdown
from bot.platforms.wecom.aibot_wire import encrypted_part, parse_aibot
from bot.platforms.wecom.app_wire import parse_app_xml, slice_encrypt
from bot.platforms.wecom.cards import fits, template_card, update_of
from bot.platforms.wecom.crypto import RANDOM_BYTES, WecomEnvelope, check_fresh
from bot.platforms.wecom.payload import Event, Occurrence
from handlers.ports import Clock

APP_PATH = "/wecom/app"
AIBOT_PATH = "/wecom/aibot"
STREAM_LIMIT_BYTES = 20_480
ANSWER_SECONDS = 4.0  # the platform hangs up after five
REPLAYS_KEPT = 1024

_SIGNATURE = re.compile(r"[0-9a-f]{40}", re.ASCII)
_NONCE = re.compile(r"[!-~]{1,64}", re.ASCII)
_ECHO_LIMIT = 4096
# The platform's echo is a number. Nothing else is ever given back: the same signature covers a
# callback, so this door would else decrypt a captured one for whoever holds it.
_ECHO = re.compile(rb"[0-9A-Za-z_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Desk:
    """What a door hands over to, and what it asks for: the same for every door of the platform.

    `answer_later` takes what does not fit the acknowledgement, `happened` counts what is no
    message, `refused` counts what was turned away, `faulted` is told of an error of ours (whose
    text may hold anything: log its class and place only); `elapsed` counts monotonic seconds.
    """

    take: FrontDesk
    answer_later: AnswerLater
    clock: Clock
    elapsed: Callable[[], float]
    token_bytes: TokenBytes
    refused: RefusalCounter
    happened: Callable[[str], None]
    faulted: Callable[[Exception], None]
    welcome: Reply | None = None


@dataclass(frozen=True, slots=True)
class AppChannel:
    """A self-built app: its envelope's receive id is the CorpID, which is also the account."""

    envelope: WecomEnvelope
    account: str


@dataclass(frozen=True, slots=True)
class AibotChannel:
    """An AI bot by URL callback: its envelope's receive id is empty."""

    envelope: WecomEnvelope
    account: str
    bot_id: str
    bot_name: str


def app_routes(channel: AppChannel, desk: Desk) -> list[web.RouteDef]:
    """GET and POST /wecom/app. The platform is answered after the front desk took the message."""
    return _routes(APP_PATH, _AppDoor(channel, desk), channel.envelope, desk)


def aibot_routes(channel: AibotChannel, desk: Desk) -> list[web.RouteDef]:
    """GET and POST /wecom/aibot. An answer goes back in the acknowledgement when it is in time."""
    return _routes(AIBOT_PATH, _AibotDoor(channel, desk), channel.envelope, desk)


class _Door(Protocol):
    """What differs between the two: the outer form, the inner form, the way of answering."""

    def sealed(self, body: bytes) -> str: ...

    async def hand_over(self, plain: bytes, nonce: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _Query:
    signature: str
    timestamp: str
    nonce: str

    @classmethod
    def of(cls, request: web.Request) -> _Query:
        signature, nonce = _single(request, "msg_signature"), _single(request, "nonce")
        if not _SIGNATURE.fullmatch(signature) or not _NONCE.fullmatch(nonce):
            raise Refused(Refusal.QUERY)
        return cls(signature, _single(request, "timestamp"), nonce)


def _single(request: web.Request, name: str) -> str:
    given = request.query.getall(name, [])
    if len(given) != 1:
        raise Refused(Refusal.QUERY)
    return given[0]


@dataclass(slots=True)
class _Replays:
    """Acknowledgements already given, by signature: saves work, decides nothing.

    What falls out of it, or arrives while the first is under way, is known by its durable tag.
    """

    given: OrderedDict[str, bytes] = field(default_factory=OrderedDict)

    def remember(self, signature: str, answer: bytes) -> None:
        self.given[signature] = answer
        while len(self.given) > REPLAYS_KEPT:
            self.given.popitem(last=False)


def _routes(path: str, door: _Door, envelope: WecomEnvelope, desk: Desk) -> list[web.RouteDef]:
    replays = _Replays()

    async def verify(request: web.Request) -> bytes:
        query, echo = _Query.of(request), _single(request, "echostr")
        check_fresh(query.timestamp, desk.clock.now(), FRESH_FOR)
        if len(echo) > _ECHO_LIMIT:
            raise Refused(Refusal.QUERY)
        echo = echo.replace(" ", "+")  # a proxy that decodes twice makes spaces of plus signs
        envelope.check(query.signature, query.timestamp, query.nonce, echo)
        plain = envelope.open(echo)
        if not _ECHO.fullmatch(plain):
            raise Refused(Refusal.UNDECIPHERABLE)
        return plain

    async def receive(request: web.Request) -> bytes:
        query = _Query.of(request)
        check_fresh(query.timestamp, desk.clock.now(), FRESH_FOR)
        try:
            sealed = door.sealed(await read_body(request))
        except Undecipherable:
            raise Refused(Refusal.MALFORMED) from None
        envelope.check(query.signature, query.timestamp, query.nonce, sealed)
        if (answered := replays.given.get(query.signature)) is not None:
            return answered
        answer = await door.hand_over(envelope.open(sealed), query.nonce)
        replays.remember(query.signature, answer)
        return answer

    return [
        web.get(path, _guarded(verify, desk), allow_head=False),
        web.post(path, _guarded(receive, desk)),
    ]


_REASONS: Mapping[type[Exception], Refusal] = {
    SignatureMismatch: Refusal.SIGNATURE,
    Stale: Refusal.STALE,
    Undecipherable: Refusal.UNDECIPHERABLE,
    BooksUnavailable: Refusal.BOOKS,
}


def _guarded(
    handler: Callable[[web.Request], Awaitable[bytes]], desk: Desk
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The outermost handler: whatever happens, a status and nothing else leaves the house."""

    async def guarded(request: web.Request) -> web.Response:
        try:
            answer = await handler(request)
        except Refused as turned_away:
            reason = turned_away.reason
        except Exception as error:  # its text may hold what must not be said: only its kind counts
            reason = _REASONS.get(type(error), Refusal.FAULT)
            if reason is Refusal.FAULT:
                desk.faulted(error)
        else:
            return web.Response(body=answer, content_type="text/plain")
        desk.refused(reason.value)
        return refusal(reason)

    return guarded


@dataclass(frozen=True, slots=True)
class _AppDoor:
    channel: AppChannel
    desk: Desk

    def sealed(self, body: bytes) -> str:
        return slice_encrypt(body)

    async def hand_over(self, plain: bytes, nonce: str) -> bytes:
        """Empty: a passive reply could only be plain text, so answers go by message/send."""
        found = parse_app_xml(plain, self.channel.account)
        if isinstance(found, Event):
            self.desk.happened(found.occurrence.value)
            if found.occurrence is Occurrence.SUBSCRIBED and found.address and self.desk.welcome:
                self.desk.answer_later(found.address, self.desk.welcome)
            return b""
        taken = await self.desk.take(found)
        if taken.reply and found.reply_address:
            self.desk.answer_later(found.reply_address, taken.reply)
        return b""


@dataclass(frozen=True, slots=True)
class _AibotDoor:
    channel: AibotChannel
    desk: Desk

    def sealed(self, body: bytes) -> str:
        return encrypted_part(body)

    async def hand_over(self, plain: bytes, nonce: str) -> bytes:
        channel, desk = self.channel, self.desk
        now = desk.clock.now()
        found = parse_aibot(plain, channel.account, channel.bot_id, channel.bot_name, now)
        if isinstance(found, Event):
            desk.happened(found.occurrence.value)
            if found.occurrence is Occurrence.ENTERED and desk.welcome:
                return self._seal(
                    {"msgtype": "text", "text": {"content": desk.welcome.text}}, nonce
                )
            return b""
        started = desk.elapsed()
        taken = await desk.take(found)
        if found.click is not None:
            return self._seal(update_of(found.click, taken.done), nonce) if taken.done else b""
        if taken.reply is None:
            return b""
        if desk.elapsed() - started > ANSWER_SECONDS:
            self._later(found, taken.reply)
            return b""
        if taken.reply.card is not None and fits(taken.reply.card):
            return self._seal(template_card(taken.reply.card), nonce)
        return self._stream(found, taken.reply, nonce)

    def _stream(self, message: IncomingMessage, reply: Reply, nonce: str) -> bytes:
        parts = split_markdown(reply.text, STREAM_LIMIT_BYTES)
        if not parts:
            return b""
        if len(parts) > 1:
            self._later(message, Reply("\n\n".join(parts[1:])))
        # A frame replaces the whole text, and one that is not finished would be polled for.
        stream = {"id": self.desk.token_bytes(12).hex(), "finish": True, "content": parts[0]}
        return self._seal({"msgtype": "stream", "stream": stream}, nonce)

    def _later(self, message: IncomingMessage, reply: Reply) -> None:
        if message.reply_address:
            self.desk.answer_later(message.reply_address, reply)

    def _seal(self, answer: Mapping[str, object], nonce: str) -> bytes:
        envelope = self.channel.envelope
        sealed = envelope.seal(padded(orjson.dumps(answer)), self.desk.token_bytes(RANDOM_BYTES))
        now = int(self.desk.clock.now().timestamp())
        return orjson.dumps(
            {
                "encrypt": sealed,
                "msgsignature": envelope.sign(str(now), nonce, sealed),
                "timestamp": now,
                "nonce": nonce,
            }
        )
