"""A witness's signature below a checkpoint (C2SP tlog-cosignature, v1): this, and when it was seen."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from bot.domain.errors import BadInput
from bot.domain.signed_notes import Sign, SignedNote, Verify, parse_note

_COSIGNATURE = b"\x04"
_HASH_BYTES, _TIME_BYTES = 4, 8
_DASH = "\u2014 "


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """Who saw it: a name and an Ed25519 public key."""

    name: str
    public: bytes

    @property
    def hash(self) -> bytes:
        """Four bytes that say in a signature line which key was used."""
        named = self.name.encode() + b"\n" + _COSIGNATURE + self.public
        return hashlib.sha256(named).digest()[:_HASH_BYTES]

    def __str__(self) -> str:
        coded = base64.b64encode(_COSIGNATURE + self.public).decode()
        return f"{self.name}+{self.hash.hex()}+{coded}"

    @classmethod
    def parse(cls, line: str, where: str) -> WitnessKey:
        """`name+hash+base64`. BadInput when it is no witness's key, or its hash does not fit."""
        name, _, rest = line.strip().partition("+")
        _, _, coded = rest.partition("+")
        try:
            key = base64.b64decode(coded, validate=True)
        except ValueError:
            key = b""
        made = cls(name, key[1:])
        if key[:1] != _COSIGNATURE or len(made.public) != 32 or str(made) != line.strip():
            raise BadInput(where, "key", "expected.key")
        return made


def cosigned(checkpoint: bytes, key: WitnessKey, sign: Sign, at: int) -> bytes:
    """The checkpoint with one signature more; `at` is in seconds of Unix time."""
    made = sign(_message(parse_note(checkpoint, "checkpoint").text, at))
    line = base64.b64encode(key.hash + at.to_bytes(_TIME_BYTES, "big") + made).decode()
    return checkpoint + f"{_DASH}{key.name} {line}\n".encode()


def seen_at(note: SignedNote, key: WitnessKey, verify: Verify) -> int | None:
    """When the witness saw it, in seconds of Unix time; None when no signature of its fits."""
    for name, short, rest in note.signatures:
        at = int.from_bytes(rest[:_TIME_BYTES], "big")
        is_theirs = name == key.name and short == key.hash
        if is_theirs and verify(key.public, _message(note.text, at), rest[_TIME_BYTES:]):
            return at
    return None


def _message(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()
