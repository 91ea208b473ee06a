"""From a receipt to its record's tag and reply keys: Argon2id in a process of its own, and a pepper.

okm = Argon2id(18 digits, salt of this installation); prk = HMAC-SHA-256(pepper, okm); from prk
come the lookup tag and the reply secret (facts on receipts, 3.3). The pepper lies outside the
database: whoever has the database alone can try no receipt.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot.crypto import kdf_worker
from bot.crypto.provider import KEY_BYTES, CryptoProvider
from bot.domain.complaints import Answer
from bot.domain.errors import StoreError, Undecipherable
from bot.domain.periods import Week
from bot.domain.receipts import Receipt
from bot.domain.sealed_notes import ID_BYTES, decode_answer, encode_answer
from handlers.complaints.ports import BoxFull

MOST_WAITING = 8
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class SecretPair:
    """The ReplyPair port. The secret never leaves it."""

    lookup: bytes = field(repr=False)
    public: bytes = field(repr=False)
    _secret: bytes = field(repr=False)
    _provider: CryptoProvider = field(repr=False)

    def blank(self, week: Week) -> bytes:
        """See handlers.complaints.ports.ReplyPair."""
        return self._provider.seal_to(self.public, encode_answer(None, week))

    def open(self, sealed: bytes) -> Answer | None:
        """See handlers.complaints.ports.ReplyPair."""
        try:
            return decode_answer(self._provider.open_with(self._secret, sealed))
        except (Undecipherable, ValueError):
            return None


@dataclass(frozen=True, slots=True)
class WorkerStretch:
    """Argon2id in a process that ends with its one task."""

    salt: bytes = field(repr=False)
    memory_kib: int
    passes: int

    async def __call__(self, secret: bytes) -> bytes:
        """32 bytes. Raises StoreError when the process cannot, for want of memory for instance."""
        asked = {
            "salt": self.salt.hex(),
            "memory_kib": self.memory_kib,
            "passes": self.passes,
            "secret": secret.hex(),
        }
        worker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", str(Path(kdf_worker.__file__))),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        made = b""
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_SECONDS):
                    made, _ = await worker.communicate(json.dumps(asked).encode() + b"\n")
        finally:
            if worker.returncode is None:
                worker.kill()
                await worker.communicate()  # to the end of its pipes: none stays open
        if len(made) != KEY_BYTES:
            raise StoreError("a receipt could not be derived: is there memory for it?")
        return made


@dataclass(slots=True)
class DerivedReceiptKeys:
    """The ReceiptKeys port: one derivation at a time, a few may wait."""

    provider: CryptoProvider
    pepper: bytes = field(repr=False)
    stretch: Callable[[bytes], Awaitable[bytes]]
    token_bytes: Callable[[int], bytes]
    _turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1), repr=False)
    _waiting: int = 0

    async def of(self, receipt: Receipt) -> SecretPair:
        """See handlers.complaints.ports.ReceiptKeys."""
        if self._waiting >= MOST_WAITING:
            raise BoxFull("complaint_box.full")
        self._waiting += 1
        try:
            async with self._turn:
                stretched = await self.stretch(receipt.secret())
        finally:
            self._waiting -= 1
        prk = hmac.digest(self.pepper, stretched, "sha256")
        return self._pair(
            self.provider.expand(prk, "lookup", ID_BYTES), self.provider.expand(prk, "reply")
        )

    def of_nobody(self) -> SecretPair:
        """See ReceiptKeys. A true public key: not all 32 bytes are one."""
        return self._pair(self.token_bytes(ID_BYTES), self.token_bytes(KEY_BYTES))

    def _pair(self, lookup: bytes, secret: bytes) -> SecretPair:
        public = self.provider.exchange_public(secret)
        return SecretPair(lookup, public, secret, self.provider)
