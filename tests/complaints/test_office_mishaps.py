"""What goes wrong at the office's desk and on the bot's host, and the next step that is told."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from datetime import timedelta

import pytest
import typer
from typer.testing import CliRunner

from bot.cli.frame import guarded
from bot.crypto.exchange import write_whole
from bot.crypto.office_keys import OfficeKeyFolder, key_name, keys_in_use
from bot.domain.periods import Week
from bot.office.case_book import HeldBatch
from bot.office.folder import OfficeFolder
from bot.office.secrets import make_key
from bot.terminal.office import keygen as keygen_in
from bot.terminal.office import open_batches
from bot.terminal.office_room import OfficeRoom
from config.load import load_texts
from tests.complaints.house import CHEAP, PROVIDER, ZONE, MovedClock, new_office
from tests.complaints.office_desk import (  # noqa: F401 - pytest finds the fixtures here
    THREE,
    a_ceremony,
    an_entered_key,
    an_office,
    cheap_key,
    clean_environment,
    five_complaints,
    in_last_week,
    last_week,
    run,
    two,
)
from tests.complaints.test_figures import book_of

TEXTS = load_texts("zh-CN")


@pytest.fixture
def opened(office, entered, tmp_path):
    """Five complaints in the case book; the first one's code."""
    five_complaints(in_last_week())
    run("complaints", "export", "stick")
    shown = run("office", "open", "stick", "--list", typed=two()).output
    assert "5件投诉" in shown
    return next(line.split()[1] for line in shown.splitlines() if line.startswith("│ "))


def kept(tmp_path, **case) -> OfficeFolder:
    """A folder with a key and a case of last week in its case book."""
    folder = OfficeFolder(tmp_path / "qingzhuang-office", PROVIDER)
    made = make_key(
        PROVIDER,
        office="office",
        title="清川县减负专班",
        week=last_week(),
        passphrases=THREE,
        token_bytes=os.urandom,
        stretching=CHEAP,
    )
    folder.put_key(made)
    book = book_of({"week": str(last_week()), **case})
    book.batches["b"] = HeldBatch("b", str(last_week()), True, [str(last_week())], {})
    folder.put_book(made.secret, book)
    return folder


def files(tmp_path, ending: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted((tmp_path / "stick").glob(f"*{ending}"))]


def test_a_case_opened_by_mistake_is_left_as_it_was(opened):
    result = run("office", "reply", "--stick", "stick", typed=two(opened, "", ""))

    assert result.exit_code == 0, result.output
    assert f"✓ {opened}" not in result.output
    listed = run("office", "open", "stick", "--list", typed=two()).output
    assert listed.count("未处理") == 5


def test_a_decision_is_undone_before_the_file_is_made(opened):
    result = run(
        "office", "reply", "--stick", "stick",
        typed=two(opened, "4", "", "1", opened, "1", "", opened, "0", ""),
    )  # fmt: skip

    assert f"✓ {opened}：已办结" in result.output
    assert f"已撤销，{opened} 恢复到处理之前" in result.output
    listed = run("office", "open", "stick", "--list", typed=two()).output
    assert listed.count("未处理") == 5


def test_what_was_taken_back_is_not_answered(tmp_path):
    kept(tmp_path, withdrawn=True, code="ABCDE")

    dialogue = run("office", "reply", "--stick", "stick", typed=two("abcde", ""))
    option = run("office", "reply", "--stick", "stick", "--case", "ABCDE", typed=two())

    assert "不必答复" in dialogue.output
    assert "不必答复" in option.output
    assert option.exit_code == 2


def test_what_was_closed_needs_no_measure(opened):
    result = run("office", "reply", "--stick", "stick", typed=two(opened, "4", "", "", ""))

    assert f"✓ {opened}：已办结" in result.output


def test_a_lost_reply_file_is_made_again(opened, tmp_path):
    run("office", "reply", "--stick", "stick", typed=two(opened, "3", "", ""))
    (lost,) = (tmp_path / "stick").glob("*.qzreply")
    lost.unlink()

    nothing = run("office", "reply", "--stick", "stick", typed=two(""))
    assert "--again" in nothing.output
    assert files(tmp_path, ".qzreply") == []

    again = run("office", "reply", "--stick", "stick", "--again", typed=two())
    assert again.exit_code == 0, again.output
    (made,) = (tmp_path / "stick").glob("*.qzreply")
    assert "封答复" in run("complaints", "import", str(made)).output


def test_lost_figures_are_the_same_when_they_are_made_again(opened, tmp_path):
    """Others would tell more than either: the office may have answered since."""
    words = ("office", "return", "--week", str(last_week()), "--stick", "stick")
    no = run(*words, typed=two("不是"))
    assert "没有生成文件，什么也没有改动" in no.output
    assert files(tmp_path, ".qzreturn") == []

    run(*words, typed=two("也许", "是"))
    (first,) = files(tmp_path, ".qzreturn")
    for path in (tmp_path / "stick").glob("*.qzreturn"):
        path.unlink()
    run("office", "reply", "--stick", "stick", typed=two(opened, "3", "", ""))
    again = run(*words, typed=two())

    assert "这是同一份" in again.output
    assert files(tmp_path, ".qzreturn") == [first]


def test_figures_that_did_not_reach_the_stick_are_the_same_afterwards(opened, tmp_path):
    """It may have been cut off after the file was there: nobody knows that it was not carried."""
    words = ("office", "return", "--week", str(last_week()), "--yes", "--stick")

    failed = run(*words, "/proc/self", typed=two())
    assert "没有写到U盘上" in failed.output
    run("office", "reply", "--stick", "stick", typed=two(opened, "3", "", ""))

    assert "这是同一份" in run(*words, "stick", typed=two()).output
    assert len(files(tmp_path, ".qzreturn")) == 1


def test_saying_it_again_and_answering_a_case_at_once_is_refused(opened, tmp_path):
    """The answer would be lost unseen."""
    result = run(
        "office",
        "reply",
        "--stick",
        "stick",
        "--again",
        "--case",
        opened,
        "--template",
        "answered",
    )

    assert result.exit_code == 2
    assert "--again" in result.output
    assert files(tmp_path, ".qzreply") == []


def test_a_stick_that_takes_nothing_keeps_the_decision_and_says_what_to_do(opened):
    """Nobody can make a file in /proc/self, not even the administrator."""
    here = "/proc/self"
    result = run(
        "office", "reply", "--stick", here, "--case", opened, "--template", "answered",
        typed=two(),
    )  # fmt: skip
    assert result.exit_code == 2, result.output
    assert "没有写到U盘上" in result.output
    assert "写好的处理都存着" in result.output

    listed = run("office", "open", "stick", "--list", typed=two()).output
    assert "已答复" in listed


def test_an_old_stick_does_not_bring_back_what_has_had_its_time(office, entered, tmp_path):
    five_complaints(in_last_week())
    run("complaints", "export", "stick")
    clock = MovedClock(last_week().shifted(30).ends_at(ZONE) - timedelta(days=3))
    room = OfficeRoom(office, TEXTS, clock=clock, stretching=CHEAP)
    desk = typer.Typer()
    desk.command()(lambda: open_batches(room, tmp_path / "stick", read=False))

    shown = CliRunner().invoke(desk, [], input=two()).output

    assert "已过保存期，没有拆" in shown
    assert "案卷里没有投诉" in shown


def test_a_write_that_fails_leaves_no_draft_and_names_its_file(tmp_path):
    def cut():
        yield b"half"
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match=r"No space.*whole\.bin"):
        write_whole(tmp_path / "whole.bin", cut())

    assert list(tmp_path.glob("*whole*")) == []
    assert list(tmp_path.glob(".*")) == []


def test_a_stick_that_is_not_there_and_the_same_share_twice_are_told(office, entered, tmp_path):
    five_complaints(in_last_week())
    run("complaints", "export", "stick")
    (mine,) = (office / "shares").glob("*-1.qzshare")
    mine.rename(tmp_path / mine.name)
    for other in (office / "shares").glob("*"):
        other.unlink()

    absent = run("office", "open", "stick", "--share", "no-such-stick")
    assert "no-such-stick" in absent.output
    assert "U盘是否插好" in absent.output

    twice = run("office", "open", "stick", "--share", mine.name, "--share", mine.name)
    assert "两份不同的份额" in twice.output
    assert "第1份" in twice.output


class TestKeys:
    """Which key is in use, whatever its file is called and whenever it was made."""

    def test_a_key_file_of_any_name_is_entered_under_its_own(self, office, tmp_path):
        (public,) = (office / "keys").glob("*.qzpub")
        public.rename(tmp_path / "from the office.txt")

        result = run("complaints", "key", "from the office.txt", "--yes")

        assert result.exit_code == 0, result.output
        assert "清川县减负专班" in run("complaints", "status").output

    def test_of_two_made_in_one_week_the_later_one_is_in_use(self, tmp_path):
        """A ceremony that went wrong is held again at once; ids are random and tell no order."""
        week = last_week()
        for _ in range(4):
            first, second = new_office(week=week).key, new_office(week=week).key
            second = replace(second, serial=2)

            assert keys_in_use([first, second]) == keys_in_use([second, first]) == (second,)

    def test_keygen_numbers_the_keys_of_a_week(self, tmp_path):
        room = OfficeRoom(tmp_path, TEXTS, stretching=CHEAP)
        desk = typer.Typer()
        desk.command()(lambda: keygen_in(room, "office", "清川县减负专班"))

        typed = "".join(f"{each}\n{each}\n" for each in THREE)
        for _ in range(2):
            assert CliRunner().invoke(desk, [], input=typed).exit_code == 0

        keys = OfficeKeyFolder(tmp_path / "keys", PROVIDER).all()
        assert [(key.made, key.serial) for key in keys] == [(room.week, 1), (room.week, 2)]
        assert {path.name for path in (tmp_path / "keys").iterdir()} == set(map(key_name, keys))

    def test_one_that_is_older_than_that_in_use_is_told_to_be(self, office, entered, tmp_path):
        older = cheap_key(tmp_path / "elsewhere", last_week().shifted(-60))

        result = run(
            "complaints", "key", str(tmp_path / "elsewhere" / "keys" / key_name(older)), "--yes"
        )

        assert result.exit_code == 0
        assert "不是这个办公室最新的钥匙" in result.output
        assert "校准" in result.output

    def test_a_lost_pepper_is_told_with_the_next_step(self, entered, tmp_path):
        (tmp_path / "data" / "complaints" / "pepper" / "pepper").unlink()

        result = run("complaints", "status")

        assert result.exit_code == 1
        assert "请从保管处放回" in result.output


class TestAlgorithms:
    """The family that ships says that it is no certified national module, wherever one looks."""

    def test_at_the_ceremony_at_the_entering_and_in_the_status(self, ceremony, entered):
        said = TEXTS("complaint_box.family.intl")

        assert "不是经认证的国密模块" in said
        assert said in entered
        assert said in ceremony[1]
        assert "不是经认证的国密模块" in run("complaints", "status").output.replace("\n", "")


class TestClock:
    """A machine without a network may have lost its date: by it cases are deleted for ever."""

    def sit_down(self, folder: OfficeFolder, week: Week, typed: str, *, keep: bool = True) -> str:
        """Open the books on a machine that says it is this week, and keep them or be interrupted;
        what is shown."""
        clock = MovedClock(week.ends_at(ZONE) - timedelta(days=3))
        room = OfficeRoom(folder.path, TEXTS, clock=clock, stretching=CHEAP)
        desk = typer.Typer()

        @desk.command()
        def open_and_keep() -> None:
            def act() -> None:
                opened = room.desk()
                if keep:
                    room.keep(opened)

            raise typer.Exit(guarded(act))

        return CliRunner().invoke(desk, [], input=typed).output

    def test_one_that_is_behind_opens_nothing(self, tmp_path):
        said = self.sit_down(kept(tmp_path), Week(2015, 1), two())

        assert "日期不对" in said
        assert "口令" not in said

    def test_it_is_asked_for_before_what_is_due_by_it_goes(self, tmp_path):
        folder, in_a_year = kept(tmp_path), last_week().shifted(52)

        refused = self.sit_down(folder, in_a_year, two("n"))
        assert "有1件已经到期" in refused
        assert "没有删除任何东西" in refused
        assert "到期删除" not in self.sit_down(folder, last_week().shifted(1), two())

        assert "到期删除1件" in self.sit_down(folder, in_a_year, two("是"))

    def test_what_is_said_to_be_deleted_is_so_whatever_comes_after(self, tmp_path):
        folder, in_a_year = kept(tmp_path), last_week().shifted(52)

        assert "到期删除1件" in self.sit_down(folder, in_a_year, two("是"), keep=False)
        assert "到期" not in self.sit_down(folder, in_a_year, two(), keep=False)
