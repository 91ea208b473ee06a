"""What becomes of a message at the front desk: counted, answered, or turned away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest

from bot.domain.errors import BooksUnavailable, NoCalendarForYear, NotAllowed, Unreachable
from bot.domain.messages import Conversation, IncomingMessage, Quote, Reply, ReplyAddress, Route
from bot.domain.private import Opaque, PrivateText
from bot.domain.sending import Allowance, Rate
from bot.intake import Answers, FrontDesk
from bot.logs import Log
from bot.metrics import Metrics
from bot.platforms.base import Taken
from bot.routes import command_table
from bot.routing import Router
from config.load import load_texts
from handlers.commands.asked import Asked
from handlers.count_messages import Counted
from handlers.pacing import Pacing
from storage.memory import MemorySpendings
from tests.scenarios.clicking import clicks
from tests.scenarios.running_bot import MovedClock

TEXTS = load_texts("zh-CN")
NOON = datetime(2026, 10, 12, 4, 0, tzinfo=UTC)


@dataclass
class FakeCount:
    """Counts nothing; remembers what it was given."""

    taken: list[IncomingMessage] = field(default_factory=list)
    fails: bool = False
    year_without_calendar: int = 0

    async def __call__(self, message: IncomingMessage) -> Counted:
        if self.fails:
            raise BooksUnavailable("disk full")
        if message.sent_at.year == self.year_without_calendar:
            raise NoCalendarForYear(message.sent_at.year)
        self.taken.append(message)
        return Counted.NEW


@dataclass
class FakeRegistry:
    def group_of(self, message: IncomingMessage) -> None:
        return None

    def roles_of(self, platform: str, account: str, person: Opaque) -> MappingProxyType:
        return MappingProxyType({})


@dataclass
class FakeSpeaker:
    platform: str = "dingtalk"
    said: list[Reply] = field(default_factory=list)
    fails: int = 0

    async def answer(self, address: ReplyAddress, reply: Reply) -> None:
        if self.fails:
            self.fails -= 1
            raise Unreachable("down")
        self.said.append(reply)

    async def send(self, parcel: object) -> None:
        raise AssertionError("the front desk sends no parcels")


class Recorder:
    """Stands where structlog stands, and keeps what would be written."""

    def __init__(self) -> None:
        self.lines: list[dict[str, object]] = []

    def __getattr__(self, level: str):
        return lambda event, **values: self.lines.append({"event": event, **values})


async def echo(asked: Asked) -> Reply:
    return Reply(f"{asked.call.name}!")


async def forbidden(asked: Asked) -> Reply:
    raise NotAllowed("commands.unknown.none")


async def broken(asked: Asked) -> Reply:
    raise KeyError(asked.message.text.reveal())


@dataclass
class House:
    desk: FrontDesk
    count: FakeCount
    speaker: FakeSpeaker
    answers: Answers
    written: Recorder
    metrics: Metrics


@pytest.fixture
async def house() -> AsyncIterator[House]:
    metrics, written, speaker, count = Metrics(), Recorder(), FakeSpeaker(), FakeCount()
    log = Log(written, lambda: "incident-1")
    pacing = Pacing({}, MemorySpendings(), MovedClock(NOON), UTC)
    answers = Answers({"dingtalk": speaker, "wecom": speaker}, pacing, metrics, log)
    router = Router(
        table=command_table(TEXTS),
        commands={
            "help": echo,
            "status": echo,
            "explain": broken,
            "privacy": forbidden,
            "complain": echo,
            "told": echo,
        },
        registry=FakeRegistry(),
        texts=TEXTS,
        is_going_on=lambda _message: False,
    )
    desk = FrontDesk(
        count=count,
        router=router,
        clicks=clicks(router, MovedClock(NOON)),
        answers=answers,
        own_ids=[Opaque("bot-1")],
        clock=MovedClock(NOON),
        metrics=metrics,
        log=log,
    )
    task = asyncio.create_task(answers.run())
    yield House(desk, count, speaker, answers, written, metrics)
    task.cancel()


def said(
    text: str,
    *,
    group: bool = True,
    addressed: bool = True,
    key: str = "m1",
    sender: str = "li.hua",
    route: Route = Route.DINGTALK_STREAM,
) -> IncomingMessage:
    conversation = Conversation(group, Opaque("cid1"))
    return IncomingMessage(
        platform="dingtalk",
        account="c1",
        route=route,
        key=Opaque(key),
        conversation=conversation,
        sender=Opaque(sender),
        sent_at=NOON,
        text=PrivateText(text),
        is_addressed=addressed,
        reply_address=ReplyAddress("dingtalk", "c1", conversation),
    )


async def test_group_talk_is_counted_and_not_answered(house: House) -> None:
    taken = await house.desk(said("各村今天报台账"))
    await house.answers.drained()

    assert (taken, len(house.count.taken), house.speaker.said) == (Taken(), 1, [])


async def test_a_command_is_answered_and_not_counted(house: House) -> None:
    await house.desk(said("/状态"))
    await house.answers.drained()

    assert (house.speaker.said, house.count.taken) == ([Reply("status!")], [])


async def test_where_the_acknowledgement_has_room_the_answer_goes_back_in_it(house: House) -> None:
    taken = await house.desk(said("/状态", route=Route.WECOM_AIBOT))

    assert taken == Taken(Reply("status!"))


async def test_the_same_command_delivered_twice_is_answered_once(house: House) -> None:
    await house.desk(said("/状态"))
    await house.desk(said("/状态"))
    await house.answers.drained()

    assert house.speaker.said == [Reply("status!")]


@pytest.mark.parametrize("words", ["天天要截图，受不了", "在吗", "各村今天报台账"])
async def test_what_is_told_in_private_is_answered_and_never_counted(
    house: House, words: str
) -> None:
    await house.desk(said(words, group=False))
    await house.answers.drained()

    assert (house.speaker.said, house.count.taken) == ([Reply("told!")], [])


async def test_a_typing_slip_is_answered_with_the_nearest_command(house: House) -> None:
    await house.desk(said("/壮态"))
    await house.answers.drained()

    assert "状态" in house.speaker.said[0].text
    assert "壮" not in house.speaker.said[0].text


async def test_the_bots_own_words_are_neither_counted_nor_answered(house: House) -> None:
    await house.desk(said("各村今天报台账", sender="bot-1"))

    assert house.count.taken == []


async def test_what_cannot_be_recorded_is_not_acknowledged(house: House) -> None:
    house.count.fails = True

    with pytest.raises(BooksUnavailable):
        await house.desk(said("各村今天报台账"))


async def test_a_command_that_may_not_be_given_says_so(house: House) -> None:
    await house.desk(said("/隐私"))
    await house.answers.drained()

    assert house.speaker.said == [Reply(TEXTS("commands.unknown.none"))]


async def test_a_command_that_breaks_says_sorry_and_the_log_names_no_words(house: House) -> None:
    await house.desk(said("/解释 金丝雀原话"))
    await house.answers.drained()

    assert house.speaker.said == [Reply(TEXTS("commands.unknown.trouble"))]
    assert house.written.lines[0]["error"] == "KeyError"
    assert "金丝雀" not in repr(house.written.lines)


async def test_an_answer_that_cannot_be_delivered_is_dropped_and_counted(house: House) -> None:
    house.speaker.fails = 1

    await house.desk(said("/状态", key="m1"))
    await house.desk(said("/帮助", key="m2"))
    await house.answers.drained()

    assert house.speaker.said == [Reply("help!")]
    assert house.metrics.answers.labels("failed")._value.get() == 1


async def test_one_sender_is_answered_a_bounded_number_of_times_a_minute(house: House) -> None:
    for number in range(60):
        await house.desk(said("/状态", key=f"m{number}"))
    await house.answers.drained()

    assert len(house.speaker.said) == 20


async def test_talk_that_is_not_addressed_in_a_dm_is_ignored(house: House) -> None:
    taken = await house.desk(replace(said("收到", group=False), is_addressed=False))

    assert (taken, house.count.taken) == (Taken(), [])


async def test_a_message_from_an_impossible_year_does_not_hold_up_its_route(house: House) -> None:
    house.count.year_without_calendar = 2077

    taken = await house.desk(replace(said("报表"), sent_at=NOON.replace(year=2077)))

    assert (taken, house.count.taken) == (Taken(), [])


async def test_in_a_year_whose_calendar_is_missing_nothing_is_acknowledged(house: House) -> None:
    house.count.year_without_calendar = NOON.year

    with pytest.raises(NoCalendarForYear):
        await house.desk(said("报表"))


@pytest.mark.parametrize(
    "typed", ["、请各村今天17:00前报送走访截图", "/帮助 请各村今天17:00前报送走访截图", "/壮态"]
)
async def test_a_stroke_in_front_is_no_way_round_the_count(house: House, typed: str) -> None:
    await house.desk(said(typed))

    assert len(house.count.taken) == 1


@pytest.mark.parametrize("typed", ["/状态", "帮助", "/解释 请各村报送截图"])
async def test_a_command_and_nothing_more_is_not_judged(house: House, typed: str) -> None:
    await house.desk(said(typed))

    assert house.count.taken == []


async def test_whoever_quotes_the_bot_lays_no_demand_on_anybody(house: House) -> None:
    await house.desk(said("/状态", key="m1"))
    quoting = replace(said("谢谢", key="m2"), quote=Quote(PrivateText("status!")))

    await house.desk(quoting)

    assert [message.quote for message in house.count.taken] == [None]


@pytest.mark.parametrize(("seconds", "said"), [(1, 2), (60, 1)])
async def test_an_answer_waits_for_seconds_and_is_given_up_for_minutes(
    seconds: int, said: int
) -> None:
    clock, speaker, metrics = MovedClock(NOON), FakeSpeaker(), Metrics()

    async def wait(time: float) -> None:
        clock.moment += timedelta(seconds=time)

    allowance = Allowance(per_account=(Rate(1, timedelta(seconds=seconds)),))
    pacing = Pacing({"dingtalk": allowance}, MemorySpendings(), clock, UTC)
    log = Log(Recorder(), lambda: "")
    answers = Answers({"dingtalk": speaker}, pacing, metrics, log, wait)
    where = Conversation(False, Opaque("li.hua"))
    task = asyncio.create_task(answers.run())

    for _ in range(2):
        answers.say(ReplyAddress("dingtalk", "c1", where), Reply("回执"))
    await answers.drained()
    task.cancel()

    assert len(speaker.said) == said


async def test_answers_in_acknowledgements_are_counted_and_the_next_one_is_paced(
    house: House,
) -> None:
    """The platform counts replies and pushes together, thirty a minute."""
    house.answers._pacing.allowances = {
        "dingtalk": Allowance(per_conversation=(Rate(2, timedelta(minutes=1)),))
    }

    taken = [
        await house.desk(said("/状态", key=f"m{n}", route=Route.WECOM_AIBOT)) for n in range(3)
    ]
    await house.answers.drained()

    assert [one.reply is not None for one in taken] == [True, True, False]
    assert house.speaker.said == []
