"""What use cases need from outside, as protocols. Stores, platforms and fakes fit by shape."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bot.domain.attachments import Enclosures
from bot.domain.cards import Card
from bot.domain.departments import ContactBook, Unit
from bot.domain.disputes import Correction, DisputedCounts, DisputeState, Moved, PublicCount
from bot.domain.groups import GroupCode, GroupProfile, Origin, UnitCode
from bot.domain.issues import Issue
from bot.domain.judgement import Entry, EpisodeRecord
from bot.domain.messages import IncomingMessage, Reply, ReplyAddress
from bot.domain.periods import Week
from bot.domain.private import Opaque
from bot.domain.pseudonyms import WeekKey
from bot.domain.reach import RouteGap, Watch
from bot.domain.sending import NOTHING_SAID, Progress, Urgency
from bot.domain.tallies import CountTable
from bot.domain.vocabulary import Kind


class Clock(Protocol):
    """The time, from outside."""

    def now(self) -> datetime:
        """This moment, aware."""
        ...


class Recorded(StrEnum):
    """What became of an entry."""

    NEW = "new"
    DUPLICATE = "duplicate"  # its tag was in the books: nothing was written
    LATE = "late"  # its week is closed: counted in the late bucket only


class Books(Protocol):
    """Facts of open weeks. `record` returns after the commit; raises BooksUnavailable."""

    async def record(self, entries: Sequence[Entry]) -> Sequence[Recorded]:
        """Write entries in their order, in one transaction shared with whoever waits too.

        A revision (> 0) of a tag that is in the books is appended and stands from then on.
        """
        ...

    async def seen(self, week: Week, tags: Collection[bytes]) -> set[bytes]:
        """Those of `tags` that are in the books of the week."""
        ...

    async def open_episodes(self, group: GroupCode) -> Sequence[EpisodeRecord]:
        """The group's episodes that are still open, oldest first."""
        ...

    async def standing(self, group: GroupCode, week: Week) -> CountTable:
        """The group's own counts of a week that is still open, by weekday."""
        ...


@dataclass(frozen=True, slots=True)
class ClosedWeek:
    """A line of the ledger. `late` arrivals came after the close and are in no tally."""

    week: Week
    closed_at: datetime
    facts: int
    messages: int
    late: int
    incomplete: bool  # the tag key was lost and begun anew: distinct figures are off
    rulebook: str


class Ledger(Protocol):
    """Closed windows: the truth that every schedule only hints at."""

    async def open_weeks(self) -> Sequence[Week]:
        """Weeks that hold facts or messages and are not closed, oldest first."""
        ...

    async def closed(self, week: Week) -> ClosedWeek | None:
        """The ledger's line, if the week is closed."""
        ...

    async def closed_weeks(self) -> Sequence[Week]:
        """All closed weeks, oldest first."""
        ...

    async def close(self, week: Week, closed_at: datetime, rulebook: str) -> ClosedWeek:
        """Derive the week's tallies, write the ledger and drop tags, in one transaction.

        Closing a closed week changes nothing and returns its line.
        """
        ...

    async def relate(self, week: Week) -> object:
        """Find how the demands of an open week stand to those of other groups, as far as is known.

        `close` does it for the last time; nothing happens to a closed week.
        """
        ...

    async def rebuild(self, week: Week) -> None:
        """Derive a closed week's tallies again from its facts; they must come out the same."""
        ...

    async def tallies(self, week: Week) -> CountTable:
        """The tallies of a closed week."""
        ...

    async def corrected(self, week: Week) -> CountTable:
        """The same without counts that were upheld to be wrong after the close.

        It is derived from the week's facts, which are kept thirteen months.
        """
        ...

    async def running(self, week: Week) -> CountTable:
        """What an open week adds up to so far, over all groups."""
        ...

    async def summed(self, first: date, last: date, without: Collection[date] = ()) -> CountTable:
        """The tallies of closed weeks, of the days of a span, summed over them (weekday 0)."""
        ...


class DeliveryState(StrEnum):
    """The life of something to be said: pending → sending → sent.

    A restart that finds `sending` makes it `uncertain`: it may have been delivered, so the
    operator decides. `failed` was refused for good, `expired` had lost its point before it could
    be said, `dropped` was given up by the operator. Who asks for a recall makes it `recalling`;
    then it is `recalled`, or `sent` again with the reason.
    """

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    EXPIRED = "expired"
    DROPPED = "dropped"
    RECALLING = "recalling"
    RECALLED = "recalled"


@dataclass(frozen=True, slots=True)
class Destination:
    """A registered group, office or role holder on a platform (configuration, DESIGN 8)."""

    platform: str
    account: str
    is_group: bool
    id: Opaque


@dataclass(frozen=True, slots=True)
class Parcel:
    """Something to be said to a registered destination. `key` makes it be said once.

    After `expires_at` it would be pointless and is not said any more. With a `card` it is said as
    one where the platform shows it, else in its words.
    """

    key: str
    destination: Destination
    title: str
    markdown: str
    not_before: datetime
    urgency: Urgency = Urgency.DIGEST
    expires_at: datetime | None = None
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class StoredParcel:
    """A parcel in the outbox."""

    id: str
    parcel: Parcel
    state: DeliveryState
    attempts: int
    not_before: datetime
    error: str = ""
    progress: Progress = NOTHING_SAID


class Disputes(Protocol):
    """Counts by their public ids, and what became of the disputes about them."""

    async def latest(self, group: GroupCode, week: Week, most: int) -> Sequence[PublicCount]:
        """The group's latest counts that stand in an open week, the newest first."""
        ...

    async def undecided(
        self, groups: Collection[GroupCode], since: Week, until: Week, most: int
    ) -> tuple[Sequence[PublicCount], int]:
        """Counts of these weeks, both included, on which nothing was decided, the newest first.

        At most so many of them, and how many there are.
        """
        ...

    async def found(
        self, written: str, since: Week, groups: Collection[GroupCode] | None
    ) -> Sequence[PublicCount]:
        """Counts with this public id since a week, of some groups or of all (None)."""
        ...

    async def listed(self, states: Collection[DisputeState]) -> Sequence[PublicCount]:
        """Counts whose dispute is in one of these states, oldest week first."""
        ...

    async def sharing(self, count: PublicCount, kinds: Collection[Kind]) -> Sequence[PublicCount]:
        """The other demands and reminders of its episode that week which have one of these kinds
        too and are not disputed, the newest first."""
        ...

    async def move(
        self,
        count: PublicCount,
        wanted: DisputeState,
        by: str,
        now: Week,
        kinds: Collection[Kind] = (),
    ) -> Moved:
        """Bring a dispute of these kinds of a count, or of all of it (none), to a state, if that
        may follow; durable when it returns.

        What is upheld while its week is open is no longer counted; afterwards it is a correction.
        Refused where the dispute that stands is about other kinds.
        """
        ...

    async def corrections(self, decided_in: Week) -> Sequence[Correction]:
        """What was upheld in that week of weeks that were closed by then."""
        ...

    async def corrections_of(self, week: Week) -> Sequence[Correction]:
        """What was upheld of this week after it was closed."""
        ...

    async def disputed(self, week: Week) -> Sequence[DisputedCounts]:
        """The week's counts that were called wrong until its close, by measure and as it stood then;
        measures without any are left out."""
        ...


class Outbox(Protocol):
    """Durable, in order per destination, each parcel once."""

    async def put(self, parcels: Sequence[Parcel]) -> int:
        """Add those whose key is new; how many were."""
        ...

    async def claim(self, now: datetime, most: int) -> Sequence[StoredParcel]:
        """Due parcels, now `sending`; at most one per destination, there the oldest.

        Of several destinations the most urgent comes first.
        """
        ...

    async def settle(
        self,
        parcel: str,
        state: DeliveryState,
        error: str = "",
        retry_at: datetime | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Write how it went; `pending` with `retry_at` tries again, in its place.

        With `progress` the parts that were said are not said again.
        """
        ...

    async def postpone(self, parcel: str, until: datetime) -> None:
        """Make a claimed parcel pending as if it had been planned for `until`.

        It keeps no other back meanwhile.
        """
        ...

    async def renew(self, parcel: str, at: datetime, *, whole: bool = False) -> None:
        """Make it pending as if it were first due at `at`: no attempts, no error, no expiry.

        Parts that were said are not said again, unless the `whole` is to be.
        """
        ...

    async def cancel(self, destination: Destination) -> int:
        """Fail and empty what is pending or uncertain for a destination; how many.

        What is under way is emptied too and not tried again. The keys stay, so that none of it
        is put again.
        """
        ...

    async def recover(self) -> int:
        """At start: what was `sending` becomes `uncertain`; how many."""
        ...

    async def repeat_uncertain(self, platforms: Collection[str], most: int) -> int:
        """Make uncertain parcels to these platforms pending, if they were tried less than `most`
        times; how many."""
        ...

    async def listed(self, states: Collection[DeliveryState]) -> Sequence[StoredParcel]:
        """Parcels in these states, oldest first."""
        ...

    async def hints_since(self, destination: Destination, since: datetime) -> int:
        """How many hints the destination has had since then, uncertain ones among them."""
        ...


class Spendings(Protocol):
    """What was used of the platforms' daily and monthly quotas; outlives the program."""

    async def spend(self, platform: str, account: str, on: date) -> None:
        """One call more on this day."""
        ...

    async def spent(self, platform: str, account: str, since: date) -> int:
        """Calls from this day on."""
        ...


@dataclass(frozen=True, slots=True)
class Office:
    """Who gets a digest: a supervising office, the units it answers for, where it reads.

    `units` empty means all units.
    """

    code: str
    title: str
    units: tuple[UnitCode, ...]
    destinations: tuple[Destination, ...]


class Cursors(Protocol):
    """How far a source has been read, durable."""

    async def get(self, name: str) -> str | None:
        """What was put last, if anything."""
        ...

    async def put(self, name: str, value: str) -> None:
        """Returns after the commit; raises BooksUnavailable."""
        ...


class RouteLog(Protocol):
    """When routes were connected; outlives the program. Raises BooksUnavailable."""

    async def watched(self) -> Mapping[str, Watch]:
        """Every route that was ever watched."""
        ...

    async def watch(self, routes: Sequence[str], now: datetime) -> None:
        """Note that routes are watched from now on, those that were not before."""
        ...

    async def write(
        self, connected: Sequence[str], now: datetime, gaps: Sequence[RouteGap]
    ) -> None:
        """Note which routes are connected now, and gaps: begun, ended, or come to nothing."""
        ...

    async def gaps(self, since: datetime, until: datetime) -> Sequence[RouteGap]:
        """Gaps that reach into a span, in order of route and time."""
        ...


class DigestShelf(Protocol):
    """Published digests: the bytes stay as they were."""

    async def put(self, issue: Issue, document: bytes, composed_at: datetime) -> bool:
        """Keep a composed digest; False when this issue is there already (it stays)."""
        ...

    async def get(self, issue: Issue) -> bytes | None:
        """The stored document."""
        ...

    async def issues(self, office: str) -> Sequence[Issue]:
        """What is kept for an office, by week and number."""
        ...

    async def composed_at(self, issue: Issue) -> datetime | None:
        """When it was composed."""
        ...


class Role(StrEnum):
    """From the bot's own table, never from a flag in a message."""

    OFFICE = "office"  # reads the digest, decides disputes
    APPROVER = "approver"  # the second person
    AUDITOR = "auditor"
    BOT_ADMIN = "bot_admin"  # runs the host; no data commands
    GROUP_ADMIN = "group_admin"  # scope: a group code
    MEMBER = "member"  # everybody; never stored


class Registry(Protocol):
    """Groups, their chat ids, roles and offices: configuration, kept in RAM, changed rarely."""

    def group_of(self, message: IncomingMessage) -> GroupProfile | None:
        """The registered group a message was said in."""
        ...

    def is_passively_counted(self, group: GroupCode) -> bool:
        """Whether a route that sees everything is bound, on whatever platform, and not gone."""
        ...

    def platforms_of(self, group: GroupCode) -> frozenset[str]:
        """The platforms on which the group has a chat that is not gone."""
        ...

    def hears_whole(self, group: GroupCode, platform: str) -> bool:
        """Whether such a route is bound on this platform: then @bot copies are not counted."""
        ...

    def is_gone(self, group: GroupCode) -> bool:
        """Whether it had chats and all were dissolved or lost their robot, and none is bound since."""
        ...

    def group(self, code: GroupCode) -> GroupProfile | None:
        """A group by its code."""
        ...

    def groups(self) -> Sequence[GroupProfile]:
        """All groups that are not retired, by code."""
        ...

    def roles_of(
        self, platform: str, account: str, person: Opaque
    ) -> Mapping[Role, frozenset[str]]:
        """Roles of a person with their scopes; "*" is everywhere."""
        ...

    def units(self) -> Sequence[Unit]:
        """All units that were entered, by code."""
        ...

    def offices(self) -> Sequence[Office]:
        """All offices, by code."""
        ...

    def admins_of(self, group: GroupCode) -> Sequence[Destination]:
        """The group's admins, each to be told in private."""
        ...

    def chats_of(self, group: GroupCode) -> Sequence[Destination]:
        """The group's chats in which a robot can speak; not those that are only archived."""
        ...

    def holders_of(self, role: Role) -> Sequence[tuple[Destination, str]]:
        """Whoever has a role, each to be told in private, with the scope; once for each scope."""
        ...


class RegistryWriter(Registry, Protocol):
    """The registry, with what an import and a binding need besides."""

    async def put_group(self, group: GroupProfile) -> None:
        """Register a group, or change it."""
        ...

    async def put_heard(self, groups: Sequence[GroupProfile], platform: str, account: str) -> None:
        """Register groups, each as the chat of its own code there, heard whole: all or none."""
        ...

    def chat_hears_whole(self, platform: str, account: str, chat_id: Opaque) -> bool:
        """Whether a chat is bound by a route that hears everything."""
        ...

    def robot_chats(self, group: GroupCode) -> Sequence[tuple[str, str, Opaque]]:
        """Platform, account and id of the group's chats in which a robot can speak."""
        ...

    async def bind(
        self,
        platform: str,
        account: str,
        chat_id: Opaque,
        group: GroupCode,
        sees_everything: bool,
    ) -> None:
        """Say that a platform's chat is this group."""
        ...


class Invites(Protocol):
    """One-time codes, by their marks. Each serves once for a robot and once for a whole route."""

    async def put(self, mark: bytes, group: GroupCode, expires_at: datetime) -> None:
        """Keep a code's mark until it expires."""
        ...

    async def find(self, mark: bytes, now: datetime, *, whole: bool) -> GroupCode | None:
        """The group of a code that is alive and has not served for this sort of route."""
        ...

    async def use(self, mark: bytes, now: datetime, *, whole: bool) -> bool:
        """Note that it has served; False when somebody was quicker. Dead codes are forgotten."""
        ...


class SpentCards(Protocol):
    """Cards that were clicked, by their ids: each serves once, also over a restart."""

    async def spend(self, card: bytes, until: date, today: date) -> bool:
        """Note that it was clicked; False when somebody was quicker. Raises BooksUnavailable.

        It is kept to the end of `until`; what was kept to a day before `today` is forgotten.
        """
        ...

    async def give_back(self, card: bytes) -> None:
        """It was refused what it asked for, so it may be clicked again."""
        ...


class Directory(Protocol):
    """Senders to units and lines of command; in RAM only."""

    def origin_of(self, message: IncomingMessage) -> Origin | None:
        """The sender's unit and line, if known."""
        ...


class Contacts(Protocol):
    """A platform's address book. Raises PlatformError subclasses only."""

    platform: str
    account: str

    async def read(self) -> ContactBook:
        """Departments and who is in them: ids, no names."""
        ...


class Keyring(Protocol):
    """Weekly keys (DESIGN 12.4, 12.5)."""

    def tags(self, week: Week) -> WeekKey:
        """The week's tag key; made when it is first asked for."""
        ...

    def sketches(self, week: Week) -> tuple[WeekKey, ...]:
        """Live sketch keys, the week's own first; the others only look up."""
        ...

    def holds_tags(self, week: Week) -> bool:
        """Whether the week has a tag key."""
        ...

    def destroy(self, week: Week) -> None:
        """Overwrite and unlink the week's tag key and sketch keys older than 28 days before it."""
        ...

    def destroy_leftovers(self, closed: Sequence[Week]) -> None:
        """Destroy what is left of the keys of closed weeks, whoever closed them; often called."""
        ...


class Speaker(Protocol):
    """A platform that can be spoken through. Raises PlatformError subclasses only."""

    platform: str

    def parts(self, parcel: Parcel) -> Sequence[str]:
        """The parcel's words in parts that the platform takes as one message each."""
        ...

    async def send(self, parcel: Parcel) -> str:
        """Deliver one part to a registered destination; the platform's receipt, or nothing."""
        ...

    async def recall(self, destination: Destination, receipt: str) -> None:
        """Take back what was said, where the platform can; else it raises."""
        ...

    async def answer(self, address: ReplyAddress, reply: Reply) -> None:
        """Answer somebody at once, best effort."""
        ...


@runtime_checkable
class FileSpeaker(Protocol):
    """A Speaker that can also carry files. Raises PlatformError subclasses only."""

    async def send_file(self, destination: Destination, name: str, content: bytes) -> str:
        """Upload a file and deliver it to a registered destination; the receipt, or nothing.

        Nothing was said when the upload fails: DeliveryUncertain is about the message alone.
        ContentRefused for what the platform's limits of size and kind exclude.
        """
        ...


@runtime_checkable
class CardSpeaker(Protocol):
    """A Speaker whose platform shows cards. Raises PlatformError subclasses only."""

    def shows(self, card: Card, *, is_group: bool) -> bool:
        """Whether it can be shown there, and fits."""
        ...

    async def send_card(self, destination: Destination, card: Card) -> str:
        """Deliver a signed card to a registered destination; the receipt, or nothing."""
        ...


@runtime_checkable
class WholeSpeaker(Protocol):
    """A Speaker that carries words and files in one piece. Raises PlatformError subclasses only."""

    enclosures: Enclosures

    async def send_whole(self, parcel: Parcel, files: Mapping[str, bytes]) -> str:
        """Deliver words and files, by name, to a registered destination; the receipt, or nothing."""
        ...


@runtime_checkable
class RepeatableSpeaker(Protocol):
    """A Speaker that finds out by itself what is delivered already: a repeat does no harm."""

    repeats_harmlessly: bool


class TranscriptSource(Protocol):
    """Messages from a file, in its order, with the groups its headers describe."""

    def __aiter__(self) -> AsyncIterator[IncomingMessage | GroupProfile]:
        """Headers and messages as they come."""
        ...
