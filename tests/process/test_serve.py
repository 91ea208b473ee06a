"""The real server process: killed, told to stop, flooded; nothing lost, doubled or leaked."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.clock import SystemClock
from bot.domain.groups import GroupProfile
from bot.domain.judging import Judge
from bot.domain.messages import Form, IncomingMessage
from bot.domain.tallies import CountTable
from bot.platforms.transcripts import read_transcript
from config.calendar import load_calendar
from config.directory import CsvDirectory
from config.rulebook import load_rulebook
from handlers.count_messages import CountMessages
from handlers.import_transcripts import ImportTranscripts
from storage.memory import memory_store
from tests.process.server import Server

CORPUS = Path(__file__).parents[1] / "corpus" / "dev_a.jsonl"
TOLD = tuple(read_transcript(CORPUS))
GROUPS = tuple(one for one in TOLD if isinstance(one, GroupProfile))
PATIENCE_SECONDS = 100
KILLS = 50 if os.environ.get("SOAK") else 3
LONG_AFTER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    made = Server(tmp_path)
    await made.prepare(GROUPS)
    yield made
    await made.close()


def said_lately() -> dict[str, list[IncomingMessage]]:
    """The corpus' texts by group, as if said in the last hours, a few seconds apart."""
    said = defaultdict(list)
    start = SystemClock().now().replace(microsecond=0) - timedelta(hours=1)
    for one in TOLD:
        if isinstance(one, IncomingMessage) and one.form is Form.TEXT and not one.is_from_bot:
            group = said[one.conversation.id.reveal()]
            # No callback says which message was answered.
            moment = start + timedelta(seconds=5 * len(group))
            group.append(replace(one, sent_at=moment, reply_to=None))
    return said


async def deliver(
    server: Server, messages: list[IncomingMessage], answered: asyncio.Semaphore
) -> list[IncomingMessage]:
    """Post a group's messages in order until the server is gone; those not acknowledged."""
    left = list(messages)
    while left:
        message = left[0]
        delivery = await server.wecom.post.post_aibot_text(
            f"{server.base}/wecom/aibot",
            message.sender.reveal(),
            message.text.reveal(),
            chat=message.conversation.id.reveal(),
            sent_at=message.sent_at,
            msgid=message.key.reveal(),
        )
        if not delivery.accepted:
            return left
        answered.release()
        left.pop(0)
    return left


async def at_least(answers: int, answered: asyncio.Semaphore) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        for _ in range(answers):
            await answered.acquire()


async def expected(said: dict[str, list[IncomingMessage]]) -> list[CountTable]:
    store = memory_store(secrets.token_bytes)
    count = CountMessages(
        judge=Judge(load_rulebook(), load_calendar()),
        books=store.books, ledger=store.ledger, registry=store.registry,
        directory=CsvDirectory(), keyring=store.keyring, clock=SystemClock(),
    )  # fmt: skip
    told = [*GROUPS, *(message for group in said.values() for message in group)]
    await ImportTranscripts(count, store.registry)(told)
    return await closed(store)


async def closed(store) -> list[CountTable]:
    tables = []
    for week in await store.ledger.open_weeks():
        await store.ledger.close(week, LONG_AFTER, "test")
        tables.append(await store.ledger.tallies(week))
    return tables


async def test_kill_nine_in_the_middle_and_redelivery_give_the_same_numbers(
    server: Server,
) -> None:
    said = said_lately()
    await server.start()

    answered = asyncio.Semaphore(0)
    between = sum(len(group) for group in said.values()) // (KILLS + 1)

    async def kill_soon() -> None:
        await at_least(between, answered)
        await server.kill()

    left = list(said.values())
    for _ in range(KILLS):
        told = (deliver(server, group, answered) for group in left)
        *left, _ = await asyncio.gather(*told, kill_soon())
        await server.start()
    assert any(left)
    left = await asyncio.gather(*(deliver(server, group, answered) for group in left))
    code = await server.stop()

    assert (left, code) == ([[] for _ in said], 0)
    async with server.store() as store:
        assert await closed(store) == await expected(said)


async def test_told_to_stop_it_finishes_what_it_took_and_says_nothing_of_it(
    server: Server, tmp_path: Path
) -> None:
    said = said_lately()
    await server.start()
    first = next(iter(said.values()))

    answered = asyncio.Semaphore(0)

    async def stop_soon() -> int:
        await at_least(len(first) // 3, answered)
        return await server.stop()

    left, code = await asyncio.gather(deliver(server, first, answered), stop_soon())

    assert code == 0
    async with server.store() as store:
        weeks = await store.ledger.open_weeks()
        lines = [await store.ledger.close(week, LONG_AFTER, "test") for week in weeks]
    # A delivery whose answer was cut off may be in the books too: it was not acknowledged.
    heard = sum(line.messages for line in lines)
    assert len(first) - len(left) <= heard <= len(first) - len(left) + 1


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="needs Linux")
async def test_the_running_bot_leaves_no_core_file(server: Server) -> None:
    await server.start()

    limits = Path(f"/proc/{server.process_id}/limits").read_text("utf-8").splitlines()

    (core,) = [line.split() for line in limits if line.startswith("Max core file size")]
    assert core[4:6] == ["0", "0"]


async def test_health_readiness_and_metrics_answer(server: Server) -> None:
    await server.start()

    async with aiohttp.ClientSession() as session:
        answers = {}
        for path in ("/healthz", "/readyz", "/metrics", "/nothing"):
            async with session.get(server.base + path) as response:
                answers[path] = response.status

    assert answers == {"/healthz": 200, "/readyz": 200, "/metrics": 200, "/nothing": 404}
