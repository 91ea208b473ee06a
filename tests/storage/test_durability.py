"""What was acknowledged is counted, once: killed, crowded, failing, closing."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import OperationalError

from bot.domain.errors import BooksUnavailable
from bot.domain.groups import GroupCode, GroupProfile
from bot.domain.private import Opaque
from bot.domain.vocabulary import Tallied
from bot.domain.work_calendar import OfficeHours
from handlers.ports import Destination, Parcel, Recorded, Role
from storage import books as books_module
from storage.books import SqlBooks
from storage.engine import open_database
from storage.store import open_store
from tests.storage.entries import GROUP, WEEK, demand, talk
from tests.storage.recorder import entries

MONDAY = datetime(2026, 10, 19, 2, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


async def episodes_of(store, week=WEEK) -> int:
    return sum(
        n for cell, n in await store.books.standing(GROUP, week)
        if cell.measure is Tallied.EPISODES
    )  # fmt: skip


def killed_after(lines: int, url: str, keys: Path, prefix: str) -> list[tuple[str, int]]:
    """Start the recorder, kill it without mercy, and say what it had acknowledged."""
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.storage.recorder", url, str(keys), prefix],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        text=True,
    )
    assert program.stdout is not None
    said = [program.stdout.readline() for _ in range(lines)]
    program.send_signal(signal.SIGKILL)
    rest, _ = program.communicate(timeout=100)
    whole = [line for line in "".join([*said, rest]).splitlines(keepends=True) if line[-1] == "\n"]
    return [(name, int(first)) for name, first in (line.split() for line in whole)]


async def test_what_was_acknowledged_survives_a_kill_and_counts_once(database_url, tmp_path):
    keys = tmp_path / "keys"
    acknowledged = []
    for round_ in range(2):
        acknowledged += killed_after(30 + 10 * round_, database_url, keys, f"r{round_}")

    async with open_store(database_url, keys, os.urandom) as store:
        sent = [e for name, first in acknowledged for e in entries(name, first, 5)]
        assert len(sent) >= 70 * 5
        assert await store.books.seen(WEEK, [e.tag for e in sent]) == {e.tag for e in sent}
        before = await episodes_of(store)

        again = await store.books.record(sent)

        assert set(again) == {Recorded.DUPLICATE}
        assert await episodes_of(store) == before >= len(sent)
        assert len(await store.books.open_episodes(GROUP)) == before


async def test_many_writers_a_close_and_the_registry_do_not_lock_one_another_out(
    database_url, tmp_path
):
    async with open_store(database_url, tmp_path / "keys", os.urandom) as store:
        earlier = WEEK.shifted(-1)
        await store.books.record([demand(f"old {n}", week=earlier) for n in range(200)])

        async def write(writer: int) -> list[Recorded]:
            answers: list[Recorded] = []
            for number in range(10):
                answers += await store.books.record([demand(f"{writer} {number}"), talk("same")])
            return answers

        async def register() -> None:
            for number in range(10):
                code = GroupCode(f"g-{number}")
                await store.registry.put_group(
                    GroupProfile(
                        code, "组", "u-1", "civil", 9, ZoneInfo("Asia/Shanghai"),
                        OfficeHours.parse("09:00-17:00"),
                    )
                )  # fmt: skip
                await store.registry.bind("wecom", "c", Opaque(f"chat {number}"), code, True)
                await store.registry.grant(
                    "wecom", "c", Opaque("p"), Role.GROUP_ADMIN, code, date(2026, 10, 12)
                )
                parcel = Parcel(
                    f"k{number}", Destination("wecom", "c", True, Opaque(code)), "t", "m", MONDAY
                )
                await store.outbox.put([parcel])

        async with asyncio.TaskGroup() as group:
            writers = [group.create_task(write(number)) for number in range(50)]
            closing = group.create_task(store.ledger.close(earlier, MONDAY, "2026.1"))
            group.create_task(register())
            readers = [group.create_task(episodes_of(store)) for _ in range(10)]

        answers = [answer for writer in writers for answer in writer.result()]
        assert answers.count(Recorded.NEW) == 501
        assert closing.result().facts == 200
        assert all(0 <= reader.result() <= 500 for reader in readers)
        assert await episodes_of(store) == 500


async def test_two_programs_on_one_database_count_each_message_once(database_url, tmp_path):
    keys = tmp_path / "keys"
    async with (
        open_store(database_url, keys, os.urandom) as one,
        open_store(database_url, keys, os.urandom) as other,
    ):
        names = [f"m{n}" for n in range(60)]

        async def deliver(store, order) -> int:
            new = 0
            for start in range(0, len(order), 7):
                answers = await store.books.record([demand(n) for n in order[start : start + 7]])
                new += answers.count(Recorded.NEW)
            return new

        counts = await asyncio.gather(
            *(deliver(one, names[k:] + names[:k]) for k in (0, 20)),
            *(deliver(other, names[::-1][k:] + names[::-1][:k]) for k in (0, 35)),
        )

        assert sum(counts) == 60
        assert await episodes_of(one) == await episodes_of(other) == 60


async def test_a_message_that_meets_the_close_is_either_in_the_tallies_or_late(
    database_url, tmp_path
):
    keys = tmp_path / "keys"
    async with (
        open_store(database_url, keys, os.urandom) as one,
        open_store(database_url, keys, os.urandom) as other,
    ):
        await one.books.record([demand("first")])
        calls = [one.books.record([demand(f"m{n}")]) for n in range(20)]
        late_calls = [other.books.record([demand(f"n{n}")]) for n in range(20)]

        *answers, line = await asyncio.gather(
            *calls, *late_calls, other.ledger.close(WEEK, MONDAY, "2026.1")
        )

        new = sum(answer == [Recorded.NEW] for answer in answers)
        line = await one.ledger.closed(WEEK)
        assert line.facts == line.messages == new + 1
        assert line.late == 40 - new
        tallied = {c.measure: n for c, n in await one.ledger.tallies(WEEK)}
        assert tallied[Tallied.EPISODES] == new + 1


async def test_two_programs_may_close_the_same_week(database_url, tmp_path):
    keys = tmp_path / "keys"
    async with (
        open_store(database_url, keys, os.urandom) as one,
        open_store(database_url, keys, os.urandom) as other,
    ):
        await one.books.record([demand("a")])

        lines = await asyncio.gather(
            *(store.ledger.close(WEEK, MONDAY, "2026.1") for store in (one, other, one, other))
        )

        assert {line.facts for line in lines} == {1}


class Gate:
    """A database that counts transactions, and breaks or waits when it is told to."""

    def __init__(self, database) -> None:
        self._database = database
        self.transactions = 0
        self.broken = False
        self.open = asyncio.Event()
        self.open.set()

    @property
    def dialect(self):
        return self._database.dialect

    async def read(self, work):
        return await self._database.read(work)

    async def write(self, work):
        await self.open.wait()
        self.transactions += 1
        if not self.broken:
            return await self._database.write(work)

        def work_and_fail(connection):
            work(connection)
            raise OperationalError("disk full", None, Exception())

        return await self._database.write(work_and_fail)


@pytest.fixture
async def gated(database_url):
    database = await open_database(database_url)
    gate = Gate(database)
    books = SqlBooks(gate)
    writer = asyncio.create_task(books.run())
    yield gate, books
    books.close()
    await writer
    await database.close()


async def wait_until_queued(books, calls) -> list[asyncio.Task]:
    tasks = [asyncio.ensure_future(call) for call in calls]
    await asyncio.sleep(0)
    return tasks


async def test_what_queues_during_a_commit_is_committed_together(gated):
    gate, books = gated
    gate.open.clear()
    calls = await wait_until_queued(books, [books.record([demand(f"m{n}")]) for n in range(50)])

    gate.open.set()
    await asyncio.gather(*calls)

    assert gate.transactions <= 2


async def test_a_large_call_is_one_transaction(gated):
    gate, books = gated

    answers = await books.record([demand(f"m{n}") for n in range(books_module.MOST_TOGETHER + 9)])

    assert set(answers) == {Recorded.NEW}
    assert gate.transactions == 1


async def test_a_commit_that_fails_is_told_to_everybody_who_waits_and_writes_nothing(gated):
    gate, books = gated
    gate.broken = True

    calls = [books.record([demand(f"m{n}")]) for n in range(5)]
    answers = await asyncio.gather(*calls, return_exceptions=True)

    assert {type(answer) for answer in answers} == {BooksUnavailable}
    assert await books.seen(WEEK, [demand(f"m{n}").tag for n in range(5)]) == set()

    gate.broken = False
    assert await books.record([demand("m0")]) == [Recorded.NEW]


async def test_an_entry_that_cannot_be_written_is_refused_without_its_content(gated):
    _, books = gated

    with pytest.raises(BooksUnavailable) as refused:
        await books.record([demand("m", unit=object())])

    assert "object" not in str(refused.value)
    assert await books.record([demand("m")]) == [Recorded.NEW]


@pytest.mark.parametrize("wrong", [{"unit": []}, {"kinds": None}])
async def test_nobody_else_suffers_from_an_entry_that_cannot_be_written(gated, wrong):
    gate, books = gated
    gate.open.clear()
    names = ["a", "b", "c"]
    calls = await wait_until_queued(
        books, [books.record([demand(n)]) for n in names] + [books.record([demand("x", **wrong)])]
    )

    gate.open.set()
    answers = await asyncio.gather(*calls, return_exceptions=True)

    assert answers[:3] == [[Recorded.NEW]] * 3
    assert isinstance(answers[3], BooksUnavailable)


async def test_a_caller_that_gives_up_does_not_hold_up_the_others(gated):
    gate, books = gated
    gate.open.clear()
    first, second = await wait_until_queued(
        books, [books.record([demand("a")]), books.record([demand("b")])]
    )

    first.cancel()
    gate.open.set()

    assert await second == [Recorded.NEW]


async def test_too_many_that_wait_are_turned_away(gated):
    gate, books = gated
    gate.open.clear()
    many = [talk(f"m{n}") for n in range(books_module.MOST_WAITING)]
    calls = await wait_until_queued(books, [books.record([talk("first")])])
    await asyncio.sleep(0)
    calls += await wait_until_queued(books, [books.record(many)])

    with pytest.raises(BooksUnavailable, match="wait to be written"):
        await books.record([talk("one more")])

    gate.open.set()
    await asyncio.gather(*calls)


async def test_what_waits_when_the_store_closes_is_written(database_url, tmp_path):
    keys = tmp_path / "keys"
    async with open_store(database_url, keys, os.urandom) as store:
        calls = await wait_until_queued(
            store.books, [store.books.record([demand(f"m{n}")]) for n in range(20)]
        )

    assert [call.result() for call in calls] == [[Recorded.NEW]] * 20
    with pytest.raises(BooksUnavailable, match="closed"):
        await store.books.record([demand("late")])


async def test_a_full_disk_is_told_to_everybody_and_once_there_is_room_all_is_counted(sqlite_url):
    database = await open_database(sqlite_url)

    def limit(pages: int):
        return lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    books = SqlBooks(database)
    writer = asyncio.create_task(books.run())
    calls = [[demand(f"{call} {n}") for n in range(200)] for call in range(5)]
    await database.write(limit(1))  # no fewer than there are: the file cannot grow

    answers = await asyncio.gather(*map(books.record, calls), return_exceptions=True)

    assert {type(answer) for answer in answers} == {BooksUnavailable}
    assert all("OperationalError" in str(answer) for answer in answers)
    await database.write(limit(1_000_000))
    assert await books.seen(WEEK, [entry.tag for call in calls for entry in call]) == set()
    for call in calls:
        assert set(await books.record(call)) == {Recorded.NEW}

    books.close()
    await writer
    await database.close()
