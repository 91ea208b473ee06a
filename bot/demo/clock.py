"""A clock that several processes share: a moment in a small mapped file, set by one of them.

Beside the moment stand two counts: looks that the player asked for, and looks that the bot took.
So the bot looks when the story's time has come and not when the machine's has, and a week that is
played in seconds gives the same reactions however fast it is played.
"""

from __future__ import annotations

import asyncio
import mmap
import struct
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

_MOMENT, _COUNT = struct.Struct("d"), struct.Struct("q")
_ASKED, _TAKEN, _SIZE = 8, 16, 24
_PAUSE = 0.01


class SharedClock:
    """Reads, and for the player sets, the demo's time. The file holds seconds since 1970, UTC."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(_SIZE))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _SIZE)

    def now(self) -> datetime:
        """The demo's moment."""
        (seconds,) = _MOMENT.unpack_from(self._map)
        return datetime.fromtimestamp(seconds, UTC)

    def set(self, moment: datetime) -> None:
        """Move everybody's time."""
        _MOMENT.pack_into(self._map, 0, moment.timestamp())

    def ask_for_a_look(self) -> int:
        """Have the bot look once more; the number of that look."""
        number = self._count(_ASKED) + 1
        _COUNT.pack_into(self._map, _ASKED, number)
        return number

    def looks_asked(self) -> int:
        """How many looks the player asked for."""
        return self._count(_ASKED)

    def looks_taken(self) -> int:
        """The number of the last look that was taken to its end."""
        return self._count(_TAKEN)

    def took_looks(self, number: int) -> None:
        """Say that all looks up to this one were taken."""
        _COUNT.pack_into(self._map, _TAKEN, number)

    def close(self) -> None:
        """Let go of the file."""
        self._map.close()

    def _count(self, at: int) -> int:
        (count,) = _COUNT.unpack_from(self._map, at)
        return int(count)


async def look_when_asked(
    clock: SharedClock, _interval: timedelta, look: Callable[[], Awaitable[None]]
) -> None:
    """In place of `tick_every`: look at once, and then once for all that was asked for since."""
    await look()
    while True:
        asked = clock.looks_asked()
        if asked > clock.looks_taken():
            await look()
            clock.took_looks(asked)
        await asyncio.sleep(_PAUSE)
