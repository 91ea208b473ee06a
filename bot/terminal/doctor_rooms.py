"""check: whether archived rooms are known to the platform, and as large as they were registered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from bot.domain.errors import PlatformError
from bot.domain.private import Opaque
from bot.domain.texts import Texts
from bot.wiring.services import Rooms
from storage.registry import SqlRegistry

# A few come and go; more than that changes what a group's figures may show.
_FEW, _PART = 5, 0.2
MOST_ASKED = 500


@dataclass(frozen=True, slots=True)
class Room:
    """A registered group's chat on a route that hears it whole."""

    platform: str
    group: str
    chat: Opaque
    size: int


def rooms_of(registry: SqlRegistry) -> list[Room]:
    """The rooms of all groups that are not retired."""
    return [
        Room(bound.platform, group.code, bound.chat_id, group.size)
        for group in registry.groups()
        for bound in registry.bindings(group.code)
        if bound.sees_everything
    ]


async def survey(
    asked: Rooms, rooms: Sequence[Room], texts: Texts
) -> AsyncIterator[tuple[str, str]]:
    """Verdicts (ok, warn) with their remarks; the first says how many are archived."""
    try:
        archived = await asked.archived()
        yield ("ok" if archived else "warn"), texts("rooms.archived", count=archived)
        for room in rooms[:MOST_ASKED]:
            found = await asked.size(room.chat)
            if found is None:
                yield "warn", texts("rooms.unknown", group=room.group)
            elif abs(found - room.size) > max(_FEW, room.size * _PART):
                yield (
                    "warn",
                    texts("rooms.size", group=room.group, registered=room.size, found=found),
                )
    except PlatformError as error:
        said = f"{type(error).__name__} {error.code}".strip()
        yield "warn", texts("rooms.not_asked", error=said)
