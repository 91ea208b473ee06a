"""/确认: what cannot be undone is done when the same person says so again, once and soon."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.errors import UserError
from bot.domain.messages import IncomingMessage, Reply
from bot.domain.private import Opaque
from bot.domain.texts import Texts
from handlers.commands.asked import Asked
from handlers.ports import Clock

LASTS_FOR = timedelta(minutes=5)
MOST_WAITING = 1_000

Deed = Callable[[Asked], Awaitable[Reply]]
"""Done with the confirmation as it was asked: whoever lost a role meanwhile has lost the deed."""
_Where = tuple[str, str, Opaque, Opaque]


@dataclass(slots=True)
class Confirmations:
    """Deeds that wait for a yes, in RAM alone: who restarts the program asks again.

    One for each person and conversation; a newer one takes its place.
    """

    clock: Clock
    _waiting: OrderedDict[_Where, tuple[datetime, Deed]] = field(
        default_factory=OrderedDict, init=False
    )

    def put(self, message: IncomingMessage, deed: Deed) -> None:
        """Do it when the sender confirms within `LASTS_FOR`, in the same conversation."""
        where = _where(message)
        self._waiting.pop(where, None)
        self._waiting[where] = (self.clock.now() + LASTS_FOR, deed)
        if len(self._waiting) > MOST_WAITING:
            self._waiting.popitem(last=False)

    def take(self, message: IncomingMessage) -> Deed | None:
        """What the sender confirms, once; None when nothing waits any more."""
        until, deed = self._waiting.pop(_where(message), (None, None))
        return deed if until is not None and self.clock.now() < until else None


@dataclass(frozen=True, slots=True)
class Confirm:
    """Does what waits for the asker's yes. Roles are looked at again by the deed itself."""

    confirmations: Confirmations
    texts: Texts

    async def __call__(self, asked: Asked) -> Reply:
        """The deed's answer; raises UserError when nothing waits, and what the deed raises."""
        deed = self.confirmations.take(asked.message)
        if deed is None:
            raise UserError("admin.confirm.nothing")
        return await deed(asked)


def _where(message: IncomingMessage) -> _Where:
    return message.platform, message.account, message.sender, message.conversation.id
