"""WeCom's callback envelope: SHA-1 signature, AES-256-CBC with PKCS#7 to 32 bytes, receive id.

Source: the platform's pages on callback encryption (90968) and AI-bot encryption (101033).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

from bot.domain.errors import BadInput, SignatureMismatch, Stale, Undecipherable

RANDOM_BYTES = 16
_BLOCK = 32
_HEAD = RANDOM_BYTES + 4
_KEY = re.compile(r"[A-Za-z0-9]{43}", re.ASCII)
_SECONDS = re.compile(r"[0-9]{10}", re.ASCII)
_PADS = [bytes([size]) * size for size in range(_BLOCK + 1)]


def check_fresh(timestamp: str, now: datetime, fresh_for: timedelta) -> None:
    """Raises Stale unless `timestamp` is ten digits and within `fresh_for` of `now`."""
    if not _SECONDS.fullmatch(timestamp):
        raise Stale("the time stamp is not ten digits")
    if abs(now.timestamp() - int(timestamp)) > fresh_for.total_seconds():
        raise Stale("the time stamp lies outside the window")


class PaddedCipher:
    """AES-256-CBC whose IV is the key's beginning, padded to 32 bytes; one object serves all calls.

    It is the inside of a callback, and by itself the platform's encryption of AI-bot media.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = Cipher(AES256(key), CBC(key[:16]))

    def decrypt(self, sealed: bytes) -> bytes:
        """The plaintext without its padding; raises Undecipherable."""
        if not sealed or len(sealed) % 16:
            raise Undecipherable("the length is not one of whole blocks")
        opener = self._cipher.decryptor()
        padded = opener.update(sealed) + opener.finalize()
        pad = padded[-1]
        if not 1 <= pad <= _BLOCK or not padded.endswith(_PADS[pad]):
            raise Undecipherable("the padding is wrong")
        return padded[:-pad]

    def encrypt(self, plain: bytes) -> bytes:
        """The ciphertext; an aligned plaintext gets a whole block of padding."""
        sealer = self._cipher.encryptor()
        return sealer.update(plain + _PADS[_BLOCK - len(plain) % _BLOCK]) + sealer.finalize()


class WecomEnvelope:
    """Seals and opens for one channel: a token, a key, and who the receiver must be.

    `receive_id` is the CorpID for an app and for the archive's events, "" for an AI bot. Raises
    BadInput when the key is not 43 letters and digits.
    """

    def __init__(self, token: str, encoding_aes_key: str, receive_id: str) -> None:
        if not _KEY.fullmatch(encoding_aes_key):
            raise BadInput("wecom", "encoding_aes_key", "expected.aes_key")
        # The 43rd character may carry bits that belong to no byte; this decoder drops them.
        self._cipher = PaddedCipher(base64.b64decode(encoding_aes_key + "=", validate=True))
        self._token = token
        self._receive_id = receive_id.encode()

    def sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """The signature of these values, as 40 hex digits."""
        joined = "".join(sorted((self._token, timestamp, nonce, encrypted)))
        # SHA-1 is the platform's choice; the token in it is the secret.
        return hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()

    def check(self, signature: str, timestamp: str, nonce: str, encrypted: str) -> None:
        """Raises SignatureMismatch unless the platform signed exactly these values."""
        try:
            expected = self.sign(timestamp, nonce, encrypted).encode()
            given = signature.encode()
        except UnicodeEncodeError:
            raise SignatureMismatch("the signature does not fit") from None
        if not hmac.compare_digest(expected, given):
            raise SignatureMismatch("the signature does not fit")

    def open(self, encrypted: str) -> bytes:
        """The message inside; raises Undecipherable, also when it is meant for somebody else."""
        try:
            sealed = binascii.a2b_base64(encrypted, strict_mode=True)
        except (binascii.Error, ValueError):
            raise Undecipherable("it is not Base64") from None
        plain = self._cipher.decrypt(sealed)
        if len(plain) < _HEAD:
            raise Undecipherable("it is too short")
        end = _HEAD + int.from_bytes(plain[RANDOM_BYTES:_HEAD], "big")
        if end > len(plain):
            raise Undecipherable("the length inside is wrong")
        if not hmac.compare_digest(plain[end:], self._receive_id):
            raise Undecipherable("it is meant for another receiver")
        return plain[_HEAD:end]

    def seal(self, message: bytes, random16: bytes) -> str:
        """The message encrypted, behind 16 random bytes."""
        if len(random16) != RANDOM_BYTES:
            raise ValueError(f"expected {RANDOM_BYTES} random bytes")
        plain = random16 + len(message).to_bytes(4, "big") + message + self._receive_id
        return base64.b64encode(self._cipher.encrypt(plain)).decode()
