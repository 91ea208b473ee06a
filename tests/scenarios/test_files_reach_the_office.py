"""The whole bot, its real store and both stand-ins: an office on each platform gets its files."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from zipfile import ZipFile

import pytest

from bot.domain.issues import Issue
from bot.domain.periods import Week
from bot.domain.private import Opaque
from bot.renderings.forms import rendered
from bot.standins.faults import Fault
from config.settings import OfficeSettings
from handlers.ports import DeliveryState, Destination, Office
from tests.scenarios.running_bot import House, running
from tests.scenarios.week_end_house import at, demand, profile, talk

W42 = Week(2026, 42)
READER = Opaque("li.hua")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[House]:
    async with running(
        tmp_path,
        at("2026-10-16 09:00"),
        [profile()],
        "wecom",
        archive=False,
        adjust=lambda settings, _standin: settings.model_copy(
            update={"office": OfficeSettings(attach="docx,png")}
        ),
    ) as house:
        wecom, dingtalk = house.wecom.account.corp_id, house.dingtalk.client_id
        destinations = (
            Destination("wecom", wecom, False, READER),
            Destination("dingtalk", dingtalk, False, READER),
        )
        store = house.bot.counting.store
        await store.registry.put_office(Office("county", "清川县减负办", (), destinations))
        store.keyring.tags(W42)
        entries = [talk(f"talk {n}", week=W42) for n in range(5)]
        await store.books.record([*entries, *(demand(f"d {n}", week=W42) for n in range(3))])
        yield house


async def monday(house: House, moment: str = "2026-10-19 08:30") -> None:
    house.clock.moment = at(moment)
    await house.bot.counting.tick()


def of_wecom(house: House) -> Sequence[tuple[str, bytes]]:
    files = house.wecom.api.files
    return [files[one.content] for one in house.wecom.sent if one.content in files]


def of_dingtalk(house: House) -> Sequence[tuple[str, bytes]]:
    media = house.dingtalk.api.media
    return [media[one.text][1:] for one in house.dingtalk.sent if one.text in media]


async def test_both_platforms_carry_the_published_document_in_each_form(town: House) -> None:
    await monday(town)

    stored = await town.bot.counting.store.shelf.get(Issue(W42, "county"))
    assert stored is not None
    wanted = [
        (f"基层负担监测周报 2026-W42.{form}", rendered(stored, form)) for form in ("docx", "png")
    ]
    assert of_wecom(town) == wanted
    assert of_dingtalk(town) == wanted
    assert "word/document.xml" in ZipFile(io.BytesIO(wanted[0][1])).namelist()


async def test_a_fault_of_the_upload_costs_a_try_and_makes_no_second_file(town: House) -> None:
    await monday(town, "2026-10-18 20:00")  # the week is still open: nothing is said
    assert of_wecom(town) == []
    town.wecom.faults.plan(Fault.RATE_LIMITED, "/cgi-bin/media/upload")
    town.dingtalk.faults.plan(Fault.SERVER_ERROR, "/media/upload")

    await monday(town)
    await monday(town, "2026-10-19 10:30")

    assert [name[-4:] for name, _ in of_wecom(town)] == ["docx", ".png"]
    assert [name[-4:] for name, _ in of_dingtalk(town)] == ["docx", ".png"]
    outbox = town.bot.counting.store.outbox
    assert {each.state for each in await outbox.listed(list(DeliveryState))} == {
        DeliveryState.SENT
    }
