"""The digest as a file behind its words: made anew when it is sent, and once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.domain.attachments import Attachment
from bot.domain.errors import ContentRefused, DeliveryUncertain, PlatformError, Unreachable
from bot.domain.issues import Issue
from bot.domain.periods import Week
from bot.renderings.forms import rendered
from handlers.ports import DeliveryState, Parcel
from tests.scenarios.week_end_house import CHIEF, House, at, house

W42 = Week(2026, 42)
MONDAY = "2026-10-19 08:30"
NAME = "基层负担监测周报 2026-W42"


async def with_a_week(*forms: str, carries_files: bool = True) -> House:
    home = house()
    home.attach, home.carries_files = forms, carries_files
    home.restart()
    await home.register()
    await home.hear(W42)
    return home


async def states(home: House) -> list[DeliveryState]:
    return [each.state for each in await home.store.outbox.listed(list(DeliveryState))]


async def test_the_files_that_the_office_wants_follow_the_words() -> None:
    home = await with_a_week("docx", "pdf")

    await home.tick(MONDAY)

    assert [name for _, name, _ in home.speaker.files] == [f"{NAME}.docx", f"{NAME}.pdf"]
    assert len(home.said) == 1
    stored = await home.publish.stored(W42, "county")
    assert stored is not None
    assert [content for _, _, content in home.speaker.files] == [
        rendered(stored, "docx"),
        rendered(stored, "pdf"),
    ]


async def test_without_the_setting_there_are_words_only() -> None:
    home = await with_a_week()

    await home.tick(MONDAY)

    assert (len(home.said), home.speaker.files) == (1, [])


async def test_a_platform_that_carries_no_files_is_sent_none() -> None:
    home = await with_a_week("docx", carries_files=False)

    await home.tick(MONDAY)

    assert await states(home) == [DeliveryState.SENT]


async def test_no_content_rests_in_the_outbox() -> None:
    home = await with_a_week("docx")
    await home.tick(MONDAY)

    _, file = await home.store.outbox.listed(list(DeliveryState))

    assert (file.parcel.title, file.parcel.markdown) == (f"{NAME}.docx", f"{NAME}.docx")


async def test_however_often_it_ticks_and_restarts_a_file_is_sent_once() -> None:
    home = await with_a_week("docx")

    for _ in range(3):
        await home.tick(MONDAY)
        home.restart()

    assert len(home.speaker.files) == 1


async def test_after_a_fault_and_a_restart_the_same_file_is_sent() -> None:
    home = await with_a_week("docx")
    home.speaker.faults.extend([None, Unreachable("between upload and message")])

    await home.tick(MONDAY)
    assert await states(home) == [DeliveryState.SENT, DeliveryState.PENDING]
    home.restart()
    await home.tick("2026-10-19 09:00")

    assert await states(home) == [DeliveryState.SENT, DeliveryState.SENT]
    assert (len(home.said), len(home.speaker.files)) == (1, 1)


async def test_a_process_that_dies_with_a_file_under_way_leaves_it_to_the_operator() -> None:
    home = await with_a_week("docx")
    home.speaker.faults.extend([None, asyncio.CancelledError()])  # type: ignore[list-item]
    with pytest.raises(asyncio.CancelledError):
        await home.tick(MONDAY)
    home.restart()
    await home.deliver.recover()
    await home.tick("2026-10-19 09:00")
    assert home.speaker.files == []

    (uncertain,) = await home.store.outbox.listed([DeliveryState.UNCERTAIN])
    await home.store.outbox.renew(uncertain.id, home.clock.now())
    await home.tick("2026-10-19 09:10")

    assert [name for _, name, _ in home.speaker.files] == [f"{NAME}.docx"]
    assert len(home.said) == 1


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (DeliveryUncertain(), DeliveryState.UNCERTAIN),
        (ContentRefused("size"), DeliveryState.FAILED),
    ],
)
async def test_what_is_uncertain_or_refused_is_not_sent_again(
    fault: PlatformError, state: DeliveryState
) -> None:
    home = await with_a_week("docx")
    home.speaker.faults.extend([None, fault])

    await home.tick(MONDAY)
    await home.tick("2026-10-19 09:00")

    assert await states(home) == [DeliveryState.SENT, state]
    assert home.speaker.files == []


async def test_a_file_that_cannot_be_sent_does_not_keep_the_next_week_back() -> None:
    home = await with_a_week("docx")
    home.speaker.faults.extend([None, *[Unreachable()] * 200])
    moment = at(MONDAY)
    while moment < at("2026-10-25 12:00"):
        await home.tick(f"{moment:%Y-%m-%d %H:%M}")
        moment += timedelta(hours=1)
    home.speaker.faults.clear()
    await home.hear(W42.shifted(1))

    await home.tick("2026-10-26 08:30")

    assert [key.split(":")[1] for key in home.said] == ["2026-W42", "2026-W43"]
    assert [name for _, name, _ in home.speaker.files] == ["基层负担监测周报 2026-W43.docx"]


async def test_a_file_of_which_nothing_is_published_fails_and_says_so() -> None:
    home = await with_a_week()
    key = Attachment(Issue(W42, "nobody"), "docx").key("0123456789abcdef")
    await home.store.outbox.put([Parcel(key, CHIEF, NAME, f"{NAME}.docx", at(MONDAY))])

    await home.tick(MONDAY)

    (failed,) = await home.store.outbox.listed([DeliveryState.FAILED])
    assert (failed.parcel.key, failed.error) == (key, "NoSuchDigest")
