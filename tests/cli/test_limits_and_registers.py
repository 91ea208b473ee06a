"""limit and register as an operator types them."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.clock import SystemClock
from bot.counting import open_counting
from bot.domain.authors import Person
from bot.domain.private import Opaque
from bot.domain.registers import Filing, Sort
from config.settings import Settings

TABLE = "编号,类别,事项,条线,开始,截止,次数\n督备〔2026〕3号,督检考备案,安全生产督查,anjian,2026-01-01,2036-12-31,2\n"


@pytest.fixture
def typed(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("QZ_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str, login: str = "ann") -> tuple[int, str]:
        monkeypatch.setenv("LOGNAME", login)
        done = CliRunner().invoke(app, list(words))
        return done.exit_code, done.output

    return run


def test_two_logins_change_a_limit_and_both_stand_in_the_history(typed) -> None:
    assert typed("limit", "set", "meeting.unit.week", "1", "--basis", "本办〔2026〕1号")[0] == 0
    refused, said = typed("limit", "confirm", "14")
    assert (refused, "提出的人不能自己确认" in said) == (2, True)
    assert "meeting.unit.week" in typed("limit", "list")[1]

    assert typed("limit", "confirm", "14", login="ben")[0] == 0

    shown = typed("limit", "list")[1]
    assert "本办〔2026〕1号" in shown
    last = typed("limit", "list", "--history")[1].strip().splitlines()[-2]
    assert "已确认" in last
    assert typed("limit", "withdraw", "14")[0] == 2


@pytest.mark.parametrize("words", [("nothing.unit.week", "1"), ("meeting.unit.week", "many")])
def test_what_is_no_limit_or_number_is_refused(typed, words) -> None:
    assert typed("limit", "set", *words)[0] == 2


def test_a_register_is_imported_whole_and_listed_with_its_use(typed, tmp_path: Path) -> None:
    table = tmp_path / "备案.csv"
    table.write_text(TABLE, "utf-8")
    assert "没有登记" in typed("register", "list")[1]

    assert typed("register", "import", str(table))[0] == 0

    shown = typed("register", "list")[1]
    assert "督备〔2026〕3号" in shown
    assert "0/2" in shown


def test_a_wrong_row_is_named_and_nothing_is_entered(typed, tmp_path: Path) -> None:
    table = tmp_path / "备案.csv"
    table.write_text(TABLE + "督备〔2026〕4号,别的,x,,2026-01-01,2026-02-30,\n", "utf-8")

    code, said = typed("register", "import", str(table))

    assert (code, "第3行" in said, "1 行有问题" in said) == (2, True, True)
    assert "没有登记" in typed("register", "list")[1]


def propose(data: Path, number: str) -> None:
    """What an admin types in the chat."""

    async def enter() -> None:
        entry = Filing(number, Sort.MATTER, "秋收统计", date(2026, 1, 1), date(2036, 12, 31))
        async with AsyncExitStack() as resources:
            house = await open_counting(
                Settings(data_dir=data), SystemClock(), secrets.token_bytes, lambda: 0.5, resources
            )
            await house.filings.enter(entry, Person("wecom", "ww1", Opaque("admin")))

    asyncio.run(enter())


def test_what_was_proposed_in_the_chat_is_listed_confirmed_and_ended(
    typed, tmp_path: Path
) -> None:
    for number in ("准〔2026〕1号", "准〔2026〕2号"):
        propose(tmp_path / "data", number)
    assert "待确认 1：准入事项 准〔2026〕1号" in typed("register", "list")[1]

    assert typed("register", "confirm", "1")[0] == 0
    assert typed("register", "withdraw", "2")[0] == 0
    assert typed("register", "confirm", "2")[0] == 2

    shown = typed("register", "list")[1]
    assert "秋收统计" in shown
    assert "准〔2026〕2号" not in shown
    assert typed("register", "retire", "准[2026]1号")[0] == 0
    assert "秋收统计" not in typed("register", "list")[1]
    assert typed("register", "retire", "准〔2026〕1号")[0] == 2
