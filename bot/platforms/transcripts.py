"""Transcript files → the groups and messages they hold: GUIDE.md's JSON Lines, or CSV."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.errors import BadTranscript, NotAsExpected
from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.messages import Conversation, Form, IncomingMessage, Route
from bot.domain.private import Opaque, PrivateText
from bot.domain.work_calendar import OfficeHours
from bot.platforms.text_encodings import looks_like

PLATFORM = "transcript"
ACCOUNT = "transcript"
DEFAULT_HOURS = "08:30-12:00,14:30-17:30"
DEFAULT_ZONE = "Asia/Shanghai"
DEFAULT_SIZE = 50
_CSV_NEEDS = ("group", "sender", "sent_at", "text")
_CSV_KNOWS = frozenset((*_CSV_NEEDS, "type", "mentions", "id"))
_LOOKED_AT = 65_536  # bytes of a file that is not UTF-8

Told = GroupProfile | IncomingMessage


class TranscriptFile:
    """A transcript on disk, as a source of groups and messages in the file's order."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def __aiter__(self) -> AsyncIterator[Told]:
        """Raises BadTranscript, with file and line, at the first line that cannot be read."""
        for told in read_transcript(self._path):
            yield told


def read_transcript(path: Path) -> Iterator[Told]:
    """Groups and messages of a file; a name that ends in .csv is read as CSV.

    Raises BadTranscript for a file that is not there, not UTF-8, or has a line that is wrong.
    """
    reading = told_by_csv if path.suffix.lower() == ".csv" else told_by_lines
    with _open(path) as lines:
        try:
            yield from reading(lines, path.name)
        except csv.Error:
            most = csv.field_size_limit()
            raise BadTranscript(path.name, "file", "expected.csv_long", n=most) from None


def lines_in(path: Path) -> int:
    """How many lines a transcript has, read to its end once. Raises BadTranscript for a file
    that is not there, and for one that is not UTF-8."""
    with _open(path) as lines:
        return sum(1 for _ in lines)


@contextmanager
def _open(path: Path) -> Iterator[TextIO]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            yield lines
    except UnicodeDecodeError:
        raise _not_utf8(path) from None
    except OSError as error:
        raise BadTranscript(
            path.name, "file", "expected.readable", reason=error.strerror
        ) from None


def _not_utf8(path: Path) -> BadTranscript:
    with path.open("rb") as file:
        encoding = looks_like(file.read(_LOOKED_AT))
    if encoding is None:
        return BadTranscript(path.name, "file", "expected.utf8")
    return BadTranscript(path.name, "file", "expected.utf8_not", encoding=encoding)


def told_by_lines(lines: Iterable[str], name: str) -> Iterator[Told]:
    """Groups and messages of JSON Lines; a group's header stands before its messages."""
    groups: set[str] = set()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{name}:{number}"
        try:
            row = json.loads(line)
        except ValueError:
            raise BadTranscript(where, "line", "expected.json_object") from None
        if not isinstance(row, dict):
            raise BadTranscript(where, "line", "expected.json_object")
        if "sent_at" not in row and "group" in row:
            profile = _profile(where, row)
            groups.add(profile.code)
            yield profile
            continue
        message = _message(where, row)
        if message.conversation.id.reveal() not in groups:
            raise BadTranscript(where, "group", "expected.header")
        yield message


def told_by_csv(lines: Iterable[str], name: str) -> Iterator[Told]:
    """Groups and messages of CSV: columns group, sender, sent_at, text and, if wanted, type,
    mentions (separated by blanks) and id. Groups get usual hours and are named by their column."""
    rows = csv.DictReader(lines)
    columns = rows.fieldnames or []
    for needed in _CSV_NEEDS:
        if needed not in columns:
            raise BadTranscript(f"{name}:1", needed, "expected.column")
    for column in columns:
        if column not in _CSV_KNOWS:
            raise BadTranscript(
                f"{name}:1", "columns", "expected.one_of", known=", ".join(sorted(_CSV_KNOWS))
            )
    groups: set[str] = set()
    named: Counter[str] = Counter()
    for number, cells in enumerate(rows, 2):
        where = f"{name}:{number}"
        if None in cells or None in cells.values():
            raise BadTranscript(where, "line", "expected.n_columns", n=len(columns))
        row: dict[str, object] = dict(cells)
        row["mentions"] = (cells.get("mentions") or "").split()
        if "id" not in columns:
            row["id"] = _name_of(row, named)
        row["type"] = row.get("type") or "text"
        message = _message(where, row)
        group = message.conversation.id.reveal()
        if group not in groups:
            groups.add(group)
            yield _profile(where, {"group": group, "name": group})
        yield message


def _name_of(row: Mapping[str, object], named: Counter[str]) -> str:
    """An id for a row that has none: the same in every file that holds the same row."""
    told = "\0".join(str(row[column]) for column in _CSV_NEEDS)
    name = hashlib.blake2b(told.encode(), digest_size=12).hexdigest()
    named[name] += 1
    return f"{name}-{named[name]}"


def _profile(where: str, row: Mapping[str, object]) -> GroupProfile:
    code = _text(where, row, "group")
    size = row.get("size", DEFAULT_SIZE)
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise BadTranscript(where, "size", "expected.from_one")
    hours = row.get("work_hours", DEFAULT_HOURS)
    try:
        parsed = OfficeHours.parse(str(hours))
    except NotAsExpected as wrong:
        raise BadTranscript(where, "work_hours", wrong.expected, **wrong.values) from None
    try:
        zone = ZoneInfo(str(row.get("timezone", DEFAULT_ZONE)))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadTranscript(where, "timezone", "expected.zone") from None
    unit = str(row.get("unit") or code)
    return GroupProfile(
        code=GroupCode(code),
        alias=str(row.get("name") or code),
        unit=UnitCode(unit),
        line=LineCode(str(row.get("line") or unit)),
        size=size,
        zone=zone,
        hours=parsed,
    )


def _message(where: str, row: Mapping[str, object]) -> IncomingMessage:
    try:
        sent_at = datetime.fromisoformat(_text(where, row, "sent_at"))
    except ValueError:
        raise BadTranscript(where, "sent_at", "expected.moment") from None
    if sent_at.tzinfo is None:
        raise BadTranscript(where, "sent_at", "expected.zoned")
    try:
        form = Form(str(row.get("type", "text")))
    except ValueError:
        raise BadTranscript(where, "type", "expected.one_of", known=", ".join(Form)) from None
    mentions = row.get("mentions") or []
    if not isinstance(mentions, list) or not all(isinstance(one, str) for one in mentions):
        raise BadTranscript(where, "mentions", "expected.senders")
    text = row.get("text", "")
    if not isinstance(text, str):
        raise BadTranscript(where, "text", "expected.a_text")
    answered = row.get("reply_to")
    if answered is not None and not isinstance(answered, str):
        raise BadTranscript(where, "reply_to", "expected.message_id")
    return IncomingMessage(
        platform=PLATFORM,
        account=ACCOUNT,
        route=Route.TRANSCRIPT,
        key=Opaque(_text(where, row, "id")),
        conversation=Conversation(is_group=True, id=Opaque(_text(where, row, "group"))),
        sender=Opaque(_text(where, row, "sender")),
        sent_at=sent_at,
        form=form,
        text=PrivateText(text),
        mentions=tuple(Opaque(one) for one in mentions if one != "all"),
        mentions_all="all" in mentions,
        reply_to=Opaque(answered) if answered else None,
        is_from_bot=row.get("role") == "bot",
    )


def _text(where: str, row: Mapping[str, object], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise BadTranscript(where, name, "expected.a_text")
    return value
