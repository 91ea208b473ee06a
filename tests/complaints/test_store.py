"""The complaint store on both databases: what may rest, how it is written, and that it goes."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, String, inspect

from bot.domain.complaint_files import Batch, OfficeReplies, SealedReply, SealedReport
from bot.domain.errors import BadInput, UnsafeStore
from bot.domain.periods import Week
from handlers.complaints.ports import Rewriting
from storage.complaints import tables
from storage.complaints.reports import ReturnedFile
from storage.complaints.store import COMPLAINTS, COMPLAINTS_SCHEMA, PRAGMAS, open_reports
from storage.engine import Purpose, open_database
from storage.upgrades import status, upgrade
from tests.complaints.house import WEEK

# Where text and bytes may stand, and nowhere is a moment.
TEXT = {
    "replies": {"office"},
    "returns": {"office", "verdict", "units", "withdrawn", "why"},
    "marks": {"name"},
}
BYTES = {
    "batches": {"id"},
    "reports": {"id", "lookup", "reply_key", "body", "unit", "batch"},
    "replies": {"report", "sealed"},
    "applied": {"mark"},
    "returns": {"document"},
}


def report(week: Week = WEEK, body: bytes = b"sealed body", **more) -> SealedReport:
    made = {
        "id": os.urandom(16), "lookup": os.urandom(16), "reply_key": os.urandom(32),
        "week": week, "body": body, "unit": b"sealed unit",
    }  # fmt: skip
    return SealedReport(**{**made, **more})


def rewriting(week: Week = WEEK, **more) -> Rewriting:
    plan = {
        "week": week, "replies": (), "replaced": (), "batch": None, "units": True,
        "offices": frozenset({"county"}),
    }  # fmt: skip
    return Rewriting(**{**plan, **more})


def answered(reports, office="county", closed=False, sealed=b"reply") -> OfficeReplies:
    replies = tuple(SealedReply(each.id, sealed, closed) for each in reports)
    return OfficeReplies(os.urandom(32), office, replies)


@pytest.mark.parametrize("table", tables.metadata.tables.values(), ids=lambda table: table.name)
def test_no_column_holds_text_bytes_or_time_that_is_not_allowed(table):
    text, raw = set(), set()
    for column in table.c:
        if isinstance(column.type, String):
            text.add(column.name)
        elif isinstance(column.type, LargeBinary):
            raw.add(column.name)
        else:
            assert isinstance(column.type, (Integer, BigInteger, Boolean)), column.name

    assert text == TEXT.get(table.name, set())
    assert raw == BYTES.get(table.name, set())


def test_a_record_rests_with_these_fields_and_no_sender():
    assert {column.name for column in tables.reports.c} == {
        "id", "lookup", "reply_key", "week", "body", "unit", "batch",
    }  # fmt: skip


async def test_no_table_has_row_numbers_that_tell_an_order(sqlite_reports, tmp_path):
    with sqlite3.connect(tmp_path / "complaints.db") as connection:
        for table in tables.metadata.tables:
            with pytest.raises(sqlite3.OperationalError, match="rowid"):
                connection.execute(f"SELECT rowid FROM {table}")
    connection.close()


async def test_the_migrations_lead_to_the_schema(reports, reports_url):
    database = await open_database(reports_url, COMPLAINTS)

    def differences(connection):
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, tables.metadata)

    found = await database.read(differences)
    await database.close()
    assert found == []
    assert (await status(reports_url, COMPLAINTS_SCHEMA)).fits


@pytest.mark.parametrize("way", ["read", "write"])
async def test_the_pragmas_that_privacy_rests_on_are_in_force(sqlite_reports, tmp_path, way):
    database = await open_database(f"sqlite+aiosqlite:///{tmp_path / 'complaints.db'}", COMPLAINTS)

    def found(connection):
        return {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name, _, _ in PRAGMAS
        }

    in_force = await getattr(database, way)(found)
    await database.close()
    assert in_force == {name: expected for name, _, expected in PRAGMAS}
    assert (in_force["journal_mode"], in_force["secure_delete"], in_force["auto_vacuum"]) == (
        "truncate", 1, 1,
    )  # fmt: skip


async def test_a_pragma_that_is_not_in_force_is_refused(tmp_path):
    impossible = Purpose("QZ_COMPLAINTS__URL", (*PRAGMAS, ("secure_delete", "OFF", 1)))

    with pytest.raises(UnsafeStore, match="secure_delete is 0"):
        await open_database(f"sqlite+aiosqlite:///{tmp_path / 'c.db'}", impossible)


async def test_a_url_of_another_kind_is_refused_under_its_own_name():
    with pytest.raises(BadInput, match="QZ_COMPLAINTS__URL"):
        async with open_reports("mysql://root@host/db"):
            pass


async def test_a_slot_is_written_once_whole(reports):
    first = [report(), report()]

    assert await reports.last_slot() == 0
    assert await reports.write_slot(7, first)
    assert not await reports.write_slot(7, [report()])
    assert not await reports.write_slot(6, [report()])
    assert await reports.last_slot() == 7
    assert await reports.size() == 2
    # A caller that was cut off before it knew writes the same records again: they stay two.
    assert await reports.write_slot(8, first)
    assert await reports.size() == 2


async def test_a_record_is_found_by_its_tag_with_the_replies_of_each_office(reports):
    one = report()
    await reports.write_slot(1, [one, report()])
    batch = Batch(os.urandom(16), WEEK, True)
    await reports.rewrite(rewriting(batch=batch))
    assert await reports.found(os.urandom(16)) is None
    found = await reports.found(one.lookup)
    assert (found.id, found.is_handed_over, found.replies) == (one.id, True, ())

    came = (answered([one], "county", sealed=b"A"), answered([one], "town", sealed=b"B"))
    await reports.rewrite(rewriting(WEEK.shifted(1), replies=came))

    assert sorted((await reports.found(one.lookup)).replies) == [b"A", b"B"]


async def test_a_rewrite_takes_effect_once_for_its_week(reports):
    one = report()
    await reports.write_slot(1, [one])
    batch = Batch(os.urandom(16), WEEK, True)

    await reports.rewrite(rewriting(batch=batch))
    await reports.rewrite(rewriting(batch=Batch(os.urandom(16), WEEK, True)))

    assert await reports.is_rewritten(WEEK)
    assert not await reports.is_rewritten(WEEK.shifted(1))
    assert [each.id for each in await reports.batches()] == [batch.id]
    assert [each.id for each in await reports.batch(batch.id)] == [one.id]


async def test_a_reply_file_is_applied_once_and_a_newer_one_wins(reports):
    one = report()
    await reports.write_slot(1, [one])
    await reports.rewrite(rewriting(batch=Batch(os.urandom(16), WEEK, True)))
    old = answered([one], sealed=b"old")
    await reports.rewrite(rewriting(WEEK.shifted(1), replies=(old,)))
    await reports.rewrite(rewriting(WEEK.shifted(2), replies=(answered([one], sealed=b"new"),)))

    await reports.rewrite(rewriting(WEEK.shifted(3), replies=(old,)))

    assert (await reports.found(one.lookup)).replies == (b"new",)


async def test_replies_to_records_that_were_never_handed_over_are_nothing(reports):
    one = report()
    await reports.write_slot(1, [one])

    await reports.rewrite(rewriting(replies=(answered([one, report()]),)))

    assert (await reports.found(one.lookup)).replies == ()


async def test_bodies_go_when_every_office_has_answered(reports):
    both = frozenset({"county", "town"})
    mine = [report(), report()]
    await reports.write_slot(1, mine)
    batch = Batch(os.urandom(16), WEEK, True)
    await reports.rewrite(rewriting(batch=batch, offices=both))

    await reports.rewrite(rewriting(WEEK.shifted(1), replies=(answered(mine),), offices=both))
    assert len(await reports.batch(batch.id)) == 2
    await reports.rewrite(
        rewriting(WEEK.shifted(2), replies=(answered(mine, "town"),), offices=both)
    )

    assert await reports.batch(batch.id) == []
    assert await reports.batches() == []
    assert len((await reports.found(mine[0].lookup)).replies) == 2


async def test_a_record_goes_thirteen_weeks_after_its_closing(reports):
    mine = [report()]
    await reports.write_slot(1, mine)
    await reports.rewrite(rewriting(batch=Batch(os.urandom(16), WEEK, True)))
    closing = WEEK.shifted(2)
    await reports.rewrite(rewriting(closing, replies=(answered(mine, closed=True),)))
    # Told again, it stays closed since when it was.
    await reports.rewrite(rewriting(closing.shifted(1), replies=(answered(mine, closed=True),)))

    assert await reports.rewrite(rewriting(closing.shifted(11))) == 0
    assert await reports.rewrite(rewriting(closing.shifted(12))) == 1
    assert await reports.size() == 0


async def test_what_is_opened_again_is_not_purged(reports):
    mine = [report()]
    await reports.write_slot(1, mine)
    await reports.rewrite(rewriting(batch=Batch(os.urandom(16), WEEK, True)))
    await reports.rewrite(rewriting(WEEK.shifted(1), replies=(answered(mine, closed=True),)))
    await reports.rewrite(rewriting(WEEK.shifted(2), replies=(answered(mine, closed=False),)))

    assert await reports.rewrite(rewriting(WEEK.shifted(20))) == 0


async def test_nothing_lives_longer_than_180_days(reports):
    await reports.write_slot(1, [report(), report(WEEK.shifted(1))])

    assert await reports.rewrite(rewriting(WEEK.shifted(23))) == 0
    assert await reports.rewrite(rewriting(WEEK.shifted(24))) == 1
    assert await reports.size() == 1


async def test_after_a_year_s_downtime_all_is_purged_and_no_empty_batch_is_handed_over(reports):
    await reports.write_slot(1, [report(), report()])

    batch = Batch(os.urandom(16), WEEK.shifted(50), False)
    assert await reports.rewrite(rewriting(WEEK.shifted(50), batch=batch, units=False)) == 2

    assert await reports.unwritten() == []


async def test_figures_are_kept_as_they_came_first_and_shown_in_one_digest(reports):
    assert await reports.put_return("county", WEEK, b"first")
    assert not await reports.put_return("county", WEEK, b"second")
    assert await reports.put_return("county", WEEK.shifted(2), b"later")
    assert await reports.put_return("town", WEEK, b"theirs")

    async def taken(digest: Week) -> list[bytes]:
        found = await reports.take_returns("county", digest.shifted(-1), digest)
        return [each.document for each in found]

    assert await taken(WEEK.shifted(1)) == [b"first"]
    assert await taken(WEEK.shifted(1)) == [b"first"]
    assert await taken(WEEK.shifted(3)) == [b"later"]


async def test_a_verdict_of_the_gate_stays_and_only_judged_figures_are_history(reports):
    await reports.put_return("county", WEEK, b"figures")
    await reports.take_returns("county", WEEK, WEEK.shifted(1))
    assert await reports.returned_of(WEEK) == []

    await reports.put_verdict("county", WEEK, "passed", ["U1", "U2"], ["meeting", "total"])
    await reports.put_verdict("county", WEEK, "withheld", [], [])

    kept = ReturnedFile("county", b"figures", "passed", ("U1", "U2"), ("meeting", "total"))
    kept = replace(kept, shown_in=WEEK.shifted(1))
    assert await reports.returned_of(WEEK) == [kept]
    assert await reports.returned_before("county", WEEK.shifted(2)) == [kept]
    assert await reports.returned_before("county", WEEK.shifted(1)) == []


def first_schema(connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(COMPLAINTS_SCHEMA.folder))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")


async def test_a_store_from_before_the_gate_keeps_what_was_shown_as_told(tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path / 'old.db'}"
    database = await open_database(url, COMPLAINTS)
    await database.write(first_schema)
    await database.close()
    with closing(sqlite3.connect(tmp_path / "old.db")) as old, old:
        old.execute("INSERT INTO returns VALUES ('county', 202642, x'00', 202643)")
        old.execute("INSERT INTO returns VALUES ('county', 202643, x'01', NULL)")

    assert not (await status(url, COMPLAINTS_SCHEMA)).fits
    await upgrade(url, COMPLAINTS_SCHEMA)

    async with open_reports(url) as store:
        shown = ReturnedFile("county", b"\x00", "passed", (), (), None, Week(2026, 43))
        assert await store.returned_before("county", Week(2026, 50)) == [shown]


async def test_the_first_pepper_is_known_again_and_another_is_not(reports):
    assert await reports.known_pepper() is None
    assert await reports.know_pepper(2**62)
    assert await reports.know_pepper(2**62)
    assert not await reports.know_pepper(7)


MARKER = b"a body that nobody may find again %04d"


async def purged(reports) -> None:
    """Four hundred marked bodies, of which the rewrite takes half out, one by one and by age."""
    old = WEEK.shifted(-30)
    marked = [report(old if n % 2 else WEEK, MARKER % n) for n in range(400)]
    for slot in range(200):
        await reports.write_slot(slot + 1, marked[2 * slot : 2 * slot + 2])
    replaced = tuple((each.id, report(WEEK)) for each in marked[0:400:2])
    await reports.rewrite(rewriting(replaced=replaced))
    await reports.reclaim()


async def test_what_was_purged_is_in_no_byte_of_the_sqlite_files(sqlite_reports, tmp_path):
    await purged(sqlite_reports)

    whole = b"".join(p.read_bytes() for p in tmp_path.glob("complaints.db*"))
    assert [n for n in range(400) if MARKER % n in whole] == []


@pytest.mark.postgres
async def test_what_was_purged_is_in_no_heap_file_of_postgres(empty_postgres_url, postgres_folder):
    """The write-ahead log keeps it until the server recycles it (docs/privacy.md says so); what
    lies there is sealed."""
    async with open_reports(empty_postgres_url) as reports:
        await purged(reports)
    name = empty_postgres_url.partition("@/")[2].partition("?")[0]
    connection = await asyncpg.connect(host=str(postgres_folder), user="postgres", database=name)
    await connection.execute("CHECKPOINT")
    number = await connection.fetchval("SELECT oid FROM pg_database WHERE datname = $1", name)
    folder = Path(await connection.fetchval("SHOW data_directory")) / "base" / str(number)
    await connection.close()

    whole = b"".join(p.read_bytes() for p in folder.iterdir() if p.is_file())
    assert [n for n in range(400) if MARKER % n in whole] == []


@pytest.mark.postgres
async def test_after_a_rewrite_no_row_tells_which_transaction_wrote_it(
    empty_postgres_url, postgres_folder
):
    """PostgreSQL numbers transactions; in a spool of equal steps the number would be the time."""
    async with open_reports(empty_postgres_url) as reports:
        for slot in range(12):
            await reports.write_slot(slot + 1, [report(), report()])
        before = await _written_by(empty_postgres_url, postgres_folder)
        await reports.rewrite(rewriting())
        await reports.reclaim()

    after = await _written_by(empty_postgres_url, postgres_folder)
    assert len({number for _, number in before}) == 12
    assert len({number for _, number in after}) == 1
    assert [key for key, _ in after] == sorted(key for key, _ in before)


async def _written_by(url: str, folder: Path) -> list[tuple[bytes, str]]:
    """Keys in the order of the heap, with the number of the transaction that wrote each."""
    name = url.partition("@/")[2].partition("?")[0]
    connection = await asyncpg.connect(host=str(folder), user="postgres", database=name)
    rows = await connection.fetch("SELECT id, xmin::text AS by FROM reports ORDER BY ctid")
    await connection.close()
    return [(row["id"], row["by"]) for row in rows]


async def test_a_server_that_would_copy_rows_elsewhere_is_told_of(reports, reports_url):
    told = await reports.talkative_settings()

    if reports_url.startswith("sqlite"):
        assert told == ()
    else:
        assert {"log_min_error_statement=panic", "track_counts=off"} <= set(told)


@pytest.mark.postgres
@pytest.mark.parametrize("counts", [False, True])
async def test_statistics_tell_of_a_question_by_receipt_unless_they_are_off(
    empty_postgres_url, postgres_folder, counts
):
    name = empty_postgres_url.partition("@/")[2].partition("?")[0]
    async with open_reports(empty_postgres_url) as reports:
        await reports.write_slot(1, [report()])
    connection = await asyncpg.connect(host=str(postgres_folder), user="postgres", database=name)
    if not counts:
        await connection.execute(f"ALTER DATABASE {name} SET track_counts = off")
        await connection.close()
        connection = await asyncpg.connect(
            host=str(postgres_folder), user="postgres", database=name
        )
    seen = "SELECT idx_scan + seq_scan FROM pg_stat_user_tables WHERE relname = 'reports'"
    await connection.execute("SELECT pg_stat_force_next_flush()")
    before = await connection.fetchval(seen)

    # The statement that a look-up makes, on a connection that can be told to show its statistics.
    await connection.fetch("SELECT id FROM reports WHERE lookup = $1", os.urandom(16))
    await connection.execute("SELECT pg_stat_force_next_flush()")
    after = await connection.fetchval(seen)
    await connection.close()

    assert (after > before) == counts


async def test_a_reclaim_that_a_kill_prevented_is_done_by_the_next_start(reports, reports_url):
    await reports.write_slot(1, [report()])
    await reports.rewrite(rewriting())
    assert not await reports.is_reclaimed()

    async with open_reports(reports_url) as again:
        await again.reclaim()
        assert await again.is_reclaimed()


async def test_postgres_and_sqlite_give_random_keys_only(reports, reports_url):
    """No serial, no identity, no sequence anywhere."""
    database = await open_database(reports_url, COMPLAINTS)

    def sequences(connection):
        names = inspect(connection).get_table_names()
        assert set(tables.metadata.tables) <= set(names)
        if connection.dialect.name == "postgresql":
            return inspect(connection).get_sequence_names()
        return [n for n in names if n == "sqlite_sequence"]

    found = await database.read(sequences)
    await database.close()
    assert found == []
