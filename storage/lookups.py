"""Which tags are in the books: whoever asks while others are looked up is looked up with the next.

After an outage a platform delivers again what was not acknowledged, many at a time, and each of
them must be known or not before it is judged. One statement for all who wait costs what one for
each would.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select

from storage import tables
from storage.engine import Database

MOST_TOGETHER = 2_000


@dataclass(frozen=True, slots=True)
class _Question:
    week: int
    tags: frozenset[bytes]
    answer: asyncio.Future[set[bytes]]


class SeenTags:
    """Answers from one snapshot taken after the question was put."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Question] = []
        self._looking = asyncio.Lock()

    async def among(self, week: int, tags: Collection[bytes]) -> set[bytes]:
        """Those of `tags` that are in the books of the week; raises BooksUnavailable."""
        question = _Question(week, frozenset(tags), asyncio.get_running_loop().create_future())
        self._waiting.append(question)
        async with self._looking:
            if not question.answer.done():
                try:
                    await self._answer_all()
                except BaseException:
                    self._waiting.remove(question)
                    raise
        return await question.answer

    async def _answer_all(self) -> None:
        questions, self._waiting = self._waiting, []
        asked: dict[int, set[bytes]] = {}
        for question in questions:
            asked.setdefault(question.week, set()).update(question.tags)
        try:
            found = await self._database.read(lambda connection: _look(connection, asked))
        except BaseException:
            # The next of them asks again, for all that are left.
            self._waiting = [*(one for one in questions if not one.answer.done()), *self._waiting]
            raise
        for question in questions:
            if not question.answer.done():
                question.answer.set_result(found[question.week] & question.tags)


def _look(connection: Connection, asked: dict[int, set[bytes]]) -> dict[int, set[bytes]]:
    seen = tables.seen.c
    found: dict[int, set[bytes]] = {}
    for week, tags in asked.items():
        known, listed = found.setdefault(week, set()), list(tags)
        for start in range(0, len(listed), MOST_TOGETHER):
            some = listed[start : start + MOST_TOGETHER]
            known |= set(
                connection.scalars(select(seen.tag).where(seen.week == week, seen.tag.in_(some)))
            )
    return found
