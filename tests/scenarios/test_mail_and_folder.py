"""The whole bot: an office reads its digest by mail and in a folder, once, in working time."""

from __future__ import annotations

import email
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest

from bot.domain.issues import Issue
from bot.domain.log_checks import check
from bot.domain.periods import Week
from bot.domain.private import Opaque
from bot.renderings.forms import FORMS, rendered
from bot.terminal.verifying import International, read_set
from config.platform_settings import FolderSettings, MailSettings
from config.settings import OfficeSettings
from handlers.ports import DeliveryState, Destination, Office
from tests.platforms.mail_server import CUT, MailStandin, mail_server
from tests.scenarios.running_bot import House, running
from tests.scenarios.week_end_house import at, demand, profile, talk

W42 = Week(2026, 42)
MAILBOX = Destination("mail", "mail", True, Opaque("jfb@qingchuan.gov.cn"))
SHARE = Destination("folder", "folder", True, Opaque("county"))


@pytest.fixture
async def post() -> AsyncIterator[MailStandin]:
    async with mail_server() as standin:
        yield standin


@asynccontextmanager
async def town(
    folder: Path, post: MailStandin, start: str, week: Week = W42
) -> AsyncIterator[House]:
    share = folder / "share"
    share.mkdir()
    changes = {
        "mail": MailSettings(
            host="127.0.0.1", port=post.port, security="none", sender="bot@qingchuan.gov.cn"
        ),
        "folder": FolderSettings(dirs={"county": share}),
        "office": OfficeSettings(attach="docx"),
    }
    async with running(
        folder,
        at(start),
        [profile()],
        "wecom",
        archive=False,
        adjust=lambda settings, _standin: settings.model_copy(update=changes),
    ) as house:
        store = house.bot.counting.store
        await store.registry.put_office(Office("county", "清川县减负办", (), (MAILBOX, SHARE)))
        store.keyring.tags(week)
        entries = [talk(f"talk {n}", week=week) for n in range(5)]
        await store.books.record([*entries, *(demand(f"d {n}", week=week) for n in range(3))])
        yield house


async def tick(house: House, moment: str) -> None:
    house.clock.moment = at(moment)
    await house.bot.counting.tick()


async def states(house: House) -> list[DeliveryState]:
    listed = await house.bot.counting.store.outbox.listed(list(DeliveryState))
    return [each.state for each in listed]


async def test_the_office_finds_a_letter_and_a_folder_that_verifies(tmp_path, post) -> None:
    async with town(tmp_path, post, "2026-10-18 20:00") as house:
        await tick(house, "2026-10-19 08:30")
        await tick(house, "2026-10-19 09:30")
        stored = await house.bot.counting.store.shelf.get(Issue(W42, "county"))

    assert stored is not None
    (letter,) = post.letters
    read = email.message_from_bytes(letter.content, policy=email.policy.default)
    assert isinstance(read, EmailMessage)
    (file,) = read.iter_attachments()
    assert file.get_filename() == "基层负担监测周报 2026-W42.docx"
    assert file.get_content() == rendered(stored, "docx")
    there = tmp_path / "share" / "2026-W42-county"
    assert {form: (there / f"digest-2026-W42-county.{form}").read_bytes() for form in FORMS} == {
        form: rendered(stored, form) for form in FORMS
    }
    verdict = check(read_set(there, "2026-W42"), International(bytes).verify)
    assert (verdict.exit_code, verdict.files) == (0, len(FORMS) + 4)


async def test_after_a_holiday_it_comes_on_the_first_working_day(tmp_path, post) -> None:
    # National Day 2026: 1 to 7 October are off, so the week before is told on the 8th.
    async with town(tmp_path, post, "2026-10-04 20:00", Week(2026, 40)) as house:
        await tick(house, "2026-10-05 09:00")
        assert (post.letters, list((tmp_path / "share").iterdir())) == ([], [])
        await tick(house, "2026-10-08 08:30")

    assert len(post.letters) == 1
    assert [each.name for each in (tmp_path / "share").iterdir()] == ["2026-W40-county"]


async def test_a_server_that_is_busy_gets_it_later_and_once(tmp_path, post) -> None:
    post.faults["RCPT"] = "450 greylisted"
    async with town(tmp_path, post, "2026-10-18 20:00") as house:
        await tick(house, "2026-10-19 08:30")
        assert post.letters == []
        await tick(house, "2026-10-19 08:40")
        await tick(house, "2026-10-19 08:50")

        assert await states(house) == [DeliveryState.SENT] * 2
    assert len(post.letters) == 1


async def test_a_line_cut_behind_the_letter_is_left_to_the_operator(tmp_path, post) -> None:
    post.after_end = CUT
    async with town(tmp_path, post, "2026-10-18 20:00") as house:
        for moment in ("2026-10-19 08:30", "2026-10-19 11:00", "2026-10-20 09:00"):
            await tick(house, moment)

        assert sorted(await states(house)) == [DeliveryState.SENT, DeliveryState.UNCERTAIN]
        assert len(post.letters) == 1
        outbox = house.bot.counting.store.outbox
        (uncertain,) = await outbox.listed([DeliveryState.UNCERTAIN])
        await outbox.renew(uncertain.id, house.clock.now())
        await tick(house, "2026-10-20 09:30")

    first, second = post.letters
    assert first.content.split(b"Message-ID")[1] == second.content.split(b"Message-ID")[1]


async def test_a_share_that_is_away_gets_its_folder_when_it_is_back(tmp_path, post) -> None:
    async with town(tmp_path, post, "2026-10-18 20:00") as house:
        (tmp_path / "share").rename(tmp_path / "away")
        await tick(house, "2026-10-19 08:30")
        (tmp_path / "away").rename(tmp_path / "share")
        await tick(house, "2026-10-19 08:40")

    assert [each.name for each in (tmp_path / "share").iterdir()] == ["2026-W42-county"]
