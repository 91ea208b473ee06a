"""Published weeks → months and quarters on the shelf, and a further issue when a week is another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.domain.adding_up import AddedUp, added_up
from bot.domain.closing import Closing, closing_document
from bot.domain.digest import Masthead
from bot.domain.digest_figures import DigestFigures
from bot.domain.digest_words import Words
from bot.domain.issues import FIRST, ClosingIssue
from bot.domain.periods import Week, is_over
from bot.domain.published_closing import PublishedClosing
from bot.domain.spans import Span
from bot.domain.vocabulary import Measure
from handlers.closing_ports import ClosingShelf, KeptClosing
from handlers.ports import Ledger, Office
from handlers.publish_digest import PublishDigests


@dataclass(frozen=True, slots=True)
class PublishClosings:
    """Adds up every span that is over. However often it is called, it comes out the same.

    A span is over with its last week, when none of its weeks is still to be closed or composed. The kept
    bytes are what is published, for ever; when a week of it is corrected, or comes in by an
    import, one more issue follows. `encode` gives its bytes, `grace` is that of closing a week.
    """

    weeks: PublishDigests
    closings: ClosingShelf
    ledger: Ledger
    grace: timedelta
    encode: Callable[[PublishedClosing], bytes]
    targets: Mapping[Measure, float] = field(default_factory=dict)
    last_checkpoint: Callable[[], Awaitable[tuple[int, bytes] | None]] | None = None

    async def __call__(self) -> tuple[ClosingIssue, ...]:
        """Publish what is due; what is new on the shelf."""
        known = {*await self.ledger.open_weeks(), *await self.ledger.closed_weeks()}
        new: list[ClosingIssue] = []
        for office in self.weeks.offices():
            latest = await self._latest(office)
            unpublished = known - latest.keys()
            kept = {one.issue.span: one for one in await self.closings.kept(office.code)}
            spans = {
                span for week in latest for span in (Span.month_of(week), Span.quarter_of(week))
            }
            for span in sorted(spans):
                there = kept.get(span)
                if there is not None and there.sources == _sources(span, latest):
                    continue
                if self._is_over(span) and not unpublished & set(span.weeks):
                    new += await self._publish(span, office, latest, there)
        return tuple(new)

    async def issues(self, span: Span, office: str) -> Sequence[ClosingIssue]:
        """What was published of a span, the first issue first."""
        kept = await self.closings.kept(office)
        return [one.issue for one in kept if one.issue.span == span]

    async def so_far(self, span: Span, office: Office) -> PublishedClosing | None:
        """What a span that is not published adds up to so far; None without a week of it."""
        return await self._composed(
            span, office, await self._latest(office), None, is_running=True
        )

    def _is_over(self, span: Span) -> bool:
        weeks = self.weeks
        return is_over(span.weeks[-1], weeks.clock.now(), weeks.policy.zone, self.grace)

    async def _latest(self, office: Office) -> dict[Week, int]:
        """The weeks that were published, each with the number of its last issue."""
        return {one.week: one.number for one in await self.weeks.shelf.issues(office.code)}

    async def _publish(
        self, span: Span, office: Office, latest: Mapping[Week, int], former: KeptClosing | None
    ) -> list[ClosingIssue]:
        made = await self._composed(span, office, latest, former)
        if made is None:
            return []
        issue = ClosingIssue(span, office.code, made.issue)
        document = await asyncio.to_thread(self.encode, made)
        now = self.weeks.clock.now()
        return [issue] if await self.closings.put(issue, made.sources, document, now) else []

    async def _composed(
        self,
        span: Span,
        office: Office,
        latest: Mapping[Week, int],
        former: KeptClosing | None,
        *,
        is_running: bool = False,
    ) -> PublishedClosing | None:
        now = await self._added_up(span, office, latest)
        if now is None:
            return None
        before = await self._added_up(span.before(), office, latest)
        year_ago = await self._added_up(span.year_before(), office, latest)
        # Of the former issue: what it was added up from was never changed.
        then = (
            {Week.parse(week): number for week, number in former.sources.items()} if former else {}
        )
        sources = _sources(span, latest)
        found = await self.last_checkpoint() if self.last_checkpoint and not is_running else None
        size, root = (found[0], found[1].hex()) if found else (0, "")
        policy = self.weeks.policy
        number = former.issue.number + 1 if former else FIRST
        closing = Closing(
            span,
            now,
            before,
            year_ago,
            Words(self.weeks.texts, self.weeks.names(self.weeks.registry.groups())),
            self.targets,
            number,
            tuple(week for week, n in sources.items() if then.get(Week.parse(week)) != n),
            await self._added_up(span, office, then) if former else None,
            is_running,
            None if is_running else (size, root),
        )
        masthead = Masthead(office.code, office.title, policy.compiled_by)
        document = closing_document(closing, masthead)
        return PublishedClosing(str(span), office.code, number, sources, now, document, size, root)

    async def _added_up(
        self, span: Span, office: Office, issues: Mapping[Week, int]
    ) -> AddedUp | None:
        found: list[DigestFigures] = []
        for week in span.weeks:
            if week in issues:
                kept = await self.weeks.issue(week, office.code, issues[week])
                if kept is not None:
                    found.append(await asyncio.to_thread(self.weeks.forms.figures, kept))
        return await asyncio.to_thread(added_up, found) if found else None


def _sources(span: Span, latest: Mapping[Week, int]) -> dict[str, int]:
    return {str(week): latest[week] for week in span.weeks if week in latest}
