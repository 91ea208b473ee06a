"""What cannot be taken is refused with a reason, and nothing is half done."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import replace

import pytest

from bot.crypto.batch_files import decode_batch, encode_batch
from bot.crypto.envelopes import open_envelope, seal_for
from bot.crypto.exchange import REPLIES
from bot.crypto.office_keys import decode_office_key
from bot.crypto.shares import decode_share, encode_share, lock_share, split_secret, unlock_share
from bot.crypto.signed_lines import encode_signed
from bot.domain.complaint_files import Batch, SealedReport
from bot.domain.errors import BadInput, Undecipherable
from bot.domain.private import PrivateText
from bot.domain.receipts import Receipt
from bot.domain.sealed_notes import ANSWER_BYTES, NoteKind
from bot.office.case_book import HeldBatch
from bot.office.replying import reply_file
from bot.office.secrets import make_key, unlock
from handlers.complaints.ports import BoxClosed, BoxFull
from handlers.complaints.spool import SLOT_RECORDS, WAITING_ROOM
from tests.complaints.house import CHEAP, PROVIDER, WEEK, desk_of, take_all

NOBODY_S = Receipt("000000000000000007")
PASSPHRASES = ("第一位的口令要够长", "第二位的口令要够长", "第三位的口令要够长")


class Other:
    """A family of another name, as a certified module would be."""

    name = "gm"


async def test_without_an_office_key_nothing_is_taken_and_nothing_written(bot):
    bot.keys.clear()
    acts = (
        lambda: bot.box.submit(bot.complaint()),
        lambda: bot.box.supplement(NOBODY_S, PrivateText("再说一句"), bot.week),
        lambda: bot.box.withdraw(NOBODY_S, bot.week),
    )

    assert not bot.box.is_open
    assert bot.box.fingerprints == ()
    for act in acts:
        with pytest.raises(BoxClosed) as refused:
            await act()
        assert refused.value.key == "complaint_box.closed"
    await bot.slots(3)
    await bot.box.stop()
    await bot.next_monday()
    assert await bot.store.size() == 0


async def test_an_answer_is_found_even_while_the_box_is_closed(bot):
    bot.keys.clear()

    assert await bot.box.look_up(NOBODY_S) == ()


async def test_a_full_spool_takes_no_more_and_loses_none(bot):
    for _ in range(WAITING_ROOM):
        await bot.box.submit(bot.complaint())

    for act in (
        lambda: bot.box.submit(bot.complaint()),
        lambda: bot.box.supplement(NOBODY_S, PrivateText("再说一句"), bot.week),
        lambda: bot.box.withdraw(NOBODY_S, bot.week),
    ):
        with pytest.raises(BoxFull) as refused:
            await act()
        assert refused.value.key == "complaint_box.full"
    assert len(bot.box.spool.queue) == WAITING_ROOM
    await bot.slots(1)
    await bot.box.submit(bot.complaint())


async def test_an_unknown_receipt_is_answered_like_a_known_one_and_leaves_a_dummy(bot, office):
    for unit in ("U1", "U2", "U1", "U2", "U1"):
        await bot.box.submit(bot.complaint(unit=unit))
    await bot.box.supplement(NOBODY_S, PrivateText("再说一句"), bot.week)
    await bot.box.withdraw(NOBODY_S, bot.week)
    assert len(bot.box.spool.queue) == 7
    await bot.slots(4)
    await bot.next_monday()

    desk = desk_of(office)
    (counts,) = take_all(desk, bot.batches())
    assert counts == {NoteKind.COMPLAINT: 5, NoteKind.DUMMY: 4 * SLOT_RECORDS - 5}


async def test_a_supplement_to_what_still_waits_reaches_it(bot, office):
    receipts = [await bot.box.submit(bot.complaint(unit=f"U{n}")) for n in range(5)]
    await bot.box.supplement(receipts[4], PrivateText("还没写入就补充"), bot.week)
    await bot.slots(4)
    await bot.next_monday()

    desk = desk_of(office)
    take_all(desk, bot.batches())
    assert [case.supplements for _, case in desk.cases() if case.supplements] == [
        ["还没写入就补充"]
    ]


@pytest.mark.parametrize("words", ["", " ", "长" * 2001])
async def test_a_supplement_that_is_blank_or_too_long_is_refused(bot, words):
    with pytest.raises(ValueError, match="2000"):
        await bot.box.supplement(NOBODY_S, PrivateText(words), bot.week)


def test_files_of_another_family_are_refused_by_name(office):
    locked = lock_share(
        split_secret(os.urandom(32))[0], PASSPHRASES[0], office.key.id, PROVIDER, os.urandom, CHEAP
    )
    batch = b"".join(encode_batch(Batch(os.urandom(16), WEEK, True), [], "intl"))

    for read in (
        lambda: decode_office_key(office.public_file(), "a file", Other()),
        lambda: decode_share(encode_share(locked), "a file", Other()),
        lambda: decode_batch(batch, "a file", "gm"),
    ):
        with pytest.raises(BadInput, match=r"a file.*gm"):
            read()


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"format": 1}'])
def test_what_is_no_batch_is_refused_by_name(data):
    with pytest.raises(BadInput, match="a file"):
        decode_batch(data, "a file", "intl")


def test_a_short_passphrase_locks_nothing(office):
    with pytest.raises(ValueError, match="at least 8"):
        lock_share(b"\x01" + bytes(32), "太短", office.key.id, PROVIDER, os.urandom, CHEAP)


def test_shares_of_another_key_or_twice_the_same_unlock_nothing():
    made, other = (
        make_key(
            PROVIDER,
            office="county",
            title="专班",
            week=WEEK,
            passphrases=PASSPHRASES,
            token_bytes=os.urandom,
            stretching=CHEAP,
        )
        for _ in range(2)
    )
    own = [
        unlock_share(share, words, PROVIDER)
        for share, words in zip(made.shares, PASSPHRASES, strict=True)
    ]
    foreign = unlock_share(other.shares[1], PASSPHRASES[1], PROVIDER)

    assert unlock(made.secret.key, own[2], own[0], PROVIDER).opening == made.secret.opening
    with pytest.raises(Undecipherable, match="another key"):
        unlock(made.secret.key, own[0], foreign, PROVIDER)
    with pytest.raises(Undecipherable, match="twice"):
        unlock(made.secret.key, own[0], own[0], PROVIDER)


def signed(by, rows, **head):
    whole = {
        "format": REPLIES, "provider": "intl", "key": by.key.id.hex(), "office": "county",
    } | head  # fmt: skip
    return encode_signed(whole, rows, by.sign)


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"id": "00", "sealed": "", "closed": False},
        {"id": "zz", "sealed": "", "closed": False},
        {"id": "00" * 16, "sealed": base64.b64encode(b"short").decode(), "closed": False},
        {"id": "00" * 16, "sealed": "***", "closed": False},
    ],
)
def test_replies_of_another_shape_are_refused_though_they_are_signed(bot, office, row):
    with pytest.raises(BadInput, match=r"expected\.replies"):
        bot.exchange.put_reply(signed(office, [row]), "stick")
    assert bot.exchange.replies() == ()


def test_an_office_cannot_speak_for_another(bot, office):
    sealed = base64.b64encode(bytes(ANSWER_BYTES + 48)).decode()
    row = {"id": "00" * 16, "sealed": sealed, "closed": True}

    assert bot.exchange.decode_replies(signed(office, [row]), "stick").office == "county"
    with pytest.raises(BadInput, match=r"expected\.whose_key"):
        bot.exchange.decode_replies(signed(office, [row], office="town"), "stick")


def test_figures_that_never_passed_the_rules_are_refused_though_they_are_signed(bot, office):
    data = signed(office, [], format="qingzhuang-return/1", figures={"total": 3})

    with pytest.raises(BadInput, match=r"expected\.figures"):
        bot.exchange.decode_return(data, "stick")


def test_an_envelope_sealed_for_no_week_does_not_open(office):
    """Week 99 in the slot: somebody sealed it who does not count weeks as we do."""
    held = (202699).to_bytes(4, "big") + office.key.id + bytes(32)
    slot = office.key.id + PROVIDER.seal_to(office.key.seal, held)

    with pytest.raises(Undecipherable, match="no week"):
        open_envelope(
            PROVIDER,
            b"QZ1\x01" + slot + bytes(64),
            purpose="note",
            key_id=office.key.id,
            secret=office.opening,
        )


async def test_forged_and_damaged_records_spoil_no_others(bot, office):
    """Somebody with the stick and the public key adds records; one is cut, one has a wrong unit."""
    for unit in ("U1", "U2", "U1", "U2", "U1"):
        await bot.box.submit(bot.complaint(unit=unit))
    await bot.slots(3)
    await bot.next_monday()
    batch, reports = decode_batch(bot.batches()[0].read_bytes(), "x", "intl")
    no_note = seal_for(
        PROVIDER, b"no layout", purpose="note", week=WEEK, keys=[office.key],
        readers={office.key.id}, token_bytes=os.urandom,
    )  # fmt: skip
    old = seal_for(
        PROVIDER, bytes(8192), purpose="note", week=WEEK.shifted(-5), keys=[office.key],
        readers={office.key.id}, token_bytes=os.urandom,
    )  # fmt: skip
    reports = [
        *(replace(each, unit=os.urandom(len(each.unit or b""))) for each in reports),
        SealedReport(os.urandom(16), b"", os.urandom(32), WEEK, no_note, None),
        SealedReport(os.urandom(16), b"", os.urandom(32), WEEK, old, None),
        SealedReport(os.urandom(16), b"", os.urandom(32), WEEK, b"QZ1", None),
    ]
    path = bot.folder / "forged.qzbatch"
    path.write_bytes(b"".join(encode_batch(batch, reports, "intl")))

    desk = desk_of(office)
    (counts,) = take_all(desk, [path])

    assert counts[NoteKind.COMPLAINT] == 5
    assert counts[None] == 3
    assert {case.unit for _, case in desk.cases()} == {None}
    ((secret, book),) = desk.held
    answered = [json.loads(line) for line in reply_file(secret, book, WEEK).splitlines()[1:-1]]
    assert len(answered) == len(reports) - 1  # the last is not even an envelope


def test_a_case_book_forgets_batches_that_are_too_old(office):
    desk = desk_of(office)
    ((_, book),) = desk.held

    book.batches["b"] = HeldBatch("b", str(WEEK), True, [str(WEEK)], {})

    book.purge(WEEK.shifted(24))
    assert book.batches
    book.purge(WEEK.shifted(26))
    assert not book.batches
