"""The doctor: every finding, what it leaves alone, and that it shows no secret."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.domain.groups import GroupCode
from bot.domain.private import Opaque
from bot.standins.dingtalk import DingtalkStandin
from bot.standins.faults import Fault
from bot.standins.settings import dingtalk_settings, wecom_settings
from bot.standins.wecom import WecomStandin
from bot.terminal.doctor import examine
from config.load import load_texts
from storage.store import open_store
from storage.upgrades import upgrade
from tests.scenarios.week_end_house import profile

TEXTS = load_texts("zh-CN")
CANARY = "canary" + "K" * 37


class At:
    def __init__(self, year: int, month: int) -> None:
        self.moment = datetime(year, month, 10, 2, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings by environment only, and lines as long as they need to be."""
    for name in [name for name in os.environ if name.startswith("QZ_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QZ_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "400")
    return tmp_path / "data"


@pytest.fixture
async def books(elsewhere: Path) -> Path:
    """A database that is up to date."""
    path = elsewhere / "books.db"
    await upgrade(f"sqlite+aiosqlite:///{path}")
    return path


async def examined(capsys, *, offline: bool = True, clock=None) -> tuple[int, str]:
    code = await examine(None, TEXTS, offline=offline, clock=clock or At(2026, 5))
    return code, capsys.readouterr().out


def line_of(shown: str, subject: str, mark: str) -> str:
    found = [line for line in shown.splitlines() if line.startswith(mark) and subject in line]
    assert found, shown
    return found[0]


def revision_set(path: Path, revision: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    connection.close()


async def test_a_fresh_machine_is_told_the_next_step_and_is_not_touched(capsys, elsewhere) -> None:
    code, shown = await examined(capsys)

    assert code == 1
    assert "还没有建立" in line_of(shown, "数据文件夹", "!")
    assert "qingzhuang db upgrade" in line_of(shown, "数据库", "✗")
    assert "条规则" in line_of(shown, "规则库", "✓")
    assert not elsewhere.exists()


async def test_what_is_fit_is_said_to_be(capsys, books) -> None:
    code, shown = await examined(capsys)

    assert code == 0
    assert "结构为最新" in line_of(shown, "数据库", "✓")
    assert "2026 已就绪" in line_of(shown, "工作日历", "✓")
    assert "qingzhuang group set" in line_of(shown, "登记的群", "!")
    assert "qingzhuang role grant" in line_of(shown, "办公室", "!")
    assert shown.endswith("可以运行。\n")


async def test_a_database_without_a_schema_is_not_given_one(capsys, books) -> None:
    books.unlink()
    for beside in books.parent.glob("books.db-*"):
        beside.unlink()
    sqlite3.connect(books).close()

    code, shown = await examined(capsys)

    assert code == 1
    assert "qingzhuang db upgrade" in line_of(shown, "数据库", "✗")
    with sqlite3.connect(books) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
    connection.close()


async def test_a_database_of_a_newer_program_is_not_to_be_upgraded(capsys, books) -> None:
    revision_set(books, "9999")

    code, shown = await examined(capsys)

    assert code == 1
    assert "9999" in line_of(shown, "数据库", "✗")
    assert "db upgrade" not in shown


async def test_a_file_that_is_no_database_is_left_as_it_is(capsys, books) -> None:
    books.write_bytes(b"not a database" * 100)

    code, shown = await examined(capsys)

    assert code == 1
    assert "用不了" in line_of(shown, "数据库", "✗")
    assert books.read_bytes() == b"not a database" * 100


async def test_a_database_server_that_is_not_there(capsys, monkeypatch) -> None:
    url = f"postgresql+asyncpg://u:{CANARY}@127.0.0.1:{free_port()}/books"
    monkeypatch.setenv("QZ_DATABASE__URL", url)

    code, shown = await examined(capsys)

    assert code == 1
    assert "用不了" in line_of(shown, "数据库", "✗")
    assert CANARY not in shown


async def test_a_data_folder_below_a_file_cannot_be_written(capsys, tmp_path, monkeypatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("QZ_DATA_DIR", str(tmp_path / "file" / "data"))

    code, shown = await examined(capsys)

    assert code == 1
    assert "不可写" in line_of(shown, "数据文件夹", "✗")


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may write everywhere")
async def test_a_read_only_data_folder_is_named(capsys, elsewhere) -> None:
    elsewhere.mkdir(mode=0o500)

    code, shown = await examined(capsys)

    assert code == 1
    assert "不可写" in line_of(shown, "数据文件夹", "✗")


@pytest.mark.parametrize("which", ["folder", "file"])
async def test_keys_that_others_can_read_are_not_fit(capsys, books, elsewhere, which) -> None:
    keys = elsewhere / "keys"
    keys.mkdir(mode=0o700)
    key = keys / "2026-W20.tags"
    key.write_bytes(bytes(32))
    key.chmod(0o600)
    (keys if which == "folder" else key).chmod(0o755)

    code, shown = await examined(capsys)

    assert code == 1
    assert "chmod" in line_of(shown, "每周密钥", "✗")
    assert (keys if which == "folder" else key).stat().st_mode & 0o077, "left for the operator"


async def test_a_year_without_a_calendar_is_not_fit(capsys, books) -> None:
    code, shown = await examined(capsys, clock=At(2031, 5))

    assert code == 1
    assert "缺 2031 年日历" in line_of(shown, "工作日历", "✗")


@pytest.mark.parametrize(("month", "is_told"), [(10, False), (11, True)])
async def test_the_next_years_notice_is_asked_for_from_november(
    month: int, is_told: bool, capsys, books
) -> None:
    code, shown = await examined(capsys, clock=At(2026, month))

    assert code == 0
    assert ("2027 年放假通知未载入" in shown) is is_told


async def test_a_wrong_setting_is_named(capsys, monkeypatch) -> None:
    monkeypatch.setenv("QZ_SERVER__PORT", "eighty")

    code, shown = await examined(capsys)

    assert code == 1
    assert "QZ_SERVER__PORT" in line_of(shown, "设置", "✗")


async def test_a_rulebook_that_is_not_there_hides_no_other_finding(
    capsys, books, tmp_path, monkeypatch
) -> None:
    (tmp_path / "rules").mkdir()
    monkeypatch.setenv("QZ_RULES", str(tmp_path / "rules"))
    monkeypatch.setenv("QZ_WECOM__CORP_ID", "ww1")
    monkeypatch.setenv("QZ_WECOM__APP__TOKEN", "token")
    monkeypatch.setenv("QZ_WECOM__APP__ENCODING_AES_KEY", CANARY[:42])

    code, shown = await examined(capsys)

    assert code == 1
    assert "rules" in line_of(shown, "规则、限额", "✗")
    assert "43位" in line_of(shown, "企业微信", "✗")
    assert "有 2 项" in shown


@pytest.mark.parametrize("length", [42, 44])
async def test_an_aes_key_of_the_wrong_length_is_named_and_not_shown(
    length: int, capsys, books, monkeypatch
) -> None:
    key = (CANARY + "K")[:length]
    monkeypatch.setenv("QZ_WECOM__CORP_ID", "ww1")
    monkeypatch.setenv("QZ_WECOM__AIBOT__TOKEN", "token")
    monkeypatch.setenv("QZ_WECOM__AIBOT__ENCODING_AES_KEY", key)

    code, shown = await examined(capsys)

    assert code == 1
    assert "43位" in line_of(shown, "企业微信", "✗")
    assert "canary" not in shown


class TestPlatforms:
    """On stand-ins that keep the vendors' protocols."""

    @pytest.fixture(autouse=True)
    async def platforms(self, monkeypatch, books):
        self.wecom = WecomStandin(SystemClock(), secrets.token_bytes)
        self.dingtalk = DingtalkStandin(SystemClock())
        await self.wecom.start()
        await self.dingtalk.start()
        for name, value in {
            **wecom_settings(self.wecom),
            **dingtalk_settings(self.dingtalk),
        }.items():
            monkeypatch.setenv(name, value)
        yield
        await asyncio.gather(self.wecom.stop(), self.dingtalk.stop())

    async def test_credentials_that_are_taken_are_fit(self, capsys) -> None:
        code, shown = await examined(capsys, offline=False, clock=SystemClock())

        assert code == 0, shown
        assert shown.count("已连通") == 2
        for secret in (self.wecom.account.secret, self.dingtalk.client_secret):
            assert secret not in shown

    async def test_offline_nobody_is_asked(self, capsys) -> None:
        code, shown = await examined(capsys, clock=SystemClock())

        assert code == 0, shown
        assert shown.count("未联系") == 2
        assert self.wecom.api.tokens_given == 0

    async def test_refused_credentials_hide_no_other_platform(self, capsys, monkeypatch) -> None:
        monkeypatch.setenv("QZ_WECOM__APP__SECRET", CANARY)

        code, shown = await examined(capsys, offline=False, clock=SystemClock())

        assert code == 1
        assert "密钥不对" in line_of(shown, "企业微信", "✗")
        assert shown.count("已连通") == 1
        assert CANARY not in shown

    async def register(self, books: Path, **rooms: str) -> None:
        """Groups of forty, each bound to an archived room."""
        async with open_store(
            f"sqlite+aiosqlite:///{books}",
            books.parent / "keys",
            secrets.token_bytes,
            counts=False,
        ) as store:
            for code, room in rooms.items():
                await store.registry.put_group(profile(code))
                corp = self.wecom.account.corp_id
                await store.registry.bind("wecom", corp, Opaque(room), GroupCode(code), True)

    async def test_archived_rooms_are_compared_with_the_register(
        self, capsys, monkeypatch, books
    ) -> None:
        monkeypatch.setenv("QZ_WECOM__ARCHIVE__SECRET", self.wecom.account.secret)
        self.wecom.api.archived = ("zhang.wei", "li.na")
        people = tuple(f"person-{n}" for n in range(44))
        self.wecom.api.rooms = {"wr-fits": people, "wr-shrunk": people[:7]}
        await self.register(books, g01="wr-fits", g02="wr-shrunk", g03="wr-gone")

        code, shown = await examined(capsys, offline=False, clock=SystemClock())

        assert code == 0, shown
        assert "会话存档已开通 2 人" in shown
        assert "g01" not in shown
        assert "登记 40 人，平台上 7 人" in line_of(shown, "g02", "!")
        assert "不认得" in line_of(shown, "g03", "!")
        assert not any(name in shown for name in ("zhang.wei", "person-3", "某群", "wr-"))

    async def test_offline_no_room_is_asked_about(self, capsys, monkeypatch) -> None:
        monkeypatch.setenv("QZ_WECOM__ARCHIVE__SECRET", self.wecom.account.secret)

        _, shown = await examined(capsys, clock=SystemClock())

        assert "会话存档" not in shown

    async def test_an_archive_that_refuses_is_a_remark_and_no_fault(
        self, capsys, monkeypatch
    ) -> None:
        monkeypatch.setenv("QZ_WECOM__ARCHIVE__SECRET", CANARY)

        code, shown = await examined(capsys, offline=False, clock=SystemClock())

        assert code == 0, shown
        assert "CredentialRefused" in line_of(shown, "存档人数没有查到", "!")
        assert CANARY not in shown

    async def test_refused_credentials_of_dingtalk(self, capsys, monkeypatch) -> None:
        monkeypatch.setenv("QZ_DINGTALK__CLIENT_SECRET", CANARY)

        code, shown = await examined(capsys, offline=False, clock=SystemClock())

        assert code == 1
        assert "密钥不对" in line_of(shown, "钉钉", "✗")
        assert CANARY not in shown

    async def test_a_platform_that_cannot_be_reached_is_told_from_a_refusal(
        self, capsys, monkeypatch
    ) -> None:
        monkeypatch.setenv("QZ_WECOM__API_BASE", f"http://127.0.0.1:{free_port()}")

        code, shown = await examined(capsys, offline=False, clock=SystemClock())

        assert code == 1
        assert "连不上" in line_of(shown, "企业微信", "✗")

    async def test_a_platform_in_trouble_is_named_by_its_code(self, capsys) -> None:
        self.wecom.api.faults.plan(Fault.SERVER_ERROR, "/cgi-bin/gettoken", times=9)

        code, shown = await examined(capsys, offline=False, clock=SystemClock())

        assert code == 1
        line_of(shown, "企业微信", "✗")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
