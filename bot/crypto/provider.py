"""What sealing needs of a cryptographic module; one class per family of algorithms.

`intl` ships (`bot.crypto.international`). Where 密评 asks for certified national algorithms
(SM2 envelope, SM4-GCM, SM3), a second class with these methods goes over the certified module's
own interface (GM/T 0018 SDF or PKCS#11); none ships, because a certificate belongs to a module
and not to a Python file. Every file names the family that made it, and another refuses it; what
members, the doctor and the office are told of it stands under its name in the texts
(`complaint_box.family`).
"""

from __future__ import annotations

from typing import Protocol

KEY_BYTES = 32


class CryptoProvider(Protocol):
    """A family of algorithms. All methods raise Undecipherable for bytes that do not open."""

    @property
    def name(self) -> str:
        """Stands in every file that this family makes."""
        ...

    def encrypt(self, key: bytes, plain: bytes, context: bytes) -> bytes:
        """Authenticated encryption under a fresh nonce; longer than `plain` by a constant."""
        ...

    def decrypt(self, key: bytes, sealed: bytes, context: bytes) -> bytes:
        """What `encrypt` was given, if key and context are the same."""
        ...

    def seal_to(self, public: bytes, plain: bytes) -> bytes:
        """Seal for the holder of a key pair; nobody can tell who sealed it."""
        ...

    def open_with(self, secret: bytes, sealed: bytes) -> bytes:
        """What `seal_to` was given for this pair."""
        ...

    def sealed_bytes(self, plain_bytes: int) -> int:
        """How long `seal_to` makes so many bytes."""
        ...

    def exchange_public(self, secret: bytes) -> bytes:
        """The public half for `seal_to`; any 32 bytes are a secret half."""
        ...

    def sign(self, secret: bytes, message: bytes) -> bytes:
        """A signature; any 32 bytes are a signing secret."""
        ...

    def verify(self, public: bytes, message: bytes, signature: bytes) -> bool:
        """Whether the holder of the signing secret signed this."""
        ...

    def signing_public(self, secret: bytes) -> bytes:
        """The public half for `verify`."""
        ...

    def expand(self, key: bytes, purpose: str, length: int = KEY_BYTES) -> bytes:
        """A key for one purpose from a uniformly random one."""
        ...

    def stretch(self, secret: bytes, salt: bytes, memory_kib: int, passes: int) -> bytes:
        """KEY_BYTES from something short, made slow and hungry on purpose."""
        ...
