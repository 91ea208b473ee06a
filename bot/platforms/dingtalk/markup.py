"""Our chat markdown in DingTalk's subset, in parts that fit (sheet 5.4, 8.4)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

import orjson

from bot.platforms.splitting import numbered_parts, split_markdown

LONGEST_PARAM = 15_000
_LONGEST_TITLE = 60
PICTURE_KINDS = ("png", "jpg", "jpeg")
_BLOCK = re.compile(r"\s*([-*+>#]|\d+\.)\s|\s*>|\s*$")
_MARKS = re.compile(r"^[\s#>*_`-]+|[*_`]+")


def dingtalk_markdown(text: str) -> str:
    """`text` with line breaks that DingTalk shows: a lone newline in a paragraph is swallowed."""
    lines = text.split("\n")
    out = [lines[0]]
    for before, line in itertools.pairwise(lines):
        between_plain_lines = before.strip() and not _BLOCK.match(line)
        out.append("  \n  " if between_plain_lines else "\n")
        out.append(line)
    return "".join(out)


def title_of(text: str) -> str:
    """What the list of conversations shows: the first line, without its marks."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    return _MARKS.sub("", first).strip()[:_LONGEST_TITLE]


def parts_of(title: str, text: str) -> list[str]:
    """`text` in numbered parts, each of which is one message of at most 15 000 bytes."""
    return _cut(title, text, numbered_parts)


def message_params(title: str, text: str) -> list[str]:
    """`{"title", "text"}` as JSON, one per part, each of at most 15 000 bytes, escapes included."""
    return [message_param(title, part) for part in _cut(title, text, split_markdown)]


def message_param(title: str, text: str) -> str:
    """`{"title", "text"}` as JSON, in DingTalk's subset."""
    shown = {"title": title[:_LONGEST_TITLE], "text": dingtalk_markdown(text)}
    return orjson.dumps(shown).decode()


def file_message(name: str, media_id: str) -> tuple[str, str]:
    """`msgKey` and `msgParam` of an uploaded file; a picture, by its name, is shown as one."""
    kind = name.rpartition(".")[2].lower()
    if kind in PICTURE_KINDS:
        return "sampleImageMsg", orjson.dumps({"photoURL": media_id}).decode()
    param = {"mediaId": media_id, "fileName": name, "fileType": kind}
    return "sampleFile", orjson.dumps(param).decode()


def _cut(title: str, text: str, split: Callable[[str, int], list[str]]) -> list[str]:
    # Marks and escapes make a part longer on the wire than it is here.
    limit = LONGEST_PARAM
    while True:
        parts = split(text, limit)
        if all(len(message_param(title, part).encode()) <= LONGEST_PARAM for part in parts):
            return parts
        limit = limit * 7 // 8
