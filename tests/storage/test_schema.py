"""What may rest on disk, column by column, and how the schema gets there."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, LargeBinary, String, inspect

import storage.migrations
from bot.domain.errors import WrongSchema
from storage import tables
from storage.engine import open_database
from storage.store import open_store
from storage.upgrades import REVISIONS, SchemaStatus, status, upgrade

# Where text may stand, and why. A new column is added here by somebody who can say what it holds.
CODES = {"group_code", "unit", "line"}
TEXT: dict[str, set[str]] = {
    "groups": {"code", "alias", "unit", "line", "zone", "hours"},
    "bindings": {"platform", "account", "chat_id", "group_code"},
    "roles": {"platform", "account", "person", "role", "scope"},
    "offices": {"code", "title", "units"},
    "office_destinations": {"office", "platform", "account", "recipient"},
    "limit_changes": {
        "measure",
        "scope",
        "window",
        "only",
        "ground",
        "basis",
        "basis_text",
        "days",
        "actions",
        "source",
        "state",
        "by",
        "confirmed_by",
    },
    "filings": CODES | {"number", "sort", "title", "words", "authors"},
    "filing_proposals": CODES | {"number", "sort", "title", "words", "authors", "state"},
    "emergencies": {"id", "basis", "level", "by", "group_code", "unit", "closed_by"},
    "marks": {"id", "sort", "by", "unit"},
    "register_steps": {"by", "deed", "subject"},
    "limit_notes": {"subject", "level"},
    "filed": {"group_code", "number", "how"},
    "facts": CODES | {"act", "lead", "addressed", "exempt", "rules", "rulebook", "route"},
    "open_episodes": {"group_code"},
    "demands": {"group_code", "origin_unit", "origin_line"},
    "relations": CODES | {"kind", "earlier_group", "earlier_unit", "earlier_line", "shift"},
    "dispute_steps": {"group_code", "state", "by"},
    "coverage": CODES | {"route"},
    "tallies": CODES,
    "closed_weeks": {"rulebook"},
    "digests": {"office"},
    "closings": {"span", "office", "sources"},
    "outbox": {
        "key",
        "platform",
        "account",
        "recipient",
        "title",
        "markdown",
        "state",
        "error",
        "receipts",
        "card",  # as markdown, with the commands behind its buttons
    },
    "spendings": {"platform", "account"},
    "units": {"level", "code", "name"},
    "departments": {"platform", "department", "unit", "line"},
    "invites": {"group_code"},
    "watched_routes": {"route"},
    "route_gaps": {"route"},
    "cursors": {"name", "value"},
    "job_runs": {"job"},
    "proof_leaves": {"kind", "subject", "line"},  # codes, weeks, hours and hashes
    "proof_checkpoints": {"note"},
}
BYTES: dict[str, set[str]] = {
    "invites": {"mark"},
    "spent_cards": {"card"},  # drawn by the bot
    "seen": {"tag"},
    "facts": {"tag", "episode", "sender_tag"},
    "superseded": {"tag"},
    "open_episodes": {"id", "state"},
    "demands": {"tag", "trace"},
    "relations": {"episode", "earlier_episode"},
    "filed": {"episode"},
    "dispute_steps": {"tag"},
    "digests": {"document"},
    "closings": {"document"},
    "week_backgrounds": {"document"},  # groups by code with their size, and the office's minutes
    "proof_leaves": {"nonce", "content"},  # counts by group, as tallies and facts hold them
}
MOMENTS: dict[str, set[str]] = {
    "roles": {"granted_on"},
    "limit_changes": {"proposed_at", "effective_on"},
    "filings": {"starts", "ends"},
    "filing_proposals": {"starts", "ends", "proposed_at"},
    "emergencies": {"starts", "ends", "closed_at"},
    "marks": {"first", "last"},
    "register_steps": {"at"},
    "limit_notes": {"first", "said_on"},
    "closed_weeks": {"closed_at"},
    "digests": {"composed_at"},
    "closings": {"composed_at"},
    "outbox": {"not_before", "due_at", "expires_at", "said_at"},
    "spendings": {"day"},
    "invites": {"expires_at"},
    "spent_cards": {"until"},
    "watched_routes": {"since", "seen_at"},
    "route_gaps": {"began_at", "ended_at"},
    "job_runs": {"due", "claimed_at"},
}
OF_A_FACT = {
    "week", "weekday", "hour", "act", "kinds", "ping", "off_hours", "exempt", "claimed_urgent",
    "lead", "addressed", "group_code", "unit", "line", "rules", "rulebook", "sender_tag",
    "episode", "opens", "tag", "revision", "route", "reported",
}  # fmt: skip


@pytest.mark.parametrize("table", tables.metadata.tables.values(), ids=lambda table: table.name)
def test_no_column_holds_text_bytes_or_time_that_is_not_allowed(table):
    text, raw, moments = set(), set(), set()
    for column in table.c:
        kind = column.type
        if isinstance(kind, String):
            text.add(column.name)
        elif isinstance(kind, LargeBinary):
            raw.add(column.name)
        elif isinstance(kind, (tables.Moment, DateTime, Date)):
            moments.add(column.name)
        else:
            assert isinstance(kind, (Integer, BigInteger, Boolean)), column.name

    assert text == TEXT.get(table.name, set())
    assert raw == BYTES.get(table.name, set())
    assert moments == MOMENTS.get(table.name, set())


def test_a_fact_rests_with_these_fields_and_no_others():
    assert {column.name for column in tables.facts.c} == OF_A_FACT


def test_tags_are_too_short_for_words():
    for table, names in BYTES.items():
        for name in names - {"state", "document", "trace", "nonce", "content"}:
            assert tables.metadata.tables[table].c[name].type.length <= 16


async def test_the_migrations_lead_to_the_schema(database_url):
    database = await open_database(database_url)

    def differences(connection):
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, tables.metadata)

    found = await database.read(differences)
    await database.close()
    assert found == []


def test_the_program_knows_its_own_migrations():
    config = Config()
    config.set_main_option("script_location", str(Path(storage.migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)

    assert [script.revision for script in scripts.walk_revisions()][::-1] == list(REVISIONS)


async def test_an_empty_file_is_upgraded_and_says_so(tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path / 'new' / 'books.db'}"
    assert await status(url) == SchemaStatus(None)

    assert (await upgrade(url)).fits
    assert (await upgrade(url)).fits


@pytest.mark.postgres
async def test_an_empty_server_is_upgraded_and_says_so(empty_postgres_url):
    assert not (await status(empty_postgres_url)).fits

    assert (await upgrade(empty_postgres_url)).fits


async def test_keyed_tables_have_no_row_numbers_that_tell_an_order(sqlite_url, tmp_path):
    path = sqlite_url.removeprefix("sqlite+aiosqlite:///")

    connection = sqlite3.connect(path)
    for name in ("seen", "facts", "superseded", "coverage", "tallies"):
        with pytest.raises(sqlite3.OperationalError, match="no such column"):
            connection.execute(f"SELECT rowid FROM {name}")
    connection.close()


def test_every_table_is_in_the_database(sqlite_template):
    connection = sqlite3.connect(sqlite_template)
    found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    connection.close()

    assert set(tables.metadata.tables) <= found


@pytest.mark.parametrize(
    ("revision", "advice"),
    [("9999", "older than the database"), (None, "qingzhuang db upgrade")],
)
async def test_a_database_of_another_age_is_refused_with_what_to_do(
    sqlite_template, tmp_path, revision, advice
):
    path = tmp_path / "books.db"
    shutil.copy(sqlite_template, path)
    connection = sqlite3.connect(path)
    if revision is None:
        connection.execute("DELETE FROM alembic_version")
    else:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    connection.commit()
    connection.close()

    with pytest.raises(WrongSchema, match=advice):
        async with open_store(
            f"sqlite+aiosqlite:///{path}", tmp_path / "keys", bytes, create=False
        ):
            pass


async def test_a_newer_database_is_never_upgraded(sqlite_url):
    path = sqlite_url.removeprefix("sqlite+aiosqlite:///")
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()

    with pytest.raises(WrongSchema):
        await upgrade(sqlite_url)


async def test_the_first_schema_can_be_taken_back(database_url):
    from alembic import command

    database = await open_database(database_url)

    def down(connection):
        config = Config()
        folder = str(Path(storage.migrations.__file__).parent)
        config.set_main_option("script_location", folder)
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        return inspect(connection).get_table_names()

    left = await database.write(down)
    await database.close()
    assert left == ["alembic_version"]


def test_a_group_that_was_noted_as_dissolved_before_bindings_said_it_keeps_its_mark(tmp_path):
    path = tmp_path / "books.db"
    config = Config()
    config.set_main_option("script_location", str(Path(storage.migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    asyncio.run(to_revision(path, config, "0021"))
    connection = sqlite3.connect(path)
    for code in ("G01", "G02"):
        connection.execute(
            "INSERT INTO groups VALUES (?, '组', 'u', 'l', 9, 'Asia/Shanghai', '24h', 0)", (code,)
        )
        connection.execute("INSERT INTO bindings VALUES ('dingtalk', 'a', ?, ?, 0)", (code, code))
    noted = ("group_events:G01", "dissolved resized")
    connection.execute("INSERT INTO cursors VALUES (?, ?)", noted)
    connection.commit()

    asyncio.run(to_revision(path, config, "head"))

    bound = dict(connection.execute("SELECT group_code, active FROM bindings"))
    kept = connection.execute("SELECT value FROM cursors").fetchall()
    connection.close()
    assert bound == {"G01": 0, "G02": 1}
    assert [value.split() for (value,) in kept] == [["resized"]]


def test_disputes_of_an_older_program_are_about_the_whole_count(tmp_path):
    path = tmp_path / "books.db"
    config = Config()
    config.set_main_option("script_location", str(Path(storage.migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    asyncio.run(to_revision(path, config, "0030"))
    connection = sqlite3.connect(path)
    step = (202642, "g-1", b"t" * 16, 1, "upheld", "office", 202642, 0)
    connection.execute("INSERT INTO dispute_steps VALUES (?, ?, ?, ?, ?, ?, ?, ?)", step)
    connection.commit()

    asyncio.run(to_revision(path, config, "head"))

    kept = connection.execute("SELECT * FROM dispute_steps").fetchall()
    connection.close()
    assert kept == [(*step, 0)]


def test_an_older_program_strikes_out_no_whole_count_where_a_kind_was_wrong(tmp_path):
    path = tmp_path / "books.db"
    config = Config()
    config.set_main_option("script_location", str(Path(storage.migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    asyncio.run(to_revision(path, config, "0031"))
    connection = sqlite3.connect(path)
    of_a_kind = (202642, "g-1", b"k" * 16, 1, "upheld", "office", 202642, 0, 8)
    of_the_whole = (202642, "g-1", b"w" * 16, 1, "upheld", "office", 202642, 0, 0)
    for step in (of_a_kind, of_the_whole):
        connection.execute("INSERT INTO dispute_steps VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", step)
    connection.commit()

    asyncio.run(back_to_revision(path, config, "0030"))

    kept = connection.execute("SELECT * FROM dispute_steps").fetchall()
    connection.close()
    assert kept == [of_the_whole[:-1]]


async def to_revision(path, config, revision):
    from alembic import command

    await migrated(path, config, command.upgrade, revision)


async def back_to_revision(path, config, revision):
    from alembic import command

    await migrated(path, config, command.downgrade, revision)


async def migrated(path, config, command, revision):
    database = await open_database(f"sqlite+aiosqlite:///{path}")

    def move(connection):
        config.attributes["connection"] = connection
        command(config, revision)

    await database.write(move)
    await database.close()


def test_asking_for_the_status_does_not_import_alembic():
    import subprocess
    import sys

    program = "import sys, storage.store; print('alembic' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert found.stdout.strip() == b"False"


def test_upgrade_runs_without_a_running_loop_too(tmp_path):
    asyncio.run(upgrade(f"sqlite+aiosqlite:///{tmp_path / 'books.db'}"))
