"""Facts of open weeks: one writer commits together whatever queued while it committed before.

Nobody waits for a batch to fill. A call returns after the commit that holds its entries, so an
acknowledgement given then means: counted, once, durably.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Sequence

from sqlalchemy import select

from bot.domain.errors import BooksUnavailable
from bot.domain.groups import GroupCode
from bot.domain.judgement import Entry, EpisodeRecord
from bot.domain.periods import Week
from bot.domain.tallies import CountTable
from handlers.ports import Recorded
from storage import tables
from storage.deriving import tally_rows
from storage.engine import Database, ValuesRefused
from storage.lookups import SeenTags
from storage.recording import Recording
from storage.tally_rows import count_table
from storage.weeks import week_number, week_of

MOST_WAITING = 20_000
MOST_TOGETHER = 2_000

_Call = tuple[Sequence[Entry], "asyncio.Future[list[Recorded]]"]


class SqlBooks:
    """The Books port on SQLAlchemy. `run` is its writer: one task that the store owns."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._write = Recording(database.dialect)
        self._seen = SeenTags(database)
        self._waiting: deque[_Call] = deque()
        self._entries_waiting = 0
        self._news = asyncio.Event()
        self._open = True

    async def record(self, entries: Sequence[Entry]) -> Sequence[Recorded]:
        """See handlers.ports.Books. Raises BooksUnavailable; then nothing of it was written.

        A call that is cancelled may still be written: the platform delivers again, and that is
        then a duplicate.
        """
        if not self._open:
            raise BooksUnavailable("the books are closed")
        if self._entries_waiting >= MOST_WAITING:
            raise BooksUnavailable(f"more than {MOST_WAITING} messages wait to be written")
        if not entries:
            return []
        written: asyncio.Future[list[Recorded]] = asyncio.get_running_loop().create_future()
        self._waiting.append((entries, written))
        self._entries_waiting += len(entries)
        self._news.set()
        return await written

    async def run(self) -> None:
        """Write what waits until `close` was called and nothing waits any more."""
        while self._open or self._waiting:
            await self._news.wait()
            self._news.clear()
            while self._waiting:
                await self._commit(self._next_batch())

    def close(self) -> None:
        """Refuse new entries; `run` ends when what waits is written."""
        self._open = False
        self._news.set()

    async def seen(self, week: Week, tags: Collection[bytes]) -> set[bytes]:
        """See handlers.ports.Books."""
        return await self._seen.among(week_number(week), tags)

    async def open_episodes(self, group: GroupCode) -> Sequence[EpisodeRecord]:
        """See handlers.ports.Books."""
        episode = tables.open_episodes.c
        rows = (
            select(episode.id, episode.week, episode.state)
            .where(episode.group_code == group)
            .order_by(episode.place)
        )
        found = await self._database.read(lambda connection: connection.execute(rows).all())
        return [EpisodeRecord(group, own, week_of(week), state) for own, week, state in found]

    async def standing(self, group: GroupCode, week: Week) -> CountTable:
        """See handlers.ports.Books."""
        rows = tally_rows(week, group)
        return count_table(
            await self._database.read(lambda connection: connection.execute(rows).all())
        )

    def _next_batch(self) -> list[_Call]:
        batch: list[_Call] = []
        size = 0
        while self._waiting and (not batch or size + len(self._waiting[0][0]) <= MOST_TOGETHER):
            call = self._waiting.popleft()
            batch.append(call)
            size += len(call[0])
        self._entries_waiting -= size
        return batch

    async def _commit(self, batch: list[_Call]) -> None:
        entries = [entry for call, _ in batch for entry in call]
        try:
            outcomes = await self._database.write(
                lambda connection: self._write(connection, entries)
            )
        except Exception as error:
            if len(batch) > 1 and _is_of_one_entry(error):
                # The others must not suffer from what one call holds.
                for one in batch:
                    await self._commit([one])
            else:
                _tell(batch, error)
        else:
            start = 0
            for call, written in batch:
                if not written.done():
                    written.set_result(outcomes[start : start + len(call)])
                start += len(call)


def _is_of_one_entry(error: Exception) -> bool:
    return isinstance(error, ValuesRefused) or not isinstance(error, BooksUnavailable)


def _tell(batch: list[_Call], error: Exception) -> None:
    # Another error's text may quote an entry, so only its class goes on.
    known = isinstance(error, BooksUnavailable)
    text = str(error) if known else f"an entry is malformed ({type(error).__name__})"
    for _, written in batch:
        if not written.done():
            written.set_exception(BooksUnavailable(text))
