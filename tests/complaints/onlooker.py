"""Somebody who looks at the bot's files or database every minute, and a classifier for him."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from math import sqrt
from pathlib import Path

import asyncpg
import numpy as np

from bot.domain.private import PrivateText
from bot.domain.receipts import Receipt
from tests.complaints.house import BotSide

MINUTES_PER_SLOT = 10
Act = Callable[[BotSide, random.Random], Awaitable[None]]
Look = Callable[[], Awaitable[tuple[int, ...]]]


def area_under_curve(ones: Sequence[float], others: Sequence[float]) -> float:
    """How well a number tells the two apart: 0.5 is chance; ties are halves."""
    values = np.array([*ones, *others], dtype=float)
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = (ends - (counts - 1) / 2)[place]
    n, m = len(ones), len(others)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))


def chance_room(ones: int, others: int, deviations: float = 4) -> float:
    """How far from one half chance alone takes the area, this many standard deviations."""
    return deviations * sqrt((ones + others + 1) / (12 * ones * others))


@dataclass
class Intervals:
    """What changed in each ten minutes, and whether a member did something in them."""

    acted: list[bool] = field(default_factory=list)
    seen: list[tuple[int, ...]] = field(default_factory=list)

    def areas(self, names: Sequence[str]) -> dict[str, float]:
        """For each thing seen how well it tells the intervals apart; "all" is a classifier that
        learned on every second interval and is asked about the others."""
        rows, acted = np.array(self.seen, dtype=float), np.array(self.acted)
        found = {
            name: area_under_curve(rows[acted, n], rows[~acted, n]) for n, name in enumerate(names)
        }
        scores = _learned(rows[::2], acted[::2], rows[1::2])
        found["all"] = area_under_curve(scores[acted[1::2]], scores[~acted[1::2]])
        return found


def _learned(rows: np.ndarray, acted: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Least squares on the values, their squares, and which of the values it is."""
    middle, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    usual = [np.unique(column)[:8] for column in rows.T]

    def shaped(found: np.ndarray) -> np.ndarray:
        scaled = (found - middle) / spread
        kinds = [
            (found[:, n] == value).astype(float)
            for n, values in enumerate(usual)
            for value in values
        ]
        ones = np.ones((len(found), 1))
        return np.hstack([ones, scaled, scaled**2, np.array(kinds).T])

    weights, *_ = np.linalg.lstsq(shaped(rows), acted.astype(float), rcond=None)
    return shaped(asked) @ weights


async def any_act(bot: BotSide, draw: random.Random) -> None:
    """A complaint, a supplement, a withdrawal or a look-up."""
    receipts: list[Receipt] = bot.__dict__.setdefault("receipts_given", [])
    kind = draw.randrange(4)
    if kind == 0 or not receipts:
        receipts.append(await bot.box.submit(bot.complaint(unit=f"U{draw.randrange(4)}")))
    elif kind == 1:
        await bot.box.supplement(draw.choice(receipts), PrivateText("补充一句"), bot.week)
    elif kind == 2:
        await bot.box.withdraw(draw.choice(receipts), bot.week)
    else:
        await bot.box.look_up(draw.choice(receipts))


async def watch(
    bot: BotSide, draw: random.Random, slots: int, act: Act, look: Look, *, between: bool = True
) -> Intervals:
    """Minute by minute, with the tick as the running bot has it: a slot when it is due, then the
    weekly rewrite when that is. In every second interval, by lot, a member does something.

    With `between`, nothing that is looked at changes between two slots. The last number of each
    interval is how many microseconds after its tick the file was written.
    """
    found = Intervals()
    await bot.slots(3)
    before = await look()
    acted = False
    for _ in range(slots):
        when = draw.randrange(2 * MINUTES_PER_SLOT)
        for minute in range(MINUTES_PER_SLOT):
            if minute == when:
                await act(bot, draw)
                acted = True
            bot.clock.at += timedelta(minutes=1)
            begun = time.time_ns()
            written = await bot.box.write_slot()
            mended = False
            if written:
                ended = bot.week.shifted(-1)
                was_mended = await bot.store.is_rewritten(ended)
                await bot.rewrite()
                mended = not was_mended and await bot.store.is_rewritten(ended)
            after = await look()
            if written:
                change = tuple(b - a for a, b in zip(before[:-1], after[:-1], strict=True))
                if not mended:  # the week's rewrite has a size of its own, the same for all
                    found.seen.append((*change, max(0, after[-1] - begun) // 1000))
                    found.acted.append(acted)
                acted = False
            elif between:
                assert after == before, "between two slots not a byte changes"
            before = after
    return found


def sqlite_files(folder: Path) -> Look:
    """Sizes of the file and of its journal, rows, and when it was written."""
    path, journal = folder / "complaints.db", folder / "complaints.db-journal"
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    known: list[tuple[int, ...]] = []

    async def look() -> tuple[int, ...]:
        state = path.stat()
        if known and known[0][-1] == state.st_mtime_ns and known[0][0] == state.st_size:
            return known[0]
        with closing(connection.execute("SELECT count(*) FROM reports")) as rows:
            (count,) = rows.fetchone()
        beside = journal.stat().st_size if journal.exists() else 0
        known[:] = [(state.st_size, beside, count, state.st_mtime_ns)]
        return known[0]

    return look


def postgres_server(connection: asyncpg.Connection) -> Look:
    """Rows, sizes of heaps and of indexes, and how far the write-ahead log went."""

    async def look() -> tuple[int, ...]:
        row = await connection.fetchrow(
            "SELECT pg_relation_size('reports') + pg_relation_size('marks'),"
            " pg_indexes_size('reports') + pg_indexes_size('marks'),"
            " (SELECT count(*) FROM reports),"
            " pg_current_wal_insert_lsn() - '0/0'::pg_lsn, 0"
        )
        return tuple(int(value) for value in row)

    return look
