"""An office's secret in three shares, of which any two give it back; each under a passphrase.

Shamir's scheme of pycryptodome over GF(2^128), in the form that the `ssss` tool uses too, so that a
second program can join what this one split. The secret has 32 bytes and is shared in halves.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass

from Crypto.Protocol.SecretSharing import Shamir

from bot.crypto.provider import KEY_BYTES, CryptoProvider
from bot.domain.errors import BadInput, Undecipherable

FORMAT = "qingzhuang-share/1"
SUFFIX = ".qzshare"
NEEDED, HOLDERS = 2, 3
SHORTEST_PASSPHRASE = 8
_HALF = KEY_BYTES // 2
_SALT_BYTES = 16
MOST_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Stretching:
    """How dear it is to try one passphrase: memory in KiB, and passes over it."""

    memory_kib: int = 256 * 1024
    passes: int = 3


@dataclass(frozen=True, slots=True)
class LockedShare:
    """A share as it lies on its holder's stick."""

    provider: str
    key_id: str
    number: int
    stretching: Stretching
    salt: bytes
    sealed: bytes


def split_secret(secret: bytes) -> tuple[bytes, ...]:
    """Three shares of 33 bytes: number, then the shares of both halves."""
    halves = (
        Shamir.split(NEEDED, HOLDERS, secret[:_HALF], ssss=True),
        Shamir.split(NEEDED, HOLDERS, secret[_HALF:], ssss=True),
    )
    return tuple(
        bytes([number]) + first + second
        for (number, first), (_, second) in zip(*halves, strict=True)
    )


def join_shares(first: bytes, second: bytes) -> bytes:
    """The secret of two different shares. ValueError for the same one twice."""
    if first[0] == second[0]:
        raise ValueError("expected two different shares")
    numbered = (first[0], first[1:]), (second[0], second[1:])
    low = Shamir.combine([(number, share[:_HALF]) for number, share in numbered], ssss=True)
    return low + Shamir.combine([(number, share[_HALF:]) for number, share in numbered], ssss=True)


def lock_share(
    share: bytes,
    passphrase: str,
    key_id: bytes,
    provider: CryptoProvider,
    token_bytes: Callable[[int], bytes],
    stretching: Stretching,
) -> LockedShare:
    """A share under a passphrase. ValueError for a passphrase that is too short."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise ValueError(f"expected at least {SHORTEST_PASSPHRASE} characters")
    salt = token_bytes(_SALT_BYTES)
    key = provider.stretch(passphrase.encode(), salt, stretching.memory_kib, stretching.passes)
    sealed = provider.encrypt(key, share, _context(key_id.hex(), share[0]))
    return LockedShare(provider.name, key_id.hex(), share[0], stretching, salt, sealed)


def unlock_share(locked: LockedShare, passphrase: str, provider: CryptoProvider) -> bytes:
    """The share. Raises Undecipherable for the wrong passphrase."""
    cost = locked.stretching
    key = provider.stretch(passphrase.encode(), locked.salt, cost.memory_kib, cost.passes)
    share = provider.decrypt(key, locked.sealed, _context(locked.key_id, locked.number))
    if len(share) != 1 + KEY_BYTES or share[0] != locked.number:
        raise Undecipherable("not a share")
    return share


def encode_share(locked: LockedShare) -> bytes:
    """The file of a share."""
    whole = {
        "format": FORMAT,
        "provider": locked.provider,
        "key": locked.key_id,
        "share": locked.number,
        "needed": NEEDED,
        "of": HOLDERS,
        "memory_kib": locked.stretching.memory_kib,
        "passes": locked.stretching.passes,
        "salt": base64.b64encode(locked.salt).decode(),
        "sealed": base64.b64encode(locked.sealed).decode(),
    }
    return json.dumps(whole, indent=1).encode() + b"\n"


def decode_share(data: bytes, where: str, provider: CryptoProvider) -> LockedShare:
    """The share of a file. Raises BadInput for what is none, or of another family."""
    try:
        found = json.loads(data[:MOST_BYTES])
        locked = LockedShare(
            provider=str(found["provider"]),
            key_id=str(found["key"]),
            number=int(found["share"]),
            stretching=Stretching(int(found["memory_kib"]), int(found["passes"])),
            salt=base64.b64decode(found["salt"], validate=True),
            sealed=base64.b64decode(found["sealed"], validate=True),
        )
    except (ValueError, KeyError, TypeError):
        raise BadInput(where, "file", "expected.share_file") from None
    if found.get("format") != FORMAT or locked.provider != provider.name:
        raise BadInput(where, "format", "expected.made_with", format=FORMAT, family=provider.name)
    return locked


def _context(key_id: str, number: int) -> bytes:
    return f"{FORMAT}/{key_id}/{number}".encode()
