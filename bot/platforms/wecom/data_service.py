"""政务微信's data service (数据开放服务): group talk of a private deployment, pulled over HTTP.

Source: the vendor's pages of one private deployment; other versions may differ, so the feature's
number, the pages' size and the margins are settings. Media are never fetched.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import aiohttp
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from bot.domain.errors import CredentialRefused, Undecipherable
from bot.platforms.base import FrontDesk, Wait
from bot.platforms.wecom.client import AccessToken
from bot.platforms.wecom.data_service_wire import DataServiceReader
from bot.platforms.wecom.payload import field as field_of
from bot.platforms.wecom.payload import read_json, rows
from bot.platforms.wecom.transport import STALE_TOKEN_CODES, call, code_in, error_of
from handlers.ports import Clock, Cursors

GROUP_TALK = 90000037
AES_KEY_BYTES = 16
PAGE_LIMIT = 1000
ANSWER_LIMIT_BYTES = 32 * 1024 * 1024
LONGEST_WAIT_SECONDS = 300.0
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_HOUR = timedelta(hours=1)


def unseal(keys: Sequence[RSAPrivateKey], sealed_key: str, sealed: str) -> Mapping[str, object]:
    """One record. No field tells the key's version: each key is tried, in the given order.

    The vector is the first block, as the one known client has it; the vendor's page is silent.
    Raises Undecipherable when no key opens it.
    """
    try:
        key_bytes = base64.b64decode(sealed_key, validate=True)
        body = base64.b64decode(sealed, validate=True)
    except (binascii.Error, ValueError):
        raise Undecipherable("it is not Base64") from None
    if len(body) < 2 * AES_KEY_BYTES or len(body) % AES_KEY_BYTES:
        raise Undecipherable("the length is not one of whole blocks")
    for key in keys:
        if (opened := _opened(key, key_bytes, body)) is not None:
            return opened
    raise Undecipherable("no key opens it")


def _opened(key: RSAPrivateKey, sealed_key: bytes, body: bytes) -> Mapping[str, object] | None:
    try:
        # A wrong key gives random bytes of random length (implicit rejection), not an error.
        aes_key = key.decrypt(sealed_key, PKCS1v15())
        if len(aes_key) != AES_KEY_BYTES:
            return None
        opener = Cipher(AES128(aes_key), CBC(body[:AES_KEY_BYTES])).decryptor()
        padded = opener.update(body[AES_KEY_BYTES:]) + opener.finalize()
        unpadder = PKCS7(AES128.block_size).unpadder()
        return read_json(unpadder.update(padded) + unpadder.finalize())
    except (ValueError, Undecipherable):
        return None


class DataService:
    """The interface itself. Raises PlatformError subclasses, whose code is the platform's."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        api_base: str,
        corp_id: str,
        secret: str,
        clock: Clock,
        feature: int = GROUP_TALK,
    ) -> None:
        base = api_base.rstrip("/")
        self._session = session
        self._url = f"{base}/cgi-bin/corp/get_log_list"
        self._token = AccessToken(session, base, corp_id, secret, clock)
        self._feature = feature

    async def check(self) -> None:
        """Ask for a token: raises when the credentials or the address are not accepted."""
        await self._token.get()

    async def records(self, start: datetime, end: datetime) -> list[tuple[str, str]]:
        """All sealed records from `start` to `end`, both included, of one day: (key, data)."""
        found: list[tuple[str, str]] = []
        while True:
            page = await self._page(start, end, len(found))
            found += page
            if len(page) < PAGE_LIMIT:
                return found

    async def _page(self, start: datetime, end: datetime, index: int) -> list[tuple[str, str]]:
        asked = {
            "feature_id": self._feature,
            "start_time": int(start.timestamp()),
            "end_time": int(end.timestamp()),
            "start_index": index,
            "limit": PAGE_LIMIT,
        }
        stale = ""
        for _ in range(2):
            token = await self._token.get(stale)
            answer = await call(
                self._session,
                "POST",
                self._url,
                params={"access_token": token},
                json=asked,
                most_bytes=ANSWER_LIMIT_BYTES,
            )
            if code_in(answer) not in STALE_TOKEN_CODES:
                break
            stale = token
        if code := code_in(answer):
            raise error_of(code)
        return [
            (field_of(row, "enc_key"), field_of(row, "enc_data"))
            for row in rows(answer, "log_list")
        ]


@dataclass(slots=True)
class DataServicePuller:
    """Pulls closed stretches of time in order, hands over, then moves the cursor.

    A stretch ends `settle` before now, so that records that come late are in it; when a day is
    over it is pulled once more as a whole, and what was handed over already is known by its
    durable tag. Killed at any point it pulls the stretch again. A record that cannot be opened is
    counted (`happened("undecipherable")`); when none of a stretch can, the cursor stays and
    CredentialRefused is told to `troubled`: a private key is missing. The first run begins with
    today. `caught_up` hears when no more is waiting. `zone` is the deployment's: a stretch must lie within one of its days.
    """

    service: DataService
    reader: DataServiceReader
    keys: Sequence[RSAPrivateKey]
    front_desk: FrontDesk
    cursors: Cursors
    clock: Clock
    zone: ZoneInfo
    happened: Callable[[str], None]
    troubled: Callable[[Exception], None]
    caught_up: Callable[[], None]
    wait: Wait
    jitter: Callable[[], float]
    poll_seconds: float = 30.0
    settle: timedelta = timedelta(seconds=60)
    _failures: int = field(default=0, init=False)

    @property
    def cursor_name(self) -> str:
        """Where the cursor is kept: the first second that was not pulled yet."""
        return f"wecom_data_service:{self.reader.account}"

    async def run(self) -> None:
        """Pull until cancelled. Nothing makes it give up; failures make it slower."""
        while True:
            try:
                behind = await self.pull_once()
            except Exception as error:
                self._failures += 1
                self.troubled(error)
                await self.wait(self._back_off())
            else:
                self._failures = 0
                if not behind:
                    self.caught_up()
                    await self.wait(self.poll_seconds)

    async def pull_once(self) -> bool:
        """One stretch; whether another is waiting. Raises PlatformError or BooksUnavailable."""
        now = self.clock.now().astimezone(self.zone)
        start = await self._start(now)
        day_ends = self._midnight(start.date() + _DAY) - _SECOND
        ready = now - self.settle
        end = min(day_ends, ready).replace(microsecond=0)
        if end < start:
            return False
        if end == day_ends:
            # The whole day once more: what was written late into it is found now or never.
            start = self._midnight(start.date())
        for first, last in _hours(start, end):
            await self._take(await self.service.records(first, last))
        await self.cursors.put(self.cursor_name, str(int(end.timestamp()) + 1))
        return end == day_ends

    async def _start(self, now: datetime) -> datetime:
        kept = await self.cursors.get(self.cursor_name)
        if kept is None:
            return self._midnight(now.date())
        return datetime.fromtimestamp(int(kept), self.zone)

    def _midnight(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=self.zone)

    async def _take(self, sealed: Sequence[tuple[str, str]]) -> None:
        records: list[Mapping[str, object]] = []
        for key, data in sealed:
            try:
                records.append(unseal(self.keys, key, data))
            except Undecipherable:
                self.happened("undecipherable")
        if sealed and not records:
            raise CredentialRefused("10007")
        refused = partial(self.happened, "undecipherable")
        for message in self.reader.read(records, refused):
            await self.front_desk(message)

    def _back_off(self) -> float:
        longest = min(self.poll_seconds * 2.0 ** (self._failures - 1), LONGEST_WAIT_SECONDS)
        return longest * (0.5 + self.jitter() / 2)


def _hours(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The stretch in pieces of an hour at most, so that a day's talk is never held at once."""
    while start <= end:
        last = min(start + _HOUR - _SECOND, end)
        yield start, last
        start = last + _SECOND
