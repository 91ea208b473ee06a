"""Our chat markdown in DingTalk's subset, in parts that fit (sheet 5.4, 8.4)."""

from __future__ import annotations

import itertools
import re

import orjson

from bot.platforms.base import split_markdown

LONGEST_PARAM = 15_000
_LONGEST_TITLE = 60
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


def message_params(title: str, text: str) -> list[str]:
    """`{"title", "text"}` as JSON, one per part, each of at most 15 000 bytes, escapes included."""
    title, text = title[:_LONGEST_TITLE], dingtalk_markdown(text)
    limit = LONGEST_PARAM
    while True:
        params = [_param(title, part) for part in split_markdown(text, limit)]
        if all(len(param.encode()) <= LONGEST_PARAM for param in params):
            return params
        limit = limit * 7 // 8


def _param(title: str, text: str) -> str:
    return orjson.dumps({"title": title, "text": text}).decode()
