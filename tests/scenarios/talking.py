"""A front desk with the real conversations, on a box that keeps complaints in a dictionary."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from bot.domain.complaints import Answer, Complaint
from bot.domain.giveaways import NO_WORDS
from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.judging import Judge
from bot.domain.messages import Conversation, Form, IncomingMessage, Reply, ReplyAddress, Route
from bot.domain.periods import Week
from bot.domain.private import Opaque, PrivateText
from bot.domain.private_hearing import PrivateHearing, Told
from bot.domain.receipts import Receipt
from bot.domain.sending import Rate
from bot.domain.work_calendar import OfficeHours
from bot.intake import Answers, FrontDesk
from bot.logs import Log
from bot.metrics import Metrics
from bot.routes import command_table
from bot.routing import Router
from config.calendar import load_calendar
from config.load import load_texts
from config.private_cues import load_private_cues
from config.rulebook import load_rulebook
from handlers.commands.complain import Complain
from handlers.commands.help import Help
from handlers.commands.privacy import Privacy
from handlers.commands.query import Query
from handlers.commands.supplement import Supplement
from handlers.commands.told import ToldInPrivate
from handlers.commands.withdraw import Withdraw
from handlers.complaints.conversation import Conversations
from handlers.complaints.counters import Counters, Quotas
from handlers.complaints.ports import BoxClosed, BoxFull
from handlers.complaints.words import ComplaintWords
from handlers.count_messages import Counted
from handlers.explain_text import ExplainText
from handlers.pacing import Pacing
from storage.memory import MemorySpendings
from tests.scenarios.clicking import clicks
from tests.scenarios.running_bot import MovedClock, Recorder

ZONE = ZoneInfo("Asia/Shanghai")
FRIDAY = datetime(2026, 10, 16, 2, 0, tzinfo=UTC)
TEXTS = load_texts("zh-CN")
OFFICE = "县减负专班"
AS_FAST_AS_THEY_LIKE = Rate(1_000_000, timedelta(seconds=1))
PLAIN = "每天都要截图上报好几遍，晚上还要接龙，没有时间做事"
GROUPS = tuple(
    GroupProfile(
        code=GroupCode(f"g{number}"),
        alias=f"{unit}工作群",
        unit=UnitCode(unit),
        line=LineCode("综治"),
        size=size,
        zone=ZONE,
        hours=OfficeHours.parse("08:30-12:00,14:30-17:30"),
    )
    for number, (unit, size) in enumerate((("东街镇", 120), ("西河镇", 60), ("小岭乡", 20)))
)


@cache
def judge() -> Judge:
    return Judge(load_rulebook(None), load_calendar())


@cache
def _hearing() -> PrivateHearing:
    house = judge()
    return PrivateHearing(house.hearing, house.rulebook.normaliser, load_private_cues())


def hear(text: str) -> Told:
    counts = ExplainText(judge())(text, FRIDAY, GROUPS[0]).counts
    return _hearing()(text, would_count=counts)


def accuses(text: str) -> bool:
    return _hearing().accuses(text)


def is_personal(text: str) -> bool:
    return _hearing().is_personal(text)


@dataclass
class FakeBox:
    """Keeps what it is given; `slow` holds a submission up until it is set free."""

    is_open: bool = True
    fingerprints: tuple[str, ...] = ("A1B2",)
    family: str = "intl"
    taken: dict[Receipt, Complaint] = field(default_factory=dict)
    added: list[tuple[Receipt, PrivateText, Week]] = field(default_factory=list)
    withdrawn: list[tuple[Receipt, Week]] = field(default_factory=list)
    replies: dict[Receipt, tuple[Answer, ...]] = field(default_factory=dict)
    looked_up: int = 0
    breaks: Exception | None = None
    slow: asyncio.Event | None = None

    def _answer(self) -> None:
        if not self.is_open:
            raise BoxClosed("complaint_box.closed")
        if self.breaks is not None:
            raise self.breaks

    async def submit(self, complaint: Complaint) -> Receipt:
        if self.slow is not None:
            await self.slow.wait()
        self._answer()
        receipt = Receipt.new(secrets.token_bytes)
        self.taken[receipt] = complaint
        return receipt

    async def look_up(self, receipt: Receipt) -> tuple[Answer, ...]:
        self._answer()
        self.looked_up += 1
        return self.replies.get(receipt, ())

    async def supplement(self, receipt: Receipt, text: PrivateText, week: Week) -> None:
        self._answer()
        self.added.append((receipt, text, week))

    async def withdraw(self, receipt: Receipt, week: Week) -> None:
        self._answer()
        self.withdrawn.append((receipt, week))


FULL = BoxFull("complaint_box.full")


@dataclass
class FakeRegistry:
    offered: tuple[GroupProfile, ...] = GROUPS

    def group_of(self, message: IncomingMessage) -> GroupProfile:
        return self.offered[0]

    def groups(self) -> tuple[GroupProfile, ...]:
        return self.offered

    def roles_of(self, platform: str, account: str, person: Opaque) -> MappingProxyType:
        return MappingProxyType({})


class NothingCounted:
    """Counts nothing; remembers what it was given."""

    def __init__(self) -> None:
        self.taken: list[IncomingMessage] = []

    async def __call__(self, message: IncomingMessage) -> Counted:
        self.taken.append(message)
        return Counted.NEW


@dataclass
class Speaker:
    platform: str = "dingtalk"
    said: list[Reply] = field(default_factory=list)

    async def answer(self, address: ReplyAddress, reply: Reply) -> None:
        self.said.append(reply)

    async def send(self, parcel: object) -> None:
        raise AssertionError("nobody is written to first")


@dataclass
class Talking:
    """Somebody talks to the bot, in private unless said otherwise."""

    desk: FrontDesk
    box: FakeBox
    clock: MovedClock
    conversations: Conversations
    speaker: Speaker
    answers: Answers
    written: Recorder
    metrics: Metrics
    count: NothingCounted
    numbers: itertools.count = field(default_factory=itertools.count)

    async def say(
        self,
        text: str,
        who: str = "li.hua",
        *,
        group: bool = False,
        form: Form = Form.TEXT,
        platform: str = "dingtalk",
    ) -> str:
        """Say something; what is answered, or nothing."""
        where = Conversation(group, Opaque("cid-1" if group else who))
        message = IncomingMessage(
            platform=platform,
            account="c1",
            route=Route.DINGTALK_STREAM,
            key=Opaque(f"m{next(self.numbers)}"),
            conversation=where,
            sender=Opaque(who),
            sent_at=self.clock.now(),
            form=form,
            text=PrivateText(text),
            is_addressed=True,
            reply_address=ReplyAddress(platform, "c1", where),
        )
        before = len(self.speaker.said)
        await self.desk(message)
        await self.answers.drained()
        return self.speaker.said[-1].text if len(self.speaker.said) > before else ""

    async def complain(self, text: str = PLAIN, who: str = "li.hua") -> str:
        """The whole way; the last answer."""
        for answer in ("投诉", "1", "3", "1", text):
            await self.say(answer, who)
        return await self.say("1", who)

    def pass_time(self, span: timedelta) -> None:
        self.clock.moment += span


@asynccontextmanager
async def talking(
    quotas: Quotas | None = None, start: datetime = FRIDAY
) -> AsyncIterator[Talking]:
    """A front desk whose answers can be read."""
    metrics, written, speaker, count = Metrics(), Recorder(), Speaker(), NothingCounted()
    log = Log(written, lambda: "incident-1")
    pacing = Pacing({}, MemorySpendings(), MovedClock(start), UTC)
    answers = Answers({"dingtalk": speaker, "wecom": speaker}, pacing, metrics, log)
    clock, box = MovedClock(start), FakeBox()
    table = command_table(TEXTS)
    registry = FakeRegistry()
    words = ComplaintWords(TEXTS, OFFICE)
    conversations = Conversations(
        box=box,
        counters=Counters(secrets.token_bytes, ZONE, quotas),
        words=words,
        texts=TEXTS,
        clock=clock,
        zone=ZONE,
        registry=registry,
        roster=NO_WORDS,
        accuses=accuses,
        is_personal=is_personal,
    )
    router = Router(
        table=table,
        commands={
            "help": Help(table, TEXTS, OFFICE),
            "privacy": Privacy(TEXTS, OFFICE),
            "complain": Complain(conversations),
            "query": Query(conversations),
            "supplement": Supplement(conversations),
            "withdraw": Withdraw(conversations),
            "told": ToldInPrivate(conversations, hear, TEXTS, words),
        },
        registry=registry,
        texts=TEXTS,
        is_going_on=conversations.is_going_on,
    )
    desk = FrontDesk(
        count=count,
        router=router,
        clicks=clicks(router, clock),
        answers=answers,
        own_ids=[Opaque("bot-1")],
        clock=clock,
        metrics=metrics,
        log=log,
        per_sender=AS_FAST_AS_THEY_LIKE,
        per_conversation=AS_FAST_AS_THEY_LIKE,
    )
    task = asyncio.create_task(answers.run())
    yield Talking(desk, box, clock, conversations, speaker, answers, written, metrics, count)
    task.cancel()
