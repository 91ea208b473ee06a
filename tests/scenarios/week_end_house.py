"""A small house for week's ends: real use cases on a store in memory, a clock that can be moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.errors import PlatformError
from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.issues import Issue
from bot.domain.judgement import Entry
from bot.domain.messages import Reply, ReplyAddress
from bot.domain.periods import Week
from bot.domain.private import Opaque
from bot.domain.sending import Allowance
from bot.domain.vocabulary import Kind
from bot.domain.work_calendar import OfficeHours
from bot.platforms.splitting import numbered_parts
from bot.renderings.chat_markdown import chat_markdown
from bot.renderings.forms import rendered
from bot.renderings.json_document import decode_figures, encode_digest
from bot.wiring.publishing import document_of
from config.calendar import load_calendar
from config.load import load_texts
from config.policy_file import load_limits
from handlers.attach_digests import AttachDigests
from handlers.close_week import CloseWeeks
from handlers.deliver import DeliverParcels
from handlers.hand_out_digests import HandOutDigests
from handlers.pacing import Pacing
from handlers.ports import Destination, Office, Parcel
from handlers.publish_digest import DigestForms, DigestPolicy, PublishDigests
from storage.memory import MemoryStore, memory_store
from storage.store import Store
from tests.storage.entries import demand, talk

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE_HOURS = OfficeHours.parse("08:30-12:00,14:30-17:30")
CHIEF = Destination("wecom", "corp", False, Opaque("chief"))
CLERK = Destination("dingtalk", "corp", False, Opaque("clerk"))
COUNTY = Office("county", "清川县减负办", (), (CHIEF,))


def at(moment: str) -> datetime:
    """A moment on Shanghai's wall, such as 2026-10-19 08:30."""
    return datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)


@dataclass
class MovedClock:
    moment: datetime

    def now(self) -> datetime:
        return self.moment


@dataclass
class FakeSpeaker:
    """Keeps what it was told to say; fails in turn as `faults` say."""

    platform: str = "wecom"
    said: list[Parcel] = field(default_factory=list)
    faults: list[Exception | None] = field(default_factory=list)
    tries: int = 0

    longest: int = 100_000
    recalled: list[str] = field(default_factory=list)
    files: list[tuple[Destination, str, bytes]] = field(default_factory=list)

    def parts(self, parcel: Parcel) -> list[str]:
        return numbered_parts(parcel.markdown, self.longest)

    async def send(self, parcel: Parcel) -> str:
        self.tries += 1
        if self.faults:
            fault = self.faults.pop(0)
            if fault is not None:
                raise fault
        self.said.append(parcel)
        return f"receipt-{len(self.said)}"

    async def send_file(self, destination: Destination, name: str, content: bytes) -> str:
        self.tries += 1
        if self.faults and (fault := self.faults.pop(0)):
            raise fault
        self.files.append((destination, name, content))
        return f"file-{len(self.files)}"

    async def recall(self, destination: Destination, receipt: str) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.recalled.append(receipt)

    async def answer(self, address: ReplyAddress, reply: Reply) -> None:
        raise PlatformError("not here")


def profile(
    code: str = "g-1", unit: str = "u-1", size: int = 40, **changes: object
) -> GroupProfile:
    values: dict[str, object] = {"zone": SHANGHAI} | changes
    return GroupProfile(
        GroupCode(code),
        f"群{code}",
        UnitCode(unit),
        LineCode("civil"),
        size,
        hours=OFFICE_HOURS,
        **values,  # type: ignore[arg-type]
    )


@dataclass
class House:
    """The use cases of a week's end around one store."""

    store: MemoryStore | Store
    clock: MovedClock
    speaker: FakeSpeaker
    grace: timedelta = timedelta(hours=2)
    listens: bool = False
    allowances: dict[str, Allowance] = field(default_factory=dict)
    attach: tuple[str, ...] = ()
    carries_files: bool = True
    close: CloseWeeks = field(init=False)
    publish: PublishDigests = field(init=False)
    hand_out: HandOutDigests = field(init=False)
    deliver: DeliverParcels = field(init=False)
    proof: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """New use cases on the same store, as a new process has them."""
        calendar = load_calendar()
        self.close = CloseWeeks(
            self.store.ledger,
            self.store.keyring,
            self.store.registry,
            self.store.cursors,
            self.clock,
            self.grace,
            SHANGHAI,
            "2026.1",
        )
        self.publish = PublishDigests(
            self.store.ledger,
            self.store.shelf,
            self.store.outbox,
            self.store.registry,
            self.store.routes,
            self.clock,
            calendar,
            load_texts("zh-CN"),
            DigestForms(encode_digest, decode_figures),
            DigestPolicy("减负办", "轻装", SHANGHAI, load_limits()),
            disputes=self.store.disputes if isinstance(self.store, Store) else None,
            backgrounds=self.store.backgrounds if isinstance(self.store, Store) else None,
        )
        self.hand_out = HandOutDigests(
            self.store.ledger,
            self.store.shelf,
            self.store.outbox,
            self.store.registry,
            self.clock,
            calendar,
            OFFICE_HOURS,
            SHANGHAI,
            document_of,
            chat_markdown,
            attach=self.attach,
            carries_files=lambda _platform: self.carries_files,
        )
        attach = AttachDigests(
            self.store.shelf, rendered, lambda kept: document_of(kept).title, self.prove
        )
        self.deliver = DeliverParcels(
            self.store.outbox,
            {"wecom": self.speaker},
            self.clock,
            calendar,
            OFFICE_HOURS,
            SHANGHAI,
            random=lambda: 0.5,
            pacing=Pacing(self.allowances, self.store.spendings, self.clock, SHANGHAI),
            attached=attach,
            enclosed=attach.enclosed,
        )

    async def prove(self, _issue: Issue, _files: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """The proof that lies beside the files of a folder."""
        return self.proof

    async def register(self, *groups: GroupProfile, offices: Sequence[Office] = (COUNTY,)) -> None:
        for group in groups or (profile(),):
            await self.store.registry.put_group(group)
            await self.store.registry.bind(
                "transcript", "transcript", Opaque(f"chat-{group.code}"), group.code, True
            )
        for office in offices:
            await self.store.registry.put_office(office)

    async def hear(self, week: Week, demands: int = 3, **fields: object) -> None:
        """Messages and demands of a week, with the week's key made as counting makes it."""
        self.store.keyring.tags(week)
        entries: list[Entry] = [talk(f"{week} talk {n}", week=week) for n in range(5)]
        entries += [
            demand(f"{week} {fields} {n}", week=week, kinds=(Kind.CHECK_IN,), **fields)
            for n in range(demands)
        ]
        await self.store.books.record(entries)

    async def tick(self, moment: str) -> None:
        """What the schedule does, at a moment."""
        self.clock.moment = at(moment)
        await self.close(listening=self.listens)
        await self.publish()
        await self.hand_out()
        await self.deliver()

    @property
    def said(self) -> list[str]:
        """The keys of what went out."""
        return [parcel.key for parcel in self.speaker.said]


def house(token: Callable[[int], bytes] = lambda n: b"k" * n) -> House:
    return House(memory_store(token), MovedClock(at("2026-10-12 09:00")), FakeSpeaker())
