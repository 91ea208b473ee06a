"""Tags that stand in for ids for one week, under a key that is then destroyed.

K_p = HKDF-Expand(K_w, "bb/v1/" purpose); tag = HMAC-SHA256(K_p, LP(platform) LP(account) LP(scope)
LP(id)), first 16 bytes (facts on pseudonyms, 2.1). A tag is a pseudonym (去标识化) while the key
lives, and nothing once it is gone.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from bot.domain.periods import Week
from bot.domain.private import Opaque

TAG_BYTES = 16
KEY_BYTES = 32


def _expand(key: bytes, purpose: str) -> bytes:
    # HKDF-Expand (RFC 5869) for one block; K_w is uniformly random, so extraction is not needed.
    return hmac.digest(key, b"bb/v1/" + purpose.encode() + b"\x01", "sha256")


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
    _sender: bytes = field(init=False, repr=False, compare=False)
    _message: bytes = field(init=False, repr=False, compare=False)
    sketch: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise ValueError(f"a week's key has {KEY_BYTES} bytes")
        object.__setattr__(self, "_sender", _expand(self.secret, "demander"))
        object.__setattr__(self, "_message", _expand(self.secret, "dedup"))
        object.__setattr__(self, "sketch", _expand(self.secret, "sketch")[:16])

    def sender_tag(self, platform: str, account: str, scope: str, sender: Opaque) -> bytes:
        """The sender within one group (`scope`) and this week."""
        data = _length_prefixed(platform, account, scope, sender.reveal())
        return hmac.digest(self._sender, data, "sha256")[:TAG_BYTES]

    def message_tag(self, platform: str, account: str, scope: str, key: Opaque) -> bytes:
        """The message within one group (`scope`), so that a second delivery is known as one."""
        data = _length_prefixed(platform, account, scope, key.reveal())
        return hmac.digest(self._message, data, "sha256")[:TAG_BYTES]

    def shingle(self, text: str) -> int:
        """32 bits of a keyed hash of a piece of text, for sketches without words."""
        raw = hashlib.blake2b(text.encode(), digest_size=4, key=self.sketch).digest()
        return int.from_bytes(raw, "big")
