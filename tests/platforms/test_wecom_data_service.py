"""政务微信's data service is pulled stretch by stretch, and never loses or doubles a message."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from aiohttp import ClientSession
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.domain.errors import BooksUnavailable, CredentialRefused, Undecipherable, Unreachable
from bot.domain.messages import Form, Forwarded, IncomingMessage
from bot.domain.private import Opaque, PrivateText
from bot.platforms.base import Taken
from bot.platforms.wecom.data_service import DataService, DataServicePuller, unseal
from bot.platforms.wecom.data_service_wire import DataServiceReader
from bot.platforms.wecom.transport import open_session
from bot.standins.faults import Fault
from bot.standins.wecom import WecomStandin

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 10, 14, 12, 0, tzinfo=SHANGHAI)
LOG = "/cgi-bin/corp/get_log_list"
_DRAW = random.Random(17)


@dataclass
class Durable:
    """What outlives the process: the clock's time, the cursor, and the front desk's tags."""

    time: datetime = NOON
    cursors: dict[str, str] = field(default_factory=dict)
    taken: list[IncomingMessage] = field(default_factory=list)
    closed: bool = False

    def now(self) -> datetime:
        return self.time

    async def get(self, name: str) -> str | None:
        return self.cursors.get(name)

    async def put(self, name: str, value: str) -> None:
        self.cursors[name] = value

    async def take(self, message: IncomingMessage) -> Taken:
        if self.closed:
            raise BooksUnavailable
        if message.key not in [one.key for one in self.taken]:
            self.taken.append(message)
        return Taken()

    @property
    def said(self) -> list[str]:
        return [message.text.reveal() for message in self.taken]


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with open_session() as session:
        yield session


@pytest.fixture
async def standin(session) -> AsyncIterator[WecomStandin]:
    standin = WecomStandin(Durable(), _DRAW.randbytes)
    await standin.start()
    yield standin
    await standin.stop()


@dataclass
class Pull:
    puller: DataServicePuller
    happened: Counter[str]
    troubles: list[Exception]


def pull(
    standin: WecomStandin,
    session: ClientSession,
    durable: Durable,
    *,
    keys: list[rsa.RSAPrivateKey] | None = None,
    rounds: int = 1,
) -> Pull:
    happened: Counter[str] = Counter()
    troubles: list[Exception] = []
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) >= rounds:
            raise asyncio.CancelledError

    account = standin.account
    puller = DataServicePuller(
        service=DataService(
            session,
            api_base=standin.post.base,
            corp_id=account.corp_id,
            secret=account.secret,
            clock=durable,
        ),
        reader=DataServiceReader(account.corp_id, own=frozenset({"our-app"})),
        keys=[standin.data_service.key] if keys is None else keys,
        front_desk=durable.take,
        cursors=durable,
        clock=durable,
        zone=SHANGHAI,
        happened=lambda name: happened.update([name]),
        troubled=troubles.append,
        caught_up=lambda: happened.update(["caught_up"]),
        wait=wait,
        jitter=lambda: 1.0,
    )
    return Pull(puller, happened, troubles)


def record(number: int, sent_at: datetime, words: str = "", **fields: object) -> dict[str, object]:
    return {
        "msgid": f"m{number}",
        "chatid": "room",
        "sender": {"openid": "zhang", "type": 0},
        "send_time": int(sent_at.timestamp()),
        "msg_type": 1,
        "content": {"text_msg": [{"text_type": 1, "text": words or f"第{number}条"}]},
        **fields,
    }


async def test_a_stretch_is_handed_over_once_and_in_order_however_many_receivers_and_pages(
    standin, session
):
    for number in reversed(range(700)):
        standin.data_service.add(
            record(number, NOON - timedelta(seconds=60 + number)), receivers=120
        )
    durable = Durable()
    found = pull(standin, session, durable)

    await found.puller.pull_once()

    assert durable.said == [f"第{number}条" for number in reversed(range(700))]
    assert not found.happened


async def test_the_next_stretch_begins_where_the_last_one_ended(standin, session):
    durable = Durable()
    standin.data_service.add(record(1, NOON - timedelta(seconds=60)))
    await pull(standin, session, durable).puller.pull_once()
    standin.data_service.add(record(2, NOON))
    standin.data_service.add(record(3, NOON + timedelta(seconds=30)))
    durable.time = NOON + timedelta(seconds=60)
    await pull(standin, session, durable).puller.pull_once()
    assert durable.said == ["第1条", "第2条"]
    durable.time = NOON + timedelta(seconds=90)
    await pull(standin, session, durable).puller.pull_once()
    assert durable.said == ["第1条", "第2条", "第3条"]


async def test_what_is_written_late_is_found_when_the_day_is_over(standin, session):
    durable = Durable()
    await pull(standin, session, durable).puller.pull_once()
    standin.data_service.add(record(1, NOON - timedelta(hours=3)))
    durable.time = NOON + timedelta(hours=12, minutes=2)
    puller = pull(standin, session, durable).puller

    while await puller.pull_once():
        pass

    assert durable.said == ["第1条"]
    assert int(durable.cursors[puller.cursor_name]) == int(durable.time.timestamp()) - 60 + 1


async def test_days_that_were_missed_are_made_up_one_by_one(standin, session):
    durable = Durable()
    await pull(standin, session, durable).puller.pull_once()
    for day in range(1, 4):
        standin.data_service.add(record(day, NOON + timedelta(days=day)))
    durable.time = NOON + timedelta(days=3, hours=1)
    puller = pull(standin, session, durable).puller

    while await puller.pull_once():
        pass

    assert durable.said == ["第1条", "第2条", "第3条"]


async def test_the_cursor_stays_when_the_books_are_closed(standin, session):
    durable = Durable(closed=True)
    standin.data_service.add(record(1, NOON - timedelta(hours=1)))
    puller = pull(standin, session, durable).puller
    with pytest.raises(BooksUnavailable):
        await puller.pull_once()
    assert not durable.cursors
    durable.closed = False
    await puller.pull_once()
    assert durable.said == ["第1条"]


async def test_records_under_an_old_key_open_too(standin, session):
    old = standin.data_service.key
    standin.data_service.add(record(1, NOON - timedelta(hours=2)))
    new = standin.data_service.rotate_key()
    standin.data_service.add(record(2, NOON - timedelta(hours=1)))
    durable = Durable()
    await pull(standin, session, durable, keys=[new, old]).puller.pull_once()
    assert durable.said == ["第1条", "第2条"]


async def test_a_missing_key_stops_the_cursor_until_it_is_there(standin, session):
    standin.data_service.add(record(1, NOON - timedelta(hours=2)))
    stranger = rsa.generate_private_key(65537, 2048)
    durable = Durable()
    found = pull(standin, session, durable, keys=[stranger])
    with pytest.raises(asyncio.CancelledError):
        await found.puller.run()
    assert isinstance(found.troubles[0], CredentialRefused)
    assert not durable.cursors


async def test_what_cannot_be_read_is_counted_and_passed_over(standin, session):
    at = NOON - timedelta(hours=1)
    standin.data_service.add(record(1, at))
    standin.data_service.add_raw(b"no json", int(at.timestamp()))
    standin.data_service.add(record(2, at, chatid=""))
    standin.data_service.add(record(3, at, send_time="gestern"), written=int(at.timestamp()))
    durable = Durable()
    found = pull(standin, session, durable)
    await found.puller.pull_once()
    assert durable.said == ["第1条"]
    assert found.happened == {"undecipherable": 3}


async def test_our_own_words_are_not_heard(standin, session):
    at = NOON - timedelta(hours=1)
    standin.data_service.add(record(1, at, sender={"openid": "our-app", "type": 2}))
    standin.data_service.add(record(2, at, sender={"openid": "another-app", "type": 2}))
    durable = Durable()
    await pull(standin, session, durable).puller.pull_once()
    assert [message.is_from_bot for message in durable.taken] == [True]


@pytest.mark.parametrize("fault", [Fault.TOKEN_EXPIRED, Fault.RATE_LIMITED, Fault.SERVER_ERROR])
async def test_trouble_on_the_way_loses_nothing(standin, session, fault):
    standin.data_service.add(record(1, NOON - timedelta(hours=1)))
    standin.faults.plan(fault, LOG)
    durable = Durable()
    found = pull(standin, session, durable, rounds=2)
    with pytest.raises(asyncio.CancelledError):
        await found.puller.run()
    assert durable.said == ["第1条"]


async def test_a_refused_secret_says_so(standin, session):
    service = DataService(
        session,
        api_base=standin.post.base,
        corp_id=standin.account.corp_id,
        secret="another",
        clock=Durable(),
    )
    with pytest.raises(CredentialRefused):
        await service.check()


async def test_an_unreachable_host_is_tried_again_later(standin, session):
    durable = Durable()
    found = pull(standin, session, durable)
    await standin.stop()
    with pytest.raises(asyncio.CancelledError):
        await found.puller.run()
    assert isinstance(found.troubles[0], Unreachable)


def read(*records: dict[str, object]) -> list[IncomingMessage]:
    refused: list[None] = []
    found = DataServiceReader("wl").read(records, lambda: refused.append(None))
    assert not refused
    return found


def test_mentions_are_read_from_their_own_pieces():
    pieces = [
        {"text_type": 2, "at_msg": {"at_type": 2}},
        {"text_type": 1, "text": "今晚报数"},
        {
            "text_type": 2,
            "at_msg": {"at_type": 1, "at_user": [{"openid": "li"}, {"openid": "wu"}]},
        },
        {"text_type": 3, "emotion": {"shortcut": "[抱拳]"}},
    ]
    (message,) = read(record(1, NOON, content={"text_msg": pieces}))
    assert message.text.reveal() == "@所有人 今晚报数@某某 @某某 [抱拳]"
    assert message.mentions_all
    assert [one.reveal() for one in message.mentions] == ["li", "wu"]


def test_a_long_text_is_put_together_whatever_order_its_pieces_come_in():
    def piece(number: int) -> dict[str, object]:
        text = {"text_type": 1, "text": f"<{number}>", "chunk_total": 3, "chunk_num": number}
        return record(1, NOON, msg_type=16, content={"long_text_msg": [text]})

    (message,) = read(piece(3), piece(1), piece(2), piece(1))
    assert message.text.reveal() == "<1><2><3>"


@pytest.mark.parametrize(
    ("kind", "content", "form", "words"),
    [
        (2, {"file_msg": [{"name": "台账.xlsx"}]}, Form.FILE, "台账.xlsx"),
        (3, {"voice_msg": {"duration": 10}}, Form.VOICE, "[语音]"),
        (4, {"video_msg": {}}, Form.VIDEO, "[视频]"),
        (5, {"location_msg": {"title": "", "address": "镇政府"}}, Form.LOCATION, "[位置] 镇政府"),
        (6, {"link_msg": {"title": "接龙"}}, Form.LINK, "接龙"),
        (7, {"card_msg": {}}, Form.OTHER, ""),
        (10, {"news_msg": {"articles": [{"title": "学习"}]}}, Form.LINK, "学习"),
        (11, {"text_card": {"title": "打卡", "description": "今日"}}, Form.LINK, "打卡\n今日"),
        (13, {"file_msg": [{"name": "a.png"}]}, Form.IMAGE, "[图片]"),
        (99, {"something": 1}, Form.OTHER, ""),
        (2, None, Form.FILE, ""),
    ],
)
def test_every_type_has_its_form_and_no_unknown_one_breaks(kind, content, form, words):
    (message,) = read(record(1, NOON, msg_type=kind, content=content))
    assert (message.form, message.text.reveal()) == (form, words)


def forwarded(*items: object) -> IncomingMessage:
    content = {"forward_msgs": {"title": "王芳和李强的聊天记录", "items": list(items)}}
    (message,) = read(record(1, NOON, msg_type=15, content=content))
    return message


def test_a_forwarded_talk_is_its_inside_in_any_shape_and_not_its_title():
    message = forwarded(
        {"msg_type": 1, "content": "请各村报照片"},
        {
            "msg_type": 1,
            "send_time": int(NOON.timestamp()) - 60,
            "sender": {"openid": "li"},
            "content": {
                "text_msg": [
                    {"text_type": 2, "at_msg": {"at_type": 2}},
                    {"text_type": 1, "text": "抓紧"},
                ]
            },
        },
        {"msg_type": 2, "content": {"file_msg": [{"name": "台账.xlsx"}]}},
        {"content": "没有类型"},
    )
    assert message.text.reveal() == ""
    assert message.quote is None
    plain, called, file, untyped = message.forwarded
    assert plain == Forwarded(PrivateText("请各村报照片"))
    assert called.text.reveal() == "@所有人 抓紧"
    assert called.mentions_all
    assert (called.sender, called.said_at) == (Opaque("li"), NOON - timedelta(minutes=1))
    assert (file.form, file.text.reveal()) == (Form.FILE, "台账.xlsx")
    assert untyped.text.reveal() == "没有类型"


def test_a_talk_in_a_forwarded_talk_is_read_to_a_depth():
    inner: object = {"msg_type": 1, "content": "最里面的话"}
    for depth in range(4):
        said = {"msg_type": 1, "content": f"第{depth}层"}
        inner = {"msg_type": 15, "content": {"forward_msgs": {"items": [said, inner]}}}
    assert [one.text.reveal() for one in forwarded(inner).forwarded] == ["第3层", "第2层"]


@pytest.mark.parametrize("item", [None, 7, "words", {}, {"msg_type": 15}, {"content": [1]}])
def test_a_garbled_forwarded_talk_holds_nothing_and_breaks_nothing(item):
    assert forwarded(item).forwarded == ()


@pytest.mark.parametrize("data", ["", "AAAA", "no base64!", "QUJD" * 11])
def test_damaged_data_is_refused(data):
    key = rsa.generate_private_key(65537, 2048)
    with pytest.raises(Undecipherable):
        unseal([key], "AAAA", data)
