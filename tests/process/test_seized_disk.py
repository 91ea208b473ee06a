"""T4: the disk of a bot that took complaints, with every secret on it, opens none of them."""

from __future__ import annotations

import base64
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.crypto.envelopes import open_envelope
from bot.crypto.office_keys import SUFFIX
from bot.domain.errors import Undecipherable
from bot.office.secrets import OfficeSecret
from tests.complaints.house import PROVIDER, new_office
from tests.process.canary_events import CONSENT, GROUPS
from tests.process.private_talk import Member
from tests.process.server import Server

TOLD = "每天下班以后还要交三张截图，漏一张就点名"
SECRET_BYTES = 32
SMALL = 4096


@pytest.fixture
def office() -> OfficeSecret:
    return new_office()


@pytest.fixture
async def disk(tmp_path: Path, office: OfficeSecret) -> Path:
    """What is left of a bot that took two complaints and was stopped in order."""
    keys = tmp_path / "complaints" / "office-keys"
    keys.mkdir(parents=True, mode=0o700)
    (keys / f"county{SUFFIX}").write_bytes(office.public_file())
    more = {"QZ_COMPLAINTS__KDF_MEMORY_KIB": str(19 * 1024), "QZ_COMPLAINTS__KDF_PASSES": "2"}
    server = Server(tmp_path, more=more)
    try:
        await server.prepare(GROUPS[:1])
        await server.start()
        for name in ("li.hua", "wang.wu"):
            member = Member(server, name, "wecom")
            for line in (*CONSENT, "0", TOLD, "1", "1"):
                await member.say(line)
                if member.receipts:
                    break
            assert member.receipts
        assert await server.stop() == 0
    finally:
        await server.close()
    # What an operator has beside it: the settings with the platforms' secrets.
    lines = [f"{name}={value}" for name, value in sorted(server._settings.items())]
    (tmp_path / "qingzhuang.env").write_text("\n".join(lines), "utf-8")
    return tmp_path


def bodies(folder: Path) -> list[bytes]:
    with closing(sqlite3.connect(folder / "complaints.db")) as connection:
        return [body for (body,) in connection.execute("SELECT body FROM reports")]


def candidates(folder: Path) -> Iterator[bytes]:
    """Every run of 32 bytes of every small file, also as it reads in hexadecimal or base64."""
    seen: set[bytes] = set()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.stat().st_size <= SMALL:
            for data in forms(path.read_bytes()):
                for at in range(len(data) - SECRET_BYTES + 1):
                    seen.add(data[at : at + SECRET_BYTES])
    yield from sorted(seen)


def forms(data: bytes) -> Iterator[bytes]:
    yield data
    for run in re.findall(rb"(?:[0-9a-fA-F]{2}){32,}", data):
        yield bytes.fromhex(run.decode())
    for run in re.findall(rb"[A-Za-z0-9+/]{43,}={0,2}", data):
        whole = run.rstrip(b"=")
        yield base64.b64decode(whole + b"=" * (-len(whole) % 4)) if len(whole) % 4 != 1 else b""


def opened(folder: Path, office: OfficeSecret) -> list[bytes]:
    """Which candidates open one of the bodies. All bodies are sealed alike: some are asked."""
    found, some = [], bodies(folder)
    assert len(some) >= 48
    for secret in candidates(folder):
        for body in some[:2]:
            try:
                open_envelope(PROVIDER, body, purpose="note", key_id=office.key.id, secret=secret)
            except Undecipherable:
                continue
            found.append(secret)
    return found


async def test_no_secret_of_the_disk_opens_a_complaint_and_the_office_s_own_would(
    disk: Path, office: OfficeSecret
) -> None:
    files = [path for path in disk.rglob("*") if path.is_file()]
    assert {"pepper", "salt", "complaints.db"} <= {path.name for path in files}
    assert not any(TOLD.encode() in path.read_bytes() for path in files)

    assert len(list(candidates(disk))) > 1000
    assert opened(disk, office) == []

    # The negative control: the same search, with the secret on the disk as somebody noted it.
    noted = os.urandom(40).hex().encode() + b"\nkey: " + office.opening.hex().encode() + b"\n"
    (disk / "note.txt").write_bytes(noted)
    assert office.opening in opened(disk, office)
