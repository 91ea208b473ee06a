"""Signed notes and checkpoints as C2SP has them (signed-note, tlog-checkpoint), without the signing.

A note is lines of text, an empty line, and signature lines: `— name base64(key hash ‖ signature)`.
A checkpoint is a note whose lines are the log's origin, its size and the root in base64; ours has
a fourth that names the checkpoint before it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.errors import BadInput
from bot.domain.merkle import HASH_BYTES

_ED25519 = b"\x01"
_PUBLIC_BYTES, _SIGNATURE_BYTES, _HASH_BYTES = 32, 64, 4
_DASH = "\u2014 "
_PREVIOUS = "previous"

Sign = Callable[[bytes], bytes]
Verify = Callable[[bytes, bytes, bytes], bool]
"""Public key, message, signature."""


@dataclass(frozen=True, slots=True)
class NoteKey:
    """Whose signature it is: a name and an Ed25519 public key."""

    name: str
    public: bytes

    @property
    def hash(self) -> bytes:
        """Four bytes that say in a signature line which key was used."""
        named = self.name.encode() + b"\n" + _ED25519 + self.public
        return hashlib.sha256(named).digest()[:_HASH_BYTES]

    @property
    def fingerprint(self) -> str:
        """For people: eight groups of four, to be compared by voice or on paper."""
        text = hashlib.sha256(self.public).hexdigest()[:32]
        return " ".join(text[at : at + 4] for at in range(0, len(text), 4))

    def __str__(self) -> str:
        coded = base64.b64encode(_ED25519 + self.public).decode()
        return f"{self.name}+{self.hash.hex()}+{coded}"

    @classmethod
    def parse(cls, line: str, where: str) -> NoteKey:
        """`name+hash+base64`. BadInput when it is no key, or its hash does not fit."""
        name, _, rest = line.strip().partition("+")
        given, _, coded = rest.partition("+")
        key = _decoded(coded)
        if not name or key[:1] != _ED25519 or len(key) != 1 + _PUBLIC_BYTES:
            raise BadInput(where, "key", "expected.key")
        made = cls(name, key[1:])
        if str(made) != line.strip() or made.hash.hex() != given:
            raise BadInput(where, "key", "expected.key")
        return made


@dataclass(frozen=True, slots=True)
class SignedNote:
    """Text that ends with a line feed, and signatures: name, key hash, signature."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    def is_signed_by(self, key: NoteKey, verify: Verify) -> bool:
        """Whether a signature of this key stands below and fits."""
        return any(
            name == key.name and short == key.hash and verify(key.public, self.text.encode(), made)
            for name, short, made in self.signatures
        )


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log was: its size and root, and those of the checkpoint before (size 0: none)."""

    origin: str
    size: int
    root: bytes
    previous_size: int = 0
    previous_root: bytes = b""

    def text(self) -> str:
        """The lines to be signed."""
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode()]
        if self.previous_size:
            root = base64.b64encode(self.previous_root).decode()
            lines.append(f"{_PREVIOUS} {self.previous_size} {root}")
        return "\n".join(lines) + "\n"

    @classmethod
    def parse(cls, text: str, where: str) -> Checkpoint:
        """What `text` wrote. BadInput when it is no checkpoint of ours."""
        lines = text.split("\n")
        try:
            size, root = int(lines[1]), _decoded(lines[2])
            before, before_root = 0, b""
            if lines[3]:
                _, number, coded = lines[3].split(" ")
                before, before_root = int(number), _decoded(coded)
            made = cls(lines[0], size, root, before, before_root)
        except (ValueError, IndexError):
            raise BadInput(where, "checkpoint", "expected.checkpoint") from None
        if made.text() != text or len(root) != HASH_BYTES or size < 1:
            raise BadInput(where, "checkpoint", "expected.checkpoint")
        return made


def sign_note(text: str, key: NoteKey, sign: Sign) -> bytes:
    """A note with one signature; the same bytes for the same text and key."""
    return (text + "\n" + _signature_line(key.name, key.hash + sign(text.encode()))).encode()


def parse_note(data: bytes, where: str) -> SignedNote:
    """A note of which nothing has been verified. BadInput when it is none, or spelled otherwise."""
    try:
        text, lines = data.decode().rsplit("\n\n", 1)
        found = []
        for line in lines.removesuffix("\n").split("\n"):
            name, coded = line.removeprefix(_DASH).split(" ")
            signature = _decoded(coded)
            found.append((name, signature[:_HASH_BYTES], signature[_HASH_BYTES:]))
    except ValueError:
        found = []
    written = "".join(_signature_line(name, short + made) for name, short, made in found)
    if not found or f"{text}\n\n{written}".encode() != data:
        raise BadInput(where, "note", "expected.note")
    return SignedNote(text + "\n", tuple(found))


def _signature_line(name: str, signature: bytes) -> str:
    return f"{_DASH}{name} {base64.b64encode(signature).decode()}\n"


def _decoded(coded: str) -> bytes:
    try:
        found = base64.b64decode(coded, validate=True)
    except (binascii.Error, ValueError):
        return b""
    # Two spellings of the same bytes would let a byte of the file change unseen.
    return found if base64.b64encode(found).decode() == coded else b""
