"""What the operating system says of a file, in the reader's language."""

from __future__ import annotations

import errno
import os

from bot.domain.texts import Texts

_NAMES = (
    "ENOENT", "EACCES", "EPERM", "ENOTDIR", "EISDIR", "EEXIST", "ENOSPC", "EROFS", "EIO",
    "ENAMETOOLONG", "EADDRINUSE", "EADDRNOTAVAIL", "ECONNREFUSED", "EMFILE",
)  # fmt: skip
_KEYS = {getattr(errno, name): f"system.{name.lower()}" for name in _NAMES}

_KEYS_BY_WORDS = {os.strerror(number): key for number, key in _KEYS.items()}


def reason(error: OSError, texts: Texts) -> str:
    """Why it failed; the system's own words for what is rarer."""
    key = _KEYS.get(error.errno) if error.errno is not None else None
    return texts(key) if key else error.strerror or type(error).__name__


def translated(said: str, texts: Texts) -> str:
    """The system's own words in the reader's language; rarer ones as they are."""
    key = _KEYS_BY_WORDS.get(said)
    return texts(key) if key else said
