"""Acts by receipt do the same work whatever becomes of them, so that no clock tells one from another."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.complaints import CaseState
from bot.domain.receipts import Receipt
from bot.domain.sealed_notes import ANSWER_BYTES
from bot.office.replying import Decision, decide, reply_file
from tests.complaints.house import PROVIDER, BotSide, desk_of, new_office, take_all

NOBODY_S = Receipt("000000000000000007")


class Counted:
    """The pair of a receipt, and the search; they note what they are asked."""

    def __init__(self, inner, work):
        self.inner = inner
        self.work = work

    def __getattr__(self, name):
        return getattr(self.inner, name)

    async def of(self, receipt):
        self.work.append("derived")
        return Counted(await self.inner.of(receipt), self.work)

    async def found(self, lookup):
        self.work.append("searched")
        return await self.inner.found(lookup)

    def open(self, sealed):
        """What does not open at all would be quicker than what opens and says nothing."""
        PROVIDER.open_with(self.inner._secret, sealed)
        self.work.append(f"opened {len(sealed)}")
        return self.inner.open(sealed)


def watched(bot, work: list[str]):
    return replace(bot.box, receipts=Counted(bot.receipts, work), store=Counted(bot.store, work))


OPENED = f"opened {PROVIDER.sealed_bytes(ANSWER_BYTES)}"


async def test_a_look_up_does_the_same_work_whatever_becomes_of_it(bot, office):
    """One derivation, one search, one opening of something of one size that opens: for a receipt
    that never was, one that nobody answered yet, one that a dummy answers and one that is
    answered."""
    receipts = [await bot.box.submit(bot.complaint(unit=f"U{n % 2}")) for n in range(5)]
    await bot.slots(4)
    work: list[str] = []
    box = watched(bot, work)
    answers = [await box.look_up(each) for each in (NOBODY_S, receipts[0])]
    await bot.next_monday()
    desk = desk_of(office)
    take_all(desk, bot.batches())
    ((secret, book),) = desk.held
    decide(book, book.cases[max(book.cases)], Decision(CaseState.ANSWERED, "正在办"), bot.week)
    bot.exchange.put_reply(reply_file(secret, book, bot.week), "stick")
    await bot.next_monday()
    answers += [await box.look_up(each) for each in receipts]

    assert sum(len(each) for each in answers) == 1
    assert work == ["derived", "searched", OPENED] * len(answers)


async def test_with_two_offices_it_opens_two_though_one_answered(sqlite_reports, tmp_path):
    offices = [new_office("county"), new_office("other")]
    bot = BotSide(sqlite_reports, tmp_path, [each.key for each in offices])
    receipts = [await bot.box.submit(bot.complaint(unit=f"U{n % 2}")) for n in range(5)]
    await bot.slots(4)
    await bot.next_monday()
    desk = desk_of(offices[0])
    take_all(desk, bot.batches())
    ((secret, book),) = desk.held
    bot.exchange.put_reply(reply_file(secret, book, bot.week), "stick")
    await bot.next_monday()
    work: list[str] = []
    box = watched(bot, work)

    for each in (NOBODY_S, *receipts):
        assert await box.look_up(each) == ()
    assert work == ["derived", "searched", OPENED, OPENED] * 6


async def test_taking_back_what_waits_leaves_as_much_as_taking_back_nothing(bot):
    receipt = await bot.box.submit(bot.complaint())
    await bot.box.withdraw(receipt, bot.week)
    own = list(bot.box.spool.queue)
    bot.start()
    await bot.box.withdraw(NOBODY_S, bot.week)

    assert len(own) == len(bot.box.spool.queue) == 1
