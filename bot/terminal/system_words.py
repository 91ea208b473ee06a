"""What the operating system says of a file, in the reader's language."""

from __future__ import annotations

import errno

from bot.domain.texts import Texts

_NAMES = (
    "ENOENT", "EACCES", "EPERM", "ENOTDIR", "EISDIR", "EEXIST", "ENOSPC", "EROFS", "EIO",
    "ENAMETOOLONG", "EADDRINUSE", "EADDRNOTAVAIL", "ECONNREFUSED", "EMFILE",
)  # fmt: skip
_KEYS = {getattr(errno, name): f"system.{name.lower()}" for name in _NAMES}


def reason(error: OSError, texts: Texts) -> str:
    """Why it failed; the system's own words for what is rarer."""
    key = _KEYS.get(error.errno) if error.errno is not None else None
    return texts(key) if key else error.strerror or type(error).__name__
