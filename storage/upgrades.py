"""Brings a database to this program's schema, and says how far it is; Alembic without a file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, inspect

from bot.domain.errors import WrongSchema
from storage.engine import BOOKS, Database, Purpose, open_database

# Oldest first; a test compares it with the scripts, so that asking costs no import of Alembic.
REVISIONS = (
    "0001", "0002", "0004", "0004b", "0004c", "0005", "0004d", "0019", "0020", "0024", "0025", "0026", "0021",
    "0027", "0028", "0029", "0030", "0031",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Schema:
    """A line of migration scripts: its revisions, the folder they lie in, and for which database."""

    revisions: tuple[str, ...]
    folder: Path
    purpose: Purpose

    @property
    def head(self) -> str:
        """The newest revision."""
        return self.revisions[-1]


BOOKS_SCHEMA = Schema(REVISIONS, Path(__file__).parent / "migrations", BOOKS)


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    """`current` is None for an empty database. `known` says that this program knows it."""

    current: str | None
    schema: Schema = BOOKS_SCHEMA

    @property
    def head(self) -> str:
        """The revision that the program needs."""
        return self.schema.head

    @property
    def known(self) -> bool:
        """False when a newer program wrote it."""
        return self.current is None or self.current in self.schema.revisions

    @property
    def fits(self) -> bool:
        """Whether the program can work with it as it is."""
        return self.current == self.head


async def status(url: str, schema: Schema = BOOKS_SCHEMA) -> SchemaStatus:
    """How far the database behind `url` is. Raises what `open_database` raises."""
    database = await open_database(url, schema.purpose)
    try:
        return await status_of(database, schema)
    finally:
        await database.close()


async def upgrade(url: str, schema: Schema = BOOKS_SCHEMA) -> SchemaStatus:
    """Bring the database behind `url` to this program's schema, in one transaction.

    Raises WrongSchema, and changes nothing, when a newer program wrote it.
    """
    database = await open_database(url, schema.purpose)
    try:
        await upgrade_in(database, schema)
        return await status_of(database, schema)
    finally:
        await database.close()


async def status_of(database: Database, schema: Schema = BOOKS_SCHEMA) -> SchemaStatus:
    """How far an open database is."""
    return SchemaStatus(await database.read(_current), schema)


async def upgrade_in(database: Database, schema: Schema = BOOKS_SCHEMA) -> None:
    """Bring an open database to this program's schema; see `upgrade`."""
    _refuse_newer(await status_of(database, schema))
    await database.write(partial(_run_scripts, schema=schema))


async def require_head(database: Database, schema: Schema = BOOKS_SCHEMA, *, create: bool) -> None:
    """Make sure that the schema fits; an empty database gets it when `create` says so.

    Raises WrongSchema with what to do.
    """
    found = await status_of(database, schema)
    if found.fits:
        return
    if found.current is None and create:
        await upgrade_in(database, schema)
        return
    _refuse_newer(found)
    raise WrongSchema(
        f"the database has revision {found.current or 'none'}, this program needs {found.head}: "
        "run `qingzhuang db upgrade`",
        found.current or "",
        found.head,
        is_newer=False,
    )


def _refuse_newer(found: SchemaStatus) -> None:
    if not found.known:
        raise WrongSchema(
            f"the database has revision {found.current}, which this program (up to {found.head}) "
            "does not know: it is older than the database; install the newer one",
            found.current or "",
            found.head,
            is_newer=True,
        )


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if found is None else str(found)


def _run_scripts(connection: Connection, schema: Schema) -> None:
    # Alembic takes a third of a second to import and is needed here only.
    from alembic import command
    from alembic.config import Config

    config = Config()
    folder = str(schema.folder).replace("%", "%%")
    config.set_main_option("script_location", folder)
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
