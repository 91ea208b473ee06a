"""The AI bot's encrypted userids → the corp's own (page 101521), in memory and for a day."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.errors import PlatformError
from bot.domain.messages import IncomingMessage
from bot.domain.private import Opaque
from bot.platforms.base import FrontDesk, Taken
from bot.platforms.wecom.client import WecomClient
from handlers.ports import Clock

UNRESOLVED = "unresolved_sender"
MOST_KNOWN = 20_000
KNOWN_FOR = timedelta(days=1)
UNKNOWN_FOR = timedelta(hours=1)
REST_AFTER_FAILURE = timedelta(minutes=1)
# A callback is answered within five seconds, with the answer in it.
LOOK_UP_SECONDS = 1.5
# A plain userid may look like this too: the platform then says that it is none of its own.
_ENCRYPTED = re.compile(r"wo[A-Za-z0-9_-]{20,62}", re.ASCII)


class OpenUserids:
    """Stands before the front desk of the AI bot's doors.

    For a bot that an ordinary member made the platform hands out encrypted ids; roles, the
    directory and the address book know people by the corp's own. What the app's interface does
    not resolve (outside its visible scope, out of reach) stays as it came: such a sender is
    somebody else to every table, holds no role, and `happened` counts it.

    A direct talk keeps its id: to the bot's connection a person is known by the encrypted one.
    """

    def __init__(
        self,
        client: WecomClient,
        take: FrontDesk,
        clock: Clock,
        happened: Callable[[str], None],
    ) -> None:
        self._client = client
        self._take = take
        self._clock = clock
        self._happened = happened
        self._known: OrderedDict[Opaque, tuple[Opaque | None, datetime]] = OrderedDict()
        self._rests_until: datetime | None = None

    async def __call__(self, message: IncomingMessage) -> Taken:
        """Hand over what was said, under the sender's own id where it is known."""
        if not _ENCRYPTED.fullmatch(message.sender.reveal()):
            return await self._take(message)
        own = await self._own_id(message.sender)
        if own is None:
            self._happened(UNRESOLVED)
            return await self._take(message)
        address = message.reply_address
        return await self._take(
            replace(
                message,
                sender=own,
                reply_address=address and replace(address, to=own),
            )
        )

    async def _own_id(self, encrypted: Opaque) -> Opaque | None:
        now = self._clock.now()
        known, until = self._known.get(encrypted, (None, now))
        if now < until:
            return known
        if self._rests_until is not None and now < self._rests_until:
            return known  # what was true yesterday, while nobody can be asked
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                found = await self._client.userid_of(encrypted)
        except (PlatformError, TimeoutError):
            self._rests_until = now + REST_AFTER_FAILURE
            return known
        self._remember(encrypted, found, now)
        return found

    def _remember(self, encrypted: Opaque, found: Opaque | None, now: datetime) -> None:
        self._known[encrypted] = (found, now + (UNKNOWN_FOR if found is None else KNOWN_FOR))
        self._known.move_to_end(encrypted)
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
