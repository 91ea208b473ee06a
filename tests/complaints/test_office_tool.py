"""The office's offline tool and the operator's side of the stick, as typed."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bot.clock import SystemClock
from bot.domain.complaint_figures import CategoryFigure, ComplaintFigures
from bot.domain.complaints import Category, Template
from bot.domain.people_figures import PeopleFigure
from bot.domain.releases import Unsolved, Why
from bot.office.returning import return_file
from bot.terminal.office import keygen as keygen_in
from bot.terminal.office_room import OfficeRoom
from bot.wiring.complaints import Complaints
from config.load import load_texts
from handlers.ports import Office
from tests.complaints.house import CHEAP, MovedClock, new_office
from tests.complaints.office_desk import (  # noqa: F401 - pytest finds the fixtures here
    TEXT,
    THREE,
    a_ceremony,
    an_entered_key,
    an_office,
    bot_at,
    cheap_key,
    clean_environment,
    five_complaints,
    in_last_week,
    keygen,
    last_week,
    run,
    two,
)


def test_the_ceremony_shows_the_fingerprint_and_every_next_step(ceremony):
    folder, shown = ceremony

    assert re.search(r"指纹：([0-9A-F]{4} ){7}[0-9A-F]{4}", shown)
    assert len(list((folder / "qingzhuang-office" / "shares").glob("*.qzshare"))) == 3
    for step in ("各拷到一位保管人的U盘", "qingzhuang complaints key", "核对指纹", "每季度"):
        assert step in shown
    for passphrase in THREE:
        assert passphrase not in shown


def test_passphrases_that_are_short_alike_or_mistyped_are_asked_for_again():
    typed = [
        "太短", THREE[0], "打错了的一句话啊", THREE[0], THREE[0],
        THREE[0], THREE[1], THREE[1], THREE[2], THREE[2],
    ]  # fmt: skip
    ceremony = typer.Typer()

    @ceremony.command()
    def make() -> None:
        room = OfficeRoom(Path("qingzhuang-office"), load_texts("zh-CN"), stretching=CHEAP)
        keygen_in(room, "office", "清川县减负专班")

    result = CliRunner().invoke(ceremony, [], input="".join(f"{each}\n" for each in typed))

    assert result.exit_code == 0, result.output
    assert "太短" in result.output
    assert "两遍不一样" in result.output
    assert "请换一个" in result.output


def test_no_file_of_the_ceremony_is_readable_by_others(ceremony):
    office = ceremony[0] / "qingzhuang-office"

    modes = {path.stat().st_mode & 0o077 for path in office.rglob("*") if path.is_file()}

    assert modes == {0}


def test_from_the_batch_to_the_answer_and_the_figures(office, entered, tmp_path):
    assert "指纹：" in entered
    clock = in_last_week()
    receipts = five_complaints(clock)

    exported = run("complaints", "export", "stick")
    assert "已拷到" in exported.output
    assert "qingzhuang office open" in exported.output

    opened = run("office", "open", "stick", typed=two(""))
    assert opened.exit_code == 0, opened.output
    assert "5件投诉" in opened.output
    assert TEXT not in opened.output
    codes = re.findall(r"│ ([2-9A-HJKMNP-Z]{5}) +│", opened.output)
    assert len(codes) == 5

    read = run("office", "open", "stick", typed=two("nonsense", codes[0].lower(), ""))
    assert "以前拆过" in read.output
    assert "没有这个代号：nonsense" in read.output
    assert TEXT in read.output
    assert "不得追查" in read.output

    replied = run(
        "office", "reply", "--stick", "stick",
        typed=two(codes[0], "99", "4", "", "1", codes[1], "6", "请留意下周。", ""),
    )  # fmt: skip
    assert replied.exit_code == 0, replied.output
    assert f"✓ {codes[0]}：已办结" in replied.output
    (reply_file,) = (tmp_path / "stick").glob("*.qzreply")

    returned = run(
        "office", "return", "--week", str(last_week()), "--stick", "stick", "--yes",
        typed=two(),
    )  # fmt: skip
    assert returned.exit_code == 0, returned.output
    assert "不足10或无" in returned.output
    (figures,) = (tmp_path / "stick").glob("*.qzreturn")

    back = run("complaints", "import", str(reply_file), str(figures))
    assert back.exit_code == 0, back.output
    assert "封答复" in back.output
    assert "汇总数已收下" in back.output

    told = []

    async def act(bot: Complaints) -> None:
        clock.at += timedelta(days=7)
        await bot.rewrite()
        for receipt in receipts:
            told.extend(await bot.box.look_up(receipt))
        assert await bot.store.batches() == []
        assert list(bot.exchange.out.glob("*")) == []
        gated = await bot.release.take(Office("office", "", (), ()), last_week().shifted(1))
        assert gated.withheld == ()
        (shown,) = gated.shown
        assert shown.total.value is None

    asyncio.run(bot_at(clock, act))
    assert sorted(answer.text.reveal()[:6] for answer in told) == ["您反映的情况", "请留意下周。"]


def test_one_holder_alone_opens_nothing(office, entered, tmp_path):
    five_complaints(in_last_week())
    run("complaints", "export", "stick")

    alone = run("office", "open", "stick", typed=f"{THREE[0]}\n\n\n")

    assert alone.exit_code != 0
    assert "没有凑齐两位保管人" in alone.output
    assert not (office / "cases").exists()


def test_any_two_holders_open_it_from_their_own_sticks(office, entered, tmp_path):
    five_complaints(in_last_week())
    run("complaints", "export", "stick")
    for number in (1, 2, 3):
        (tmp_path / f"holder{number}").mkdir()
        (share,) = (office / "shares").glob(f"*-{number}.qzshare")
        share.rename(tmp_path / f"holder{number}" / share.name)

    none = run("office", "open", "stick")
    assert "需要两份" in none.output
    opened = run(
        "office", "open", "stick", "--list", "--share", "holder3", "--share", "holder2",
        typed=f"打错的口令一句话\n{THREE[1]}\n{THREE[2]}\n",
    )  # fmt: skip

    assert "口令不对" in opened.output
    assert "5件投诉" in opened.output


def test_a_damaged_batch_is_told_and_nothing_is_taken_in(office, entered, tmp_path):
    five_complaints(in_last_week())
    run("complaints", "export", "stick")
    (batch,) = (tmp_path / "stick").glob("*.qzbatch")
    batch.write_bytes(batch.read_bytes()[:-3000])

    result = run("office", "open", "stick", typed=two(""))

    assert result.exit_code == 2
    assert batch.name in result.output


def test_a_changed_reply_is_refused_by_the_bot(office, entered, tmp_path):
    five_complaints(in_last_week())
    run("complaints", "export", "stick")
    run("office", "open", "stick", "--list", typed=two())
    run("office", "reply", "--stick", "stick", typed=two(""))
    (reply,) = (tmp_path / "stick").glob("*.qzreply")
    data = bytearray(reply.read_bytes())
    data[len(data) // 2] ^= 1
    reply.write_bytes(bytes(data))

    result = run("complaints", "import", str(reply))

    assert result.exit_code == 2
    assert "signature" in result.output


def test_figures_of_a_week_that_runs_or_was_not_opened_are_refused(office, entered):
    running = run("office", "return", "--week", str(last_week().shifted(1)), "--stick", "stick")
    assert "还没有结束" in running.output

    unopened = run("office", "return", "--week", str(last_week()), "--stick", "stick", typed=two())
    assert "还没有拆过" in unopened.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("office", "open", "nowhere"), "U盘是否插好"),
        (("office", "open", "stick"), "没有投诉移交文件"),
        (("office", "reply", "--stick", "nowhere"), "U盘是否插好"),
        (("office", "return", "--week", "2026-42", "--stick", "stick"), "2026-W42"),
        (("office", "keygen", "--office", "减负 专班"), "字母、数字"),
        (("office", "destroy", "--key", "00000000"), "还在用的一把钥匙"),
        (("complaints", "export", "nowhere"), "U盘是否插好"),
        (("complaints", "export", "stick"), "没有待移交的"),
        (("complaints", "import", "qingzhuang.toml"), "qingzhuang.toml"),
    ],
)
def test_what_is_wrong_is_said_with_the_next_step(office, entered, words, told):
    result = run(*words)

    assert result.exit_code != 0 or "没有待移交的" in result.output
    assert told in result.output


def test_without_a_key_the_box_is_closed_and_says_so():
    result = run("complaints", "status")

    assert "qingzhuang complaints key" in result.output


def test_a_key_is_not_entered_before_its_fingerprint_was_compared(office, tmp_path):
    (public,) = (office / "keys").glob("*.qzpub")

    refused = run("complaints", "key", str(public), typed="n\n")
    assert "请先核对指纹" in refused.output
    assert not (tmp_path / "data" / "complaints" / "office-keys").exists()

    assert "已装入" in run("complaints", "key", str(public), typed="y\n").output
    assert "早已装入" in run("complaints", "key", str(public)).output
    status = run("complaints", "status")
    assert "清川县减负专班" in status.output


def test_a_damaged_key_is_refused(office):
    (public,) = (office / "keys").glob("*.qzpub")
    public.write_text(public.read_text("utf-8").replace("清川县", "清河县"), "utf-8")

    result = run("complaints", "key", str(public), "--yes")

    assert result.exit_code == 2
    assert "signature" in result.output


def test_the_only_key_is_not_destroyed_and_an_old_one_is_after_two_opened_it(office, tmp_path):
    (public,) = (office / "keys").glob("*.qzpub")
    name = public.stem[-8:]
    assert "唯一的一把钥匙" in run("office", "destroy", "--key", name).output

    cheap_key(office, last_week().shifted(1))
    wrong = run("office", "destroy", "--key", name, typed=two("12345678"))
    assert "没有销毁任何东西" in wrong.output
    done = run("office", "destroy", "--key", name, typed=two(name))

    assert done.exit_code == 0, done.output
    assert "已覆写并删除3个文件" in done.output
    assert not list(office.rglob(f"*{name}*"))
    assert len(list((office / "keys").glob("*.qzpub"))) == 1


def test_an_answer_by_options_says_what_templates_and_remedies_there_are(office, entered):
    five_complaints(in_last_week())
    run("complaints", "export", "stick")
    opened = run("office", "open", "stick", "--list", typed=two())
    code = re.findall(r"│ ([2-9A-HJKMNP-Z]{5}) +│", opened.output)[0]
    reply = ("office", "reply", "--stick", "stick", "--case", code)

    wrong = run(*reply, "--template", "thanks", typed=two())
    assert Template.NO_DETAILS in wrong.output
    wrong = run(*reply, "--template", "remedied", "--remedy", "magic", typed=two())
    assert "rule_changed" in wrong.output
    assert "500" in run(*reply, "--text", "长" * 501, typed=two()).output
    assert "没有这个代号" in run(*reply[:-1], "ZZZZZ", typed=two()).output

    done = run(*reply, "--template", "remedied", "--remedy", "deadline_moved", typed=two())
    assert f"✓ {code}：已办结" in done.output


def test_an_older_key_is_opened_along_or_left_out(office, entered, tmp_path):
    """Three weeks of complaints under the old key, then a new one: the same passphrases open both
    at once; where the old shares are not here, the new key's part is still read."""
    five_complaints(in_last_week())
    run("complaints", "export", "stick")
    cheap_key(office, last_week().shifted(1))

    both = run("office", "open", "stick", "--list", typed=two())
    assert both.exit_code == 0, both.output
    assert both.output.count("✓ 钥匙已打开") == 2
    assert "5件投诉" in both.output

    (old,) = (office / "keys").glob(f"*{last_week()}-*")
    for share in (office / "shares").glob(f"{old.stem[-8:]}-*"):
        share.unlink()
    one = run("office", "reply", "--stick", "stick", typed=two(""))
    assert "跳过钥匙" in one.output
    assert "没有新的内容" in one.output


def test_what_could_not_be_checked_is_told_with_its_reason_and_tried_again(office, entered):
    assert "没有待重新检验" in run("complaints", "recheck").output
    secret, week = new_office(), last_week().shifted(-1)
    figures = ComplaintFigures(
        week,
        PeopleFigure(60),
        tuple(CategoryFigure(each, PeopleFigure(None)) for each in Category),
        PeopleFigure(None),
        None,
        (),
        PeopleFigure(None),
    )
    county, gated = Office("office", "", (), ()), []

    def no_time(_programme: object, _questions: object) -> list[bool]:
        raise Unsolved(Why.TIME)

    async def withhold(bot: Complaints) -> None:
        await bot.store.put_return("office", week, return_file(secret, figures))
        gated.append(await replace(bot.release, solve=no_time).take(county, week.shifted(1)))

    async def take_next(bot: Complaints) -> None:
        gated.append(await bot.release.take(county, week.shifted(2)))

    asyncio.run(bot_at(MovedClock(SystemClock().now()), withhold))
    examined = run("check").output
    again = run("complaints", "recheck", "--seconds", "30")
    asyncio.run(bot_at(MovedClock(SystemClock().now()), take_next))

    assert "因超过限时未能检验" in "".join(examined.split())
    assert again.exit_code == 0, again.output
    assert f"{week}：通过，写进下一期周报" in again.output
    assert "60" not in again.output
    assert [one.withheld for one in gated] == [(week,), ()]
    assert [one.shown for one in gated] == [(), (figures,)]
    assert "没有待重新检验" in run("complaints", "recheck").output
