"""The terminal as a platform: typed lines become messages, answers become printed text."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from bot.domain.errors import PlatformError
from bot.domain.messages import Conversation, IncomingMessage, Reply, ReplyAddress, Route
from bot.domain.private import Opaque, PrivateText
from handlers.ports import Destination, Parcel

PLATFORM = "console"
ACCOUNT = "console"
GROUP = Opaque("group")
ME = "me"

# Only an ASCII colon with a space behind it names a speaker: 通知：… is how notices begin.
_SPEAKER = re.compile(r"([^\s:：/@,，。、]{1,12}): +(?=\S)")
_CALLED = re.compile(r"@([^\s@]+)")
_EVERYBODY = frozenset({"所有人", "all"})
_SLASHES = ("/", "／", "、", "\\")


class ConsoleDoor:
    """Reads lines as messages of one group, or of a direct chat with the bot.

    "name: text" is said by that name, any other line by ME. A line that begins with one of the
    `direct` words is a direct message. A leading "@bot" or a slash addresses the bot.
    """

    def __init__(self, bot_name: str, direct: Collection[str]) -> None:
        self._at_bot = re.compile(rf"@{re.escape(bot_name)}(?:\s+|$)", re.IGNORECASE)
        words = "|".join(re.escape(word) for word in direct)
        self._direct = re.compile(rf"(?:{words})[\s:：]+(?=\S)", re.IGNORECASE)
        self._numbers = itertools.count(1)

    def message(self, line: str, sent_at: datetime) -> IncomingMessage:
        """The message that a line stands for; `sent_at` is aware."""
        said, sender, is_group = line.strip(), ME, True
        if named := _SPEAKER.match(said):
            sender, said = named[1], said[named.end() :]
        elif private := self._direct.match(said):
            said, is_group = said[private.end() :], False
        at_bot = self._at_bot.match(said)
        if at_bot:
            said = said[at_bot.end() :]
        called = _CALLED.findall(said)
        who = Opaque(sender)
        conversation = Conversation(is_group, GROUP if is_group else who)
        return IncomingMessage(
            platform=PLATFORM,
            account=ACCOUNT,
            route=Route.CONSOLE,
            key=Opaque(f"{next(self._numbers):08d}"),
            conversation=conversation,
            sender=who,
            sent_at=sent_at,
            text=PrivateText(said),
            mentions=tuple(Opaque(name) for name in called if name not in _EVERYBODY),
            mentions_all=not _EVERYBODY.isdisjoint(called),
            is_addressed=bool(at_bot) or not is_group or said.startswith(_SLASHES),
            reply_address=ReplyAddress(PLATFORM, ACCOUNT, conversation),
        )


class ConsoleSpeaker:
    """Says everything by `show`."""

    platform = PLATFORM

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show

    def parts(self, parcel: Parcel) -> Sequence[str]:
        """See handlers.ports.Speaker. A terminal takes everything."""
        return [parcel.markdown]

    async def send(self, parcel: Parcel) -> str:
        """See handlers.ports.Speaker."""
        self._show(f"{parcel.title}\n{parcel.markdown}")
        return ""

    async def recall(self, _destination: Destination, _receipt: str) -> None:
        """See handlers.ports.Speaker. What a terminal has shown stays."""
        raise PlatformError("console")

    async def answer(self, _address: ReplyAddress, reply: Reply) -> None:
        """See handlers.ports.Speaker."""
        self._show(reply.text)
