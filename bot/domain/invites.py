"""One-time codes that tie a chat to a registered group: how they look, and how they are kept."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable

DIGITS = 10
MARK_BYTES = 16
# Ten digits, in two halves or together; a dash or a blank between them.
_WRITTEN = re.compile(r"(?<!\d)(\d{5})[\s-]?(\d{5})(?!\d)")


def new_code(token_bytes: Callable[[int], bytes]) -> str:
    """Ten random digits, as they are typed on a phone."""
    number = int.from_bytes(token_bytes(16), "big") % 10**DIGITS
    return f"{number:0{DIGITS}d}"


def shown(code: str) -> str:
    """In two halves, for the eye."""
    return f"{code[:5]}-{code[5:]}"


def code_in(text: str) -> str | None:
    """The code that a text holds, whatever width its digits have."""
    found = _WRITTEN.search(unicodedata.normalize("NFKC", text))
    return found[1] + found[2] if found else None


def mark_of(code: str) -> bytes:
    """What is kept of a code until it has been used: nothing that could be read off and typed."""
    return hashlib.sha256(b"qingzhuang/invite/" + code.encode()).digest()[:MARK_BYTES]
