"""The AI bot's long connection: what reached the socket is counted once, and nothing is hammered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import orjson
import pytest

from bot.domain.errors import BooksUnavailable
from bot.platforms.wecom.long_connection import Patience
from bot.standins.faults import Fault
from tests.faults.books import CountingDesk, counting_desk
from tests.faults.test_stream_faults import MOST_A_MINUTE, most_in_a_minute
from tests.platforms.wecom_live_stage import Stage

CHAT = "wrAbCdEf"
MESSAGES = 4

Plan = Callable[[Stage, int], Awaitable[None]]


def raw(text: str) -> Plan:
    """Such a frame before every message."""

    async def plan(stage: Stage, _number: int) -> None:
        await stage.standin.live.push_raw(text)

    return plan


async def cut(stage: Stage, _number: int) -> None:
    await stage.standin.live.cut()
    await stage.time.passes_until(lambda: not stage.live.is_connected, step=0)


def at_subscribing(fault: Fault, times: int) -> Plan:
    """The connection is cut, and the next ones meet the fault."""

    async def plan(stage: Stage, number: int) -> None:
        if number == 1:
            stage.standin.faults.plan(fault, "subscribe", times)
            await cut(stage, number)
            await stage.time.passes_until(lambda: not len(stage.standin.faults), step=5)

    return plan


def troubled(*troubles: Exception) -> Plan:
    """The front desk fails so often before it takes the second message."""

    async def plan(stage: Stage, number: int) -> None:
        if number == 1:
            stage.desk.troubles.extend(troubles)

    return plan


async def nothing(_stage: Stage, _number: int) -> None:
    """All is well."""


async def forgotten(stage: Stage, number: int) -> None:
    """The subscription is lost while the socket stays open; a ping finds out."""
    if number == 1:
        held = stage.standin.live.subscribed
        stage.standin.live.forget()
        await stage.time.passes_until(lambda: stage.standin.live.subscribed > held, step=10)


async def displaced(stage: Stage, number: int) -> None:
    if number == 1:
        await stage.standin.live.displace()
        await stage.time.passes_until(lambda: not stage.live.is_connected, step=0)


async def half_open(stage: Stage, number: int) -> None:
    if number == 1:
        held = stage.standin.live.subscribed
        stage.standin.faults.plan(Fault.HALF_OPEN, "live")
        await stage.time.passes_until(lambda: stage.standin.live.subscribed > held, step=10)


async def repeated(stage: Stage, number: int) -> None:
    """The message before comes again, with its id."""
    if number:
        await stage.standin.live.say(
            "zhang.wei", f"今晚8点前截图上报第{number - 1}项", chat=CHAT, msgid=f"M{number - 1}"
        )


async def restarted(stage: Stage, number: int) -> None:
    await repeated(stage, number)
    assert isinstance(stage.desk, CountingDesk)
    stage.desk.restart()


def callback(**body: object) -> str:
    headers = {"req_id": "R0"}
    return orjson.dumps({"cmd": "aibot_msg_callback", "headers": headers, "body": body}).decode()


FAULTS: dict[str, Plan] = {
    "nothing goes wrong": nothing,
    "the connection is cut before every message": cut,
    "subscribing is cut off eight times": at_subscribing(Fault.RESET, 8),
    "subscribing is said to be too fast": at_subscribing(Fault.RATE_LIMITED, 4),
    "the answer to subscribing never comes": at_subscribing(Fault.HALF_OPEN, 1),
    "the subscription is lost while the socket stays open": forgotten,
    "another connection throws this one out": displaced,
    "the socket answers no more": half_open,
    "a message comes twice with the same id": repeated,
    "a message comes again after a restart": restarted,
    "the books are locked three times": troubled(*[BooksUnavailable("locked")] * 3),
    "a frame is not JSON": raw("{not json"),
    "a frame is a number": raw("7"),
    "a frame has no command and an unknown request": raw('{"headers":{"req_id":"x"},"errcode":0}'),
    "a frame has an unheard-of command": raw('{"cmd":"aibot_dance","headers":{},"body":{}}'),
    "a callback has no body": raw('{"cmd":"aibot_msg_callback","headers":{"req_id":"R"}}'),
    "a callback is another bot's": raw(callback(msgid="X", aibotid="OTHER", msgtype="text")),
    "a callback has no sender": raw(callback(msgid="X", aibotid="AIBOT1", msgtype="text")),
    "a callback is of an unheard-of kind": raw(
        callback(msgid="X", aibotid="AIBOT1", msgtype="hologram", **{"from": {"userid": "a"}})
    ),
    "a callback holds numbers where words belong": raw(
        callback(msgid=7, aibotid=8, msgtype=9, chatid=[], **{"from": 4})
    ),
}


@pytest.fixture
async def stage(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    made = Stage()
    made.patience = Patience(answer=0.5)
    await made.standin.start()
    account = made.standin.account.corp_id
    try:
        async with counting_desk(sqlite_url, tmp_path, made.time, "wecom", account, CHAT) as desk:
            made.desk = desk
            yield made
    finally:
        await made.standin.stop()


@pytest.mark.parametrize("plan", FAULTS.values(), ids=FAULTS)
async def test_every_message_that_reached_the_socket_is_counted_once(
    stage: Stage, plan: Plan
) -> None:
    assert isinstance(stage.desk, CountingDesk)
    desk = stage.desk
    async with stage.running():
        for number in range(MESSAGES):
            await stage.time.passes_until(lambda: stage.live.is_connected)
            await plan(stage, number)
            await stage.time.passes_until(lambda: stage.live.is_connected, step=5)
            await stage.standin.live.say(
                "zhang.wei", f"今晚8点前截图上报第{number}项", chat=CHAT, msgid=f"M{number}"
            )
            await stage.time.passes_until(lambda n=number: f"M{n}" in desk.new, step=1)

    assert desk.new == {f"M{number}": 1 for number in range(MESSAGES)}
    assert await desk.messages() == MESSAGES
    assert most_in_a_minute(stage.standin.live.opened_at) <= MOST_A_MINUTE


async def test_an_error_of_ours_costs_its_message_and_no_other(stage: Stage) -> None:
    """The platform does not repeat callbacks of this route; the fault is told of and counted."""
    assert isinstance(stage.desk, CountingDesk)
    stage.desk.troubles.append(KeyError("zhang.wei"))

    async with stage.running():
        await stage.time.passes_until(lambda: stage.live.is_connected)
        for number in range(2):
            await stage.standin.live.say("zhang.wei", "今晚报", chat=CHAT, msgid=f"M{number}")
        await stage.time.passes_until(lambda: "M1" in stage.desk.new, step=0)

    assert stage.refused == {"fault": 1}
    assert await stage.desk.messages() == 1


async def test_a_message_that_arrived_is_counted_though_the_process_is_told_to_stop(
    stage: Stage,
) -> None:
    assert isinstance(stage.desk, CountingDesk)
    async with stage.running():
        await stage.time.passes_until(lambda: stage.live.is_connected)
        for number in range(10):
            await stage.standin.live.say("zhang.wei", "今晚报", chat=CHAT, msgid=f"M{number}")
        await stage.time.passes_until(lambda: len(stage.desk.handed) > 0, step=0)

    counted = await stage.desk.messages()
    assert counted == len(stage.desk.new) >= 1


async def test_whoever_is_thrown_out_comes_back_after_five_minutes_and_not_before(
    stage: Stage,
) -> None:
    """Two processes with the same bot must not throw each other out for ever."""
    async with stage.running():
        for _ in range(12):
            await stage.time.passes_until(lambda: stage.live.is_connected, step=30)
            await stage.standin.live.displace()
            await stage.time.passes_until(lambda: not stage.live.is_connected, step=0)

    spans = [later - earlier for earlier, later in pairwise(stage.standin.live.opened_at)]
    assert min(spans) >= timedelta(minutes=5)
