"""送审: an office that wants it sees its digest before the others do, and releases it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from bot.domain.documents import Document
from bot.domain.issues import Issue
from bot.domain.texts import Texts
from bot.domain.work_calendar import OfficeHours, WorkCalendar
from handlers.marks import mark_of
from handlers.ports import (
    Clock,
    Cursors,
    Destination,
    DigestShelf,
    Office,
    Outbox,
    Parcel,
    Registry,
    Role,
)

PREVIEW_KEY = "preview"
_RELEASED = "released"


@dataclass(frozen=True, slots=True)
class PreviewDigests:
    """Holds a composed digest back until somebody of the office releases it.

    The people among the office's destinations who hold the role `office` are shown it, marked as
    a draft for them; whoever has none of them gets it at once. After `lasts_for` it goes by
    itself, unless `waits`: silence must not be a way to suppress a digest, so that is for an
    office to choose. Releasing changes nothing in it: it is composed and logged.
    """

    cursors: Cursors
    shelf: DigestShelf
    outbox: Outbox
    registry: Registry
    clock: Clock
    calendar: WorkCalendar
    hours: OfficeHours
    zone: tzinfo
    texts: Texts
    lasts_for: timedelta
    waits: bool = False

    async def release(self, issue: Issue) -> bool:
        """Let it go, for good; False when nothing of that name is published.

        Doing it again changes nothing.
        """
        if await self.shelf.get(issue) is None:
            return False
        if await self.cursors.get(_cursor(issue)) is None:
            await self.cursors.put(_cursor(issue), self.clock.now().isoformat())
        return True

    async def goes_at(
        self, issue: Issue, office: Office, due: datetime, document: Document, markdown: str
    ) -> datetime | None:
        """From when on it may go; None while it waits, and whoever releases it was shown it."""
        readers = self._readers(office)
        if not self.lasts_for or not readers:
            return due
        released = await self.cursors.get(_cursor(issue))
        if released is not None:
            return max(due, self._worked(datetime.fromisoformat(released)))
        until = self._worked(due + self.lasts_for)
        if not self.waits and self.clock.now() >= until:
            return until
        await self.outbox.put(
            [self._preview(issue, to, due, until, document, markdown) for to in readers]
        )
        return None

    def _readers(self, office: Office) -> list[Destination]:
        return [
            to
            for to in office.destinations
            if not to.is_group
            and Role.OFFICE in self.registry.roles_of(to.platform, to.account, to.id)
        ]

    def _preview(
        self,
        issue: Issue,
        to: Destination,
        due: datetime,
        until: datetime,
        document: Document,
        markdown: str,
    ) -> Parcel:
        local = f"{until.astimezone(self.zone):%m-%d %H:%M}"
        said = [
            self.texts("preview.what", title=document.title, issue=issue.label),
            self.texts(f"preview.{'waits' if self.waits else 'goes'}", until=local),
            self.texts("preview.how", issue=issue.label),
        ]
        return Parcel(
            f"{PREVIEW_KEY}:{issue.label}:{issue.office}:{mark_of(to)}",
            to,
            self.texts("preview.title", title=document.title, issue=issue.label),
            "\n".join(said) + "\n\n" + markdown,
            due,
        )

    def _worked(self, moment: datetime) -> datetime:
        return self.calendar.next_working_moment(moment.astimezone(self.zone), self.hours)


def _cursor(issue: Issue) -> str:
    return f"{_RELEASED}:{issue.label}:{issue.office}"
