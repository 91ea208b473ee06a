"""A clock that several processes share: a moment in a small mapped file, set by one of them."""

from __future__ import annotations

import mmap
import struct
from datetime import UTC, datetime
from pathlib import Path

_MOMENT = struct.Struct("d")


class SharedClock:
    """Reads, and for the player sets, the demo's time. The file holds seconds since 1970, UTC."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(_MOMENT.pack(0.0))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _MOMENT.size)

    def now(self) -> datetime:
        """The demo's moment."""
        (seconds,) = _MOMENT.unpack(self._map[: _MOMENT.size])
        return datetime.fromtimestamp(seconds, UTC)

    def set(self, moment: datetime) -> None:
        """Move everybody's time."""
        self._map[: _MOMENT.size] = _MOMENT.pack(moment.timestamp())

    def close(self) -> None:
        """Let go of the file."""
        self._map.close()
