"""What an onlooker with every file, at every minute, can tell: nothing. The controls succeed."""

from __future__ import annotations

import json
import logging
import os
import random
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from math import sqrt
from pathlib import Path

import pytest

from bot.crypto.batch_files import decode_batch
from bot.crypto.envelopes import open_envelope
from bot.domain.complaint_files import SealedReport
from bot.domain.complaints import CaseState
from bot.domain.errors import Undecipherable
from bot.domain.private import PrivateText
from bot.office.replying import Decision, decide, reply_file
from bot.office.taking_in import Desk
from handlers.complaints.rewrite import REPLACED_AT_ONCE
from handlers.complaints.spool import SLOT_RECORDS, WAITING_ROOM
from tests.complaints.house import BotSide, desk_of, take_all

SOAK = bool(os.environ.get("SOAK"))
pytestmark = pytest.mark.timeout(3600 if SOAK else 240)


@pytest.fixture
def bot(sqlite_reports, tmp_path, office):
    """Its ids are drawn from a seed, so that a figure that hangs on chance is the same each time."""
    return BotSide(
        sqlite_reports, tmp_path, [office.key], token_bytes=random.Random(20261021).randbytes
    )


def rows_at_rest(folder: Path) -> int:
    """What a copy of the file shows."""
    return len(_all_rows(folder))


async def test_records_of_every_kind_have_one_size_and_one_set_of_columns(bot):
    receipt = await bot.box.submit(bot.complaint("短"))
    await bot.slots(1)
    await bot.box.submit(bot.complaint("长" * 2000, "一个很长的单位名称" * 5))
    await bot.box.supplement(receipt, PrivateText("再说一句"), bot.week)
    await bot.box.withdraw(receipt, bot.week)
    await bot.slots(3)

    rows = _all_rows(bot.folder)
    assert len(rows) == 4 * SLOT_RECORDS
    assert len({tuple(map(_size, row)) for row in rows}) == 1


def _all_rows(folder: Path) -> list[tuple]:
    with sqlite3.connect(folder / "complaints.db") as connection:
        rows = connection.execute("SELECT * FROM reports").fetchall()
    connection.close()
    return rows


def _size(value: object) -> object:
    return len(value) if isinstance(value, bytes) else type(value)


async def test_every_orderly_stop_writes_as_much_as_any_other(bot):
    await bot.slots(1)
    sizes = []
    for waiting in (0, 1, 17, WAITING_ROOM):
        before = rows_at_rest(bot.folder)
        for _ in range(waiting):
            await bot.box.submit(bot.complaint())
        await bot.box.stop()
        sizes.append(rows_at_rest(bot.folder) - before)
        bot.start()

    assert sizes == [WAITING_ROOM] * 4


async def test_a_rewrite_replaces_as_many_records_whether_somebody_withdrew_or_not(bot):
    replaced = []
    for withdrawals in (0, 1, 3):
        receipts = [await bot.box.submit(bot.complaint()) for _ in range(3)]
        await bot.slots(80)
        for receipt in receipts[:withdrawals]:
            await bot.box.withdraw(receipt, bot.week)
        await bot.slots(3)
        before = {row[0] for row in _all_rows(bot.folder)}
        await bot.next_monday()
        after = {row[0] for row in _all_rows(bot.folder)}
        replaced.append((len(before - after), len(after - before)))
        await bot.slots(1)

    assert replaced == [(REPLACED_AT_ONCE, REPLACED_AT_ONCE)] * 3


async def test_a_rewrite_does_not_point_at_the_slots_in_which_somebody_complained(bot):
    """Whoever kept copies knows which slot brought which record, and sees which the rewrite took:
    of those that stay, few may be real."""
    brought = await _two_complaints_among(bot, 100)
    await bot.next_monday()
    stayed = {row[0] for row in _all_rows(bot.folder)}

    untouched = [len(slot & stayed) for slot in brought]
    assert sum(untouched) == 100 * SLOT_RECORDS - REPLACED_AT_ONCE
    assert sum(untouched[:8]) > 8  # two complaints and dummies in plenty, not two alone


async def test_a_rewrite_takes_nothing_while_few_dummies_are_known(bot):
    brought = await _two_complaints_among(bot, 8)
    await bot.next_monday()

    assert {row[0] for row in _all_rows(bot.folder)} == set().union(*brought)


async def _two_complaints_among(bot: BotSide, slots: int) -> list[set[bytes]]:
    """The ids that each slot brought; in the third and the sixth there is a complaint."""
    brought = []
    for slot in range(slots):
        before = {row[0] for row in _all_rows(bot.folder)}
        if slot in (2, 5):
            await bot.box.submit(bot.complaint())
        await bot.slots(1)
        brought.append({row[0] for row in _all_rows(bot.folder)} - before)
    return brought


async def test_records_of_a_stop_are_given_to_the_database_in_no_order_of_arrival(bot):
    given: list[SealedReport] = []

    class Watched:
        def __getattr__(self, name):
            return getattr(bot.store, name)

        async def write_slot(self, slot, reports):
            given.extend(reports)
            return await bot.store.write_slot(slot, reports)

    for _ in range(12):
        await bot.box.submit(bot.complaint())
    arrived = [each.report.id for each in bot.box.spool.queue]
    await replace(bot.box, store=Watched()).stop()

    places = [[each.id for each in given].index(report) for report in arrived]
    assert places != sorted(places)
    assert max(places) > len(arrived)


async def test_a_reply_file_answers_dummies_and_complaints_alike(bot, office):
    desk = await opened_batch(bot, office)
    ((secret, book),) = desk.held
    case = next(iter(book.cases.values()))
    decide(book, case, Decision(CaseState.ANSWERED, "谢谢，正在办。"), bot.week)

    lines = reply_file(secret, book, bot.week).decode().splitlines()[1:-1]

    (batch,) = book.batches.values()
    rows = [json.loads(line) for line in lines]
    assert {row["id"] for row in rows} == set(batch.records)
    assert [row["id"] for row in rows] == sorted(batch.records)
    assert len({len(line) for line in lines}) == 1


async def opened_batch(bot: BotSide, office) -> Desk:
    for unit in ("U1", "U2", "U1", "U2", "U1"):
        await bot.box.submit(bot.complaint(unit=unit))
    await bot.slots(8)
    await bot.next_monday()
    desk = desk_of(office)
    take_all(desk, bot.batches())
    return desk


async def test_the_office_gets_no_time_no_order_and_no_tag(bot, office):
    await opened_batch(bot, office)

    (path,) = bot.batches()
    head, *rows, last = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert set(last) == {"sha256"}
    assert set(head) == {"format", "provider", "batch", "week", "met", "records"}
    assert {frozenset(row) for row in rows} == {
        frozenset({"id", "week", "reply_key", "body", "unit"})
    }
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
    assert len({row["week"] for row in rows}) == 1


WEEKS = 400 if SOAK else 30
CHANCE = 1 / 5  # batches of five
DEVIATIONS = 4
GUESSES: dict[str, Callable[[SealedReport], object]] = {
    "as they stand in the file": lambda report: report.id,
    "by their week and reply key": lambda report: (report.week, report.reply_key),
    "by the sealed text": lambda report: report.body,
    "by the sealed unit": lambda report: report.unit,
}


async def test_an_office_with_everybody_s_arrival_times_links_nobody(bot, office):
    """T6: it knows who wrote to the bot when (from the IM administrator) and opens all texts. It
    guesses that some order of what it got is the order of arrival, or its reverse."""
    right = dict.fromkeys([(name, way) for name in GUESSES for way in (1, -1)], 0)
    for number in range(WEEKS):
        arrivals = []
        for n, unit in enumerate(("U1", "U2", "U3", "U1", "U2")):
            await bot.box.submit(bot.complaint(f"{number}-{n}", unit))
            arrivals.append(f"{number}-{n}")
            await bot.slots(2)
        await bot.next_monday()
        (path,) = _newest(bot)
        _, records = decode_batch(path.read_bytes(), path.name, "intl")
        desk = desk_of(office)
        take_all(desk, [path])
        text_of = {case.id: case.text for _, case in desk.cases()}
        for name, way in right:
            ordered = sorted(records, key=GUESSES[name])[::way]
            guessed = [text_of[each.id.hex()] for each in ordered if each.id.hex() in text_of]
            assert len(guessed) == len(arrivals)
            right[name, way] += sum(a == b for a, b in zip(arrivals, guessed, strict=True))

    shares = {each: hits / (5 * WEEKS) for each, hits in right.items()}
    logging.getLogger("measured").info("named rightly: %s; by chance %s", shares, CHANCE)
    # Of a shuffled five one stands in its place on the average, with a variance of one.
    assert max(shares.values()) <= CHANCE + DEVIATIONS / (5 * sqrt(WEEKS))


def _newest(bot: BotSide) -> list[Path]:
    label = str(bot.week.shifted(-1))
    return [path for path in bot.batches() if label in path.name]


async def test_in_the_order_of_writing_the_same_office_links_everybody(bot, office):
    """The negative control: a file that keeps the order in which slots were written."""
    written: list[SealedReport] = []
    for n, unit in enumerate(("U1", "U2", "U3", "U1", "U2")):
        await bot.box.submit(bot.complaint(f"{n}", unit))
        written += [each.report for each in bot.box.spool.take(SLOT_RECORDS)]
        await bot.slots(2)

    texts = []
    for each in written:
        _, plain = open_envelope(
            office.provider, each.body, purpose="note", key_id=office.key.id, secret=office.opening
        )
        texts.append(plain.rstrip(b"\0")[-1:].decode())
    assert texts == ["0", "1", "2", "3", "4"]


async def test_a_seized_disk_with_every_secret_on_it_opens_nothing(bot, office):
    """Every file of the bot's host, the pepper, public keys and batches among them."""
    words = "只有办公室能看的一句话"
    receipts = [
        await bot.box.submit(bot.complaint(words, unit)) for unit in ("U1", "U2", "U1", "U2", "U1")
    ]
    await bot.slots(4)
    await bot.next_monday()

    (bot.folder / "office.qzpub").write_bytes(office.public_file())
    files = [path for path in bot.folder.rglob("*") if path.is_file()]
    disk = {path.name: path.read_bytes() for path in files} | {"pepper": bot.pepper}
    secrets = _every_32_bytes(disk)
    (batch,) = [decode_batch(d, n, "intl")[1] for n, d in disk.items() if n.endswith(".qzbatch")]

    assert not any(words.encode() in data for data in disk.values())
    assert not any(receipt.secret() in data for receipt in receipts for data in disk.values())
    assert len(secrets) > 200
    for secret in secrets:
        for report in batch[:3]:
            with pytest.raises(Undecipherable):
                open_envelope(
                    office.provider,
                    report.body,
                    purpose="note",
                    key_id=office.key.id,
                    secret=secret,
                )


def _every_32_bytes(disk: dict[str, bytes]) -> list[bytes]:
    """Whatever on the disk could be a secret: the pepper, and windows over the small files."""
    small = [data for name, data in disk.items() if len(data) < 2000]
    found = {data[at : at + 32] for data in small for at in range(max(1, len(data) - 31))}
    store = disk["complaints.db"]
    draw = random.Random(3)
    found |= {store[at : at + 32] for at in draw.sample(range(len(store) - 32), 250)}
    return sorted(each for each in found if len(each) == 32)


async def test_the_same_search_finds_the_secret_where_it_is(bot, office):
    """The negative control: with the office's secret on the disk it opens."""
    await bot.box.submit(bot.complaint("一句话"))
    report = bot.box.spool.take(1)[0].report
    disk = {"complaints.db": os.urandom(4000), "note.txt": b"my key: " + office.opening + b"\n"}

    opened = []
    for secret in _every_32_bytes(disk):
        try:
            opened.append(
                open_envelope(
                    office.provider,
                    report.body,
                    purpose="note",
                    key_id=office.key.id,
                    secret=secret,
                )
            )
        except Undecipherable:
            continue
    assert len(opened) == 1
