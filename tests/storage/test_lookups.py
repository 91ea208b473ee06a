"""Tags are looked up together, and one who gives up takes nobody along."""

import asyncio

import pytest

from bot.domain.errors import BooksUnavailable
from storage.lookups import SeenTags


class Slow:
    """A database whose reads wait for a sign and know the tags of one week."""

    def __init__(self) -> None:
        self.reads = 0
        self.go = asyncio.Event()
        self.fails = False

    async def read(self, work):
        self.reads += 1
        await self.go.wait()
        if self.fails:
            raise BooksUnavailable("gone")
        return work(self)

    def scalars(self, _statement):
        return [b"known"]


async def asked(seen: SeenTags, count: int) -> list[asyncio.Task]:
    tasks = [asyncio.create_task(seen.among(202642, {b"known", b"new"})) for _ in range(count)]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def test_those_who_wait_are_looked_up_with_one_read():
    database = Slow()
    seen = SeenTags(database)
    tasks = await asked(seen, 20)
    database.go.set()
    assert await asyncio.gather(*tasks) == [{b"known"}] * 20
    assert database.reads <= 2


async def test_one_who_gives_up_leaves_the_others_their_answer():
    database = Slow()
    seen = SeenTags(database)
    first, *others = await asked(seen, 3)
    first.cancel()
    await asyncio.sleep(0)
    database.go.set()
    assert await asyncio.gather(*others) == [{b"known"}] * 2
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_an_outage_is_told_to_everybody_who_asked():
    database = Slow()
    database.fails = True
    seen = SeenTags(database)
    tasks = await asked(seen, 3)
    database.go.set()
    for task in tasks:
        with pytest.raises(BooksUnavailable):
            await task
