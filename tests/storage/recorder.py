"""A program that records without end and says what was acknowledged; it is there to be killed.

Arguments: database URL, key folder, a number that makes its messages its own.
"""

from __future__ import annotations

import asyncio
import os
import sys
from itertools import count
from pathlib import Path

from bot.domain.judgement import EpisodeRecord
from storage.store import open_store
from tests.storage.entries import GROUP, WEEK, demand, episode_of


def entries(prefix: str, first: int, size: int):
    """The messages of one call, the same whenever they are made."""
    for number in range(first, first + size):
        name = f"{prefix}-{number}"
        plain = demand(name)
        record = EpisodeRecord(GROUP, episode_of(name), WEEK, b"sketch")
        yield type(plain)(
            plain.tag,
            plain.week,
            plain.weekday,
            plain.group,
            plain.route,
            plain.fact,
            0,
            (record,),
        )


async def main(url: str, keys: str, prefix: str) -> None:
    async with open_store(url, Path(keys), os.urandom) as store, asyncio.TaskGroup() as group:
        for worker in range(4):
            group.create_task(endlessly(store, f"{prefix}-{worker}"))


async def endlessly(store, prefix: str) -> None:
    for first in count(step=5):
        await store.books.record(list(entries(prefix, first, 5)))
        sys.stdout.write(f"{prefix} {first}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
