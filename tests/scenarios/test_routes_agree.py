"""The same transcript gives the same numbers by every route, on what the route carries."""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.domain.groups import GroupProfile
from bot.domain.judging import Judge
from bot.domain.messages import Form, IncomingMessage
from bot.domain.periods import Week
from bot.domain.private import PrivateText
from bot.domain.tallies import CountTable
from bot.platforms.transcripts import read_transcript
from bot.standins.dingtalk_messages import Said
from config.calendar import load_calendar
from config.directory import CsvDirectory
from config.rulebook import load_rulebook
from handlers.count_messages import CountMessages
from handlers.import_transcripts import ImportTranscripts
from storage.memory import memory_store
from tests.scenarios.running_bot import House, MovedClock, running

CORPUS = Path(__file__).parents[1] / "corpus"
TOLD = tuple(
    one for name in ("dev_a", "dev_b") for one in read_transcript(CORPUS / f"{name}.jsonl")
)
GROUPS = tuple(one for one in TOLD if isinstance(one, GroupProfile))
# No platform says which message was answered.
MESSAGES = tuple(
    sorted(
        (replace(one, reply_to=None) for one in TOLD if isinstance(one, IncomingMessage)),
        key=lambda one: one.sent_at,
    )
)
TEXTS = tuple(one for one in MESSAGES if one.form is Form.TEXT and not one.is_from_bot)
NAMED = re.compile(r"@(?!所有人)[^\s@,，:：。!！?？]+ ?")
AFTERWARDS = datetime(2027, 1, 1, tzinfo=UTC)


async def imported(messages: tuple[IncomingMessage, ...]) -> dict[Week, CountTable]:
    store = memory_store(secrets.token_bytes)
    count = CountMessages(
        judge=Judge(load_rulebook(), load_calendar()),
        books=store.books,
        ledger=store.ledger,
        registry=store.registry,
        directory=CsvDirectory(),
        keyring=store.keyring,
        clock=MovedClock(messages[0].sent_at),
    )
    await ImportTranscripts(count, store.registry)([*GROUPS, *messages])
    found = {}
    for week in await store.ledger.open_weeks():
        await store.ledger.close(week, AFTERWARDS, "test")
        found[week] = await store.ledger.tallies(week)
    return found


def in_archive(house: House, message: IncomingMessage) -> None:
    """A record as the archive holds it; a voice message has no words there."""
    words = message.text.reveal()
    own: dict[Form, dict[str, object]] = {
        Form.TEXT: {"msgtype": "text", "text": {"content": words}},
        Form.IMAGE: {"msgtype": "image", "image": {"md5sum": "0" * 32}},
        Form.VIDEO: {"msgtype": "video", "video": {"md5sum": "0" * 32}},
        Form.VOICE: {"msgtype": "voice", "voice": {"md5sum": "0" * 32}},
        Form.FILE: {"msgtype": "file", "file": {"filename": words}},
        Form.LINK: {"msgtype": "link", "link": {"title": words}},
        Form.LOCATION: {"msgtype": "location", "location": {"title": words}},
    }
    sender = message.sender.reveal()
    house.wecom.archive.add(
        {
            "msgid": message.key.reveal(),
            "action": "send",
            "from": f"wb{sender}" if message.is_from_bot else sender,
            "roomid": message.conversation.id.reveal(),
            "msgtime": round(message.sent_at.timestamp() * 1000),
            **own[message.form],
        }
    )


async def test_the_archive_and_an_import_agree(tmp_path: Path) -> None:
    carried = tuple(
        one for one in MESSAGES if one.form not in (Form.SYSTEM, Form.VOICE, Form.OTHER)
    )
    async with running(tmp_path, carried[0].sent_at, GROUPS, "wecom", archive=True) as house:
        for message in carried:
            in_archive(house, message)
        await house.until(lambda: heard(house, "wecom_archive") == len(carried))
        counted = await house.tallies(AFTERWARDS)

    assert counted == await imported(carried)


def in_data_service(house: House, message: IncomingMessage) -> None:
    """A record as a private deployment logs it; mentions are pieces of their own."""
    words, sender = message.text.reveal(), message.sender.reveal()
    own: dict[Form, tuple[int, dict[str, object]]] = {
        Form.TEXT: (1, {"text_msg": [{"text_type": 1, "text": words}]}),
        Form.IMAGE: (13, {"file_msg": [{"name": ""}]}),
        Form.VIDEO: (4, {"video_msg": {"name": ""}}),
        Form.FILE: (2, {"file_msg": [{"name": words}]}),
        Form.LINK: (6, {"link_msg": {"title": words}}),
        Form.LOCATION: (5, {"location_msg": {"title": words}}),
    }
    kind, content = own[message.form]
    if message.form is Form.TEXT and message.mentions_all:
        content = {
            "text_msg": [
                {"text_type": 2, "at_msg": {"at_type": 2}},
                {"text_type": 1, "text": words.replace("@所有人", "").lstrip()},
            ]
        }
    house.wecom.data_service.add(
        {
            "msgid": message.key.reveal(),
            "chatid": message.conversation.id.reveal(),
            "sender": {"openid": sender, "type": 2 if message.is_from_bot else 0},
            "send_time": int(message.sent_at.timestamp()),
            "msg_type": kind,
            "content": content,
        },
        receivers=120,
    )


async def test_the_data_service_and_an_import_agree(tmp_path: Path) -> None:
    # The service tells whole seconds: an import of the same seconds is what it must agree with.
    carried = tuple(
        replace(one, sent_at=one.sent_at.replace(microsecond=0))
        for one in MESSAGES
        if one.form not in (Form.SYSTEM, Form.VOICE, Form.OTHER)
    )
    carried = tuple(one for one in carried if one.sent_at.date() == carried[0].sent_at.date())
    async with running(
        tmp_path, carried[0].sent_at, GROUPS, "wecom", archive=False, data_service=True
    ) as house:
        for message in carried:
            in_data_service(house, message)
        house.clock.moment = carried[-1].sent_at + timedelta(minutes=5)
        await house.until(lambda: heard(house, "wecom_data_service") == len(carried))
        counted = await house.tallies(AFTERWARDS)

    assert counted == await imported(carried)


async def test_wecom_callbacks_and_an_import_agree_on_text(tmp_path: Path) -> None:
    async with running(tmp_path, TEXTS[0].sent_at, GROUPS, "wecom", archive=False) as house:
        for message in TEXTS:
            house.clock.moment = message.sent_at
            delivery = await house.wecom.post.post_aibot_text(
                f"{house.base}/wecom/aibot",
                message.sender.reveal(),
                message.text.reveal(),
                chat=message.conversation.id.reveal(),
                sent_at=message.sent_at,
                msgid=message.key.reveal(),
            )
            assert delivery.statuses == (200,)
        counted = await house.tallies(AFTERWARDS)

    assert counted == await imported(TEXTS)


async def test_dingtalk_stream_and_an_import_agree_on_text(tmp_path: Path) -> None:
    carried = tuple(without_visible_mentions(message) for message in TEXTS)
    async with running(tmp_path, TEXTS[0].sent_at, GROUPS, "dingtalk", archive=False) as house:
        for message in carried:
            house.clock.moment = message.sent_at
            heard = Said(
                message.key.reveal(),
                message.sender.reveal(),
                message.text.reveal(),
                message.sent_at,
                message.conversation.id.reveal(),
                [who.reveal() for who in message.mentions],
            )
            assert await house.dingtalk.push(heard)
        counted = await house.tallies(AFTERWARDS)

    assert counted == await imported(carried)


def without_visible_mentions(message: IncomingMessage) -> IncomingMessage:
    """As DingTalk delivers it: names behind an @ are taken out, and whom they mean is listed."""
    words = NAMED.sub("", message.text.reveal()).strip()
    return replace(message, text=PrivateText(words), mentions_all="@所有人" in words)


def heard(house: House, route: str) -> float:
    return house.bot.metrics.messages.labels(route, "new")._value.get()
