"""What a file that is not UTF-8 was probably saved as."""

from __future__ import annotations

import codecs

_WIDE = ((codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16"))
_FEW = 4  # much of a line of JSON is ASCII, which in UTF-16 is NUL in every second byte


def looks_like(raw: bytes) -> str | None:
    """UTF-16, GBK (as Windows saves Chinese text), or None for what is neither.

    `raw` may be cut anywhere, also within a character.
    """
    for mark, name in _WIDE:
        if raw.startswith(mark):
            return name
    evens, odds = raw[::2].count(0), raw[1::2].count(0)
    if min(evens, odds) == 0 and max(evens, odds) * _FEW > len(raw):
        return "UTF-16"
    if 0 in raw or _begins_in_utf8(raw):
        return None
    try:
        codecs.getincrementaldecoder("gbk")().decode(raw)
    except UnicodeDecodeError:
        return None
    return "GBK"


def _begins_in_utf8(raw: bytes) -> bool:
    """Whether its first letters beyond ASCII are UTF-8's: a damaged file, and no other encoding."""
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return not raw[: error.start].isascii()
    return True
