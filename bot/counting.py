"""What every command that counts needs, put together once: store, judgement, week's end."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.complaint_release import Returned
from bot.domain.errors import NoCalendarForYear, StoreError
from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.judgement import Fact
from bot.domain.judging import Judge
from bot.domain.messages import IncomingMessage
from bot.domain.periods import Week
from bot.domain.sending import Allowance
from bot.domain.texts import Texts
from bot.domain.work_calendar import OfficeHours, WorkCalendar
from bot.wiring.complaints import Complaints, open_complaints
from bot.wiring.publishing import open_publishing
from config.calendar import load_calendar
from config.directory import CsvDirectory, load_directory
from config.load import load_texts
from config.policy_file import load_policy
from config.rulebook import load_rulebook
from config.settings import Settings
from handlers.close_week import CloseWeeks
from handlers.count_messages import CountMessages
from handlers.deliver import DeliverParcels
from handlers.dispute_counts import DisputeCounts
from handlers.explain_text import ExplainText, explained
from handlers.hand_out_digests import HandOutDigests
from handlers.hint_admins import HintAdmins
from handlers.keep_filings import KeepFilings
from handlers.keep_limits import KeepLimits
from handlers.keep_log import KeepLog
from handlers.keep_registers import KeepRegisters
from handlers.know_senders import KnowSenders
from handlers.note_excesses import NoteExcesses
from handlers.pacing import Pacing
from handlers.ports import Clock, DeliveryState, Speaker
from handlers.preview_digests import PreviewDigests
from handlers.publish_closings import PublishClosings
from handlers.publish_digest import PublishDigests
from handlers.react import ReactToCounts
from handlers.reaction_words import ReactionWords
from handlers.relate_demands import RelateDemands
from handlers.sign_cards import SignCards
from handlers.tell_notices import TellNotices
from handlers.tell_seconds import TellSecondPersons
from handlers.tell_senders import TellSenders
from handlers.watch_moves import WatchMoves
from handlers.watch_routes import WatchRoutes
from storage.key_files import CardKey
from storage.store import Store, open_store

USUAL_SIZE = 50
FORGETTING_LASTS_FOR = timedelta(hours=1)
IMPORT_LASTS_FOR = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Counting:
    """The store and the use cases around it."""

    store: Store
    clock: Clock
    texts: Texts
    calendar: WorkCalendar
    limits: KeepLimits
    registers: KeepRegisters
    filings: KeepFilings
    seconds: TellSecondPersons
    judge: Judge
    explain_text: ExplainText
    count: CountMessages
    disputes: DisputeCounts
    relate: RelateDemands
    react: ReactToCounts
    hint: HintAdmins
    moves: WatchMoves
    notices: TellNotices
    tell: TellSenders
    close: CloseWeeks
    publish: PublishDigests
    closings: PublishClosings
    hand_out: HandOutDigests
    preview: PreviewDigests
    log: KeepLog
    deliver: DeliverParcels
    directory: CsvDirectory
    senders: KnowSenders
    speakers: dict[str, Speaker]
    allowances: dict[str, Allowance]
    pacing: Pacing
    cards: SignCards
    watch: WatchRoutes
    nowhere: GroupProfile
    complaints: Complaints | None = None  # None for a command that only looks or registers
    # Steps of the tick that failed at their last try.
    failing: set[str] = field(default_factory=set)

    def explain(self, text: str, at: datetime, group: GroupProfile) -> str:
        """Why a text counts or not, in two lines."""
        return explained(self.explain_text(text, at, group), self.texts)

    @asynccontextmanager
    async def importing(self) -> AsyncIterator[None]:
        """While an old week is being filled nobody else closes it; a crash frees it in time."""
        begun_at = self.clock.now()
        claims = self.store.claims
        await claims.claim("import", begun_at, begun_at, IMPORT_LASTS_FOR)
        try:
            yield
        finally:
            await claims.finish("import", begun_at)

    async def _close(self) -> None:
        now = self.clock.now()
        if not await self.store.claims.is_running("import", now, IMPORT_LASTS_FOR):
            await self.close(listening=True)

    async def log_books(self, *, listening: bool = False) -> None:
        """Bring the proof log up to what the books tell."""
        offices = [office.code for office in self.publish.offices()]
        await self.log(offices, listening=listening)

    async def _log_hours(self) -> None:
        await self.log_books(listening=True)

    async def start(self) -> None:
        """Finish what the last run left: keys of closed weeks, deliveries that were under way."""
        await self.close.destroy_leftover_keys()
        await self.deliver.recover()

    async def tick(
        self, tell: Callable[[str, Exception], object] = lambda _step, _error: None
    ) -> Counter[DeliveryState]:
        """Look what is due: weeks to close, digests to compose, parcels to deliver.

        How many parcels came to which state. A step that fails keeps none of the others from
        its turn: `tell` hears of it, and it is tried again at the next tick.
        """
        delivered: Counter[DeliveryState] = Counter()

        async def deliver() -> None:
            delivered.update(await self.deliver())

        steps: dict[str, Callable[[], Awaitable[object]]] = {
            "routes": self.watch,
            "registry": self.store.registry.load,
            "registers": self.store.registers.load,
            "limits": self.limits.load,
            "notices": self.notices,
            "relate": self.relate,
            "tell": self.tell,
            "seconds": self.seconds,
            "react": self.react,
            "hint": self.hint,
            "moves": self.moves,
            "close": self._close,
            "keys": self.close.destroy_leftover_keys,
            "forget": self._forget,
            "publish": self.publish,
            "closings": self.closings,
            "log": self._log_hours,
            "hand_out": self.hand_out,
            "deliver": deliver,
        }
        if self.complaints is not None:
            steps["spool"] = self.complaints.box.write_slot
            steps["complaints"] = self.complaints.rewrite
        for step, take in steps.items():
            try:
                tried = await take() is not False
            except Exception as error:
                self.failing.add(step)
                tell(step, error)
            else:
                if tried:
                    self.failing.discard(step)
        return delivered

    async def _forget(self) -> bool:
        """Once a week, whoever comes first: delete what has been kept long enough.

        False while it is not done and another try is not due.
        """
        now = self.clock.now()
        week = Week.of(now, self.close.zone)
        claims, due = self.store.claims, week.shifted(-1).ends_at(self.close.zone)
        if not await claims.claim("forget", due, now, FORGETTING_LASTS_FOR):
            return await claims.is_done("forget", due)
        facts = await self.store.retention.forget_facts(week)
        parcels = await self.store.retention.forget_said(now)
        await self.log.forgotten(week, {"facts": facts, "parcels": parcels})
        await claims.finish("forget", due)
        return True

    async def overdue(self) -> tuple[Week, ...]:
        """Weeks whose close is an hour late; none while an old week is being filled."""
        now = self.clock.now()
        if await self.store.claims.is_running("import", now, IMPORT_LASTS_FOR):
            return ()
        return await self.close.overdue()

    async def missing(self) -> list[str]:
        """What keeps the bot from working; empty when it is ready."""
        found = []
        try:
            self.calendar.is_working_day(self.clock.now().astimezone(self.close.zone).date())
        except NoCalendarForYear:
            found.append("calendar")
        try:
            await self.store.cursors.put("ready", "")
            found += [f"close:{week}" for week in await self.overdue()]
        except StoreError:
            found.append("database")
        return found + [f"tick:{step}" for step in sorted(self.failing)]


async def open_counting(
    settings: Settings,
    clock: Clock,
    token_bytes: Callable[[int], bytes],
    random: Callable[[], float],
    resources: AsyncExitStack,
    *,
    counts: bool = True,
    unchecked: Callable[[Returned], object] = lambda _one: None,
) -> Counting:
    """Load what the office decided, open the store, and join them.

    `counts` is False for a command that only looks or registers (see `open_store`). `unchecked`
    hears of complaint figures that the gate could not check.
    Raises BadInput for a file that cannot be used, StoreError for a database that cannot.
    """
    texts = load_texts(settings.locale)
    calendar = load_calendar(settings.calendars)
    policy = load_policy(settings.policy)
    judge = Judge(load_rulebook(settings.rules), calendar)
    directory = load_directory(settings.directory) if settings.directory else CsvDirectory()
    hours = OfficeHours.parse(settings.schedule.office_hours)
    store = await resources.enter_async_context(
        open_store(settings.database_url, settings.key_dir, token_bytes, counts=counts)
    )
    limits = KeepLimits(store.limit_log, policy.limits, clock, settings.zone)
    await limits.load(writes=counts)
    disputes = DisputeCounts(store.disputes, clock, settings.zone)

    def units_of() -> dict[str, tuple[UnitCode, ...]]:
        return {office.code: office.units for office in store.registry.offices()}

    complaints = (
        await open_complaints(
            settings, clock, token_bytes, units_of, resources, store.registry.groups, unchecked
        )
        if counts
        else None
    )
    senders = KnowSenders(directory, store.registry, clock)
    speakers: dict[str, Speaker] = {}
    returned = complaints.release if complaints else None
    publishing = open_publishing(
        settings,
        store,
        clock,
        token_bytes,
        calendar,
        texts,
        limits,
        speakers,
        returned,
        complaints.store.deletions if complaints else None,
    )
    allowances: dict[str, Allowance] = {}
    cards = SignCards(
        CardKey(settings.key_dir, token_bytes), store.spent_cards, clock, token_bytes
    )
    pacing = Pacing(allowances, store.spendings, clock, settings.zone)
    words = ReactionWords(texts)
    react = ReactToCounts(
        ledger=store.ledger,
        disputes=store.disputes,
        limits=limits,
        group_scale=policy.group_scale,
        registers=store.registers,
        registry=store.registry,
        notes=store.limit_notes,
        words=words,
        clock=clock,
        calendar=calendar,
        hours=hours,
        zone=settings.zone,
    )
    excesses = NoteExcesses()
    tell = TellSenders(
        rises=react.rises,
        registry=store.registry,
        limits=limits,
        speakers=speakers,
        pacing=pacing,
        words=words,
        clock=clock,
        calendar=calendar,
        hours=hours,
        zone=settings.zone,
    )
    registers = KeepRegisters(
        store.registers, store.matches, disputes, clock, settings.zone, policy.yearly
    )
    filings = KeepFilings(registers, store.keyring)
    return Counting(
        filings=filings,
        seconds=TellSecondPersons(
            filings=filings,
            limits=limits,
            registry=store.registry,
            outbox=store.outbox,
            clock=clock,
            calendar=calendar,
            hours=hours,
            zone=settings.zone,
            texts=texts,
        ),
        tell=tell,
        store=store,
        clock=clock,
        texts=texts,
        calendar=calendar,
        limits=limits,
        registers=registers,
        judge=judge,
        explain_text=ExplainText(judge),
        count=CountMessages(
            judge=judge,
            books=store.books,
            ledger=store.ledger,
            registry=store.registry,
            directory=senders,
            keyring=store.keyring,
            clock=clock,
            registers=store.registers,
            on_counted=_both(tell.heard, excesses.heard),
        ),
        disputes=disputes,
        relate=RelateDemands(store.ledger, clock),
        moves=WatchMoves(
            ledger=store.ledger,
            registry=store.registry,
            notes=store.limit_notes,
            texts=texts,
            clock=clock,
            calendar=calendar,
            hours=hours,
            zone=settings.zone,
        ),
        notices=TellNotices(
            registry=store.registry,
            cursors=store.cursors,
            outbox=store.outbox,
            clock=clock,
            calendar=calendar,
            hours=hours,
            texts=texts,
            office=settings.office.title,
        ),
        hint=HintAdmins(
            ledger=store.ledger,
            matches=store.matches,
            compared=store.compared,
            heard=store.compared,
            registers=store.registers,
            registry=store.registry,
            notes=store.limit_notes,
            texts=texts,
            clock=clock,
            calendar=calendar,
            hours=hours,
            zone=settings.zone,
            noticed=excesses.since,
        ),
        react=react,
        close=CloseWeeks(
            ledger=store.ledger,
            keyring=store.keyring,
            registry=store.registry,
            cursors=store.cursors,
            clock=clock,
            grace=timedelta(hours=settings.schedule.close_grace_hours),
            zone=settings.zone,
            rulebook_version=judge.rulebook_version,
        ),
        publish=publishing.publish,
        closings=publishing.closings,
        hand_out=publishing.hand_out,
        preview=publishing.preview,
        log=publishing.log,
        deliver=DeliverParcels(
            outbox=store.outbox,
            speakers=speakers,
            clock=clock,
            calendar=calendar,
            hours=hours,
            zone=settings.zone,
            random=random,
            pacing=pacing,
            attached=publishing.attach,
            enclosed=publishing.attach.enclosed,
            cards=cards,
            on_gone=lambda to: store.registry.end_chat(to.platform, to.account, to.id),
            hints_a_day=settings.outbox.hints_a_day,
        ),
        directory=directory,
        senders=senders,
        speakers=speakers,
        allowances=allowances,
        pacing=pacing,
        cards=cards,
        watch=WatchRoutes(store.routes, clock),
        complaints=complaints,
        nowhere=GroupProfile(
            code=GroupCode(""),
            alias="",
            unit=UnitCode(""),
            line=LineCode(""),
            size=USUAL_SIZE,
            zone=settings.zone,
            hours=hours,
        ),
    )


Counted = Callable[[IncomingMessage, Fact], None]


def _both(first: Counted, second: Counted) -> Counted:
    """Tell both of a message that was counted."""

    def tell(message: IncomingMessage, fact: Fact) -> None:
        first(message, fact)
        second(message, fact)

    return tell
