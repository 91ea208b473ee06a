"""The message archive (会话内容存档): pulled by sequence, unlocked, handed over in order, resumed.

Source: the platform's page 91774. Media are never fetched: type, sender and time are enough.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bot.domain.errors import (
    BadInput,
    ContentRefused,
    CredentialRefused,
    PlatformError,
    Undecipherable,
    Unreachable,
)
from bot.domain.messages import IncomingMessage
from bot.platforms.base import FrontDesk, Wait
from bot.platforms.wecom.archive_wire import ArchiveReader
from bot.platforms.wecom.payload import Event, Occurrence, Recall
from bot.platforms.wecom.transport import code_in, error_of
from handlers.ports import Cursors

# The vendor's library aborts the whole process on anything shorter.
SHORTEST_SEALED = 13
SHORTEST_KEY = 12
KEY_PROBES = 64
SMALLEST_BATCH = 1
LONGEST_WAIT_SECONDS = 300.0
# The platform keeps five days; what is older is gone.
KEPT_FOR = timedelta(days=5)
_TOO_BIG = 301058

_LIBRARY_ERRORS: Mapping[int, Callable[[str], PlatformError]] = {
    10001: Unreachable,
    10002: Unreachable,
    10003: Unreachable,
    10004: ContentRefused,
    10006: ContentRefused,
    10007: CredentialRefused,
    10008: ContentRefused,
    10009: CredentialRefused,
    10011: CredentialRefused,
}


def library_error(code: int) -> PlatformError:
    """The error that a return code of the archive library means."""
    return _LIBRARY_ERRORS.get(code, PlatformError)(str(code))


class ArchiveLibrary(Protocol):
    """The vendor's closed library, or what keeps its protocol. Raises PlatformError."""

    async def get_chat_data(self, seq: int, limit: int) -> bytes:
        """The JSON of at most `limit` records after `seq`."""
        ...

    async def decrypt(self, random_key: str, encrypt_chat_msg: str) -> bytes:
        """The JSON of one record."""
        ...


def load_private_keys(paths: Mapping[int, Path]) -> dict[int, RSAPrivateKey]:
    """RSA keys by `publickey_ver`, from unencrypted PEM files; raises BadInput.

    Every old key is kept: a record is sealed under the one that was in force when it was sent.
    """
    return {
        version: load_private_key(path, f"private_keys.{version}")
        for version, path in paths.items()
    }


def load_private_key(path: Path, setting: str) -> RSAPrivateKey:
    """An RSA key from an unencrypted PEM file; raises BadInput, which names the setting."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        raise BadInput(path.name, setting, "expected.pem") from None
    if not isinstance(key, RSAPrivateKey):
        raise BadInput(path.name, setting, "expected.pem")
    return key


class WrongKey(CredentialRefused):
    """The private key of this version is not the one that the record was sealed for."""


def unlock(keys: Mapping[int, RSAPrivateKey], version: int, sealed: str) -> str:
    """The record's key as text.

    Raises CredentialRefused when the version's private key is missing, WrongKey when it looks
    like another's, and Undecipherable when the field has not the length of a sealed key.
    """
    key = keys.get(version)
    if key is None:
        raise CredentialRefused("10007")
    try:
        raw = base64.b64decode(sealed, validate=True)
    except (binascii.Error, ValueError):
        raise Undecipherable("the record's key is damaged") from None
    if len(raw) * 8 != key.key_size:
        raise Undecipherable("the record's key is damaged")
    try:
        opened = key.decrypt(raw, PKCS1v15())
    except ValueError:  # a number beyond a smaller key's modulus
        raise WrongKey("10006") from None
    # With implicit rejection (OpenSSL 3.2 on) a wrong key does not fail, it gives random bytes of
    # random length: one of a hundred is so short that it is printable by chance.
    if len(opened) < SHORTEST_KEY or not all(0x20 < byte < 0x7F for byte in opened):
        raise WrongKey("10006")
    return opened.decode("ascii")


@dataclass(frozen=True, slots=True)
class Sealed:
    """One record as it is pulled."""

    seq: int
    key_version: int
    random_key: str = field(repr=False)
    message: str = field(repr=False)


def read_batch(raw: bytes) -> list[Sealed]:
    """The records of a batch in the order of `seq`; raises the error that its errcode means."""
    try:
        answer = orjson.loads(raw)
        if code := code_in(answer):
            raise BatchTooBig(str(code)) if code == _TOO_BIG else error_of(code)
        records = [
            Sealed(
                int(row["seq"]),
                int(row["publickey_ver"]),
                str(row["encrypt_random_key"]),
                str(row["encrypt_chat_msg"]),
            )
            for row in answer.get("chatdata") or ()
        ]
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError, ValueError):
        raise Unreachable("10002") from None
    return sorted(records, key=lambda record: record.seq)


class BatchTooBig(PlatformError):
    """Fewer records must be asked for."""


@dataclass(slots=True)
class ArchivePuller:
    """Pulls, hands over, then moves the cursor: a batch that was cut short is pulled again.

    What was handed over already is known by its durable tag. A record that cannot be read is
    counted (`happened("undecipherable")`) and passed over; a private key that is missing, or opens
    none of a batch, stops the cursor: the operator can mend it within the platform's five days.
    `troubled` hears of every failed round, `caught_up` when there is no more; `jitter` gives numbers from 0 to 1.
    """

    library: ArchiveLibrary
    reader: ArchiveReader
    keys: Mapping[int, RSAPrivateKey]
    front_desk: FrontDesk
    cursors: Cursors
    happened: Callable[[str], None]
    troubled: Callable[[Exception], None]
    caught_up: Callable[[], None]
    wait: Wait
    jitter: Callable[[], float]
    batch: int = 1000
    poll_seconds: float = 15.0
    reached: datetime | None = None  # sent_at of the newest message handed over
    _failures: int = 0
    _proven: set[int] = field(default_factory=set)

    @property
    def cursor_name(self) -> str:
        """Where the cursor is kept."""
        return f"wecom_archive:{self.reader.account}"

    async def run(self) -> None:
        """Pull until cancelled. Nothing makes it give up; failures make it slower."""
        while True:
            try:
                pulled = await self.pull_once()
            except Exception as error:
                self._failures += 1
                self.troubled(error)
                await self.wait(self._back_off())
            else:
                self._failures = 0
                if pulled < self.batch:
                    self.caught_up()
                    await self.wait(self.poll_seconds)

    async def pull_once(self) -> int:
        """One batch; how many records it had. Raises PlatformError or BooksUnavailable."""
        seq = int(await self.cursors.get(self.cursor_name) or 0)
        records = await self._fetch(seq)
        self._prove_keys(records)
        for record in records:
            await self._take(record)
        if records:
            await self.cursors.put(self.cursor_name, str(records[-1].seq))
        return len(records)

    async def _fetch(self, seq: int) -> list[Sealed]:
        limit = self.batch
        while True:
            try:
                return read_batch(await self.library.get_chat_data(seq, limit))
            except BatchTooBig:
                if limit == SMALLEST_BATCH:
                    raise
                limit //= 2

    def _prove_keys(self, records: Sequence[Sealed]) -> None:
        """Remember the versions whose key opens something: what it does not open is damaged."""
        for record in records[:KEY_PROBES]:
            if record.key_version not in self._proven:
                with contextlib.suppress(CredentialRefused, Undecipherable):
                    unlock(self.keys, record.key_version, record.random_key)
                    self._proven.add(record.key_version)

    async def _take(self, record: Sealed) -> None:
        try:
            found = self.reader.read(await self._open(record))
        except (Undecipherable, ContentRefused):
            self.happened("undecipherable")
            return
        if isinstance(found, IncomingMessage):
            await self.front_desk(found)
            self.reached = found.sent_at
        elif isinstance(found, Recall):
            # What was asked was asked; its hour of work is spent though the words are gone.
            self.happened(Occurrence.RECALLED.value)
        elif isinstance(found, Event):
            self.happened(found.occurrence.value)

    async def _open(self, record: Sealed) -> bytes:
        if len(record.message) < SHORTEST_SEALED:
            raise Undecipherable("the record is too short")
        try:
            random_key = unlock(self.keys, record.key_version, record.random_key)
        except WrongKey:
            if record.key_version not in self._proven:
                raise
            raise Undecipherable("the record's key is damaged") from None
        return await self.library.decrypt(random_key, record.message)

    def _back_off(self) -> float:
        longest = min(self.poll_seconds * 2.0 ** (self._failures - 1), LONGEST_WAIT_SECONDS)
        return longest * (0.5 + self.jitter() / 2)
