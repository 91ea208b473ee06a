"""What is sealed, laid out in one size each, so that no length tells what is inside.

A layout is: two bytes for the length of a JSON head, the head, two bytes for the length of a text
in UTF-8, the text, and zeros to the end. The head holds the version and the week, because a
sealed box binds nothing that is not inside it (facts on sealing, 3.4).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.domain.complaints import (
    Answer,
    CaseState,
    Category,
    ClosingReason,
    Remedy,
    require_fitting,
)
from bot.domain.groups import UnitCode
from bot.domain.periods import Week
from bot.domain.private import NO_TEXT, PrivateText

VERSION = 1
NOTE_BYTES = 8192  # 2 000 characters of four bytes and their head
UNIT_BYTES = 320  # a code of 64 characters and its head
ANSWER_BYTES = 2560
ID_BYTES = 16


class NoteKind(StrEnum):
    """What a sealed record is. Without the office's key all four look alike."""

    COMPLAINT = "complaint"
    SUPPLEMENT = "supplement"
    WITHDRAWAL = "withdrawal"
    DUMMY = "dummy"


@dataclass(frozen=True, slots=True)
class Note:
    """The plain content of a record. `of` is the id of the record it adds to or takes back."""

    kind: NoteKind
    week: Week
    text: PrivateText = NO_TEXT
    category: Category | None = None
    counts: bool = False
    of: bytes = b""


def encode_note(note: Note) -> bytes:
    """NOTE_BYTES, whatever the note is. ValueError for a text that is too long."""
    head = {
        "kind": note.kind.value,
        "category": note.category.value if note.category else "",
        "counts": note.counts,
        "of": note.of.hex(),
    }
    if note.text:
        require_fitting(note.text)
    return _laid_out(note.week, head, note.text, NOTE_BYTES)


def decode_note(plain: bytes) -> Note:
    """The note of `encode_note`. ValueError for anything else."""
    week, head, text = _read(plain, NOTE_BYTES)
    category = str(head.get("category", ""))
    return Note(
        NoteKind(str(head.get("kind", ""))),
        week,
        text,
        Category(category) if category else None,
        head.get("counts") is True,
        bytes.fromhex(str(head.get("of", ""))),
    )


def encode_unit(unit: UnitCode, week: Week) -> bytes:
    """UNIT_BYTES, whatever the unit; an empty code for none."""
    return _laid_out(week, {"unit": unit}, NO_TEXT, UNIT_BYTES)


def decode_unit(plain: bytes) -> UnitCode:
    """The unit of `encode_unit`. ValueError for anything else."""
    _, head, _ = _read(plain, UNIT_BYTES)
    return UnitCode(str(head.get("unit", "")))


def encode_answer(answer: Answer | None, week: Week) -> bytes:
    """ANSWER_BYTES, whether there is an answer or, for a dummy or a case not begun, none."""
    if answer is None:
        return _laid_out(week, {"state": ""}, NO_TEXT, ANSWER_BYTES)
    head = {
        "state": answer.state.value,
        "title": answer.title,
        "reason": answer.reason.value if answer.reason else "",
        "remedy": answer.remedy.value if answer.remedy else "",
    }
    return _laid_out(answer.week, head, answer.text, ANSWER_BYTES)


def decode_answer(plain: bytes) -> Answer | None:
    """The answer of `encode_answer`. ValueError for anything else."""
    week, head, text = _read(plain, ANSWER_BYTES)
    state, reason, remedy = (str(head.get(name, "")) for name in ("state", "reason", "remedy"))
    if not state:
        return None
    return Answer(
        title=str(head.get("title", "")),
        state=CaseState(state),
        week=week,
        text=text,
        reason=ClosingReason(reason) if reason else None,
        remedy=Remedy(remedy) if remedy else None,
    )


def _laid_out(week: Week, head: Mapping[str, object], text: PrivateText, size: int) -> bytes:
    whole = {"v": VERSION, "week": str(week), **head}
    parts = (json.dumps(whole, ensure_ascii=False, separators=(",", ":")), text.reveal())
    out = b"".join(
        len(raw).to_bytes(2, "big") + raw
        for raw in (part.encode("utf-8", "replace") for part in parts)
    )
    if len(out) > size:
        raise ValueError(f"does not fit into {size} bytes")
    return out.ljust(size, b"\0")


def _read(plain: bytes, size: int) -> tuple[Week, Mapping[str, Any], PrivateText]:
    if len(plain) != size:
        raise ValueError(f"expected {size} bytes")
    head, rest = _part(plain)
    text, padding = _part(rest)
    if padding.strip(b"\0"):
        raise ValueError("expected zeros behind the text")
    found = json.loads(head)
    if not isinstance(found, dict) or found.get("v") != VERSION:
        raise ValueError(f"expected version {VERSION}")
    return Week.parse(str(found.get("week", ""))), found, PrivateText(text.decode())


def _part(data: bytes) -> tuple[bytes, bytes]:
    length = int.from_bytes(data[:2], "big")
    if len(data) < 2 + length:
        raise ValueError("expected a length that lies within")
    return data[2 : 2 + length], data[2 + length :]
