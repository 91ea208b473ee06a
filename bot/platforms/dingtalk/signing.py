"""DingTalk's three proofs of origin: robot sign, encrypted event callback, card callback sign.

The robot sign covers the time stamp and nothing of the body, so it proves only that its sender
knows the secret or has seen a header of the last minutes: Stream mode is to be preferred.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot.domain.errors import SignatureMismatch, Stale, Undecipherable

LONGEST_WINDOW = timedelta(hours=1)
_MILLISECONDS = re.compile(r"[0-9]{13}", re.ASCII)
_AES_KEY = re.compile(r"[A-Za-z0-9]{43}", re.ASCII)
_PADDED_TO = 32
_BLOCK = 16
_RANDOM_BYTES = 16


def _raw(value: str) -> bytes:
    # Header values may hold bytes that are not UTF-8; compared as bytes they are merely wrong.
    return value.encode("utf-8", "surrogateescape")


def robot_signature(secret: str, timestamp: str) -> str:
    """Base64 of HMAC-SHA256 over `timestamp`, a newline and the secret, under the secret.

    It signs robot callbacks (the app's secret) and custom webhook robots (the SEC… string).
    """
    digest = hmac.digest(secret.encode(), _raw(f"{timestamp}\n{secret}"), "sha256")
    return base64.b64encode(digest).decode()


def verify_robot_signature(
    secret: str, timestamp: str, signature: str, now: datetime, window: timedelta
) -> None:
    """Return when the sign fits and its 13-digit time stamp (ms) is within `window` of `now`.

    Raises SignatureMismatch, Stale. The platform itself allows an hour.
    """
    if not hmac.compare_digest(_raw(robot_signature(secret, timestamp)), _raw(signature)):
        raise SignatureMismatch("the robot sign does not fit")
    check_fresh(timestamp, now, window)


def check_fresh(timestamp: str, now: datetime, window: timedelta) -> None:
    """Raises SignatureMismatch for what are not 13 digits (ms), Stale outside the window."""
    if not _MILLISECONDS.fullmatch(timestamp):
        raise SignatureMismatch("the time stamp is not 13 digits")
    if abs(now.timestamp() - int(timestamp) / 1000) > window.total_seconds():
        raise Stale("the time stamp lies outside the window")


def card_signature(api_secret: str, timestamp: str) -> str:
    """Base64 of HMAC-SHA256 over the time stamp, under the secret given at registration."""
    digest = hmac.digest(api_secret.encode(), _raw(timestamp), "sha256")
    return base64.b64encode(digest).decode()


def verify_card_signature(api_secret: str, timestamp: str, signature: str) -> None:
    """Return when the sign of a card callback over HTTP fits; raises SignatureMismatch."""
    if not hmac.compare_digest(_raw(card_signature(api_secret, timestamp)), _raw(signature)):
        raise SignatureMismatch("the card sign does not fit")


@dataclass(frozen=True, slots=True)
class SealedEvent:
    """An encrypted body with the values that sign it; the answer to an event has this form."""

    signature: str
    timestamp: str
    nonce: str
    encrypted: str

    def as_answer(self) -> dict[str, str]:
        """The JSON that the platform expects back."""
        return {
            "msg_signature": self.signature,
            "timeStamp": self.timestamp,
            "nonce": self.nonce,
            "encrypt": self.encrypted,
        }


@dataclass(frozen=True, slots=True)
class EventSeal:
    """Seals and opens event callbacks: AES-256-CBC, IV from the key, PKCS#7 to 32 bytes, SHA-1.

    `aes_key` has 43 characters; `receive_key` is the app key, suite key or corp id that the
    plaintext ends with. ValueError when the key cannot be one.
    """

    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    receive_key: str = field(repr=False)
    _cipher: Cipher[modes.CBC] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not _AES_KEY.fullmatch(self.aes_key):
            raise ValueError("an event key (aes_key) has 43 letters and digits")
        # 43 characters are 258 bits for 256: the last two need not be zero in keys in use.
        key = base64.b64decode(self.aes_key + "=")
        object.__setattr__(self, "_cipher", Cipher(algorithms.AES(key), modes.CBC(key[:_BLOCK])))

    def signature(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """SHA-1 over the sorted four, in hexadecimal: the platform's choice, not ours."""
        joined = "".join(sorted((self.token, timestamp, nonce, encrypted)))
        return hashlib.sha1(_raw(joined)).hexdigest()  # noqa: S324  the protocol says so

    def seal(self, plain: bytes, timestamp: str, nonce: str, random16: bytes) -> SealedEvent:
        """Encrypt and sign `plain`, in bytes and not characters, begun with 16 random ones."""
        if len(random16) != _RANDOM_BYTES:
            raise ValueError(f"{_RANDOM_BYTES} random bytes are needed")
        body = random16 + len(plain).to_bytes(4, "big") + plain + self.receive_key.encode()
        padding = _PADDED_TO - len(body) % _PADDED_TO
        encryptor = self._cipher.encryptor()
        sealed = encryptor.update(body + bytes([padding]) * padding) + encryptor.finalize()
        encrypted = base64.b64encode(sealed).decode()
        return SealedEvent(
            self.signature(timestamp, nonce, encrypted), timestamp, nonce, encrypted
        )

    def open(self, event: SealedEvent) -> bytes:
        """The plaintext of a signed event; raises SignatureMismatch, Undecipherable."""
        expected = self.signature(event.timestamp, event.nonce, event.encrypted)
        if not hmac.compare_digest(expected.encode(), _raw(event.signature)):
            raise SignatureMismatch("the event signature does not fit")
        return self._decrypt(event.encrypted)

    def _decrypt(self, encrypted: str) -> bytes:
        try:
            sealed = base64.b64decode(_raw(encrypted), validate=True)
        except binascii.Error:
            raise Undecipherable("not base64") from None
        if not sealed or len(sealed) % _BLOCK:
            raise Undecipherable("not a whole number of blocks")
        decryptor = self._cipher.decryptor()
        padded = decryptor.update(sealed) + decryptor.finalize()
        body = _without_padding(padded)
        size = int.from_bytes(body[_RANDOM_BYTES : _RANDOM_BYTES + 4], "big")
        start = _RANDOM_BYTES + 4
        if len(body) < start + size:
            raise Undecipherable("shorter than it says")
        if not hmac.compare_digest(body[start + size :], self.receive_key.encode()):
            raise Undecipherable("meant for another receiver")
        return body[start : start + size]


def _without_padding(padded: bytes) -> bytes:
    count = padded[-1]
    if not 1 <= count <= _PADDED_TO or padded[-count:] != bytes([count]) * count:
        raise Undecipherable("wrong padding")
    return padded[:-count]
