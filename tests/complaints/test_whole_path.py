"""From a member's text to a reply read by receipt, with the offline side between."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.complaints import CaseState, Category, ClosingReason, Remedy
from bot.domain.private import PrivateText
from bot.domain.receipts import Receipt
from bot.domain.sealed_notes import NoteKind
from bot.office.replying import Decision, decide, reply_file
from handlers.complaints.box import SLOT_SECONDS
from handlers.complaints.spool import WAITING_ROOM
from tests.complaints.house import BotSide, desk_of, new_office, take_all

CLOSED = Decision(
    CaseState.CLOSED, "已停用该截图群。", ClosingReason.REMEDIED, Remedy.GROUP_DISSOLVED
)


async def five(bot: BotSide) -> list[Receipt]:
    units = ("U1", "U2", "U1", "U3", "U2")
    receipts = [
        await bot.box.submit(bot.complaint(f"第{n}件烦心事", unit)) for n, unit in enumerate(units)
    ]
    await bot.slots(4)
    return receipts


async def test_a_reply_is_read_by_the_receipt_alone(bot, office):
    receipts = await five(bot)
    assert await bot.box.look_up(receipts[0]) == ()

    ended = await bot.next_monday()
    desk = desk_of(office)
    (counts,) = take_all(desk, bot.batches())
    assert counts[NoteKind.COMPLAINT] == 5
    (secret, book) = desk.held[0]
    case = next(each for each in book.cases.values() if each.text == "第3件烦心事")
    assert (case.unit, case.week, case.kind) == ("U3", str(ended), Category.SCREENSHOT_REPORT)
    decide(book, case, CLOSED, bot.week)
    bot.exchange.put_reply(reply_file(secret, book, bot.week), "stick")
    assert await bot.box.look_up(receipts[3]) == ()

    await bot.next_monday()

    (answer,) = await bot.box.look_up(receipts[3])
    assert (answer.state, answer.reason, answer.remedy) == (
        CaseState.CLOSED,
        ClosingReason.REMEDIED,
        Remedy.GROUP_DISSOLVED,
    )
    assert answer.text.reveal() == "已停用该截图群。"
    assert answer.title == "county减负专班"
    assert await bot.box.look_up(receipts[0]) == ()
    assert await bot.box.look_up(Receipt("000000000000000000")) == ()


async def test_fewer_than_five_wait_for_more_and_go_without_units_after_four_weeks(bot, office):
    await bot.box.submit(bot.complaint())
    await bot.slots(1)

    for _ in range(4):
        await bot.next_monday()
        assert bot.batches() == []
        await bot.slots(1)
    await bot.next_monday()

    desk = desk_of(office)
    (counts,) = take_all(desk, bot.batches())
    assert counts[NoteKind.COMPLAINT] == 1
    (case,) = desk.held[0][1].cases.values()
    assert case.unit is None
    assert not case.met


async def test_five_from_one_unit_are_held(bot):
    for _ in range(5):
        await bot.box.submit(bot.complaint(unit="U1"))
    await bot.slots(3)

    await bot.next_monday()

    assert bot.batches() == []


async def test_what_is_withdrawn_before_the_hand_over_never_reaches_the_office(bot, office):
    receipts = await five(bot)
    extra = await bot.box.submit(bot.complaint("不想说了", "U9"))
    await bot.slots(1)

    await bot.box.withdraw(extra, bot.week)
    await bot.slots(80)  # dummies enough to hide among
    await bot.next_monday()

    desk = desk_of(office)
    take_all(desk, bot.batches())
    texts = {case.text for case in desk.held[0][1].cases.values()}
    assert texts == {f"第{n}件烦心事" for n in range(len(receipts))}


async def test_what_is_withdrawn_where_few_dummies_are_known_reaches_the_office_as_withdrawn(
    bot, office
):
    receipts = await five(bot)

    await bot.box.withdraw(receipts[0], bot.week)
    await bot.box.submit(bot.complaint("第六件", "U2"))
    await bot.slots(1)
    await bot.next_monday()

    desk = desk_of(office)
    take_all(desk, bot.batches())
    assert [case.text for _, case in desk.cases() if case.withdrawn] == [""]
    assert "第0件烦心事" not in {case.text for _, case in desk.cases()}


async def test_what_is_withdrawn_while_it_is_written_is_withdrawn(bot, office):
    receipt = await bot.box.submit(bot.complaint("不想说了"))

    class WithdrawnMeanwhile:
        """The store; between its commit and its answer the writer takes the complaint back."""

        def __getattr__(self, name):
            return getattr(bot.store, name)

        async def write_slot(self, slot, reports):
            written = await bot.store.write_slot(slot, reports)
            pair = await bot.receipts.of(receipt)
            assert bot.box.spool.drop(pair.lookup)
            return written

    bot.clock.at += timedelta(seconds=SLOT_SECONDS)
    await replace(bot.box, store=WithdrawnMeanwhile()).write_slot()
    await five(bot)
    await bot.next_monday()

    desk = desk_of(office)
    take_all(desk, bot.batches())
    assert [case.text for _, case in desk.cases() if case.withdrawn] == [""]
    assert "不想说了" not in {case.text for _, case in desk.cases()}


async def test_what_is_withdrawn_in_the_queue_is_never_written(bot, office):
    receipt = await bot.box.submit(bot.complaint("不想说了"))
    await bot.box.withdraw(receipt, bot.week)
    await five(bot)
    await bot.next_monday()

    desk = desk_of(office)
    (counts,) = take_all(desk, bot.batches())
    assert counts[NoteKind.COMPLAINT] == 5
    assert counts[NoteKind.WITHDRAWAL] == 0


async def test_what_is_withdrawn_after_the_hand_over_is_dropped_by_the_office(bot, office):
    receipts = await five(bot)
    await bot.next_monday()
    desk = desk_of(office)
    take_all(desk, bot.batches())

    await bot.box.withdraw(receipts[2], bot.week)
    await bot.slots(1)
    await five(bot)
    await bot.next_monday()
    take_all(desk, bot.batches())

    withdrawn = [case for _, case in desk.cases() if case.withdrawn]
    assert [case.text for case in withdrawn] == [""]


async def test_a_supplement_reaches_its_case(bot, office):
    receipts = await five(bot)
    await bot.box.supplement(receipts[1], PrivateText("昨天又来一次"), bot.week)
    await bot.slots(1)
    await bot.next_monday()

    desk = desk_of(office)
    take_all(desk, bot.batches())
    found = {case.text: case.supplements for _, case in desk.cases()}
    assert found["第1件烦心事"] == ["昨天又来一次"]
    assert found["第0件烦心事"] == []


async def test_a_restart_loses_what_waits_in_memory_and_nothing_else(bot, office):
    written = await five(bot)
    await bot.box.submit(bot.complaint("还在内存里"))

    bot.start()  # as after kill -9
    for unit in ("U1", "U2", "U3", "U1", "U2"):
        await bot.box.submit(bot.complaint("重启之后", unit))
    await bot.slots(3)
    await bot.next_monday()

    desk = desk_of(office)
    take_all(desk, bot.batches())
    texts = sorted(case.text for _, case in desk.cases())
    assert texts == [
        "第0件烦心事",
        "第1件烦心事",
        "第2件烦心事",
        "第3件烦心事",
        "第4件烦心事",
        *["重启之后"] * 5,
    ]
    assert len(written) == 5


async def test_an_orderly_stop_loses_nothing(bot, office):
    for unit in ("U1", "U2") * 10:
        await bot.box.submit(bot.complaint("排着队", unit))

    await bot.box.stop()
    bot.start()
    for unit in ("U1", "U2", "U3", "U1", "U2"):
        await bot.box.submit(bot.complaint("重启之后", unit))
    await bot.slots(4)
    await bot.next_monday()

    desk = desk_of(office)
    take_all(desk, bot.batches())
    assert sum(case.text == "排着队" for _, case in desk.cases()) == 20


async def test_a_stop_writes_all_though_a_tick_took_its_slot(bot, office):
    """The tick was cut off while its transaction ran, and that ends after the stop has read."""
    for _ in range(5):
        await bot.box.submit(bot.complaint("排着队"))

    class TickStillRuns:
        def __getattr__(self, name):
            return getattr(bot.store, name)

        async def last_slot(self):
            read = await bot.store.last_slot()
            if not ticked:
                ticked.append(await bot.store.write_slot(read + 1, [bot.box.dummy(bot.week)]))
            return read

    ticked: list[bool] = []
    await replace(bot.box, store=TickStillRuns()).stop()

    assert ticked == [True]
    assert not bot.box.spool.queue
    assert await bot.store.size() == 1 + WAITING_ROOM


async def test_two_offices_read_what_is_for_them(sqlite_reports, tmp_path):
    county, town = new_office("county"), new_office("town")
    bot = BotSide(sqlite_reports, tmp_path, [county.key, town.key])
    bot.units_of = {"county": ("U1",), "town": ("U2", "U3")}
    receipts = await five(bot)
    for unit in ("U1", "U1", "U1", "U2", "U3"):
        await bot.box.submit(bot.complaint("第9件", unit))
    await bot.slots(3)
    await bot.next_monday()

    desks = {"county": desk_of(county), "town": desk_of(town)}
    for desk in desks.values():
        take_all(desk, bot.batches())
    texts = {name: sorted(c.text[1] for _, c in desk.cases()) for name, desk in desks.items()}
    assert texts == {"county": ["0", "2", "9", "9", "9"], "town": ["1", "3", "4", "9", "9"]}

    for desk in desks.values():
        ((secret, book),) = desk.held
        for case in book.cases.values():
            decide(book, case, CLOSED, bot.week)
        bot.exchange.put_reply(reply_file(secret, book, bot.week), "stick")
    await bot.next_monday()

    (answer,) = await bot.box.look_up(receipts[1])
    assert answer.title == "town减负专班"
    (answer,) = await bot.box.look_up(receipts[2])
    assert answer.title == "county减负专班"


async def test_an_office_never_gets_a_batch_that_is_too_small_for_it(sqlite_reports, tmp_path):
    """Five for the county, one for the town: both wait until the town has enough."""
    county, town = new_office("county"), new_office("town")
    bot = BotSide(sqlite_reports, tmp_path, [county.key, town.key])
    bot.units_of = {"county": ("U1", "U2"), "town": ("U3",)}
    for unit in ("U1", "U2", "U1", "U2", "U1", "U3"):
        await bot.box.submit(bot.complaint(unit=unit))
    await bot.slots(3)
    await bot.next_monday()
    assert bot.batches() == []

    for _ in range(4):
        await bot.box.submit(bot.complaint(unit="U3"))
    await bot.slots(2)
    await bot.next_monday()

    desk = desk_of(town)
    take_all(desk, bot.batches())
    assert [case.unit for _, case in desk.cases()] == ["U3"] * 5
    assert all(case.met for _, case in desk.cases())


async def test_a_rotated_key_reads_the_new_and_the_old_one_answers_the_old(bot, office):
    old = await five(bot)
    newer = new_office(week=bot.week.shifted(1))
    bot.clock.at += timedelta(days=1)
    bot.keys.append(newer.key)
    spool = bot.box.spool
    bot.start()
    bot.box.spool.real = spool.real
    new = await five(bot)
    await bot.next_monday()

    desk = desk_of(office, newer)
    take_all(desk, bot.batches())
    assert [len(book.cases) for book in desk.books()] == [5, 5]
    for secret, book in desk.held:
        for case in book.cases.values():
            decide(book, case, CLOSED, bot.week)
        bot.exchange.put_reply(reply_file(secret, book, bot.week), "stick")
    await bot.next_monday()

    for receipt in (*old, *new):
        (answer,) = await bot.box.look_up(receipt)
        assert answer.state is CaseState.CLOSED


async def test_without_the_old_key_its_quarter_stays_shut(bot, office):
    await five(bot)
    newer = new_office(week=bot.week.shifted(1))
    bot.keys.append(newer.key)
    await bot.next_monday()

    desk = desk_of(newer)
    take_all(desk, bot.batches())

    assert desk.cases() == []


async def test_after_a_clock_that_was_a_year_ahead_complaints_are_written_at_the_same_rate(bot):
    right = bot.clock.at
    bot.clock.at = right + timedelta(days=400)
    await bot.slots(1)
    bot.clock.at = right
    bot.start()

    receipt = await bot.box.submit(bot.complaint())
    before = await bot.store.last_slot()
    await bot.slots(3)
    await bot.box.write_slot()

    assert await bot.store.last_slot() == before + 3
    assert not bot.box.spool.queue
    assert await bot.store.found((await bot.receipts.of(receipt)).lookup) is not None


async def test_a_start_soon_after_a_stop_writes_nothing_twice_in_a_slot(bot):
    await bot.slots(1)
    await bot.box.stop()
    bot.start()
    assert not await bot.box.write_slot()
