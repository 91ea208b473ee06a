"""Digests on the shelf → parcels in the outbox for those who read them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from bot.domain.attachments import ATTACHMENT_KEY, Attachment
from bot.domain.cards import Card
from bot.domain.documents import Document
from bot.domain.issues import DIGEST_KEY, FIRST, Issue
from bot.domain.work_calendar import OfficeHours, WorkCalendar
from handlers.card_words import CardWords
from handlers.marks import mark_of
from handlers.ports import (
    Clock,
    Destination,
    DigestShelf,
    Ledger,
    Office,
    Outbox,
    Parcel,
    Registry,
    Role,
)
from handlers.preview_digests import PREVIEW_KEY, PreviewDigests

_READS_DIGESTS = frozenset({Role.OFFICE, Role.AUDITOR})
KEYS_OF_DIGESTS = (f"{DIGEST_KEY}:", f"{ATTACHMENT_KEY}:", f"{PREVIEW_KEY}:")
SENT_FOR = timedelta(days=14)
# A file that cannot be sent must not keep the next week's words back.
FILES_ARE_SENT_FOR = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class HandOutDigests:
    """Puts what is on the shelf into the outbox. However often it is called, it comes out the same.

    A digest is sent when its week ended at most 14 days ago (an office does not want three old
    reports after a downtime, nor those of an imported year), a correction within 14 days of its
    making; else it is only kept. Its parcel's
    key names the issue, the office and the destination, which makes it be sent once; it is due
    at the first working moment after the close, never off-hours. The forms of `attach` follow it, in parcels of their own, where
    `carries_files` says that the platform takes any; the outbox keeps which they are and not
    what is in them. An office with a `preview` sees it first. With `cards` people get its headline with a button for the whole.
    """

    ledger: Ledger
    shelf: DigestShelf
    outbox: Outbox
    registry: Registry
    clock: Clock
    calendar: WorkCalendar
    hours: OfficeHours
    zone: tzinfo
    document: Callable[[bytes], Document]
    markdown: Callable[[Document], str]
    attach: Sequence[str] = ()
    carries_files: Callable[[str], bool] = lambda _platform: False
    cards: CardWords | None = None
    preview: PreviewDigests | None = None
    # Saves reading the shelf at every tick; the outbox's keys are the guarantee.
    _handed_out: set[tuple[Issue, Office]] = field(default_factory=set, init=False, repr=False)

    async def __call__(self) -> int:
        """Hand out what is new; how many parcels that made.

        Raises NoCalendarForYear when it cannot be told when to send; what was kept stays kept.
        """
        made = 0
        for office in self.registry.offices():
            if not office.destinations:
                continue
            for issue in await self.shelf.issues(office.code):
                if (issue, office) not in self._handed_out:
                    parcels = await self._parcels(issue, office)
                    if parcels is not None:
                        made += await self.outbox.put(parcels)
                        self._handed_out.add((issue, office))
        return made

    async def _parcels(self, issue: Issue, office: Office) -> list[Parcel] | None:
        """What is to be said of an issue; None while it is held for preview."""
        kept, since = await self.shelf.get(issue), await self._due_since(issue)
        if kept is None or since is None:
            return []
        document = self.document(kept)
        not_before = self.calendar.next_working_moment(since.astimezone(self.zone), self.hours)
        markdown = self.markdown(document)
        if self.preview is not None:
            goes = await self.preview.goes_at(issue, office, not_before, document, markdown)
            if goes is None:
                return None
            not_before = goes
        parcels: list[Parcel] = []
        for to in office.destinations:
            title = f"{document.title} {issue.label}"
            key, card = issue.key(mark_of(to)), self._card(document, issue, to)
            parcels.append(Parcel(key, to, title, markdown, not_before, card=card))
            parcels += self._files(issue, to, document.title, not_before)
        return parcels

    def _card(self, document: Document, issue: Issue, to: Destination) -> Card | None:
        """The headline, to whoever may ask for the whole by the button below it."""
        roles = self.registry.roles_of(to.platform, to.account, to.id)
        if self.cards is None or to.is_group or not (roles.keys() & _READS_DIGESTS):
            return None
        return self.cards.digest(document, issue)

    async def _due_since(self, issue: Issue) -> datetime | None:
        """The close, or for a correction when it was composed; None for what is not sent."""
        now = self.clock.now()
        if issue.number > FIRST:
            made = await self.shelf.composed_at(issue)
            return made if made and now - made <= SENT_FOR else None
        line = await self.ledger.closed(issue.week)
        is_recent = now - issue.week.ends_at(self.zone) <= SENT_FOR
        return line.closed_at if line and is_recent else None

    def _files(
        self, issue: Issue, to: Destination, title: str, not_before: datetime
    ) -> list[Parcel]:
        """A parcel for each form that is attached; all that it says is the file's name."""
        if not self.carries_files(to.platform):
            return []
        attachments = [Attachment(issue, form) for form in self.attach]
        names = [attachment.file_name(title) for attachment in attachments]
        expires_at = max(not_before, self.clock.now()) + FILES_ARE_SENT_FOR
        return [
            Parcel(attachment.key(mark_of(to)), to, name, name, not_before, expires_at=expires_at)
            for attachment, name in zip(attachments, names, strict=True)
        ]
