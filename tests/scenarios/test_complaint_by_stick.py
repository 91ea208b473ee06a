"""The stick between a member's phone and the office: the real tools, two offices, a rotated key."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bot.cli.frame import guarded
from bot.crypto.office_keys import key_name
from bot.domain.complaints import CaseState
from bot.domain.periods import Week
from bot.office.folder import OfficeFolder
from bot.office.replying import Decision, decide, reply_file
from bot.office.secrets import OfficeSecret, make_key
from bot.office.taking_in import Desk
from bot.terminal.complaints import export, take_back
from bot.terminal.office import open_batches, return_figures
from bot.terminal.office_replying import Given, reply
from bot.terminal.office_room import OfficeRoom
from tests.complaints.house import CHEAP, PROVIDER, desk_of, new_office
from tests.scenarios.test_complaint_whole_path import (
    NOTHING,
    TEXTS,
    TOLD,
    WEDNESDAY,
    ZONE,
    Place,
    placed,
)

HOLDERS = ("甲保管人自己的一句话", "乙保管人自己的一句话", "丙保管人自己的一句话")
WEEK = Week.of(WEDNESDAY, ZONE)


def enter(keys: Path, *offices: OfficeSecret) -> None:
    """Have the operator enter public keys; the bot is not restarted."""
    keys.mkdir(parents=True, mode=0o700, exist_ok=True)
    for office in offices:
        (keys / key_name(office.key)).write_bytes(office.public_file())


def at_the_desk(act: Callable[[], int], typed: str) -> str:
    """What the office's terminal shows, two holders typing."""
    desk = typer.Typer()

    @desk.command()
    def run() -> None:
        raise typer.Exit(guarded(act))

    result = CliRunner().invoke(desk, [], input=typed)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("way", ["wecom_app", "wecom_live", "dingtalk_stream"])
async def test_the_tools_carry_a_complaint_to_the_office_and_its_answer_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Written by `export`, opened by two of three holders, answered, returned, taken in."""
    for name in [name for name in os.environ if name.startswith("QZ_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("QZ_COMPLAINTS__KDF_MEMORY_KIB", str(19 * 1024))
    monkeypatch.setenv("QZ_COMPLAINTS__KDF_PASSES", "2")
    monkeypatch.setenv("QZ_DATA_DIR", str(tmp_path))
    folder, stick = OfficeFolder(tmp_path / "offline", PROVIDER), tmp_path / "stick"
    stick.mkdir()
    made = make_key(
        PROVIDER, office="office", title="清川县减负专班", week=WEEK, passphrases=HOLDERS,
        token_bytes=os.urandom, stretching=CHEAP,
    )  # fmt: skip
    folder.put_key(made)
    enter(tmp_path / "complaints" / "office-keys", made.secret)
    two = "".join(f"{each}\n" for each in HOLDERS[1:])

    async with asyncio.timeout(120), placed(tmp_path, way, made.secret, Desk([])) as place:
        receipt = await place.complain()
        await place.others()
        await place.slots()
        await place.next_monday()
        room = OfficeRoom(folder.path, TEXTS, clock=place.house.clock, stretching=CHEAP)

        assert await export(stick, None, TEXTS) == 0
        shown = at_the_desk(lambda: open_batches(room, stick, read=False), "\n" + two)
        assert "5件投诉" in shown
        assert TOLD not in shown
        code = next(line.split()[1] for line in shown.splitlines() if "非工作时间布置" in line)
        given = Given(code, "remedied", None, "group_dissolved")
        at_the_desk(lambda: reply(room, stick, given), "\n" + two)
        at_the_desk(lambda: return_figures(room, stick, str(WEEK), yes=True), "\n" + two)
        back = [*stick.glob("*.qzreply"), *stick.glob("*.qzreturn")]
        assert len(back) == 2
        assert await take_back(back, None, TEXTS) == 0

        early = await place.say(f"查询 {receipt}")
        await place.next_monday()
        answered = await place.say(f"查询 {receipt}")

    assert early == NOTHING
    assert TEXTS("office.template.remedied") in answered
    assert TEXTS("complaints.remedy.group_dissolved") in answered


def answer(place: Place, desk: Desk, words: str) -> None:
    """One office decides what it finds of the complaint, and its stick goes back."""
    complaints = place.house.bot.counting.complaints
    assert complaints is not None
    week = Week.of(place.house.clock.moment, ZONE)
    for secret, book in desk.held:
        for case in book.cases.values():
            if case.text.startswith(TOLD):
                decide(book, case, Decision(CaseState.ANSWERED, words), week)
        complaints.exchange.put_reply(reply_file(secret, book, week), "stick")


async def carried(place: Place, desk: Desk) -> None:
    place.desk = desk
    place.carry()


@pytest.mark.parametrize("way", ["wecom_aibot", "dingtalk_http"])
async def test_two_offices_read_it_and_both_answers_are_shown(tmp_path: Path, way: str) -> None:
    first, second = new_office("first"), new_office("second")
    enter(tmp_path / "complaints" / "office-keys", first, second)
    desks = desk_of(first), desk_of(second)

    async with asyncio.timeout(120), placed(tmp_path, way, first, desks[0]) as place:
        notice = await place.say("投诉")
        await place.say("2")
        receipt = await place.complain()
        await place.others()
        await place.slots()
        await place.next_monday()
        for desk, words in zip(desks, ("一办正在核实。", "二办已经约谈。"), strict=True):
            await carried(place, desk)
            answer(place, desk, words)
        await place.next_monday()
        answered = await place.say(f"查询 {receipt}")

    assert first.key.fingerprint in notice
    assert second.key.fingerprint in notice
    assert "一办正在核实。" in answered
    assert "二办已经约谈。" in answered
    assert "first减负专班" in answered
    assert "second减负专班" in answered


async def test_with_a_rotated_key_the_old_one_answers_the_old_and_the_new_the_new(
    tmp_path: Path,
) -> None:
    keys = tmp_path / "complaints" / "office-keys"
    old, new = new_office("county", WEEK), new_office("county", WEEK.shifted(1))
    enter(keys, old)
    desk = desk_of(old)

    async with asyncio.timeout(120), placed(tmp_path, "wecom_app", old, desk) as place:
        before = await place.complain()
        await place.others()
        await place.slots()
        await place.next_monday()
        place.carry()
        enter(keys, new)
        notice = await place.say("投诉")
        await place.say("2")
        after = await place.complain(TOLD + "，现在还要录像")
        await place.others()
        await place.slots()
        await place.next_monday()
        # The office opens both: the new batch with the new key, the old cases with the old one.
        place.desk = Desk([*desk.held, *desk_of(new).held])
        place.carry()
        answer(place, place.desk, "两件都已办理。")
        await place.next_monday()
        answers = [await place.say(f"查询 {each}") for each in (before, after)]

    assert new.key.fingerprint in notice
    assert old.key.fingerprint not in notice
    assert all("两件都已办理。" in each for each in answers)
