"""Ever new people cost no memory: a million of them by `make soak`, a few thousand in every run."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import psutil

from bot.domain.messages import Conversation, IncomingMessage, Route
from bot.domain.private import Opaque, PrivateText
from tests.faults.books import counting_desk
from tests.platforms.dingtalk_stage import VirtualTime
from tests.scenarios.test_front_desk import House, house, said  # noqa: F401 - a fixture

SENDERS = 1_000_000 if os.environ.get("SOAK") else 20_000
CHUNK = 1000
MOST_GROWTH = 48 * 1024 * 1024


async def growth(do: Callable[[range], Awaitable[None]]) -> int:
    """Bytes by which the process grew over the second half of so many senders."""
    memory = psutil.Process()
    half = SENDERS // 2
    for first in range(0, SENDERS, CHUNK):
        if first == half:
            gc.collect()
            before = memory.memory_info().rss
        await do(range(first, first + CHUNK))
    gc.collect()
    return memory.memory_info().rss - before


async def test_a_front_desk_forgets_whom_it_has_answered(house: House) -> None:  # noqa: F811
    async def ask(numbers: range) -> None:
        for number in numbers:
            person = f"person-{number}"
            message = said("/帮助", group=False, key=f"m{number}", sender=person)
            place = Conversation(False, Opaque(person))
            await house.desk(replace(message, conversation=place))
        await house.answers.drained()
        house.speaker.said.clear()
        house.written.lines.clear()

    assert await growth(ask) < MOST_GROWTH


async def test_counting_forgets_who_spoke(sqlite_url: str, tmp_path: Path) -> None:
    time = VirtualTime()

    def message(number: int) -> IncomingMessage:
        return IncomingMessage(
            platform="wecom",
            account="corp",
            route=Route.WECOM_ARCHIVE,
            key=Opaque(f"m{number}"),
            conversation=Conversation(True, Opaque("wr1")),
            sender=Opaque(f"person-{number}"),
            sent_at=time.now(),
            text=PrivateText("好的，明白了" if number % 50 else "今晚8点前截图上报"),
        )

    async with counting_desk(sqlite_url, tmp_path, time, "wecom", "corp", "wr1") as desk:

        async def speak(numbers: range) -> None:
            time.advance(30)
            await asyncio.gather(*(desk(message(number)) for number in numbers))
            desk.handed.clear()
            desk.new.clear()

        assert await growth(speak) < MOST_GROWTH
