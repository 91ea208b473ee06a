"""--key and --witness: what a reader trusts beforehand, as a line, a fingerprint or a file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bot.crypto.office_keys import FORMAT as OFFICE_KEY
from bot.domain.cosignatures import WitnessKey
from bot.domain.errors import BadInput
from bot.domain.signed_notes import NoteKey
from bot.domain.verdicts import ProofSet

_FINGERPRINT = re.compile(r"[0-9a-f]{32}")
# "Public key: " and "指纹：", as the command that shows them writes.
_LABEL = re.compile(r"^[^:：+]*[:：]\s*")
_PARTS = "+"


def trusting(found: ProofSet, written: Sequence[str]) -> ProofSet:
    """The set with the keys and fingerprints that it is to be compared with.

    Raises BadInput that says what was given in place of a key, and OSError.
    """
    keys: list[NoteKey] = []
    fingerprints: set[str] = set()
    for given in written:
        lines = _lines(given, "--key")
        if key := _first_key(lines):
            keys.append(key)
        elif told := next(filter(None, map(_fingerprint, lines)), ""):
            fingerprints.add(told)
        else:
            raise _no_key(given, "--key")
    return replace(found, pinned=tuple(keys), fingerprints=frozenset(fingerprints))


def witness(given: str) -> WitnessKey:
    """A witness's key. Raises BadInput that says what was given in its place, and OSError."""
    for line in _lines(given, "--witness"):
        try:
            return WitnessKey.parse(line, "--witness")
        except BadInput:
            continue
    raise _no_key(given, "--witness")


def _lines(given: str, option: str) -> list[str]:
    """What stands in a file, or what was given itself, line by line and without labels."""
    path, text = Path(given), given
    if path.is_file():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            raise BadInput(option, given, "proof.given.no_key") from None
        if OFFICE_KEY in text:
            raise BadInput(option, given, "proof.given.office_key")
    return [_LABEL.sub("", line).strip() for line in text.splitlines() if line.strip()]


def _first_key(lines: Sequence[str]) -> NoteKey | None:
    for line in lines:
        try:
            return NoteKey.parse(line, "--key")
        except BadInput:
            continue
    return None


def _fingerprint(line: str) -> str:
    """A fingerprint as `NoteKey.fingerprint` writes it, however it was spaced; empty for none."""
    digits = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", line)).casefold()
    if not _FINGERPRINT.fullmatch(digits):
        return ""
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def _no_key(given: str, option: str) -> BadInput:
    is_there = Path(given).is_file()
    kind = "no_key" if is_there else "mistyped" if given.count(_PARTS) > 1 else "no_file"
    return BadInput(option, given, f"proof.given.{kind}")
