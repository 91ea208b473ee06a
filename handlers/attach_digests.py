"""The name of a file in the outbox → its bytes, written again from the published document."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.attachments import Attachment
from handlers.ports import DigestShelf


class NoSuchDigest(LookupError):
    """Nothing is published under the name that a parcel gives."""


@dataclass(frozen=True, slots=True)
class AttachDigests:
    """Writes what is to be attached when it is sent. `render` gives a stored digest in a form."""

    shelf: DigestShelf
    render: Callable[[bytes, str], bytes]

    async def __call__(self, attachment: Attachment) -> bytes:
        """The file; the same bytes at every try. Raises NoSuchDigest and StoreError."""
        stored = await self.shelf.get(attachment.week, attachment.office)
        if stored is None:
            raise NoSuchDigest
        # Typesetting takes a second, and the doors must go on answering meanwhile.
        return await asyncio.to_thread(self.render, stored, attachment.form)
