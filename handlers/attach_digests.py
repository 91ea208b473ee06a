"""The names of files in the outbox → their bytes, written again from the published document."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.domain.attachments import Attachment, Enclosures
from bot.domain.errors import BooksUnavailable
from bot.domain.issues import Issue
from handlers.ports import DigestShelf

Prove = Callable[[Issue, Mapping[str, bytes]], Awaitable[Mapping[str, bytes]]]
"""The files that prove an issue's files; empty while no checkpoint covers it."""


class NoSuchDigest(LookupError):
    """Nothing is published under the name that a parcel gives."""


@dataclass(frozen=True, slots=True)
class AttachDigests:
    """Writes what is to be attached when it is sent; the same bytes at every try.

    `render` gives a stored digest in a form, `title_of` its title.
    """

    shelf: DigestShelf
    render: Callable[[bytes, str], bytes]
    title_of: Callable[[bytes], str]
    prove: Prove

    async def __call__(self, attachment: Attachment) -> bytes:
        """One file. Raises NoSuchDigest and StoreError."""
        stored = await self._stored(attachment.issue)
        # Typesetting takes a second, and the doors must go on answering meanwhile.
        return await asyncio.to_thread(self.render, stored, attachment.form)

    async def enclosed(self, issue: Issue, wanted: Enclosures) -> Mapping[str, bytes]:
        """All files of an issue by name. Raises NoSuchDigest and StoreError.

        BooksUnavailable also while the proof that is wanted is not signed yet.
        """
        stored = await self._stored(issue)

        def write() -> dict[str, bytes]:
            title = "" if wanted.proof else self.title_of(stored)
            return {
                f"{issue.stem}.{form}"
                if wanted.proof
                else Attachment(issue, form).file_name(title): self.render(stored, form)
                for form in wanted.forms
            }

        files: Mapping[str, bytes] = await asyncio.to_thread(write)
        if not wanted.proof:
            return files
        proof = await self.prove(issue, files)
        if not proof:
            raise BooksUnavailable("no checkpoint covers the digest yet")
        return {**files, **proof}

    async def _stored(self, issue: Issue) -> bytes:
        stored = await self.shelf.get(issue)
        if stored is None:
            raise NoSuchDigest
        return stored
