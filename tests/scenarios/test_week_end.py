"""The end of a week: closed once, told once, whenever the program was running."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.domain.errors import BooksUnavailable, GroupGone, NoCalendarForYear, RecipientUnknown
from bot.domain.groups import GroupProfile, UnitCode
from bot.domain.periods import Week
from bot.domain.private import Opaque
from bot.renderings.chat_markdown import chat_markdown
from bot.renderings.json_document import decode_digest
from handlers.ports import DeliveryState, Destination, Office, Parcel
from handlers.publish_digest import NOBODY_YET
from storage.store import open_store
from tests.scenarios.week_end_house import (
    CHIEF,
    CLERK,
    COUNTY,
    FakeSpeaker,
    House,
    MovedClock,
    at,
    house,
    profile,
)
from tests.storage.entries import talk

W40, W41, W42 = Week(2026, 40), Week(2026, 41), Week(2026, 42)


async def weeks_kept(home: House) -> list[Week]:
    return [issue.week for issue in await home.store.shelf.issues("county")]


MONDAY_AT_TWO = "2026-10-19 02:00"
MONDAY_MORNING = "2026-10-19 08:30"


# --- closing ---


@pytest.mark.parametrize(
    ("moment", "closed"),
    [
        ("2026-10-18 23:59", ()),
        ("2026-10-19 01:59", ()),
        (MONDAY_AT_TWO, (W42,)),
        ("2026-11-02 12:00", (W42,)),
    ],
)
async def test_a_week_is_closed_two_hours_after_its_sunday(
    moment: str, closed: tuple[Week, ...]
) -> None:
    home = house()
    await home.register()
    await home.hear(W42)
    home.clock.moment = at(moment)

    assert await home.close() == closed


async def test_it_waits_for_the_group_whose_sunday_ends_last() -> None:
    home = house()
    await home.register(profile(), profile("g-2", zone=ZoneInfo("Asia/Urumqi")))
    await home.hear(W42)

    home.clock.moment = at("2026-10-19 03:59")
    assert await home.close() == ()
    home.clock.moment = at("2026-10-19 04:00")
    assert await home.close() == (W42,)


async def test_its_key_is_destroyed() -> None:
    home = house()
    await home.register()
    await home.hear(W42)
    home.clock.moment = at(MONDAY_AT_TWO)

    await home.close()

    assert not home.store.keyring.holds_tags(W42)


async def test_a_key_that_a_crash_left_behind_is_destroyed_at_the_next_start() -> None:
    home = house()
    await home.register()
    await home.hear(W42)
    await home.store.ledger.close(W42, at(MONDAY_AT_TWO), "2026.1")
    assert home.store.keyring.holds_tags(W42)

    await home.close.destroy_leftover_keys()

    assert not home.store.keyring.holds_tags(W42)


async def test_who_wants_to_hear_of_a_close_hears_of_it_once() -> None:
    home = house()
    await home.register()
    await home.hear(W42)
    heard: list[Week] = []

    async def listen(line) -> None:  # type: ignore[no-untyped-def]
        heard.append(line.week)

    home.clock.moment = at(MONDAY_AT_TWO)
    closing = type(home.close)(
        home.store.ledger,
        home.store.keyring,
        home.store.registry,
        home.store.cursors,
        home.clock,
        timedelta(hours=2),
        home.close.zone,
        "2026.1",
        listen,
    )
    await closing()
    await closing()

    assert heard == [W42]


# --- once: new, repeated, interrupted, later ---


async def test_new_a_week_becomes_one_digest_sent_once() -> None:
    home = house()
    await home.register()
    await home.hear(W42)

    await home.tick(MONDAY_AT_TWO)
    assert home.said == []
    await home.tick(MONDAY_MORNING)

    assert len(home.said) == 1
    assert home.said[0].startswith("digest:2026-W42:county:")
    assert "基层负担监测周报" in home.speaker.said[0].title


async def test_repeated_nothing_changes() -> None:
    home = house()
    await home.register()
    await home.hear(W42)
    await home.tick(MONDAY_MORNING)
    before = await home.publish.stored(W42, "county")

    for _ in range(3):
        await home.tick("2026-10-19 09:00")
        home.restart()

    assert len(home.said) == 1
    assert await home.publish.stored(W42, "county") == before


@dataclass
class OutboxThatFailsOnce:
    """The first put is the moment of the crash."""

    inner: object
    fails: bool = True

    async def put(self, parcels) -> int:  # type: ignore[no-untyped-def]
        if self.fails:
            self.fails = False
            raise BooksUnavailable("gone")
        return await self.inner.put(parcels)  # type: ignore[attr-defined,no-any-return]

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)


async def test_interrupted_between_shelf_and_outbox_it_is_finished_by_the_next_call() -> None:
    home = house()
    await home.register()
    await home.hear(W42)
    object.__setattr__(home.hand_out, "outbox", OutboxThatFailsOnce(home.store.outbox))

    with pytest.raises(BooksUnavailable):
        await home.tick(MONDAY_MORNING)
    kept = await home.publish.stored(W42, "county")
    await home.tick(MONDAY_MORNING)

    assert kept is not None
    assert await home.publish.stored(W42, "county") == kept
    assert len(home.said) == 1


async def test_later_the_next_week_adds_its_own_and_compares_with_the_last() -> None:
    home = house()
    await home.register()
    await home.hear(W42, demands=3)
    await home.tick(MONDAY_MORNING)
    await home.hear(W42.shifted(1), demands=5)

    await home.tick("2026-10-26 08:30")

    assert [key.split(":")[1] for key in home.said] == ["2026-W42", "2026-W43"]
    assert "环比：工作要求增加2件" in home.speaker.said[1].markdown


async def test_published_bytes_stay_when_the_county_changes() -> None:
    home = house()
    await home.register()
    await home.hear(W42)
    await home.tick(MONDAY_MORNING)
    before = await home.publish.stored(W42, "county")

    await home.store.registry.put_group(profile(size=5))
    await home.store.ledger.rebuild(W42)
    home.restart()
    await home.tick("2026-10-19 10:00")

    assert await home.publish.stored(W42, "county") == before


# --- when ---


async def test_weeks_missed_in_a_downtime_are_all_kept_and_only_the_recent_ones_sent() -> None:
    home = house()
    await home.register()
    for week in (W40, W41, W42):
        await home.hear(week)

    await home.tick("2026-10-21 09:00")
    await home.tick("2026-10-21 09:01")

    assert await weeks_kept(home) == [W40, W41, W42]
    assert [key.split(":")[1] for key in home.said] == ["2026-W41", "2026-W42"]
    latest = await home.publish.stored(W42, "county")
    assert latest is not None
    assert "环比：工作要求持平" in latest.decode()


async def test_an_imported_old_month_is_kept_and_troubles_nobody() -> None:
    home = house()
    await home.register()
    await home.hear(Week(2025, 20))

    await home.tick("2026-10-21 09:00")

    assert await weeks_kept(home) == [Week(2025, 20)]
    assert home.said == []


async def test_after_a_holiday_monday_it_comes_on_the_first_working_day() -> None:
    """2026-W40 ends in the National Day holiday, which lasts until Wednesday."""
    home = house()
    await home.register()
    await home.hear(W40)

    for moment in ("2026-10-05 09:00", "2026-10-07 15:00", "2026-10-08 08:29"):
        await home.tick(moment)
        assert home.said == []
    await home.tick("2026-10-08 08:30")

    assert len(home.said) == 1


@pytest.mark.parametrize("moment", ["2026-10-19 08:29", "2026-10-19 12:00", "2026-10-19 17:30"])
async def test_nothing_is_said_outside_office_hours(moment: str) -> None:
    home = house()
    await home.register()
    await home.hear(W42)

    await home.tick(moment)

    assert home.said == []


async def test_a_year_without_a_calendar_keeps_the_digest_and_sends_nothing() -> None:
    home = house()
    await home.register()
    week = Week(2030, 10)
    await home.hear(week)

    with pytest.raises(NoCalendarForYear):
        await home.tick("2030-03-11 09:00")

    assert await home.publish.stored(week, "county") is not None
    assert home.said == []


# --- groups that are gone ---


async def test_the_digest_counts_the_groups_that_were_dissolved_and_they_are_covered_no_more() -> (
    None
):
    home = house()
    await home.register(profile(), profile("g-2"), profile("g-3"))
    await home.hear(W42)
    await home.store.registry.end_chat("transcript", "transcript", Opaque("chat-g-2"))

    await home.tick(MONDAY_MORNING)

    stored = await home.publish.stored(W42, "county")
    assert stored is not None
    seen = decode_digest(stored).figures.coverage
    assert (seen.groups, seen.heard_whole, seen.heard_when_addressed, seen.gone) == (3, 2, 0, 1)
    assert "1个工作群已解散或机器人被移出" in stored.decode()


async def test_an_office_hears_of_its_own_groups_that_are_gone_only() -> None:
    home = house()
    town = Office("town", "青石镇", (UnitCode("u-1"),), COUNTY.destinations)
    await home.register(profile(), profile("g-2", unit="u-2"), offices=[town])
    await home.hear(W42)
    await home.store.registry.end_chat("transcript", "transcript", Opaque("chat-g-2"))

    await home.tick(MONDAY_MORNING)

    stored = await home.publish.stored(W42, "town")
    assert stored is not None
    assert "已解散" not in stored.decode()


async def test_while_all_groups_are_there_the_digest_keeps_its_bytes() -> None:
    home = house()
    await home.register()
    await home.hear(W42)

    await home.tick(MONDAY_MORNING)

    stored = await home.publish.stored(W42, "county")
    assert stored is not None
    assert b'"gone"' not in stored
    assert decode_digest(stored).figures.coverage.gone == 0


async def test_that_a_group_is_gone_is_passed_on_and_that_a_person_left_is_not() -> None:
    home = house()
    gone = []

    async def hear_of(to: Destination) -> None:
        gone.append(to)

    home.deliver = replace(home.deliver, on_gone=hear_of)
    home.speaker.faults = [GroupGone("group.disbanded"), RecipientUnknown("left")]
    await home.register(offices=[Office("county", "县", (), (CHIEF, CLERK))])
    await home.hear(W42)

    await home.tick(MONDAY_MORNING)

    assert len(gone) == 1


# --- weeks in which nothing was heard ---


async def listening_house(*groups: GroupProfile, offices: Sequence[Office] = (COUNTY,)) -> House:
    """A house as `serve` runs it, since Monday of 2026-W42."""
    home = house()
    home.listens = True
    await home.register(*groups, offices=offices)
    await home.tick("2026-10-12 09:00")
    return home


async def test_a_silent_week_is_closed_and_its_digest_says_that_nothing_was_heard() -> None:
    home = await listening_house()

    await home.tick(MONDAY_AT_TWO)
    await home.tick(MONDAY_MORNING)

    assert list(await home.store.ledger.closed_weeks()) == [W42]
    assert [key.split(":")[1] for key in home.said] == ["2026-W42"]
    assert "没有收到" in home.speaker.said[0].markdown


async def test_silent_weeks_of_a_downtime_are_closed_beside_the_others() -> None:
    home = await listening_house()
    await home.hear(W42.shifted(1))
    home.restart()

    await home.tick("2026-11-04 09:00")

    closed = [W42, W42.shifted(1), W42.shifted(2)]
    assert list(await home.store.ledger.closed_weeks()) == closed


async def test_weeks_before_it_listened_are_left_to_an_import() -> None:
    home = await listening_house()
    await home.tick(MONDAY_MORNING)
    await home.hear(W40)

    await home.tick("2026-10-19 09:00")

    assert list(await home.store.ledger.closed_weeks()) == [W40, W42]
    line = await home.store.ledger.closed(W40)
    assert line is not None
    assert line.late == 0


async def test_without_a_group_nobody_listens() -> None:
    home = house()
    home.listens = True
    for moment in ("2026-10-12 09:00", MONDAY_MORNING, "2026-10-26 09:00"):
        await home.tick(moment)
    await home.register()

    await home.tick("2026-10-28 09:00")
    await home.tick("2026-11-02 09:00")

    assert list(await home.store.ledger.closed_weeks()) == [Week(2026, 44)]


async def test_an_import_closes_what_it_brought_and_no_silent_week() -> None:
    home = await listening_house()
    home.clock.moment = at("2026-10-26 09:00")
    await home.hear(W40)

    assert await home.close() == (W40,)


# --- to whom ---


async def test_each_office_gets_what_its_own_units_demanded() -> None:
    home = house()
    town = Office("town", "青石镇", ("u-2",), (CHIEF,))  # type: ignore[arg-type]
    await home.register(profile(), profile("g-2", unit="u-2"), offices=(COUNTY, town))
    await home.hear(W42, demands=3)
    await home.hear(W42, demands=4, unit="u-2", group="g-2")

    await home.tick(MONDAY_MORNING)

    county, own = [
        decode_digest(await home.publish.stored(W42, code) or b"").figures
        for code in ("county", "town")
    ]
    assert (county.totals["episodes"], own.totals["episodes"]) == (7, 4)
    assert set(own.units) == {"u-2"}
    assert own.coverage.groups == 1


async def test_an_office_for_some_units_is_told_no_number_of_everybody() -> None:
    """A line within a unit may be one small group; late messages and ours are the county's."""
    home = house()
    town = Office("town", "青石镇", (UnitCode("u-2"),), (CHIEF,))
    await home.register(profile(), profile("g-2", unit="u-2"), offices=(COUNTY, town))
    await home.hear(W42, demands=4, unit="u-2", group="g-2")

    await home.tick(MONDAY_MORNING)

    county, own = [
        decode_digest(await home.publish.stored(W42, code) or b"") for code in ("county", "town")
    ]
    assert county.figures.lines is not None
    assert own.figures.lines is None
    assert (own.figures.coverage.late, own.figures.coverage.own_messages) == (None, None)
    told = chat_markdown(own.document)
    assert "按条线分" not in told
    assert "主动在工作群发消息" not in told
    assert "条线跨单位，不列" in told


async def test_a_digest_for_some_units_is_not_compared_with_one_for_all() -> None:
    home = house()
    await home.register()
    await home.hear(W42, demands=9)
    await home.tick(MONDAY_MORNING)
    await home.store.registry.put_office(Office("county", "减负办", (UnitCode("u-1"),), (CHIEF,)))
    await home.hear(W42.shifted(1))

    await home.tick("2026-10-26 08:30")

    assert "环比：上周无可比数据" in home.speaker.said[1].markdown


async def test_late_messages_are_told_of_by_the_next_digest() -> None:
    home = house()
    await home.register()
    await home.hear(W42)
    await home.tick(MONDAY_MORNING)
    await home.store.books.record([talk(f"late {n}", week=W42) for n in range(2)])
    await home.hear(W42.shifted(1))

    await home.tick("2026-10-26 08:30")

    first, second = (parcel.markdown for parcel in home.speaker.said)
    assert "在结账后到达" not in first
    assert "上周（2026-W42）的消息有2条在结账后到达，未计入任何一期。" in second


async def test_that_a_demand_was_reported_is_in_no_digest() -> None:
    """It says that somebody of that group did it."""
    home = house()
    await home.register()
    await home.hear(W42, demands=4, reported=True)

    await home.tick(MONDAY_MORNING)

    stored = decode_digest(await home.publish.stored(W42, "county") or b"")
    assert stored.figures.totals["episodes"] == 4
    assert b"reported" not in (await home.publish.stored(W42, "county") or b"")
    assert "转告" not in chat_markdown(stored.document)


async def test_every_destination_of_an_office_gets_it_once() -> None:
    home = house()
    await home.register(offices=(Office("county", "减负办", (), (CHIEF, CLERK)),))
    await home.hear(W42)
    await home.tick(MONDAY_MORNING)

    # The list is turned round; who had it does not get it again.
    await home.store.registry.put_office(Office("county", "减负办", (), (CLERK, CHIEF)))
    await home.tick("2026-10-19 09:00")

    assert len(home.said) == 1
    (refused,) = await home.store.outbox.listed([DeliveryState.FAILED])
    assert refused.error == "no_such_platform"


async def test_before_an_office_is_registered_the_digest_waits_on_the_shelf() -> None:
    home = house()
    await home.register(offices=())
    await home.hear(W42)

    await home.tick(MONDAY_MORNING)

    assert await home.publish.stored(W42, NOBODY_YET) is not None
    assert home.said == []


async def test_a_retired_group_that_was_counted_stays_protected() -> None:
    home = house()
    await home.register(profile(), profile("g-2"), profile("g-3", size=5))
    await home.hear(W42, group="g-3")
    await home.store.registry.retire("g-3")

    await home.tick(MONDAY_MORNING)

    stored = decode_digest(await home.publish.stored(W42, "county") or b"")
    assert "g-3" not in stored.figures.groups
    assert stored.figures.small_groups["u-1"]["episodes"] == 3


# --- on a disk, through restarts ---


async def test_a_restart_while_it_was_being_sent_makes_it_uncertain_and_never_two(
    tmp_path: Path,
) -> None:
    url, clock, speaker = (
        f"sqlite+aiosqlite:///{tmp_path / 'books.db'}",
        MovedClock(at(MONDAY_MORNING)),
        FakeSpeaker(),
    )
    async with open_store(url, tmp_path / "keys", lambda n: b"k" * n) as store:
        home = House(store, clock, speaker)
        await home.register()
        await home.hear(W42)
        await home.close()
        await home.publish()
        await home.hand_out()
        # The process dies after the claim: nobody knows whether it went out.
        assert len(await store.outbox.claim(clock.now(), 20)) == 1

    async with open_store(url, tmp_path / "keys", lambda n: b"k" * n) as store:
        home = House(store, clock, speaker)
        assert await home.deliver.recover() == 1
        await home.tick("2026-10-19 09:00")

        assert home.said == []
        (uncertain,) = await store.outbox.listed([DeliveryState.UNCERTAIN])
        assert uncertain.parcel.key.startswith("digest:2026-W42:county:")


async def test_a_week_53_has_no_week_a_year_before() -> None:
    home = house()
    await home.register()
    await home.hear(Week(2026, 53))

    await home.tick("2027-01-04 09:00")

    stored = await home.publish.stored(Week(2026, 53), "county")
    assert stored is not None
    assert "去年同周无可比数据" in stored.decode()
    assert len(home.said) == 1


async def test_what_the_bot_said_to_groups_of_its_own_accord_is_in_the_digest() -> None:
    home = house()
    await home.register()
    await home.hear(W42)
    to_group = Destination("wecom", "corp", True, Opaque("chat"))
    reminder = Parcel("reminder:2026-W42:1", to_group, "t", "m", at("2026-10-14 09:00"))
    await home.store.outbox.put([reminder])
    await home.tick("2026-10-14 09:00")

    await home.tick(MONDAY_MORNING)

    assert "主动在工作群发消息1条" in home.speaker.said[-1].markdown
