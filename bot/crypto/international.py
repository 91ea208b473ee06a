"""The family that ships: XChaCha20-Poly1305, X25519 sealed boxes, Ed25519, HKDF, Argon2id.

libsodium by PyNaCl for what is sealed, OpenSSL by cryptography for what is derived.
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)
from nacl.exceptions import BadSignatureError, CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.signing import SigningKey, VerifyKey

from bot.crypto.provider import KEY_BYTES
from bot.domain.errors import Undecipherable

_NONCE_BYTES = 24
_BOX_BYTES = 48  # the passing public key and the tag
_SALT = b"qingzhuang/1"


class International:
    """See bot.crypto.provider.CryptoProvider."""

    name = "intl"

    def __init__(self, token_bytes: Callable[[int], bytes]) -> None:
        self._token_bytes = token_bytes

    def encrypt(self, key: bytes, plain: bytes, context: bytes) -> bytes:
        """XChaCha20-Poly1305; 40 bytes longer than `plain`."""
        nonce = self._token_bytes(_NONCE_BYTES)
        return nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(plain, context, nonce, key)

    def decrypt(self, key: bytes, sealed: bytes, context: bytes) -> bytes:
        """See CryptoProvider."""
        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return crypto_aead_xchacha20poly1305_ietf_decrypt(rest, context, nonce, key)
        except (CryptoError, ValueError, TypeError):
            raise Undecipherable("not sealed under this key") from None

    def seal_to(self, public: bytes, plain: bytes) -> bytes:
        """A sealed box; 48 bytes longer than `plain`."""
        return SealedBox(PublicKey(public)).encrypt(plain)

    def open_with(self, secret: bytes, sealed: bytes) -> bytes:
        """See CryptoProvider."""
        try:
            return SealedBox(PrivateKey(secret)).decrypt(sealed)
        except (CryptoError, ValueError, TypeError):
            raise Undecipherable("not sealed to this key") from None

    def sealed_bytes(self, plain_bytes: int) -> int:
        """See CryptoProvider."""
        return plain_bytes + _BOX_BYTES

    def exchange_public(self, secret: bytes) -> bytes:
        """X25519."""
        return bytes(PrivateKey(secret).public_key)

    def sign(self, secret: bytes, message: bytes) -> bytes:
        """Ed25519, 64 bytes."""
        return SigningKey(secret).sign(message).signature

    def verify(self, public: bytes, message: bytes, signature: bytes) -> bool:
        """See CryptoProvider."""
        try:
            VerifyKey(public).verify(message, signature)
        except (BadSignatureError, ValueError, TypeError):
            return False
        return True

    def signing_public(self, secret: bytes) -> bytes:
        """The Ed25519 public key."""
        return bytes(SigningKey(secret).verify_key)

    def expand(self, key: bytes, purpose: str, length: int = KEY_BYTES) -> bytes:
        """HKDF-SHA-256."""
        return HKDF(SHA256(), length, _SALT, purpose.encode()).derive(key)

    def stretch(self, secret: bytes, salt: bytes, memory_kib: int, passes: int) -> bytes:
        """Argon2id, one lane (RFC 9106)."""
        made = Argon2id(
            salt=salt, length=KEY_BYTES, iterations=passes, lanes=1, memory_cost=memory_kib
        )
        return made.derive(secret)
