"""A quoted demand: a member shows the bot what it could not see (DESIGN 3).

It counts like a demand that was seen, marked as reported, and once however many report it. It is
charged to whoever said it, as far as the platform tells; never to the member who quoted it.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import tzinfo

from bot.domain.episodes import GroupMemory
from bot.domain.messages import IncomingMessage
from bot.domain.moments import own_sketch
from bot.domain.private import Opaque
from bot.domain.reading import Reading

SOMEBODY = Opaque("somebody whose words were quoted")


def is_report(message: IncomingMessage) -> bool:
    """Whether a group message shows the bot another message by quoting it."""
    return (
        message.conversation.is_group
        and message.is_addressed
        and message.quote is not None
        and bool(message.quote.text.reveal().strip())
    )


def reported(message: IncomingMessage, zone: tzinfo) -> IncomingMessage:
    """The quoted message as if it had been heard, for one that `is_report`.

    Its key is the quoted words and the local day, so that a second member who quotes them on
    that day delivers the same message; the key ends in a keyed tag like any other. Who was
    mentioned in it is not known.
    """
    quote = message.quote
    if quote is None:
        raise ValueError("only a message with a quote reports one")
    words = hashlib.sha256(quote.text.reveal().encode()).hexdigest()
    day = message.sent_at.astimezone(zone).date()
    return replace(
        message,
        key=Opaque(f"{message.conversation.id.reveal()}/{day}/{words}"),
        sender=quote.sender or SOMEBODY,
        text=quote.text,
        mentions=(),
        mentions_all=False,
        quote=None,
        reply_to=None,
    )


def was_seen(reading: Reading, memory: GroupMemory) -> bool:
    """Whether an episode that is remembered was opened with these words: nothing new to count."""
    for episode in memory.episodes:
        sketch = own_sketch(reading, episode)
        same = sketch is not None and frozenset(sketch.shingles) == frozenset(episode.shingles)
        if same and episode.shingles:
            return True
    return False
