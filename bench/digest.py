"""A province's week: closed in the books, composed and encoded, beside a plain GROUP BY of sqlite3.

    python -m bench.digest [--facts N] [--groups N] [--runs N]

The facts are laid into a new SQLite file in bulk, which is not timed. Then, each time on a fresh
copy: close the week (derive its tallies from the facts, move the ledger, erase the tags), compose
the office's digest from the tallies and keep it. "plain GROUP BY" is sqlite3 alone on the same
file, summing the same facts by group, weekday and kind: the least that any answer would cost.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sqlite3
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.books import WEEK, entries
from bot import collecting
from bot.renderings.json_document import decode_figures, encode_digest
from config.calendar import load_calendar
from config.load import load_texts
from config.policy_file import load_limits
from handlers.publish_digest import DigestForms, DigestPolicy, PublishDigests
from storage.fact_rows import fact_row
from storage.store import open_store
from storage.upgrades import upgrade
from storage.weeks import week_number

ZONE = ZoneInfo("Asia/Shanghai")
HOURS = "08:30-12:00,14:30-17:30"
SUM = (
    "SELECT group_code, weekday, kinds, count(*), sum(opens), sum(ping AND off_hours) "
    "FROM facts WHERE week = ? GROUP BY group_code, weekday, kinds"
)


class Monday:
    """A clock that stands at the Monday morning after the week."""

    def now(self) -> datetime:
        return WEEK.ends_at(ZONE) + timedelta(hours=9)


def lay_out(path: Path, facts: int, groups: int) -> None:
    """A file with the week's facts, tags and coverage, and the groups registered."""
    asyncio.run(upgrade(f"sqlite+aiosqlite:///{path}"))
    books = sqlite3.connect(path, isolation_level=None)
    books.execute("PRAGMA synchronous=OFF")
    books.execute("BEGIN")
    number, heard, rows = week_number(WEEK), {}, []
    for entry in entries(facts, groups=groups, demands=1.0, episodes=False):
        rows.append(fact_row(entry, entry.fact))
        where = (number, entry.weekday, entry.group, entry.route.value)
        heard[where] = heard.get(where, 0) + 1
    rows.sort(key=lambda row: row[:4])
    marks = ", ".join("?" * len(rows[0]))
    books.executemany(f"INSERT INTO facts VALUES ({marks})", rows)
    books.executemany("INSERT INTO seen VALUES (?, ?)", sorted((row[0], row[2]) for row in rows))
    books.executemany(
        "INSERT INTO coverage (week, weekday, group_code, route, messages, late) "
        "VALUES (?, ?, ?, ?, ?, 0)",
        [(*where, n) for where, n in sorted(heard.items())],
    )
    books.executemany(
        "INSERT INTO groups (code, alias, unit, line, size, zone, hours, retired) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
        # Every twentieth group is too small to be shown by itself.
        [
            (
                f"g-{n:05d}",
                f"g-{n:05d}",
                f"u-{n % 200:03d}",
                f"line-{n % 4}",
                6 if n % 20 == 0 else 40,
                ZONE.key,
                HOURS,
            )
            for n in range(groups)
        ],
    )
    books.execute("COMMIT")
    books.close()


def plain(path: Path) -> float:
    """Seconds of the sum alone."""
    books = sqlite3.connect(path)
    start = time.perf_counter()
    books.execute(SUM, (week_number(WEEK),)).fetchall()
    took = time.perf_counter() - start
    books.close()
    return took


async def ours(path: Path) -> dict[str, float]:
    """Seconds of each step, on a file of its own."""
    took = {}
    async with open_store(
        f"sqlite+aiosqlite:///{path}", path.parent / "keys", os.urandom
    ) as store:
        collecting.settle()  # as `serve` and `import` do
        start = time.perf_counter()
        await store.ledger.close(WEEK, datetime.now(UTC), "2026.1")
        took["close"] = time.perf_counter() - start
        publish = PublishDigests(
            ledger=store.ledger,
            shelf=store.shelf,
            outbox=store.outbox,
            registry=store.registry,
            routes=store.routes,
            clock=Monday(),
            calendar=load_calendar(),
            texts=load_texts("zh-CN"),
            forms=DigestForms(encode_digest, decode_figures),
            policy=DigestPolicy("减负专班", "轻装", ZONE, limits=load_limits()),
        )
        start = time.perf_counter()
        await publish()
        took["compose from tallies"] = time.perf_counter() - start
        kept = await publish.stored(WEEK, publish.offices()[0].code)
        assert kept is not None
        took["MB"] = len(kept) / 1e6
    return took


def run(facts: int, groups: int, runs: int) -> dict[str, float]:
    """Median seconds of each step."""
    found: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as temporary:
        model = Path(temporary) / "model.db"
        lay_out(model, facts, groups)
        for number in range(runs):
            folder = Path(temporary) / str(number)
            folder.mkdir()
            copy = folder / "books.db"
            shutil.copy(model, copy)
            base = plain(copy)
            found.append({"plain GROUP BY": base} | asyncio.run(ours(copy)))
            shutil.rmtree(folder)
    medians = {step: statistics.median(one[step] for one in found) for step in found[0]}
    medians["close and compose"] = statistics.median(
        one["close"] + one["compose from tallies"] for one in found
    )
    return medians


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--facts", type=int, default=1_000_000)
    parser.add_argument("--groups", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    print(f"{asked.facts:,} facts of {asked.groups:,} groups, median of {asked.runs}")
    for step, found in run(asked.facts, asked.groups, asked.runs).items():
        print(f"{step:<22}{found:>8.2f} {'' if step == 'MB' else 's'}")


if __name__ == "__main__":
    main()
