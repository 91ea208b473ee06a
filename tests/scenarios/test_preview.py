"""送审: the office reads first and lets it go; its silence holds nothing back unless it wants that."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.issues import Issue
from bot.domain.periods import Week
from bot.domain.private import Opaque
from config.calendar import load_calendar
from config.load import load_texts
from handlers.ports import Destination, Role
from handlers.preview_digests import PreviewDigests
from tests.scenarios.week_end_house import CHIEF, COUNTY, OFFICE_HOURS, SHANGHAI, House, at, house

W42 = Week(2026, 42)
ISSUE = Issue(W42, "county")
WALL = Destination("wecom", "corp", True, Opaque("wall"))
MONDAY = "2026-10-19 08:30"


async def previewing(hours: float = 24, *, waits: bool = False, by: Role = Role.OFFICE) -> House:
    """A house in which the chief reads first, and a group on the wall afterwards."""
    home = house()
    preview = PreviewDigests(
        home.store.cursors,
        home.store.shelf,
        home.store.outbox,
        home.store.registry,
        home.clock,
        load_calendar(),
        OFFICE_HOURS,
        SHANGHAI,
        load_texts("zh-CN"),
        timedelta(hours=hours),
        waits,
    )
    object.__setattr__(home.hand_out, "preview", preview)
    await home.register(offices=(replace(COUNTY, destinations=(CHIEF, WALL)),))
    today = home.clock.now().date()
    await home.store.registry.grant("wecom", "corp", CHIEF.id, by, "*", today)
    await home.hear(W42)
    return home


def kinds(home: House) -> list[tuple[str, str]]:
    """What was said, and to whom."""
    return [
        (parcel.key.split(":")[0], parcel.destination.id.reveal()) for parcel in home.speaker.said
    ]


async def test_the_office_is_shown_it_first_and_nobody_else_hears_of_it() -> None:
    home = await previewing()

    for moment in (MONDAY, "2026-10-19 11:00"):
        await home.tick(moment)

    assert kinds(home) == [("preview", "chief")]
    (shown,) = home.speaker.said
    assert shown.title.startswith("（送审）")
    assert "10-20 08:30 自动发出" in shown.markdown
    assert "# 基层负担监测周报" in shown.markdown


async def test_released_it_goes_to_everybody_once() -> None:
    home = await previewing()
    await home.tick(MONDAY)

    assert home.hand_out.preview is not None
    assert await home.hand_out.preview.release(ISSUE)
    for moment in ("2026-10-19 11:00", "2026-10-19 15:00", "2026-10-21 09:00"):
        await home.tick(moment)

    assert kinds(home) == [("preview", "chief"), ("digest", "chief"), ("digest", "wall")]


async def test_released_in_the_evening_it_goes_in_the_morning() -> None:
    home = await previewing()
    await home.tick(MONDAY)
    home.clock.moment = at("2026-10-19 20:00")
    assert home.hand_out.preview is not None
    await home.hand_out.preview.release(ISSUE)

    await home.tick("2026-10-19 20:01")
    assert len(home.said) == 1
    await home.tick("2026-10-20 08:30")

    assert len(home.said) == 3


async def test_silence_does_not_suppress_a_digest() -> None:
    home = await previewing()
    await home.tick(MONDAY)
    await home.tick("2026-10-20 08:29")
    assert len(home.said) == 1

    await home.tick("2026-10-20 08:30")

    assert kinds(home)[1:] == [("digest", "chief"), ("digest", "wall")]


async def test_an_office_may_want_it_to_wait_until_it_is_released() -> None:
    home = await previewing(waits=True)
    for moment in (MONDAY, "2026-10-20 09:00", "2026-10-26 09:00"):
        await home.tick(moment)

    assert [kind for kind, _ in kinds(home)] == ["preview"]
    assert "不会自动发出" in home.speaker.said[0].markdown


@pytest.mark.parametrize("by", [Role.AUDITOR, Role.APPROVER])
async def test_where_nobody_may_release_it_nothing_is_held_back(by: Role) -> None:
    home = await previewing(waits=True, by=by)

    await home.tick(MONDAY)

    assert kinds(home) == [("digest", "chief"), ("digest", "wall")]


async def test_without_the_setting_there_is_no_preview() -> None:
    home = await previewing(0)

    await home.tick(MONDAY)

    assert kinds(home) == [("digest", "chief"), ("digest", "wall")]


async def test_what_is_not_published_cannot_be_released() -> None:
    home = await previewing()

    assert home.hand_out.preview is not None
    assert not await home.hand_out.preview.release(ISSUE)
    await home.tick(MONDAY)
    assert kinds(home) == [("preview", "chief")]


async def test_it_is_released_once_and_a_restart_forgets_nothing() -> None:
    home = await previewing()
    await home.tick(MONDAY)
    preview = home.hand_out.preview
    assert preview is not None
    await preview.release(ISSUE)
    home.restart()
    object.__setattr__(home.hand_out, "preview", preview)

    home.clock.moment = at("2026-10-19 16:00")
    await preview.release(ISSUE)
    await home.tick("2026-10-19 16:01")
    await home.tick("2026-10-19 16:02")

    assert len(home.said) == 3
