"""A code said in a chat → the chat is the registered group's, and the group is told what is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.errors import BadInput, UserError
from bot.domain.groups import GroupCode, GroupProfile
from bot.domain.invites import code_in, mark_of, new_code
from bot.domain.messages import IncomingMessage
from bot.domain.sending import Rate, Urgency
from bot.domain.texts import Texts
from bot.domain.windows import AT_ONCE, MovingWindows
from handlers.ports import Clock, Destination, Invites, Outbox, Parcel, RegistryWriter

# A code has ten digits and lives a day: a hundred tries an hour guess one in four million.
WRONG_IN_A_CHAT = (Rate(5, timedelta(hours=1)),)
WRONG_IN_ALL = (Rate(100, timedelta(hours=1)),)
CHATS_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class InviteChats:
    """Makes codes; only a mark of each is kept."""

    invites: Invites
    clock: Clock
    token_bytes: Callable[[int], bytes]

    async def __call__(self, group: GroupCode, lasts_for: timedelta) -> tuple[str, datetime]:
        """A fresh code for a registered group, and when it expires."""
        code, expires_at = new_code(self.token_bytes), self.clock.now() + lasts_for
        await self.invites.put(mark_of(code), group, expires_at)
        return code, expires_at


@dataclass(frozen=True, slots=True)
class BindChats:
    """Ties the chat in which a code was said to the code's group.

    A code serves once for a robot's chat and once for a route that hears everything, so that the
    same words in one group bind both: what the platform calls the two need not be the same.
    Whoever knows the code may say it: the operator gave it to the group. Wrong codes are limited
    in each chat and in all. A route that hears everything and cannot speak has the group told
    by the robot's chat, once.
    """

    invites: Invites
    registry: RegistryWriter
    outbox: Outbox
    clock: Clock
    texts: Texts
    wrong: MovingWindows = field(default_factory=lambda: MovingWindows(CHATS_REMEMBERED))

    async def __call__(self, message: IncomingMessage, said: str) -> GroupProfile:
        """The group that the message's chat is from now on; raises UserError."""
        if not message.conversation.is_group:
            raise UserError("binding.in_the_group")
        whole, now = message.route.sees_everything, self.clock.now()
        chat = (message.platform, message.account, message.conversation.id)
        kept = ((chat, WRONG_IN_A_CHAT), ("all", WRONG_IN_ALL))
        if self.wrong.wait(kept, now) > AT_ONCE:
            raise UserError("binding.too_often")
        code = code_in(said)
        if code is None:
            raise UserError("binding.usage")
        mark = mark_of(code)
        found = await self.invites.find(mark, now, whole=whole)
        group = self.registry.group(found) if found is not None else None
        if group is None or group.retired:
            self.wrong.note(kept, now)
            raise UserError("binding.wrong")
        await self._bind(message, group)
        await self.invites.use(mark, now, whole=whole)
        if whole:
            await self._tell(group)
        return group

    async def _bind(self, message: IncomingMessage, group: GroupProfile) -> None:
        platform, account = message.platform, message.account
        chat = message.conversation.id
        # Where a platform has one id for both, what hears everything goes on hearing it.
        whole = message.route.sees_everything or self.registry.chat_hears_whole(
            platform, account, chat
        )
        try:
            await self.registry.bind(platform, account, chat, group.code, whole)
        except BadInput:
            raise UserError("binding.elsewhere") from None

    async def _tell(self, group: GroupProfile) -> None:
        """The robot's chats of the group hear that everything is read now."""
        now = self.clock.now()
        await self.outbox.put(
            [
                Parcel(
                    f"notice:whole:{group.code}:{number}",
                    Destination(platform, account, True, chat),
                    self.texts("binding.notice.title"),
                    self.texts("binding.notice.whole"),
                    now,
                    Urgency.HINT,
                )
                for number, (platform, account, chat) in enumerate(
                    self.registry.robot_chats(group.code)
                )
            ]
        )
