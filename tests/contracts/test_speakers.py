"""What every platform's speaker promises, held against each platform's stand-in over real sockets."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from bot.domain.cards import Card, Choice, Fact
from bot.domain.errors import (
    ContentRefused,
    DeliveryUncertain,
    PlatformError,
    RateLimited,
    RecipientUnknown,
    Unreachable,
)
from bot.domain.messages import Conversation, Reply, ReplyAddress
from bot.domain.private import Opaque
from bot.platforms.dingtalk import transport as dingtalk_transport
from bot.platforms.dingtalk.cards import CardChannel
from bot.platforms.dingtalk.client import DingtalkClient
from bot.platforms.dingtalk.speaker import DingtalkSpeaker
from bot.platforms.wecom import transport as wecom_transport
from bot.platforms.wecom.client import WecomClient
from bot.platforms.wecom.speaker import WecomSpeaker
from bot.standins.dingtalk import DingtalkStandin
from bot.standins.dingtalk_api import CARD_PATH, PEOPLE_PATH, UPLOAD_PATH
from bot.standins.dingtalk_cards import TEMPLATE
from bot.standins.dingtalk_cards import ShownCard as DingtalkCard
from bot.standins.faults import Fault, Faults
from bot.standins.wecom import WecomStandin
from bot.standins.wecom_cards import ShownCard as WecomCard
from handlers.ports import CardSpeaker, Destination, FileSpeaker, Parcel, Speaker

NOW = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
READER = "office-reader-7"


class FixedClock:
    def now(self) -> datetime:
        return NOW


async def at_once(_seconds: float) -> None:
    await asyncio.sleep(0)


@dataclass
class Talk:
    """A speaker, its stand-in's faults, what was said to the reader, and the sending address."""

    speaker: Speaker
    limit: int
    faults: Faults
    said: Callable[[], list[str]]
    send_path: str
    files: Callable[[], list[tuple[str, bytes]]]
    upload_path: str
    card_path: str
    cards: Callable[[], list[WecomCard | DingtalkCard]]

    async def say(self, markdown: str) -> list[str]:
        """Say it as DeliverParcels does, part by part; the receipts."""
        whole = self.parcel(markdown)
        return [
            await self.speaker.send(replace(whole, markdown=part))
            for part in self.speaker.parts(whole)
        ]

    def parcel(self, markdown: str) -> Parcel:
        destination = Destination(self.speaker.platform, "account", False, Opaque(READER))
        return Parcel("digest:2026-W41", destination, "周报", markdown, NOW)


@asynccontextmanager
async def wecom() -> AsyncIterator[Talk]:
    standin = WecomStandin(FixedClock(), random.Random(1).randbytes, wait=at_once)
    base = await standin.start()
    account = standin.account
    try:
        async with wecom_transport.open_session() as session:
            client = WecomClient(
                session,
                api_base=base,
                corp_id=account.corp_id,
                secret=account.secret,
                agent_id=account.agent_id,
                clock=FixedClock(),
            )
            speaker = WecomSpeaker(client, session, api_base=base, clock=FixedClock())
            yield Talk(
                speaker,
                speaker.capabilities.longest_markdown,
                standin.faults,
                lambda: [sent.content for sent in standin.sent if sent.to == READER],
                "/cgi-bin/message/send",
                lambda: [
                    standin.api.files[sent.content]
                    for sent in standin.sent
                    if sent.to == READER and sent.kind in ("file", "image")
                ],
                "/cgi-bin/media/upload",
                "/cgi-bin/message/send",
                lambda: list(standin.api.cards.shown.values()),
            )
    finally:
        await standin.stop()


@asynccontextmanager
async def dingtalk() -> AsyncIterator[Talk]:
    standin = DingtalkStandin(FixedClock(), wait=at_once)
    await standin.start()
    try:
        async with dingtalk_transport.open_session() as session:
            client = DingtalkClient(
                session=session,
                api_base=standin.base_url,
                oapi_base=standin.base_url,
                client_id=standin.client_id,
                secret=standin.client_secret,
                robot_code=standin.robot_code,
                clock=FixedClock(),
                wait=at_once,
                random=lambda: 0.0,
                notify=lambda _notice: None,
            )
            cards = CardChannel(TEMPLATE, standin.robot_code)
            speaker = DingtalkSpeaker(client, FixedClock(), at_once, cards)
            yield Talk(
                speaker,
                speaker.capabilities.longest_markdown,
                standin.faults,
                lambda: [sent.text for sent in standin.sent if sent.to == READER],
                PEOPLE_PATH,
                lambda: [
                    standin.api.media[sent.text][1:]
                    for sent in standin.sent
                    if sent.to == READER and sent.text.startswith("@media")
                ],
                UPLOAD_PATH,
                CARD_PATH,
                lambda: list(standin.api.cards.shown.values()),
            )
    finally:
        await standin.stop()


@pytest.fixture(params=[wecom, dingtalk], ids=["wecom", "dingtalk"])
async def talk(request: pytest.FixtureRequest) -> AsyncIterator[Talk]:
    async with request.param() as opened:
        yield opened


async def test_a_parcel_arrives_once(talk):
    await talk.speaker.send(talk.parcel("**周报**\n\n本周 12 次"))

    assert talk.said() == ["**周报**\n\n本周 12 次"]


async def test_a_long_parcel_arrives_in_order_and_within_the_limit(talk):
    paragraphs = [f"第{n}节 " + "数" * 300 for n in range(30)]

    await talk.say("\n\n".join(paragraphs))

    said = talk.said()
    assert len(said) > 1
    assert all(len(part.encode()) <= talk.limit for part in said)
    marks = [f"({n}/{len(said)})" for n in range(1, len(said) + 1)]
    assert [part.rsplit("\n\n", 1)[1] for part in said] == marks
    assert "\n\n".join(part.rsplit("\n\n", 1)[0] for part in said) == "\n\n".join(paragraphs)


async def test_what_was_said_can_be_taken_back_by_its_receipts(talk):
    receipts = await talk.say("数" * 9000)
    assert len(talk.said()) > 1

    for receipt in receipts:
        await talk.speaker.recall(talk.parcel("").destination, receipt)

    assert talk.said() == []


async def test_what_the_platform_does_not_know_cannot_be_taken_back(talk):
    with pytest.raises(ContentRefused):
        await talk.speaker.recall(talk.parcel("").destination, "nothing")


async def test_an_answer_that_was_cut_off_is_uncertain_and_said_once(talk):
    talk.faults.plan(Fault.RESET, talk.send_path)

    with pytest.raises(DeliveryUncertain):
        await talk.speaker.send(talk.parcel("x"))

    assert len(talk.said()) <= 1


async def test_too_fast_says_how_long_to_wait(talk):
    talk.faults.plan(Fault.RATE_LIMITED, talk.send_path, times=20)

    with pytest.raises(RateLimited) as caught:
        await talk.speaker.send(talk.parcel("x"))

    assert caught.value.retry_after.total_seconds() > 0
    assert talk.said() == []


async def test_a_token_that_ended_early_is_renewed_unseen(talk):
    talk.faults.plan(Fault.TOKEN_EXPIRED, talk.send_path)

    await talk.speaker.send(talk.parcel("x"))

    assert talk.said() == ["x"]


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.RATE_LIMITED, Fault.SERVER_ERROR])
async def test_no_error_shows_who_was_to_be_told(talk, fault):
    talk.faults.plan(fault, talk.send_path, times=20)

    with pytest.raises(PlatformError) as caught:
        await talk.speaker.send(talk.parcel("the words"))

    shown = f"{caught.value!r} {caught.value.__cause__!r}"
    assert READER not in shown
    assert "the words" not in shown
    assert "token" not in shown


async def test_a_group_that_cannot_be_answered_is_said_to_be_unknown(talk):
    foreign = "https://evil.example/reply"
    conversation = Conversation(is_group=False, id=Opaque("nobody"))
    address = ReplyAddress(talk.speaker.platform, "account", conversation, Opaque(foreign), NOW)

    with pytest.raises(RecipientUnknown):
        await talk.speaker.answer(address, Reply("x"))

    assert talk.said() == []


# --- files ----------------------------------------------------------------------------------

PAPER = ("基层负担监测周报 2026-W41.docx", b"PK\x03\x04 not opened by anybody here")
PICTURE = ("基层负担监测周报 2026-W41.png", b"\x89PNG\r\n\x1a\n")


async def send_file(talk: Talk, name: str, content: bytes) -> str:
    assert isinstance(talk.speaker, FileSpeaker)
    return await talk.speaker.send_file(talk.parcel("").destination, name, content)


@pytest.mark.parametrize("file", [PAPER, PICTURE], ids=["file", "picture"])
async def test_a_file_arrives_once_under_its_name(talk, file):
    await send_file(talk, *file)

    assert talk.files() == [file]
    assert len(talk.said()) == 1


async def test_a_file_can_be_taken_back(talk):
    receipt = await send_file(talk, *PAPER)

    await talk.speaker.recall(talk.parcel("").destination, receipt)

    assert talk.files() == []


@pytest.mark.parametrize("name", ["周报.pdf", "周报.png"])
async def test_a_file_over_the_limit_of_size_is_refused_before_anything_is_sent(talk, name):
    with pytest.raises(ContentRefused):
        await send_file(talk, name, b"x" * (20 * 1024 * 1024 + 1))

    assert talk.said() == []


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.SERVER_ERROR, Fault.RATE_LIMITED])
async def test_a_fault_of_the_upload_leaves_nothing_in_doubt(talk, fault):
    talk.faults.plan(fault, talk.upload_path, times=20)

    with pytest.raises((Unreachable, RateLimited)) as caught:
        await send_file(talk, *PAPER)

    assert talk.said() == []
    assert "周报" not in f"{caught.value!r} {caught.value.__cause__!r}"


async def test_a_token_that_ended_before_the_upload_is_renewed_unseen(talk):
    talk.faults.plan(Fault.TOKEN_EXPIRED, talk.upload_path)

    await send_file(talk, *PAPER)

    assert talk.files() == [PAPER]


async def test_a_line_cut_after_the_upload_is_uncertain(talk):
    talk.faults.plan(Fault.RESET, talk.send_path)

    with pytest.raises(DeliveryUncertain):
        await send_file(talk, *PAPER)

    assert len(talk.files()) <= 1


async def test_a_file_refused_after_the_upload_is_sent_at_the_next_try(talk):
    talk.faults.plan(Fault.RATE_LIMITED, talk.send_path, times=5)
    with pytest.raises(RateLimited):
        await send_file(talk, *PAPER)
    while len(talk.faults):
        talk.faults.due(talk.send_path)

    await send_file(talk, *PAPER)

    assert talk.files() == [PAPER]


# --- cards ----------------------------------------------------------------------------------

CARD = Card(
    "有一件事待您确认",
    (Choice("确认", "limits", "确认 3"), Choice("撤回", "limits", "撤回 3")),
    "待确认 3：会议改为1",
    (Fact("编号", "3"),),
).with_values("ab" * 16, ("value-1", "value-2"))


async def show(talk: Talk, card: Card = CARD) -> str:
    assert isinstance(talk.speaker, CardSpeaker)
    return await talk.speaker.send_card(talk.parcel("").destination, card)


async def test_a_card_is_shown_with_its_buttons_and_their_values(talk):
    await show(talk)

    [shown] = talk.cards()
    assert (shown.to, shown.title) == (READER, "有一件事待您确认")
    assert shown.buttons == {"确认": "value-1", "撤回": "value-2"}


async def test_whether_a_card_fits_is_known_before_it_is_sent(talk):
    assert isinstance(talk.speaker, CardSpeaker)
    long = replace(CARD, text="字" * 400)

    assert talk.speaker.shows(CARD, is_group=False)
    assert not talk.speaker.shows(long, is_group=False)


async def test_a_card_that_is_known_already_is_refused_and_not_shown_twice(talk):
    await show(talk)

    with pytest.raises(PlatformError):
        await show(talk)

    assert len(talk.cards()) == 1


async def test_a_card_cut_off_is_uncertain_and_shown_once(talk):
    talk.faults.plan(Fault.RESET, talk.card_path)

    with pytest.raises(DeliveryUncertain):
        await show(talk)

    assert len(talk.cards()) <= 1


async def test_a_card_sent_too_fast_is_not_shown(talk):
    talk.faults.plan(Fault.RATE_LIMITED, talk.card_path, times=20)

    with pytest.raises(RateLimited):
        await show(talk)

    assert talk.cards() == []


async def test_a_token_that_ended_before_a_card_is_renewed_unseen(talk):
    talk.faults.plan(Fault.TOKEN_EXPIRED, talk.card_path)

    await show(talk)

    assert len(talk.cards()) == 1


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.RATE_LIMITED, Fault.SERVER_ERROR])
async def test_no_error_shows_what_stands_on_a_card_or_behind_it(talk, fault):
    talk.faults.plan(fault, talk.card_path, times=20)

    with pytest.raises(PlatformError) as caught:
        await show(talk)

    said = f"{caught.value!r} {caught.value.__cause__!r}"
    assert not any(word in said for word in (READER, "value-1", "会议", "待您确认"))


async def test_an_answer_with_a_card_is_the_card_and_no_words(talk):
    conversation = Conversation(is_group=False, id=Opaque(READER))
    address = ReplyAddress(talk.speaker.platform, "account", conversation, to=Opaque(READER))

    await talk.speaker.answer(address, Reply("the same in words", CARD))

    assert len(talk.cards()) == 1
    assert "the same in words" not in talk.said()
