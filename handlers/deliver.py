"""Parcels in the outbox → said to their destinations, once, in working time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from functools import partial

from bot.domain.attachments import Attachment, Enclosures
from bot.domain.cards import Card
from bot.domain.errors import (
    ContentRefused,
    CredentialRefused,
    DeliveryUncertain,
    GroupGone,
    PlatformError,
    RateLimited,
    StoreError,
    Unreachable,
)
from bot.domain.issues import Issue
from bot.domain.sending import Progress, Urgency
from bot.domain.work_calendar import OfficeHours, WorkCalendar
from handlers.pacing import Pacing
from handlers.ports import (
    CardSpeaker,
    Clock,
    DeliveryState,
    Destination,
    FileSpeaker,
    Outbox,
    RepeatableSpeaker,
    Speaker,
    StoredParcel,
    WholeSpeaker,
)
from handlers.sign_cards import SignCards

MOST_REPEATS = 10
"""Tries of a parcel that leaves its state unknown each time: one that ends the process is not
repeated for ever."""

RECALLED_WITHIN = timedelta(hours=24)

Send = Callable[[], Awaitable[str]]
"""Say one message; the platform's receipt, or nothing."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    state: DeliveryState
    error: str = ""
    retry_at: datetime | None = None
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How far apart, doubling from `first_wait` to `longest_wait` with jitter, and how long.

    An outage of days is outlasted: a parcel is given up `tries_for` after it was first due.
    """

    tries_for: timedelta = timedelta(days=14)
    first_wait: timedelta = timedelta(seconds=30)
    longest_wait: timedelta = timedelta(hours=1)

    def wait(self, attempts: int, drawn: float) -> timedelta:
        """The wait after so many attempts (from 1); `drawn` in [0, 1) spreads it by half."""
        doubled = self.first_wait * float(2 ** min(attempts - 1, 20))
        return min(self.longest_wait, doubled) * (0.5 + drawn / 2)


async def _nobody_asks(_to: Destination) -> None:
    """The default for who wants to hear of a group that is gone."""


@dataclass(frozen=True, slots=True)
class DeliverParcels:
    """Says what is due, and writes how it went.

    pending → sending (claimed) → sent. What the platform did not take is pending again, until
    it is given up; what it refused for good is failed; what left without an answer is uncertain
    and never repeated by itself, since a late digest is better than two; but where a speaker finds
    out what is delivered already it is made certain by another try. Parcels are claimed one
    by one, so that a process which dies leaves one uncertain and not all. A parcel in several
    parts goes on with the first that was not said, after a fault as after a restart.

    What the platform's rates and quotas do not allow now (`pacing`) waits in its place. A hint
    beyond a group's `hints_a_day` waits for the next working day and keeps nothing back.

    A parcel with a card is said as one where the platform shows it, signed (`cards`) anew at every
    try, so that no value rests in the outbox.

    A parcel whose key names an attachment says that file, made anew by `attached` at every try,
    so that none rests in the outbox; a fault between upload and message costs an upload more.
    Where words and files go in one piece `enclosed` gives the files of the issue.
    `on_gone` hears of a group that the platform says is gone; it may raise BooksUnavailable.
    `random` gives numbers in [0, 1). `platform` names of `speakers` are those of destinations.
    """

    outbox: Outbox
    speakers: Mapping[str, Speaker]
    clock: Clock
    calendar: WorkCalendar
    hours: OfficeHours
    zone: tzinfo
    random: Callable[[], float]
    pacing: Pacing
    attached: Callable[[Attachment], Awaitable[bytes]] | None = None
    cards: SignCards | None = None
    enclosed: Callable[[Issue, Enclosures], Awaitable[Mapping[str, bytes]]] | None = None
    on_gone: Callable[[Destination], Awaitable[object]] = _nobody_asks
    hints_a_day: int = 2
    retry: RetryPolicy = RetryPolicy()
    # What the books would not take when it was known: written before anything else is claimed.
    _unwritten: dict[str, _Outcome] = field(default_factory=dict, init=False, repr=False)

    async def __call__(self) -> Counter[DeliveryState]:
        """Deliver what is due now; how many parcels came to which state.

        Off-hours nothing is said; what is to be recalled is recalled at any time. Raises
        NoCalendarForYear rather than guess whether today is worked, and BooksUnavailable when an
        outcome could not be written; the next call writes it.
        """
        await self._write_outcomes()
        done = await self._recall_what_is_asked()
        if harmless := [name for name, one in self.speakers.items() if _repeats(one)]:
            await self.outbox.repeat_uncertain(harmless, MOST_REPEATS)
        now = self.clock.now()
        local = now.astimezone(self.zone)
        if self.calendar.next_working_moment(local, self.hours) != local:
            return done
        # What is put off is not due again at `now`, so this comes to an end.
        while claimed := await self.outbox.claim(now, 1):
            done[await self._deliver(claimed[0])] += 1
        return done

    async def recover(self) -> int:
        """At start: what a crash left `sending` is uncertain now; how many."""
        return await self.outbox.recover()

    async def _deliver(self, stored: StoredParcel) -> DeliveryState:
        parcel = stored.parcel
        speaker = self.speakers.get(parcel.destination.platform)
        if speaker is None:
            return await self._settle(stored, DeliveryState.FAILED, "no_such_platform")
        if parcel.expires_at is not None and parcel.expires_at <= self.clock.now():
            return await self._settle(stored, DeliveryState.EXPIRED)
        if await self._is_over_budget(stored):
            return await self._wait_for_tomorrow(stored)
        try:
            messages = await self._messages(stored, speaker)
        except StoreError:
            return await self._put_off(stored, Unreachable("books"))
        except Exception as error:
            return await self._settle(stored, DeliveryState.FAILED, type(error).__name__)
        return await self._say(stored, messages)

    async def _messages(self, stored: StoredParcel, speaker: Speaker) -> Sequence[Send]:
        """What a parcel is said in: its card, its parts, its file, or all in one piece."""
        parcel = stored.parcel
        if isinstance(speaker, WholeSpeaker):
            issue = Issue.of_key(parcel.key)
            files: Mapping[str, bytes] = {}
            if issue is not None and self.enclosed is not None:
                files = await self.enclosed(issue, speaker.enclosures)
            return [partial(speaker.send_whole, parcel, files)]
        attachment = Attachment.of_key(parcel.key)
        if attachment is None:
            parts: list[Send] = [
                partial(speaker.send, replace(parcel, markdown=part))
                for part in speaker.parts(parcel)
            ]
            card, to = parcel.card, parcel.destination
            if card is None or self.cards is None or not isinstance(speaker, CardSpeaker):
                return parts
            if stored.progress.parts or not speaker.shows(card, is_group=to.is_group):
                return parts  # what was begun in words is ended in words
            return [partial(_by_card, speaker, to, self.cards.signed_for(card, to), parts)]
        if self.attached is None or not isinstance(speaker, FileSpeaker):
            raise ContentRefused("files")
        content = await self.attached(attachment)
        return [partial(speaker.send_file, parcel.destination, parcel.markdown, content)]

    async def _say(self, stored: StoredParcel, messages: Sequence[Send]) -> DeliveryState:
        """Say what of the messages was not said yet, in order."""
        left = messages[stored.progress.parts :]
        for place, send in enumerate(left, 1):
            try:
                if wait := await self._pause(stored):
                    return await self._settle(
                        stored, DeliveryState.PENDING, "paced", self.clock.now() + wait
                    )
                receipt = await send()
            except (RateLimited, Unreachable, CredentialRefused) as error:
                return await self._put_off(stored, error)
            except DeliveryUncertain as error:
                return await self._settle(stored, DeliveryState.UNCERTAIN, _name(error))
            except PlatformError as error:
                state = await self._settle(stored, DeliveryState.FAILED, _name(error))
                if isinstance(error, GroupGone):
                    await self.on_gone(stored.parcel.destination)
                return state
            except StoreError:
                # The quota could not be read: nothing was said.
                return await self._put_off(stored, Unreachable("books"))
            except Exception as error:
                # A fault of ours: it may have gone out, and it must not hold up the others.
                if _repeats(self.speakers.get(stored.parcel.destination.platform)):
                    return await self._put_off(stored, Unreachable(type(error).__name__))
                return await self._settle(stored, DeliveryState.UNCERTAIN, type(error).__name__)
            said = stored.progress.with_part(receipt, self.clock.now())
            stored = replace(stored, progress=said)
            if place < len(left):
                await self._note(stored)
        return await self._settle(stored, DeliveryState.SENT)

    async def _note(self, stored: StoredParcel) -> None:
        """Write that a part was said before the next one is.

        When it cannot be written the parcel goes on, at the next call, from where it is.
        """
        now = self.clock.now()
        self._unwritten[stored.id] = _Outcome(DeliveryState.PENDING, "books", now, stored.progress)
        await self.outbox.settle(stored.id, DeliveryState.SENDING, progress=stored.progress)
        del self._unwritten[stored.id]

    async def _pause(self, stored: StoredParcel) -> timedelta:
        to, urgency = stored.parcel.destination, stored.parcel.urgency
        return await self.pacing.wait_before(to.platform, to.account, to.id, urgency)

    async def _is_over_budget(self, stored: StoredParcel) -> bool:
        parcel = stored.parcel
        is_hint = parcel.destination.is_group and parcel.urgency is Urgency.HINT
        if not is_hint or stored.progress.parts:
            return False
        said = await self.outbox.hints_since(parcel.destination, self._midnight())
        return said >= self.hints_a_day

    async def _wait_for_tomorrow(self, stored: StoredParcel) -> DeliveryState:
        tomorrow = self._midnight() + timedelta(days=1)
        until = self.calendar.next_working_moment(tomorrow, self.hours)
        expires_at = stored.parcel.expires_at
        if expires_at is not None and expires_at <= until:
            return await self._settle(stored, DeliveryState.EXPIRED, "budget")
        await self.outbox.postpone(stored.id, until)
        return DeliveryState.PENDING

    def _midnight(self) -> datetime:
        local = self.clock.now().astimezone(self.zone)
        return local.replace(hour=0, minute=0, second=0, microsecond=0)

    async def _put_off(self, stored: StoredParcel, error: PlatformError) -> DeliveryState:
        now = self.clock.now()
        if now - stored.parcel.not_before >= self.retry.tries_for:
            return await self._settle(stored, DeliveryState.FAILED, _name(error))
        wait = self.retry.wait(max(stored.attempts, 1), self.random())
        if isinstance(error, RateLimited):
            wait = max(wait, error.retry_after)
        return await self._settle(stored, DeliveryState.PENDING, _name(error), now + wait)

    async def _recall_what_is_asked(self) -> Counter[DeliveryState]:
        done: Counter[DeliveryState] = Counter()
        for stored in await self.outbox.listed([DeliveryState.RECALLING]):
            state, error = await self._recalled(stored)
            if state is not DeliveryState.RECALLING:
                await self._settle(replace(stored, progress=Progress()), state, error)
                done[state] += 1
        return done

    async def _recalled(self, stored: StoredParcel) -> tuple[DeliveryState, str]:
        speaker = self.speakers.get(stored.parcel.destination.platform)
        said = stored.progress
        is_late = said.at is None or self.clock.now() - said.at >= RECALLED_WITHIN
        if speaker is None or is_late or not said.is_recallable:
            return DeliveryState.SENT, "not_recallable"
        try:
            for receipt in said.receipts:
                await speaker.recall(stored.parcel.destination, receipt)
        except (RateLimited, Unreachable, CredentialRefused, DeliveryUncertain):
            return DeliveryState.RECALLING, ""  # to take back twice harms nobody
        except PlatformError as error:
            return DeliveryState.SENT, f"recall {_name(error)}"
        except Exception as error:
            return DeliveryState.SENT, f"recall {type(error).__name__}"
        return DeliveryState.RECALLED, ""

    async def _settle(
        self,
        stored: StoredParcel,
        state: DeliveryState,
        error: str = "",
        retry_at: datetime | None = None,
    ) -> DeliveryState:
        progress = stored.progress if stored.progress.parts else None
        self._unwritten[stored.id] = _Outcome(state, error, retry_at, progress)
        await self._write_outcomes()
        return state

    async def _write_outcomes(self) -> None:
        for parcel, outcome in list(self._unwritten.items()):
            await self.outbox.settle(
                parcel, outcome.state, outcome.error, outcome.retry_at, outcome.progress
            )
            del self._unwritten[parcel]


async def _by_card(
    speaker: CardSpeaker, to: Destination, card: Card, parts: Sequence[Send]
) -> str:
    """Say it by a card, and in words where the platform refuses that; one message, or all parts.

    Once a part was said, whatever goes wrong is uncertain: none is said twice.
    """
    try:
        return await speaker.send_card(to, card)
    except ContentRefused:
        receipt = await parts[0]()
    for part in parts[1:]:
        try:
            await part()
        except PlatformError as error:
            raise DeliveryUncertain(error.code) from None
    return receipt if len(parts) == 1 else ""


def _repeats(speaker: Speaker | None) -> bool:
    return isinstance(speaker, RepeatableSpeaker) and speaker.repeats_harmlessly


def _name(error: PlatformError) -> str:
    """What may be written of an error: its kind and the platform's code, never its text."""
    kind = type(error).__name__
    return f"{kind} {error.code}" if error.code else kind
