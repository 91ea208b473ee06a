"""The console: the real bot on typed lines, and nothing left afterwards."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.domain.private import Opaque
from bot.platforms.console import ConsoleDoor

AT = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
DEMAND = "各村今天17:30前把排查台账报综治办，附现场照片，不得延误"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Temporary books go below tmp_path, so that a test sees whether they went away."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def played(lines: str, *options: str) -> str:
    done = CliRunner().invoke(app, ["console", *options], input=lines)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_demand_is_told_with_kinds_deadline_and_number() -> None:
    shown = played(DEMAND + "\n", "--at", "2026-10-12T10:30")

    assert "10-12 10:30 各村" in shown
    assert "→ 工作要求 · " in shown
    assert "时限 10-12 17:30" in shown
    assert "第 1 件" in shown
    assert "非工作时间" not in shown


def test_the_hours_decide_what_is_off_hours() -> None:
    assert "非工作时间" in played(
        DEMAND + "\n", "--at", "2026-10-12T10:30", "--hours", "13:00-17:00"
    )


def test_messages_are_a_minute_apart_and_small_talk_does_not_count() -> None:
    shown = played("老王: 收到\n\n好的谢谢\n", "--at", "2026-10-12T10:30")

    assert shown.splitlines() == [
        "10-12 10:30 老王: 收到",
        "    → 不计",
        "10-12 10:31 好的谢谢",
        "    → 不计",
    ]


def test_commands_are_answered_as_in_a_group() -> None:
    shown = played(f"{DEMAND}\n/状态\n@轻装 帮助\n/状太\n", "--at", "2026-10-12T10:30")

    assert "看到消息 1 条，工作要求 1 件" in shown
    assert "轻装 · 指令" in shown
    assert "您要的是不是 **/状态**" in shown


def test_a_bare_command_in_the_group_is_talk_and_told_how_to_ask() -> None:
    shown = played("状态\n收到\n私聊\n状态\n", "--at", "2026-10-12T10:30")

    assert shown.splitlines()[:5] == [
        "10-12 10:30 状态",
        "    → 不计",
        "    想问轻装：群里要写“@轻装 状态”，或在前面加斜杠；私聊里才只写“状态”。",
        "10-12 10:31 收到",
        "    → 不计",
    ]
    assert shown.count("想问轻装") == 1
    assert "请在工作群里" in shown


def test_a_direct_message_is_answered_and_never_counted() -> None:
    shown = played("私聊 状态\ndm 我们天天填表实在受不了了，能不能管一管\n/status\n")

    assert "请在工作群里" in shown
    assert "听着像是在反映工作负担" in shown
    assert "看到 0 条消息" in shown
    assert "→" not in shown


def test_a_burden_can_be_told_from_the_notice_to_the_receipt() -> None:
    told = "每天都要截图上报好几遍，李书记晚上十点半还在催"
    shown = played(f"私聊\n投诉\n1 同意\n3\n0\n{told}\n1\n1\n回群\n/帮助\n")

    assert "以下每行都是私聊" in shown
    assert "不留名反映 · 须知" in shown
    assert "李书记 → 某人" in shown
    assert re.search(r"\d{4}(?: \d{4}){4}", shown)
    assert "以下每行都在群里说" in shown
    assert "→ 不计" not in shown, "nothing of it was taken for talk in the group"


def test_who_asks_too_fast_is_told_so_and_nothing_is_counted() -> None:
    assert "问得太快" in played("@轻装 帮助\n" * 21)


def test_nothing_is_left(tmp_path: Path) -> None:
    played(DEMAND + "\n")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--at", "yesterday"], "--at"),
        (["--hours", "nine to five"], "--hours"),
        (["--size", "0"], "--size"),
        (["--config", "none.toml"], "--config"),
    ],
)
def test_wrong_options_are_named(options: list[str], named: str) -> None:
    done = CliRunner().invoke(app, ["console", *options], input="")

    assert done.exit_code == 2
    assert named in done.stderr
    assert "Traceback" not in done.output


def test_input_that_is_not_utf8_is_named_and_the_books_go_away(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["console"], input="请各村报送\n".encode("gbk"))

    assert done.exit_code == 2
    assert "stdin" in done.stderr
    assert "UTF-8" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", ["ctrl-d", "ctrl-c"])
def test_in_a_terminal_it_explains_itself_and_ends_cleanly(ending: str, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "console"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(root), "TMPDIR": str(tmp_path)},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler) and None,
    )
    os.close(theirs)
    shown = b""
    while b" > " not in shown:
        shown += os.read(ours, 4096)
    # Ctrl-C in the instant between prompt and read is seen at the next key, as everywhere.
    os.write(ours, "好的\n".encode())
    while shown.count(b" > ") < 2:
        shown += os.read(ours, 4096)
    if ending == "ctrl-d":
        os.write(ours, b"\x04")
    else:
        process.send_signal(signal.SIGINT)
        os.write(ours, b"\n")
    shown += _rest(ours)
    code = process.wait(100)
    os.close(ours)

    assert code == 0, shown.decode()
    assert "轻装试用台" in shown.decode()
    assert "临时账本已删除" in shown.decode()
    assert list(tmp_path.iterdir()) == []


def _rest(terminal: int) -> bytes:
    found = b""
    while True:
        try:
            more = os.read(terminal, 4096)
        except OSError:  # the other end is closed
            return found
        if not more:
            return found
        found += more


class TestLines:
    """What a typed line stands for."""

    def message(self, line: str):
        return ConsoleDoor("轻装", ("私聊", "dm")).message(line, AT)

    def test_a_heading_with_a_wide_colon_is_no_speaker(self) -> None:
        heard = self.message("通知：各村报送台账")

        assert heard.sender == Opaque("me")
        assert heard.text.reveal() == "通知：各村报送台账"

    def test_a_name_with_a_colon_and_a_space_is_a_speaker(self) -> None:
        heard = self.message("老王: 收到")

        assert (heard.sender, heard.text.reveal()) == (Opaque("老王"), "收到")

    def test_mentions_are_heard(self) -> None:
        heard = self.message("@所有人 @张三 请报送")

        assert heard.mentions_all
        assert heard.mentions == (Opaque("张三"),)
        assert not heard.is_addressed

    def test_the_mention_of_the_bot_is_stripped_and_addresses_it(self) -> None:
        heard = self.message("@轻装 状态")

        assert (heard.is_addressed, heard.text.reveal(), heard.mentions) == (True, "状态", ())

    def test_a_direct_message_is_one(self) -> None:
        heard = self.message("DM 状态")

        assert not heard.conversation.is_group
        assert (heard.is_addressed, heard.text.reveal()) == (True, "状态")
