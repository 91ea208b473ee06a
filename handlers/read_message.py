"""A message read under its week's keys: the one way in which words become a reading."""

from __future__ import annotations

from typing import Protocol

from bot.domain.groups import GroupProfile
from bot.domain.judging import Judge
from bot.domain.messages import IncomingMessage
from bot.domain.periods import Week
from bot.domain.pseudonyms import WeekKey
from bot.domain.reading import Reading


class WeekKeys(Protocol):
    """The part of a Keyring that a reading needs."""

    def tags(self, week: Week) -> WeekKey:
        """The week's tag key."""
        ...

    def sketches(self, week: Week) -> tuple[WeekKey, ...]:
        """Live sketch keys, the week's own first."""
        ...


def tag_of(message: IncomingMessage, group: GroupProfile, week: Week, keys: WeekKeys) -> bytes:
    """What a second delivery of the message is recognised by until the week's key goes."""
    key = keys.tags(week)
    return key.message_tag(message.platform, message.account, group.code, message.key)


def read_message(
    judge: Judge,
    message: IncomingMessage,
    group: GroupProfile,
    week: Week,
    keys: WeekKeys,
    *,
    tag: bytes,
) -> Reading:
    """Everything that needs the words, under the keys of the week it was said in."""
    sender_tag = keys.tags(week).sender_tag(
        message.platform, message.account, group.code, message.sender
    )
    return judge.read(
        message, group, tag=tag, sender_tag=sender_tag, sketch_keys=keys.sketches(week)
    )
