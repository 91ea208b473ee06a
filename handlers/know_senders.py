"""Senders → units and lines, from a file and from the platforms' address books, in RAM only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.domain.departments import origins_of
from bot.domain.errors import PlatformError
from bot.domain.groups import Origin
from bot.domain.messages import IncomingMessage
from bot.domain.private import Opaque
from handlers.ports import Clock, Contacts, Directory, Registry

Told = Callable[[str, Exception], None]
_AGAIN_AFTER = timedelta(hours=1)


@dataclass
class KnowSenders:
    """The Directory port. What the file says of a sender goes before the address book.

    `books` is filled by the platforms that are set up. A book is read only when units with
    departments of its platform are registered; one that cannot be read leaves what was known.
    """

    file: Directory
    registry: Registry
    clock: Clock
    books: list[Contacts] = field(default_factory=list)
    _known: dict[tuple[str, str], Mapping[Opaque, Origin]] = field(
        default_factory=dict, init=False, repr=False
    )

    def __len__(self) -> int:
        """How many senders the address books have given."""
        return sum(len(known) for known in self._known.values())

    def origin_of(self, message: IncomingMessage) -> Origin | None:
        """See handlers.ports.Directory."""
        listed = self.file.origin_of(message)
        if listed is not None:
            return listed
        return self._known.get((message.platform, message.account), {}).get(message.sender)

    async def refresh(self, told: Told, every: timedelta) -> timedelta:
        """Read the books anew; how long to wait before the next time."""
        units = self.registry.units()
        wait = every
        for book in self.books:
            if not any(book.platform == of for unit in units for of, _, _ in unit.departments):
                self._known.pop((book.platform, book.account), None)
                continue
            try:
                found = origins_of(units, book.platform, await book.read())
            except PlatformError as error:
                told(book.platform, error)
                wait = min(every, _AGAIN_AFTER)
            else:
                self._known[book.platform, book.account] = found
        return wait
