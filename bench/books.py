"""How quickly the books take entries and close a week, beside bare SQLite in the same run.

    .venv/bin/python -m bench.books record [--database URL]
    .venv/bin/python -m bench.books close [--facts 1000000] [--groups 10000] [--database URL]

`record`: µs an entry at batches of 1, 32 and 256, median and mean of the batches, each durable
(WAL, synchronous=FULL). "bare" is sqlite3 alone with executemany on the same schema, doing the
least that could be called recording: tags and facts, no answer which were new. Runs alternate, so
that what else the machine does hits both.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bot.domain.groups import GroupCode, LineCode, UnitCode
from bot.domain.judgement import Entry, EpisodeRecord, Fact
from bot.domain.messages import Route
from bot.domain.periods import Week
from bot.domain.tallies import CountTable
from bot.domain.vocabulary import Act, Kind, Lead
from storage.fact_rows import fact_row
from storage.store import Store, open_store
from storage.upgrades import upgrade

WEEK = Week(2026, 42)
SIZES = (1, 32, 256)
BATCHES = 120
STATE = b"x" * 120


def entries(number: int, *, groups: int, demands: float, episodes: bool) -> Iterator[Entry]:
    """Messages of a week; a share of `demands` leaves a fact, every third of them a reminder."""
    opener: dict[int, bytes] = {}
    for n in range(number):
        tag, home = os.urandom(16), n % groups
        group, weekday = GroupCode(f"g-{home:05d}"), n % 7 + 1
        if n % 1000 >= demands * 1000:
            yield Entry(tag, WEEK, weekday, group, Route.WECOM_ARCHIVE, None)
            continue
        opens = n % 3 != 0 or home not in opener
        if opens:
            opener[home] = tag[:8]
        fact = Fact(
            tag=tag,
            week=WEEK,
            weekday=weekday,
            hour=n % 24,
            group=group,
            unit=UnitCode(f"u-{home % 200:03d}"),
            line=LineCode(f"line-{n % 4}"),
            act=Act.DEMAND if opens else Act.REMINDER,
            kinds=(list(Kind)[n % 11], list(Kind)[n % 7]),
            ping=n % 5 == 0,
            off_hours=n % 10 == 0,
            episode=opener[home],
            opens=opens,
            lead=Lead.UNDER_DAY if n % 2 else Lead.NONE,
            addressed=None,
            exempt=None,
            claimed_urgent=False,
            sender_tag=os.urandom(16),
            rules=("form_filling.table", "check_in.daily"),
            rulebook="2026.1",
            route=Route.WECOM_ARCHIVE,
        )
        kept = (EpisodeRecord(group, opener[home], WEEK, STATE),) if episodes else ()
        yield Entry(tag, WEEK, weekday, group, Route.WECOM_ARCHIVE, fact, episodes=kept)


def batches(size: int, demands: float) -> list[list[Entry]]:
    """What one run writes."""
    every = list(entries(size * BATCHES, groups=200, demands=demands, episodes=True))
    return [every[start : start + size] for start in range(0, len(every), size)]


class Bare:
    """sqlite3 without anything of ours, on a file with our schema and pragmas."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
            self._connection.execute(f"PRAGMA {pragma}")

    def write(self, batch: list[Entry]) -> float:
        """Seconds of one batch."""
        rows = [fact_row(entry, entry.fact) for entry in batch if entry.fact]
        tags = [(202642, entry.tag) for entry in batch]
        start = time.perf_counter()
        execute = self._connection.executemany
        self._connection.execute("BEGIN IMMEDIATE")
        execute("INSERT INTO seen VALUES (?, ?) ON CONFLICT DO NOTHING", tags)
        execute(f"INSERT INTO facts VALUES ({', '.join('?' * 23)})", rows)
        self._connection.execute("COMMIT")
        return time.perf_counter() - start

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


async def ours(store: Store, batch: list[Entry]) -> float:
    """Seconds of one batch through the port."""
    start = time.perf_counter()
    await store.books.record(batch)
    return time.perf_counter() - start


async def record(url: str | None, folder: Path) -> None:
    """Print a table of µs an entry."""
    await upgrade(f"sqlite+aiosqlite:///{folder / 'bare.db'}")
    bare = Bare(folder / "bare.db")
    url = url or f"sqlite+aiosqlite:///{folder / 'books.db'}"
    print(
        f"{'demands':>8} {'batch':>6} {'ours':>14} {'bare sqlite3':>14}  µs an entry: median (mean)"
    )
    async with open_store(url, folder / "keys", os.urandom) as store:
        for demands in (0.1, 1.0):
            for size in SIZES:
                mine, theirs = batches(size, demands), batches(size, demands)
                timed = [
                    (await ours(store, one), bare.write(other))
                    for one, other in zip(mine, theirs, strict=True)
                ]
                columns = [_per_entry([pair[k] for pair in timed], size) for k in (0, 1)]
                print(f"{demands:8.0%} {size:6} {columns[0]:>14} {columns[1]:>14}")
        await _crowd(store, 32)
        await _crowd(store, 256)
    bare.close()


async def _crowd(store: Store, doors: int) -> None:
    # As a door does it: each message on its own, many doors at once.
    every = list(entries(doors * 40, groups=200, demands=0.1, episodes=True))

    async def door(number: int) -> None:
        for entry in every[number::doors]:
            await store.books.record([entry])

    start = time.perf_counter()
    await asyncio.gather(*(door(number) for number in range(doors)))
    took = time.perf_counter() - start
    print(
        f"{doors} doors with one message each at a time: {took / len(every) * 1e6:.1f} µs an entry"
    )


def _per_entry(seconds: list[float], size: int) -> str:
    median, mean = statistics.median(seconds), statistics.fmean(seconds)
    return f"{median / size * 1e6:.1f} ({mean / size * 1e6:.1f})"


async def close(url: str | None, folder: Path, facts: int, groups: int) -> None:
    """Print how long a week of so many facts takes to close and to read."""
    url = url or f"sqlite+aiosqlite:///{folder / 'books.db'}"
    async with open_store(url, folder / "keys", os.urandom) as store:
        start = time.perf_counter()
        chunk: list[Entry] = []
        for entry in entries(facts, groups=groups, demands=1.0, episodes=False):
            chunk.append(entry)
            if len(chunk) == 20_000:
                await store.books.record(chunk)
                chunk = []
        await store.books.record(chunk)
        print(f"{facts} facts of {groups} groups recorded in {time.perf_counter() - start:.1f} s")
        stood = await timed(
            "standing of one group", store.books.standing(GroupCode("g-00007"), WEEK)
        )
        print(f"  {len(stood)} cells")
        line = await timed("close", store.ledger.close(WEEK, datetime.now(UTC), "2026.1"))
        print(f"  {line.facts} facts, {line.messages} messages")
        tallies: CountTable = await timed("read for composing", store.ledger.tallies(WEEK))
        print(f"  {len(tallies)} rows read, no fact among them")
        await timed("rebuild", store.ledger.rebuild(WEEK))
        assert await store.ledger.tallies(WEEK) == tallies


async def timed(what: str, act):
    """The result, its time printed."""
    start = time.perf_counter()
    found = await act
    print(f"{what}: {time.perf_counter() - start:.2f} s")
    return found


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["record", "close"])
    parser.add_argument("--database", help="default: a new SQLite file")
    parser.add_argument("--facts", type=int, default=1_000_000)
    parser.add_argument("--groups", type=int, default=10_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if given.what == "record":
            asyncio.run(record(given.database, Path(folder)))
        else:
            asyncio.run(close(given.database, Path(folder), given.facts, given.groups))


if __name__ == "__main__":
    main()
