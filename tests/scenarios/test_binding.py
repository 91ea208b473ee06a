"""A code said in a group ties its chats to the registered group, on every route it was heard by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.commands import CommandCall
from bot.domain.errors import UserError
from bot.domain.groups import GroupCode
from bot.domain.invites import code_in, mark_of, new_code, shown
from bot.domain.messages import Conversation, IncomingMessage, Route
from bot.domain.private import Opaque, PrivateText
from bot.domain.sending import Urgency
from config.load import load_texts
from handlers.bind_chats import BindChats, InviteChats
from handlers.commands.asked import Asked
from handlers.commands.bind import Bind
from handlers.ports import DeliveryState
from storage.memory import MemoryStore, memory_store
from tests.scenarios.running_bot import running
from tests.scenarios.test_notices import notices
from tests.scenarios.week_end_house import MovedClock, at, profile

NINE = at("2026-10-19 09:00")
TEXTS = load_texts("zh-CN")
DAY = timedelta(days=1)


@dataclass
class House:
    store: MemoryStore = field(default_factory=lambda: memory_store(bytes))
    clock: MovedClock = field(default_factory=lambda: MovedClock(NINE))
    drawn: list[int] = field(default_factory=lambda: list(range(1, 200)))
    bind: BindChats = field(init=False)

    def __post_init__(self) -> None:
        store = self.store
        self.bind = BindChats(store.invites, store.registry, store.outbox, self.clock, TEXTS)

    async def code(self, group: str = "g-1") -> str:
        drawn = self.drawn.pop(0).to_bytes(16, "big")
        invite = InviteChats(self.store.invites, self.clock, lambda _size: drawn)
        code, until = await invite(GroupCode(group), DAY)
        assert until == self.clock.now() + DAY
        return code

    def says(self, chat: str = "wr1", route: Route = Route.WECOM_AIBOT) -> IncomingMessage:
        return IncomingMessage(
            platform="wecom",
            account="corp",
            route=route,
            key=Opaque("m"),
            conversation=Conversation(True, Opaque(chat)),
            sender=Opaque("li.hua"),
            sent_at=self.clock.now(),
            text=PrivateText("talk"),
            is_addressed=not route.sees_everything,
        )

    def group_of(self, chat: str) -> str | None:
        group = self.store.registry.group_of(self.says(chat))
        return group.code if group else None


@pytest.fixture
async def house() -> House:
    made = House()
    for code in ("g-1", "g-2"):
        await made.store.registry.put_group(profile(code))
    return made


async def refusal(house: House, message: IncomingMessage, said: str) -> str:
    with pytest.raises(UserError) as caught:
        await house.bind(message, said)
    return caught.value.key


async def test_a_code_binds_the_robots_chat(house: House) -> None:
    code = await house.code()

    bound = await house.bind(house.says("wr1"), shown(code))

    assert bound.code == house.group_of("wr1") == "g-1"
    assert not house.store.registry.is_passively_counted(GroupCode("g-1"))


async def test_the_same_words_bind_the_archives_room_under_its_own_id(house: House) -> None:
    code = await house.code()

    await house.bind(house.says("wr1"), code)
    await house.bind(house.says("room-9", Route.WECOM_ARCHIVE), code)

    assert house.group_of("wr1") == house.group_of("room-9") == "g-1"
    assert house.store.registry.hears_whole(GroupCode("g-1"), "wecom")


@pytest.mark.parametrize("archive_first", [True, False])
async def test_where_both_have_one_id_the_chat_goes_on_being_heard_whole(
    house: House, archive_first: bool
) -> None:
    code = await house.code()
    routes = [Route.WECOM_ARCHIVE, Route.WECOM_AIBOT]

    for route in routes if archive_first else reversed(routes):
        await house.bind(house.says("wr1", route), code)

    assert house.store.registry.hears_whole(GroupCode("g-1"), "wecom")


async def test_a_group_is_told_once_that_everything_is_read_now(house: House) -> None:
    for _ in range(2):
        code = await house.code()
        await house.bind(house.says("wr1"), code)
        await house.bind(house.says("room-9", Route.WECOM_ARCHIVE), code)

    (notice,) = await house.store.outbox.listed([DeliveryState.PENDING])
    assert notice.parcel.destination.id == Opaque("wr1")
    assert notice.parcel.urgency is Urgency.HINT
    assert "全部消息" in notice.parcel.markdown


async def test_a_code_serves_once_and_dies_after_a_day(house: House) -> None:
    used, old = await house.code(), await house.code("g-2")
    await house.bind(house.says("wr1"), used)

    assert await refusal(house, house.says("wr2"), used) == "binding.wrong"
    house.clock.moment += DAY
    assert await refusal(house, house.says("wr3"), old) == "binding.wrong"
    assert house.group_of("wr2") is None


async def test_a_chat_of_another_group_stays_there_and_the_code_stays_good(house: House) -> None:
    await house.bind(house.says("wr1"), await house.code("g-1"))
    code = await house.code("g-2")

    assert await refusal(house, house.says("wr1"), code) == "binding.elsewhere"
    assert house.group_of("wr1") == "g-1"
    await house.bind(house.says("wr2"), code)
    assert house.group_of("wr2") == "g-2"


async def test_a_retired_group_is_not_bound(house: House) -> None:
    code = await house.code()
    await house.store.registry.retire(GroupCode("g-1"))

    assert await refusal(house, house.says(), code) == "binding.wrong"


@pytest.mark.parametrize("said", ["", "你好", "123", "12345-6789", "123456789012"])
async def test_what_is_no_code_is_no_guess(house: House, said: str) -> None:
    for _ in range(20):
        assert await refusal(house, house.says(), said) == "binding.usage"


async def test_guesses_are_limited_in_a_chat_and_in_all(house: House) -> None:
    code = await house.code()
    guesses = [f"99999{number:05d}" for number in range(5)]
    for guess in guesses:
        assert await refusal(house, house.says("wr1"), guess) == "binding.wrong"

    assert await refusal(house, house.says("wr1"), code) == "binding.too_often"
    for chat in range(19):
        for guess in guesses:
            assert await refusal(house, house.says(f"chat-{chat}"), guess) == "binding.wrong"
    assert await refusal(house, house.says("fresh"), code) == "binding.too_often"

    house.clock.moment += timedelta(hours=1)
    assert (await house.bind(house.says("wr1"), code)).code == "g-1"


async def test_in_private_nothing_is_bound(house: House) -> None:
    message = replace(house.says(), conversation=Conversation(False, Opaque("li.hua")))

    assert await refusal(house, message, await house.code()) == "binding.in_the_group"


@pytest.mark.parametrize(
    ("routes", "told"),
    [
        ([Route.WECOM_AIBOT], "只读@它的消息"),
        ([Route.WECOM_ARCHIVE, Route.WECOM_AIBOT], "全部消息"),
    ],
)
async def test_the_answer_says_what_is_read_from_now_on(
    house: House, routes: list[Route], told: str
) -> None:
    code = await house.code()
    command = Bind(house.bind, house.store.registry, TEXTS, notices(house.store))

    for route in routes:
        asked = Asked(house.says("wr1", route), CommandCall("bind", code), None, {})
        reply = await command(asked)

    assert told in reply.text
    assert len(reply.text.encode()) <= 2048


@given(st.binary(min_size=16, max_size=16))
def test_a_code_is_found_however_it_is_typed(drawn: bytes) -> None:
    code = new_code(lambda _size: drawn)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)

    for typed in (code, shown(code), f" {code[:5]} {code[5:]} 谢谢", wide, f"码：{code}。"):
        assert code_in(typed) == code
    assert mark_of(code) != mark_of(code[::-1]) or code == code[::-1]


async def test_the_running_bot_binds_robot_and_archive_by_one_sentence(tmp_path: Path) -> None:
    async with running(tmp_path, NINE, [profile()], "dingtalk", archive=True) as bot:
        store = bot.bot.counting.store
        invite = InviteChats(store.invites, bot.clock, lambda size: b"\x07" * size)
        code, _ = await invite(profile().code, DAY)

        url = f"{bot.base}/wecom/aibot"
        said = f"/绑定 {shown(code)}"
        await bot.wecom.post.post_aibot_text(url, "li.hua", said, chat="wrROBOT")
        name = bot.wecom.account.bot_name
        bot.wecom.archive.add(
            {
                "msgid": "m1",
                "action": "send",
                "from": "li.hua",
                "roomid": "wrROOM",
                "msgtime": round(NINE.timestamp() * 1000),
                "msgtype": "text",
                "text": {"content": f"@{name} {said}"},
            }
        )
        heard = bound(bot.bot.counting.store.registry)
        await bot.until(lambda: heard() == {"wrROBOT": False, "wrROOM": True})

    (answer,) = [sent for sent in bot.wecom.sent if sent.via == "ack"]
    assert "已绑定" in answer.content


def bound(registry: object) -> Callable[[], dict[str, bool]]:
    return lambda: {
        each.chat_id.reveal(): each.sees_everything
        for each in registry.bindings(profile().code)
        if each.platform == "wecom"
    }
