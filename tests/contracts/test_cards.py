"""What every platform with cards promises, by the whole bot and the vendor's protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.contracts.card_ways import WAYS, Way, opened

ZHAO, QIAN = "zhao", "qian"
REFUSED = "已经用过、过期了"
LIMITS = "现行限额"
MINUTE = timedelta(minutes=1)


@pytest.fixture(params=list(WAYS))
async def way(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Way]:
    async with opened(request.param, tmp_path) as found:
        yield found


async def test_a_button_is_answered_as_its_command_is_and_the_card_says_so(way: Way) -> None:
    card = await way.card("/帮助", ZHAO)
    buttons = way.buttons(card)
    assert list(buttons) == ["限额", "备案", "应急", "无会周", "隐私", "全部"]
    assert way.done(card) == ""

    answer = await way.answer(card, buttons["限额"], ZHAO)

    assert LIMITS in answer
    await way.house.until(lambda: way.done(card).startswith("已办"))


async def test_a_card_serves_once_by_whatever_button(way: Way) -> None:
    card = await way.card("/帮助", ZHAO)
    buttons = way.buttons(card)
    await way.answer(card, buttons["限额"], ZHAO)
    way.house.clock.moment += MINUTE

    assert REFUSED in await way.answer(card, buttons["限额"], ZHAO)
    assert REFUSED in await way.answer(card, buttons["隐私"], ZHAO)


async def test_what_is_forged_foreign_or_plain_is_refused_and_uses_nothing_up(way: Way) -> None:
    mine, theirs = await way.card("/帮助", ZHAO), await way.card("/帮助", QIAN)
    own, foreign = way.buttons(mine)["限额"], way.buttons(theirs)["限额"]
    changed = own[:-1] + ("A" if own[-1] != "A" else "B")

    for wrong in (foreign, changed, "/限额", "限额", "x" * 900):
        assert REFUSED in await way.answer(mine, wrong, ZHAO)
    assert REFUSED in await way.answer(theirs, foreign, ZHAO)

    assert LIMITS in await way.answer(mine, own, ZHAO)
    assert LIMITS in await way.answer(theirs, foreign, QIAN)


async def test_a_card_ends_with_its_days(way: Way) -> None:
    card = await way.card("/帮助", ZHAO)
    way.house.clock.moment += timedelta(days=7)

    assert REFUSED in await way.answer(card, way.buttons(card)["限额"], ZHAO)


async def test_a_click_that_comes_again_at_once_is_obeyed_once(way: Way) -> None:
    card = await way.card("/帮助", ZHAO)
    value = way.buttons(card)["限额"]
    await way.answer(card, value, ZHAO)

    await way.click(card, value, ZHAO)
    await way.answer(await way.card("/帮助", ZHAO), "no value", ZHAO)

    assert sum(LIMITS in said for said in way.words(ZHAO)) == 1


async def propose(way: Way) -> None:
    """Zhao proposes a change of a limit; it goes to the second person, qian."""
    for who in (ZHAO, QIAN):
        await way.grant(who)
        if not way.words(who):
            await way.ask("/隐私", who)  # the AI bot writes first only to who has spoken to it
            await way.house.until(lambda who=who: bool(way.words(who)))
    before = len(way.words(ZHAO))
    await way.ask("/限额 meeting.unit.week 1", ZHAO)
    await way.house.until(lambda: len(way.words(ZHAO)) > before)
    await way.house.bot.counting.seconds()
    await way.house.bot.counting.deliver()


async def test_a_parcel_is_a_card_and_the_second_person_confirms_by_it(way: Way) -> None:
    await propose(way)
    [card] = way.shown(QIAN)
    assert way.shown(ZHAO) == []

    answer = await way.answer(card, way.buttons(card)["确认"], QIAN)

    assert "每个单位每周" in answer
    assert way.house.bot.counting.limits.proposals() == ()


async def test_who_lost_the_role_is_told_so_and_leaves_the_card_to_who_has_it(way: Way) -> None:
    await propose(way)
    [card] = way.shown(QIAN)
    confirm = way.buttons(card)["确认"]
    await way.revoke(QIAN)

    denied = await way.answer(card, confirm, QIAN)
    assert denied == way.house.bot.counting.texts("admin.denied.role")
    assert way.done(card) == ""
    assert len(way.house.bot.counting.limits.proposals()) == 1

    await way.grant(QIAN)
    way.house.clock.moment += MINUTE
    await way.answer(card, confirm, QIAN)
    assert way.house.bot.counting.limits.proposals() == ()


async def test_where_a_tenant_takes_no_cards_the_same_is_said_in_words(way: Way) -> None:
    way.refuse_cards()

    await propose(way)
    await way.ask("/帮助", QIAN)
    await way.house.until(lambda: any("轻装 · 指令" in said for said in way.words(QIAN)))

    assert any("发“/限额 确认" in said for said in way.words(QIAN))
    assert way.shown(QIAN) == []


async def test_nothing_of_a_click_is_counted_and_no_value_is_logged(way: Way) -> None:
    card = await way.card("/帮助", ZHAO)
    value = way.buttons(card)["限额"]
    await way.answer(card, value, ZHAO)

    assert await way.house.tallies(way.house.clock.now()) == {}
    assert value not in str(way.house.log.lines)
    assert card not in str(way.house.log.lines)
