"""DingTalk Stream: whatever the gateway does, what was acknowledged is counted once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.errors import BooksUnavailable
from bot.standins.dingtalk_gateway import CONNECT_PATH, OPEN_PATH, PUSH
from bot.standins.faults import Fault
from tests.faults.books import CountingDesk, counting_desk
from tests.platforms.dingtalk_stage import Stage, Trouble, staged, until

CHAT = "cidDEMO1=="
MESSAGES = 5
MOST_A_MINUTE = 8

Plan = Callable[[Stage, int], Awaitable[None]]


def once(fault: Fault, where: str, times: int = 1) -> Plan:
    """The fault at the first message."""

    async def plan(stage: Stage, number: int) -> None:
        if number == 0:
            stage.standin.faults.plan(fault, where, times)

    return plan


def each(fault: Fault, where: str) -> Plan:
    """The fault at every message."""

    async def plan(stage: Stage, _number: int) -> None:
        stage.standin.faults.plan(fault, where)

    return plan


def reconnecting(fault: Fault, where: str, times: int) -> Plan:
    """The connection is cut, and the next ones meet the fault."""

    async def plan(stage: Stage, number: int) -> None:
        if number == 1:
            stage.standin.faults.plan(fault, where, times)
            stage.standin.gateway.cut()
            await until(lambda: not stage.standin.gateway.listening)
            await stage.time.passes_until(lambda: not len(stage.standin.faults), step=5)
            await stage.time.passes_until(lambda: stage.standin.gateway.listening > 0, step=5)

    return plan


def troubled(*troubles: Exception) -> Plan:
    """The front desk fails so often before it takes the second message."""

    async def plan(stage: Stage, number: int) -> None:
        if number == 1:
            stage.desk.troubles.extend(troubles)

    return plan


def raw(text: str) -> Plan:
    """Such a frame before every message."""

    async def plan(stage: Stage, _number: int) -> None:
        await stage.standin.gateway.push_raw(text)

    return plan


async def told_to_go(stage: Stage, _number: int) -> None:
    await stage.standin.gateway.disconnect()


async def restarted(stage: Stage, _number: int) -> None:
    assert isinstance(stage.desk, CountingDesk)
    stage.desk.restart()


FAULTS: dict[str, Plan] = {
    "nothing goes wrong": once(Fault.LOST_ACK, "nowhere"),
    "a message is pushed twice": once(Fault.DUPLICATE, PUSH),
    "every message is pushed twice": each(Fault.DUPLICATE, PUSH),
    "an acknowledgement is lost": once(Fault.LOST_ACK, PUSH),
    "four acknowledgements in a row are lost": once(Fault.LOST_ACK, PUSH, 4),
    "every first acknowledgement is lost": each(Fault.LOST_ACK, PUSH),
    "the connection is reset while a message is pushed": once(Fault.RESET, PUSH),
    "the connection is reset at every message": each(Fault.RESET, PUSH),
    "the connection falls silent while a message is pushed": once(Fault.HALF_OPEN, PUSH),
    "the gateway asks for a new connection in a push": once(Fault.DISCONNECT, PUSH),
    "the gateway asks for a new connection at every push": each(Fault.DISCONNECT, PUSH),
    "the gateway asks for a new connection between pushes": told_to_go,
    "new connections are kicked twenty times": reconnecting(Fault.DISCONNECT, CONNECT_PATH, 20),
    "new connections are reset five times": reconnecting(Fault.RESET, CONNECT_PATH, 5),
    "a new connection is silent from the start": reconnecting(Fault.HALF_OPEN, CONNECT_PATH, 1),
    "the gateway answers 500 ten times": reconnecting(Fault.SERVER_ERROR, OPEN_PATH, 10),
    "the gateway says too fast five times": reconnecting(Fault.RATE_LIMITED, OPEN_PATH, 5),
    "the gateway cuts the opening call five times": reconnecting(Fault.RESET, OPEN_PATH, 5),
    "the gateway is slow to open": reconnecting(Fault.SLOW, OPEN_PATH, 1),
    "the books are locked twice": troubled(*[BooksUnavailable("locked")] * 2),
    "the books are locked for ten pushes": troubled(*[BooksUnavailable("locked")] * 10),
    "an error of ours meets a message": troubled(Trouble("x")),
    "the process starts anew between messages": restarted,
    "a frame is not JSON": raw("{not json"),
    "a frame is a list": raw("[1, 2]"),
    "a frame is empty": raw(""),
    "a frame is nested deeply": raw('{"data":' + "[" * 4000 + "]" * 4000 + "}"),
    "a frame is of an unheard-of type": raw('{"type":"NEWS","headers":{"topic":"x"},"data":"{}"}'),
    "a frame has a topic that nobody asked for": raw(
        '{"type":"CALLBACK","headers":{"topic":"/other","messageId":"m"},"data":"{}"}'
    ),
    "a message frame has no message": raw(
        '{"type":"CALLBACK","headers":{"topic":"/v1.0/im/bot/messages/get","messageId":"m"},'
        '"data":"{}"}'
    ),
    "the month's quota withholds words": raw(
        '{"type":"CALLBACK","headers":{"topic":"/v1.0/im/bot/messages/get","messageId":"m"},'
        '"data":"{\\"msgId\\":\\"q\\",\\"errCode\\":20001,\\"errMsg\\":\\"over\\"}"}'
    ),
    "a frame is larger than a connection may carry": raw("x" * (4 * 1024 * 1024 + 1)),
}


@pytest.fixture
async def stage(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(Stage) as made:
        account = made.standin.client_id
        async with counting_desk(
            sqlite_url, tmp_path, made.time, "dingtalk", account, CHAT
        ) as desk:
            made.desk = desk
            yield made


def most_in_a_minute(moments: list[datetime]) -> int:
    return max(
        sum(first <= moment < first + timedelta(minutes=1) for moment in moments)
        for first in moments
    )


@pytest.mark.parametrize("plan", FAULTS.values(), ids=FAULTS)
async def test_every_acknowledged_message_is_counted_once(stage: Stage, plan: Plan) -> None:
    async with stage.streaming():
        await stage.time.passes_until(lambda: stage.standin.gateway.listening > 0)
        said = []
        for number in range(MESSAGES):
            await plan(stage, number)
            said.append(stage.says(f"今晚8点前截图上报第{number}项", sender=f"user-{number}"))
            acknowledged = await stage.time.passes_during(stage.standin.push(said[-1]), step=5)
            assert acknowledged, "the platform had pushed it in vain"

    assert isinstance(stage.desk, CountingDesk)
    assert stage.desk.new == {one.key: 1 for one in said}
    assert await stage.desk.messages() == MESSAGES
    assert most_in_a_minute(stage.standin.gateway.asked_at) <= MOST_A_MINUTE


async def test_a_message_pushed_four_times_in_ten_minutes_and_over_a_restart_counts_once(
    stage: Stage,
) -> None:
    said = stage.says()
    for _ in range(2):
        async with stage.streaming():
            await stage.standin.gateway.joined()
            for _ in range(2):
                assert await stage.time.passes_during(stage.standin.push(said))
                stage.time.advance(150)
        await until(lambda: stage.standin.gateway.listening == 0)
        await restarted(stage, 0)

    assert isinstance(stage.desk, CountingDesk)
    assert len(stage.desk.handed) >= 4
    assert await stage.desk.messages() == 1


async def test_equal_words_of_two_people_are_two_messages(stage: Stage) -> None:
    async with stage.streaming():
        await stage.standin.gateway.joined()
        for sender in ("user-1", "user-2"):
            assert await stage.standin.push(stage.says("收到请回复", sender=sender))

    assert isinstance(stage.desk, CountingDesk)
    assert await stage.desk.messages() == 2


async def test_messages_out_of_their_order_are_all_counted(stage: Stage) -> None:
    said = [stage.says(f"第{n}项今天报", at=stage.time.now()) for n in range(20)]
    stage.time.advance(60)

    async with stage.streaming():
        await stage.standin.gateway.joined()
        pushes = [asyncio.create_task(stage.standin.push(one)) for one in reversed(said)]
        assert await asyncio.gather(*pushes) == [True] * 20

    assert isinstance(stage.desk, CountingDesk)
    assert await stage.desk.messages() == 20


async def test_a_push_repeated_while_the_first_is_still_in_hand_counts_once(stage: Stage) -> None:
    async with stage.streaming():
        await stage.standin.gateway.joined()
        stage.desk.gate.clear()
        push = asyncio.create_task(stage.standin.push(stage.says()))
        await stage.time.passes_until(lambda: len(stage.desk.handed) == 3)
        stage.desk.gate.set()
        assert await stage.time.passes_during(push)

    assert isinstance(stage.desk, CountingDesk)
    assert await stage.desk.messages() == 1


async def test_two_connections_of_one_app_count_each_message_once(stage: Stage) -> None:
    async with stage.streaming(), stage.streaming():
        await until(lambda: stage.standin.gateway.listening == 2)
        said = [stage.says() for _ in range(6)]
        for one in said:
            stage.standin.faults.plan(Fault.DUPLICATE, PUSH)
            assert await stage.standin.push(one)

    assert isinstance(stage.desk, CountingDesk)
    assert stage.desk.new == {one.key: 1 for one in said}


async def test_killed_between_counting_and_acknowledging_it_counts_once(stage: Stage) -> None:
    said = stage.says()
    stage.standin.faults.plan(Fault.LOST_ACK, PUSH)
    async with stage.streaming():
        await stage.standin.gateway.joined()
        push = asyncio.create_task(stage.standin.push(said))
        await until(lambda: len(stage.desk.handed) == 1)
    await restarted(stage, 0)

    async with stage.streaming():
        assert await stage.time.passes_during(push)

    assert isinstance(stage.desk, CountingDesk)
    assert await stage.desk.messages() == 1


async def test_killed_before_counting_it_is_counted_by_the_next_process(stage: Stage) -> None:
    stage.desk.gate.clear()
    async with stage.streaming():
        await stage.standin.gateway.joined()
        push = asyncio.create_task(stage.standin.push(stage.says()))
        await until(lambda: len(stage.desk.handed) == 1)
        stage.desk.troubles.append(asyncio.CancelledError())  # type: ignore[arg-type]
        asyncio.get_running_loop().call_soon(stage.desk.gate.set)
    await restarted(stage, 0)

    async with stage.streaming():
        assert await stage.time.passes_during(push)

    assert isinstance(stage.desk, CountingDesk)
    assert await stage.desk.messages() == 1
