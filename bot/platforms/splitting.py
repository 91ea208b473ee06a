"""Texts in parts that a platform takes: cut where a reader would, never inside a character."""

from __future__ import annotations

import unicodedata

_MARK_BYTES = len("\n\n(999/999)")
_CUTS = ("\n\n", "\n", "。", ";", "；", " ")
_JOINER = "\u200d"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_REGIONAL = range(0x1F1E6, 0x1F200)
_TAGS = range(0xE0020, 0xE0080)


def split_markdown(text: str, limit_bytes: int) -> list[str]:
    """`text` in parts of at most `limit_bytes` of UTF-8, in order; [] for blank text.

    It is cut between paragraphs, else between lines (the rows of a table are lines), else after
    a sentence or a space, else between characters as a reader sees them (an emoji of several
    code points is one); nothing but white space at a cut is lost. Only a line that is longer
    than the limit is cut inside, only a character that is longer than the limit into code
    points. ValueError below 4 bytes.
    """
    if limit_bytes < 4:
        raise ValueError("a part holds at least one character of 4 bytes")
    parts: list[str] = []
    rest = text.strip("\n")
    while rest.strip():
        window = _fitting(rest, limit_bytes)
        cut = len(window) if len(window) == len(rest) else _cut(window, rest)
        if part := rest[:cut].strip("\n"):
            parts.append(part)
        rest = rest[cut:].lstrip("\n")
    return parts


def numbered_parts(text: str, limit_bytes: int) -> list[str]:
    """`split_markdown`, and where there are several parts each ends in a line such as (1/3).

    ValueError where the limit leaves no room for the mark.
    """
    if len(text.encode()) <= limit_bytes:
        return split_markdown(text, limit_bytes)
    parts = split_markdown(text, limit_bytes - _MARK_BYTES)
    if len(parts) < 2:
        return parts
    return [f"{part}\n\n({place}/{len(parts)})" for place, part in enumerate(parts, 1)]


def _fitting(text: str, limit_bytes: int) -> str:
    """The longest beginning that fits; a byte takes at most one character."""
    head = text[:limit_bytes].encode()
    return head[:limit_bytes].decode(errors="ignore")


def _cut(window: str, rest: str) -> int:
    if rest.startswith("\n", len(window)):
        return len(window)
    for mark in _CUTS:
        place = window.rfind(mark)
        if place > 0 and not _is_within(rest, place + len(mark)):
            return place + len(mark)
    cut = len(window)
    while cut > 1 and _is_within(rest, cut):
        cut -= 1
    return len(window) if _is_within(rest, cut) else cut


def _is_within(text: str, place: int) -> bool:
    """Whether a reader would see the code points on both sides of `place` as one character."""
    if not 0 < place < len(text):
        return False
    before, after = text[place - 1], text[place]
    if before == _JOINER or after == _JOINER or _extends(after):
        return True
    if ord(before) in _REGIONAL and ord(after) in _REGIONAL:
        begin = place
        while begin > 0 and ord(text[begin - 1]) in _REGIONAL:
            begin -= 1
        return (place - begin) % 2 == 1  # flags are pairs
    return False


def _extends(character: str) -> bool:
    code = ord(character)
    return (
        unicodedata.category(character) in ("Mn", "Me", "Mc")
        or code in _SKIN_TONES
        or code in _TAGS
    )
