"""Tags that stand in for ids for one week, under a key that is then destroyed.

K_p = HKDF-Expand(K_w, "bb/v1/" purpose); tag = HMAC-SHA256(K_p, LP(platform) LP(account) LP(scope)
LP(id)), first 16 bytes (facts on pseudonyms, 2.1). A tag is a pseudonym (去标识化) while the key
lives, and nothing once it is gone.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.domain.periods import Week
from bot.domain.private import Opaque

TAG_BYTES = 16
KEY_BYTES = 32


def _expand(key: bytes, purpose: str) -> bytes:
    # HKDF-Expand (RFC 5869) for one block; K_w is uniformly random, so extraction is not needed.
    return hmac.digest(key, b"bb/v1/" + purpose.encode() + b"\x01", "sha256")


class _Mac:
    """HMAC-SHA256 under one key, of short data: its two keyed beginnings are hashed once.

    Beside a thread that writes, `hmac.digest` costs twenty times as much: it lets the
    interpreter go and must wait to get it back.
    """

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        block = key.ljust(64, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def tag(self, data: bytes) -> bytes:
        """The first TAG_BYTES of the HMAC."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(data)
        outer.update(inner.digest())
        return outer.digest()[:TAG_BYTES]


def _length_prefixed(*parts: str) -> bytes:
    out = bytearray()
    for part in parts:
        raw = part.encode()
        out += len(raw).to_bytes(4, "big") + raw
    return bytes(out)


@dataclass(frozen=True, slots=True)
class WeekKey:
    """The key of one week, for one use: `tags` (facts) or `sketches` (episodes)."""

    week: Week
    secret: bytes = field(repr=False)
    _sender: _Mac = field(init=False, repr=False, compare=False)
    _message: _Mac = field(init=False, repr=False, compare=False)
    _sketch: hashlib.blake2b = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise ValueError(f"a week's key has {KEY_BYTES} bytes")
        object.__setattr__(self, "_sender", _Mac(_expand(self.secret, "demander")))
        object.__setattr__(self, "_message", _Mac(_expand(self.secret, "dedup")))
        keyed = hashlib.blake2b(digest_size=4, key=_expand(self.secret, "sketch")[:16])
        object.__setattr__(self, "_sketch", keyed)

    def sender_tag(self, platform: str, account: str, scope: str, sender: Opaque) -> bytes:
        """The sender within one group (`scope`) and this week."""
        data = _length_prefixed(platform, account, scope, sender.reveal())
        return self._sender.tag(data)

    def message_tag(self, platform: str, account: str, scope: str, key: Opaque) -> bytes:
        """The message within one group (`scope`), so that a second delivery is known as one."""
        data = _length_prefixed(platform, account, scope, key.reveal())
        return self._message.tag(data)

    def shingle(self, text: str) -> int:
        """32 bits of a keyed hash of a piece of text, for sketches without words."""
        hashed = self._sketch.copy()
        hashed.update(text.encode())
        return int.from_bytes(hashed.digest(), "big")

    def hashes(self, pieces: Sequence[str]) -> tuple[int, ...]:
        """The same of several, in their order."""
        if not pieces:
            return ()
        # Hashing on from a copy takes half the time of hashing the key anew for each.
        copy, digests = self._sketch.copy, []
        for piece in pieces:
            hashed = copy()
            hashed.update(piece.encode())
            digests.append(hashed.digest())
        return struct.unpack(f">{len(digests)}I", b"".join(digests))
