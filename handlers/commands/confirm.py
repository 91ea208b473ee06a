"""/确认: what cannot be undone is done when the same person says so again, once and soon."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain.cards import Done
from bot.domain.errors import UserError
from bot.domain.messages import IncomingMessage, Reply
from bot.domain.private import Opaque
from bot.domain.texts import Texts
from handlers.commands.asked import Asked
from handlers.ports import Clock

LASTS_FOR = timedelta(minutes=5)
MOST_WAITING = 1_000
MARK_BYTES = 8
_MARK = re.compile(r"[0-9a-f]{16}", re.ASCII)

Deed = Callable[[Asked], Awaitable[Reply]]
"""Done with the confirmation as it was asked: whoever lost a role meanwhile has lost the deed."""
_Where = tuple[str, str, Opaque, Opaque]


@dataclass(slots=True)
class Confirmations:
    """Deeds that wait for a yes, in RAM alone: who restarts the program asks again.

    One for each person and conversation; a newer one takes its place.
    """

    clock: Clock
    token_bytes: Callable[[int], bytes]
    _waiting: OrderedDict[_Where, tuple[datetime, Deed, str]] = field(
        default_factory=OrderedDict, init=False
    )

    def put(self, message: IncomingMessage, deed: Deed) -> str:
        """Do it when the sender confirms within `LASTS_FOR`, in the same conversation.

        The mark tells this deed from every other, for a button that is clicked late.
        """
        where, mark = _where(message), self.token_bytes(MARK_BYTES).hex()
        self._waiting.pop(where, None)
        self._waiting[where] = (self.clock.now() + LASTS_FOR, deed, mark)
        if len(self._waiting) > MOST_WAITING:
            self._waiting.popitem(last=False)
        return mark

    def take(self, message: IncomingMessage, mark: str = "") -> Deed | None:
        """What the sender confirms, once; None when nothing waits any more, or not that."""
        where = _where(message)
        until, deed, known = self._waiting.get(where, (None, None, ""))
        if deed is None or mark not in ("", known):
            return None
        del self._waiting[where]
        return deed if until is not None and self.clock.now() < until else None


@dataclass(frozen=True, slots=True)
class Confirm:
    """Does what waits for the asker's yes. Roles are looked at again by the deed itself."""

    confirmations: Confirmations
    texts: Texts

    async def __call__(self, asked: Asked) -> Reply:
        """The deed's answer; raises UserError when nothing waits, and what the deed raises."""
        words = asked.call.argument.casefold().split()
        mark = next((word for word in words if _MARK.fullmatch(word)), "")
        deed = self.confirmations.take(asked.message, mark)
        if deed is None:
            raise UserError("admin.confirm.nothing")
        is_cancelled = bool(words) and words[0] in self.texts("admin.verbs.cancel").split()
        reply = Reply(self.texts("cards.sure.cancelled")) if is_cancelled else await deed(asked)
        label = self.texts(f"cards.sure.{'said_no' if is_cancelled else 'said_yes'}")
        return replace(reply, done=Done(label, ""))


def _where(message: IncomingMessage) -> _Where:
    return message.platform, message.account, message.sender, message.conversation.id
