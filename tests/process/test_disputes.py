"""A dispute told to the real server, which is killed meanwhile: filed once, decided once."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.clock import SystemClock
from bot.domain.groups import GroupProfile
from bot.domain.periods import Week
from bot.domain.private import Opaque
from bot.platforms.transcripts import read_transcript
from handlers.ports import Role
from storage import tables
from storage.engine import open_database
from tests.process.server import Server

CORPUS = Path(__file__).parents[1] / "corpus" / "dev_a.jsonl"
GROUP = next(one for one in read_transcript(CORPUS) if isinstance(one, GroupProfile))
ADMIN, CHIEF = "admin.of.group", "chief.of.office"
DEMAND = "@所有人 各村今天下班前把巡查照片发群里"
KILLS = 40 if os.environ.get("SOAK") else 4


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    made = Server(tmp_path)
    await made.prepare([GROUP])
    today = SystemClock().now().date()
    corp = made.wecom.account.corp_id
    async with made.store() as store:
        for person, role, scope in (
            (ADMIN, Role.GROUP_ADMIN, GROUP.code),
            (CHIEF, Role.OFFICE, "*"),
        ):
            await store.registry.grant("wecom", corp, Opaque(person), role, scope, today)
    yield made
    await made.close()


async def say(server: Server, who: str, text: str, key: str, *, chat: str | None) -> bool:
    """Whether the server acknowledged it."""
    delivery = await server.wecom.post.post_aibot_text(
        f"{server.base}/wecom/aibot", who, text, chat=chat, sent_at=SystemClock().now(), msgid=key
    )
    return delivery.accepted


async def say_until_taken(server: Server, who: str, text: str, key: str, chat: str | None) -> None:
    """As a platform does: deliver again what was not acknowledged; the server dies once."""

    async def kill_soon() -> None:
        for _ in range(25 * len(key)):  # at another point of every exchange
            await asyncio.sleep(0)
        await server.kill()

    killing = asyncio.create_task(kill_soon())
    taken = await say(server, who, text, key, chat=chat)
    await killing
    await server.start()
    if not taken:
        assert await say(server, who, text, key, chat=chat)


async def steps(server: Server) -> list[str]:
    url = f"sqlite+aiosqlite:///{server.folder / 'books.db'}"
    step = tables.dispute_steps.c
    database = await open_database(url)
    try:
        rows = await database.read(
            lambda connection: connection.scalars(select(step.state).order_by(step.step)).all()
        )
    finally:
        await database.close()
    return list(rows)


async def test_kill_nine_leaves_every_step_once(server: Server) -> None:
    await server.start()
    assert await say(server, CHIEF, DEMAND, "demand", chat=GROUP.code)
    assert await server.stop() == 0
    week = Week.of(SystemClock().now(), GROUP.zone)
    async with server.store() as store:
        [count] = await store.disputes.latest(GROUP.code, week, 9)
    await server.start()

    told = []
    for number in range(KILLS):
        wanted = "撤回 " if number % 2 else ""
        told.append("withdrawn" if number % 2 else "open")
        kinds = "" if number % 4 else f" {count.kinds[0].value}"  # of the whole, and of a kind
        key = "k" * (number + 1)
        await say_until_taken(server, ADMIN, f"/误报 {wanted}{count.id}{kinds}", key, GROUP.code)
        assert await steps(server) == told
    await say_until_taken(server, ADMIN, f"/误报 {count.id}", "filed", GROUP.code)
    await say_until_taken(server, CHIEF, f"/误报 成立 {count.id}", "decided", None)

    assert await server.stop() == 0
    assert await steps(server) == [*told, "open", "upheld"]
    async with server.store() as store:
        assert await store.disputes.latest(GROUP.code, week, 9) == []
