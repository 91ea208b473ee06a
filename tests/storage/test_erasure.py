"""What is deleted is gone from the files, and what has had its time is deleted."""

from __future__ import annotations

import os
import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.periods import Week
from bot.domain.private import Opaque
from handlers.ports import DeliveryState, Destination, Parcel, Role
from storage.store import open_store
from tests.storage.entries import GROUP, WEEK, demand, episode, tag_of, talk

MONDAY = datetime(2026, 10, 19, 2, tzinfo=UTC)


def in_files(folder: Path, needle: bytes) -> list[str]:
    return [p.name for p in folder.iterdir() if p.is_file() and needle in p.read_bytes()]


@pytest.fixture
async def sqlite_store(sqlite_url, tmp_path):
    async with open_store(sqlite_url, tmp_path / "keys", os.urandom) as store:
        yield store


async def test_tags_and_sketches_of_a_closed_week_are_in_no_file(sqlite_store, tmp_path):
    old = WEEK.shifted(-9)
    names = [f"m{n}" for n in range(200)]
    sketch = b"a sketch of shingles"
    entries = [talk(n, week=WEEK, episodes=[episode(n, sketch, old)]) for n in names]
    await sqlite_store.books.record(entries)
    assert in_files(tmp_path, tag_of("m7"))
    assert in_files(tmp_path, sketch)

    await sqlite_store.ledger.close(WEEK, MONDAY, "2026.1")

    assert [name for name in names if in_files(tmp_path, tag_of(name))] == []
    assert in_files(tmp_path, sketch) == []


async def test_the_id_of_somebody_who_gives_a_role_back_is_in_no_file(sqlite_store, tmp_path):
    person = Opaque("userid-of-somebody")
    grant = ("wecom", "corp", person, Role.OFFICE, "*")
    await sqlite_store.registry.grant(*grant, date(2026, 10, 12))
    assert in_files(tmp_path, b"userid-of-somebody")

    await sqlite_store.registry.revoke(*grant)

    assert in_files(tmp_path, b"userid-of-somebody") == []


async def test_facts_of_closed_weeks_are_kept_for_thirteen_months(database_url, tmp_path):
    now = Week(2027, 50)
    weeks = [now.shifted(-back) for back in (56, 57, 58, 70)]
    never_closed = now.shifted(-80)
    async with open_store(database_url, tmp_path / "keys", os.urandom) as store:
        for week in (*weeks, never_closed):
            await store.books.record([demand(f"{week}", week=week)])
            await store.books.record([demand(f"{week}", week=week, revision=1)])
        for week in weeks:
            await store.ledger.close(week, MONDAY, "2026.1")
        tallies = await store.ledger.tallies(weeks[-1])

        assert await store.retention.forget_facts(now) == 4
        assert await store.retention.forget_facts(now) == 0

        left = [len(dict(await store.books.standing(GROUP, week))) for week in weeks]
        assert [n > 1 for n in left] == [True, True, False, False]
        assert len(dict(await store.books.standing(GROUP, never_closed))) > 1
        assert await store.ledger.tallies(weeks[-1]) == tallies
        assert (await store.ledger.closed(weeks[-1])).facts == 1


async def test_a_forgotten_fact_is_in_no_file(sqlite_store, tmp_path):
    await sqlite_store.books.record([demand("m")])
    await sqlite_store.ledger.close(WEEK, MONDAY, "2026.1")
    assert in_files(tmp_path, tag_of("m"))

    await sqlite_store.retention.forget_facts(WEEK.shifted(60))

    assert in_files(tmp_path, tag_of("m")) == []


async def test_what_was_said_is_emptied_after_four_weeks_and_not_said_again(
    database_url, tmp_path
):
    to = Destination("wecom", "corp", True, Opaque("chat-of-a-group"))
    parcels = [Parcel(f"k{n}", to, "title", "words", MONDAY) for n in range(4)]
    states = [DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNCERTAIN]
    async with open_store(database_url, tmp_path / "keys", os.urandom) as store:
        await store.outbox.put(parcels)
        for state in states:
            [claimed] = await store.outbox.claim(MONDAY, 1)
            await store.outbox.settle(claimed.id, state)

        assert await store.retention.forget_said(MONDAY + timedelta(days=28)) == 0
        assert await store.retention.forget_said(MONDAY + timedelta(days=29)) == 3
        assert await store.retention.forget_said(MONDAY + timedelta(days=29)) == 0

        assert await store.outbox.put(parcels) == 0
        kept = await store.outbox.listed(list(DeliveryState))
        assert [stored.parcel.markdown for stored in kept] == ["", "", "", "words"]
        assert not kept[0].parcel.destination.id
        assert kept[3].parcel.destination == to


async def test_a_digest_that_was_cancelled_is_in_no_file(sqlite_url, tmp_path):
    to = Destination("wecom", "corp", False, Opaque("canary-of-a-reader"))
    async with open_store(sqlite_url, tmp_path / "keys", os.urandom) as store:
        await store.outbox.put([Parcel("k", to, "title", "canary-words", MONDAY)])

        await store.outbox.cancel(to)

        assert in_files(tmp_path, b"canary") == []


async def test_what_a_long_reader_kept_alive_is_erased_at_the_next_start(sqlite_url, tmp_path):
    async with open_store(sqlite_url, tmp_path / "keys", os.urandom) as store:
        await store.books.record([talk("m")])
        reader = sqlite3.connect(tmp_path / "books.db", isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM seen").fetchall()

        line = await store.ledger.close(WEEK, MONDAY, "2026.1")

        assert line.messages == 1
        assert in_files(tmp_path, tag_of("m"))
        # As after a kill: the last connection is not ours, so nothing tidies up behind us.
    assert in_files(tmp_path, tag_of("m"))
    reader.close()

    async with open_store(sqlite_url, tmp_path / "keys", os.urandom):
        assert in_files(tmp_path, tag_of("m")) == []
