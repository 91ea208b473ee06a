"""Which keys a log was signed with, as its own leaves tell."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.errors import BadInput
from bot.domain.log_leaves import Entry, Leaf, LeafKind, rotation_text
from bot.domain.signed_notes import NoteKey, Sign, Verify


@dataclass(frozen=True, slots=True)
class KeyChain:
    """All keys in order; `broken` are leaves whose key was not signed by itself and by the one before."""

    all: tuple[NoteKey, ...]
    broken: tuple[int, ...]

    @property
    def current(self) -> NoteKey | None:
        """The key in use at the end of the leaves."""
        return self.all[-1] if self.all else None


def key_entry(key: NoteKey, sign: Sign, before: NoteKey | None, sign_before: Sign | None) -> Entry:
    """The leaf with which a key begins. Without `sign_before` the old key is lost, and it shows."""
    text = rotation_text(key.public, before.public if before else b"")
    return Entry(
        LeafKind.KEY,
        f"key {key.hash.hex()}",
        {
            "key": str(key),
            "by_itself": base64.b64encode(sign(text)).decode(),
            "by_former": base64.b64encode(sign_before(text)).decode() if sign_before else "",
        },
    )


def key_chain(leaves: Sequence[Leaf], verify: Verify) -> KeyChain:
    """The keys that leaves tell of."""
    found: list[NoteKey] = []
    broken: list[int] = []
    for leaf in leaves:
        if leaf.kind is not LeafKind.KEY:
            continue
        try:
            key = NoteKey.parse(str(leaf.said.get("key")), "log")
        except BadInput:
            broken.append(leaf.n)
            continue
        before = found[-1] if found else None
        text = rotation_text(key.public, before.public if before else b"")
        fits = verify(key.public, text, _signature(leaf, "by_itself"))
        if before is not None:
            fits = fits and verify(before.public, text, _signature(leaf, "by_former"))
        if not fits or (before is not None and before.name != key.name):
            broken.append(leaf.n)
        found.append(key)
    return KeyChain(tuple(found), tuple(broken))


def _signature(leaf: Leaf, name: str) -> bytes:
    try:
        return base64.b64decode(str(leaf.said.get(name, "")), validate=True)
    except (binascii.Error, ValueError):
        return b""
