"""What every outbox does: each parcel once, in order for each destination."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.cards import Card, Choice, Fact
from bot.domain.private import Opaque
from bot.domain.sending import NOTHING_SAID, Progress, Urgency
from handlers.ports import DeliveryState, Destination, Parcel

NOW = datetime(2026, 10, 19, 1, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PENDING, SENDING, SENT = DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.SENT
UNCERTAIN, FAILED = DeliveryState.UNCERTAIN, DeliveryState.FAILED


def to(name: str = "office") -> Destination:
    return Destination("wecom", "corp", False, Opaque(name))


def parcel(key: str, destination: Destination | None = None, not_before: datetime = NOW) -> Parcel:
    return Parcel(key, destination or to(), "周报", f"**{key}**", not_before)


async def keys(claimed) -> list[str]:
    return [stored.parcel.key for stored in await claimed]


async def test_a_parcel_is_put_once_by_its_key(store):
    assert await store.outbox.put([parcel("a"), parcel("b"), parcel("a")]) == 2
    assert await store.outbox.put([parcel("a"), parcel("c")]) == 1
    assert await store.outbox.put([]) == 0

    assert await keys(store.outbox.listed(list(DeliveryState))) == ["a", "b", "c"]


async def test_a_claimed_parcel_is_whole_and_sending(store):
    await store.outbox.put([parcel("a")])

    [claimed] = await store.outbox.claim(NOW, 10)

    assert claimed.parcel == parcel("a")
    assert (claimed.state, claimed.attempts, claimed.error) == (SENDING, 1, "")
    assert await store.outbox.listed([SENDING]) == [claimed]
    assert await store.outbox.listed([PENDING]) == []


async def test_nothing_is_claimed_before_its_time(store):
    await store.outbox.put([parcel("a", not_before=NOW + MINUTE)])

    assert await store.outbox.claim(NOW, 10) == []
    assert await keys(store.outbox.claim(NOW + MINUTE, 10)) == ["a"]


async def test_nothing_is_claimed_twice(store):
    await store.outbox.put([parcel("a")])
    await store.outbox.claim(NOW, 10)

    assert await store.outbox.claim(NOW + MINUTE, 10) == []


async def test_a_destination_gets_one_after_the_other_and_others_do_not_wait(store):
    await store.outbox.put([parcel("a"), parcel("b"), parcel("c", to("other"))])

    first = await store.outbox.claim(NOW, 10)
    assert [stored.parcel.key for stored in first] == ["a", "c"]
    assert await store.outbox.claim(NOW, 10) == []

    await store.outbox.settle(first[0].id, SENT)
    assert await keys(store.outbox.claim(NOW, 10)) == ["b"]


async def test_the_oldest_come_first_and_no_more_than_asked_for(store):
    await store.outbox.put([parcel(name, to(name)) for name in "abcd"])

    assert await keys(store.outbox.claim(NOW, 3)) == ["a", "b", "c"]
    assert await keys(store.outbox.claim(NOW, 3)) == ["d"]


async def test_what_waits_for_another_attempt_keeps_its_place(store):
    await store.outbox.put([parcel("a"), parcel("b")])
    [first] = await store.outbox.claim(NOW, 10)

    await store.outbox.settle(first.id, PENDING, "busy", retry_at=NOW + 5 * MINUTE)

    assert await store.outbox.claim(NOW + MINUTE, 10) == []
    [again] = await store.outbox.claim(NOW + 5 * MINUTE, 10)
    assert (again.parcel.key, again.attempts, again.error) == ("a", 2, "busy")


async def test_what_is_planned_for_later_keeps_nothing_back(store):
    await store.outbox.put([parcel("later", not_before=NOW + 60 * MINUTE), parcel("now")])

    assert await keys(store.outbox.claim(NOW, 10)) == ["now"]


@pytest.mark.parametrize("state", [SENT, UNCERTAIN, FAILED])
async def test_what_is_settled_keeps_nothing_back_and_is_not_claimed(store, state):
    await store.outbox.put([parcel("a"), parcel("b")])
    [first] = await store.outbox.claim(NOW, 10)

    await store.outbox.settle(first.id, state, "no answer")

    assert [stored.error for stored in await store.outbox.listed([state])] == ["no answer"]
    assert await keys(store.outbox.claim(NOW, 10)) == ["b"]


async def test_a_restart_makes_what_was_sending_uncertain(store):
    await store.outbox.put([parcel("a"), parcel("b"), parcel("c", to("other"))])
    await store.outbox.claim(NOW, 10)

    assert await store.outbox.recover() == 2
    assert await store.outbox.recover() == 0

    assert await keys(store.outbox.listed([UNCERTAIN])) == ["a", "c"]
    assert await keys(store.outbox.claim(NOW, 10)) == ["b"]


async def test_what_is_uncertain_waits_again_where_a_repeat_does_no_harm(store):
    share = Destination("folder", "folder", True, Opaque("county"))
    await store.outbox.put([parcel("a"), parcel("b", share)])
    await store.outbox.claim(NOW, 10)
    await store.outbox.recover()

    assert await store.outbox.repeat_uncertain(["folder"], 1) == 0
    assert await store.outbox.repeat_uncertain(["folder"], 2) == 1
    assert await store.outbox.repeat_uncertain(["folder"], 2) == 0

    assert await keys(store.outbox.listed([UNCERTAIN])) == ["a"]
    assert await keys(store.outbox.claim(NOW, 10)) == ["b"]


async def test_destinations_that_differ_in_anything_are_different(store):
    same_id = [
        Destination("wecom", "corp", False, Opaque("x")),
        Destination("wecom", "corp", True, Opaque("x")),
        Destination("wecom", "corp-2", False, Opaque("x")),
        Destination("dingtalk", "corp", False, Opaque("x")),
    ]
    await store.outbox.put([parcel(str(n), where) for n, where in enumerate(same_id)])

    claimed = await store.outbox.claim(NOW, 10)

    assert [stored.parcel.destination for stored in claimed] == same_id


async def test_what_is_renewed_begins_anew(store):
    await store.outbox.put([parcel("a")])
    [first] = await store.outbox.claim(NOW, 10)
    await store.outbox.settle(first.id, FAILED, "refused")

    await store.outbox.renew(first.id, NOW + 60 * MINUTE)

    assert await store.outbox.claim(NOW, 10) == []
    [again] = await store.outbox.claim(NOW + 60 * MINUTE, 10)
    assert again.parcel == parcel("a", not_before=NOW + 60 * MINUTE)
    assert (again.attempts, again.error) == (1, "")


async def test_what_had_expired_and_is_renewed_expires_no_more(store):
    await store.outbox.put([replace(parcel("a"), expires_at=NOW + MINUTE)])
    [first] = await store.outbox.claim(NOW, 10)
    await store.outbox.settle(first.id, DeliveryState.EXPIRED)

    await store.outbox.renew(first.id, NOW + 60 * MINUTE)

    [again] = await store.outbox.claim(NOW + 60 * MINUTE, 10)
    assert again.parcel.expires_at is None


async def test_what_arrived_is_said_from_the_first_part_where_the_whole_is_asked_for(store):
    await store.outbox.put([parcel("a")])
    [first] = await store.outbox.claim(NOW, 1)
    await store.outbox.settle(first.id, SENT, progress=first.progress.with_part("k-1", NOW))

    await store.outbox.renew(first.id, NOW, whole=True)

    [again] = await store.outbox.claim(NOW, 1)
    assert again.progress == Progress()


async def test_what_is_cancelled_is_emptied_and_never_said(store):
    parcels = [parcel("uncertain"), parcel("pending"), parcel("other", to("other"))]
    await store.outbox.put(parcels)
    first, _ = await store.outbox.claim(NOW, 10)
    await store.outbox.settle(first.id, UNCERTAIN)

    assert await store.outbox.cancel(to()) == 2
    assert await store.outbox.cancel(to()) == 0

    cancelled = await store.outbox.listed([FAILED])
    assert [(one.parcel.key, one.error) for one in cancelled] == [
        ("uncertain", "cancelled"),
        ("pending", "cancelled"),
    ]
    assert {(one.parcel.title, one.parcel.markdown) for one in cancelled} == {("", "")}
    assert not any(one.parcel.destination.id for one in cancelled)
    assert await store.outbox.put(parcels) == 0
    assert await store.outbox.claim(NOW, 10) == []


async def test_what_was_sent_or_goes_to_somebody_else_is_not_cancelled(store):
    await store.outbox.put([parcel("sent"), parcel("other", to("other"))])
    sent, _ = await store.outbox.claim(NOW, 10)
    await store.outbox.settle(sent.id, SENT)

    assert await store.outbox.cancel(to()) == 0
    assert await store.outbox.cancel(to("nobody")) == 0

    assert [one.parcel.markdown for one in await store.outbox.listed([SENT, SENDING])] == [
        "**sent**",
        "**other**",
    ]


@pytest.mark.parametrize(
    ("came_to", "ends"), [(SENT, SENT), (PENDING, FAILED), (UNCERTAIN, UNCERTAIN)]
)
async def test_what_is_cancelled_under_way_is_not_tried_again(store, came_to, ends):
    await store.outbox.put([parcel("a")])
    [under_way] = await store.outbox.claim(NOW, 10)

    assert await store.outbox.cancel(to()) == 0
    await store.outbox.settle(under_way.id, came_to, "busy", retry_at=NOW + MINUTE)

    [left] = await store.outbox.listed([ends])
    assert left.parcel.markdown == ""
    assert not left.parcel.destination.id
    assert await store.outbox.claim(NOW + 5 * MINUTE, 10) == []


async def test_the_most_urgent_destination_comes_first_and_each_keeps_its_order(store):
    hint, answer = parcel("hint", to("a")), parcel("answer", to("b"))
    await store.outbox.put(
        [
            replace(hint, urgency=Urgency.HINT),
            replace(answer, urgency=Urgency.ANSWER),
            parcel("digest", to("c")),
            parcel("digest behind the hint", to("a")),
        ]
    )

    claimed = [(await store.outbox.claim(NOW, 1))[0].parcel for _ in range(3)]

    assert [one.key for one in claimed] == ["digest", "answer", "hint"]
    assert claimed[2].urgency is Urgency.HINT


async def test_when_a_parcel_loses_its_point_is_kept_with_it(store):
    await store.outbox.put([replace(parcel("a"), expires_at=NOW + MINUTE)])

    [claimed] = await store.outbox.claim(NOW, 1)

    assert claimed.parcel.expires_at == NOW + MINUTE


async def test_the_parts_that_were_said_are_remembered_through_every_change(store):
    await store.outbox.put([parcel("a")])
    [claimed] = await store.outbox.claim(NOW, 1)
    assert claimed.progress == NOTHING_SAID
    said = claimed.progress.with_part("k-1", NOW).with_part("k-2", NOW + MINUTE)

    await store.outbox.settle(claimed.id, SENDING, progress=said)
    assert [one.progress for one in await store.outbox.listed([SENDING])] == [said]
    await store.outbox.recover()
    assert [one.progress for one in await store.outbox.listed([UNCERTAIN])] == [said]
    await store.outbox.renew(claimed.id, NOW)
    [again] = await store.outbox.claim(NOW, 1)

    assert again.progress == said == Progress(2, NOW + MINUTE, ("k-1", "k-2"))


async def test_receipts_of_what_is_cancelled_are_gone(store):
    await store.outbox.put([parcel("a")])
    [claimed] = await store.outbox.claim(NOW, 1)
    said = claimed.progress.with_part("k-1", NOW)

    await store.outbox.cancel(to())
    await store.outbox.settle(claimed.id, SENT, progress=said)

    [left] = await store.outbox.listed([SENT])
    assert (left.progress.parts, left.progress.is_recallable) == (1, False)


async def test_what_is_postponed_keeps_nothing_back_and_counts_no_attempt(store):
    await store.outbox.put([parcel("a"), parcel("b")])
    [first] = await store.outbox.claim(NOW, 1)

    await store.outbox.postpone(first.id, NOW + 60 * MINUTE)

    assert await keys(store.outbox.claim(NOW, 10)) == ["b"]
    [b] = await store.outbox.listed([SENDING])
    await store.outbox.settle(b.id, SENT)
    [again] = await store.outbox.claim(NOW + 60 * MINUTE, 10)
    assert (again.parcel.key, again.attempts) == ("a", 1)


async def test_what_is_cancelled_is_not_postponed(store):
    await store.outbox.put([parcel("a")])
    [first] = await store.outbox.claim(NOW, 1)
    await store.outbox.cancel(to())

    await store.outbox.postpone(first.id, NOW + MINUTE)

    assert await keys(store.outbox.listed([FAILED])) == ["a"]


async def test_hints_are_counted_by_destination_from_a_moment_on(store):
    group = Destination("wecom", "corp", True, Opaque("g"))
    hints = [
        replace(parcel(name, where), urgency=Urgency.HINT)
        for name, where in (("old", group), ("new", group), ("unsaid", group), ("other", to()))
    ]
    await store.outbox.put([*hints, parcel("digest", group)])
    for said_at in (NOW, NOW + 5 * MINUTE):
        for claimed in await store.outbox.claim(NOW, 9):
            said = claimed.progress.with_part("", said_at)
            await store.outbox.settle(claimed.id, SENT, progress=said)

    assert await store.outbox.hints_since(group, NOW) == 2
    assert await store.outbox.hints_since(group, NOW + MINUTE) == 1
    assert await store.outbox.hints_since(to("nobody"), NOW) == 0


async def test_an_uncertain_hint_counts_as_one(store):
    group = Destination("wecom", "corp", True, Opaque("g"))
    await store.outbox.put([replace(parcel("a", group), urgency=Urgency.HINT)])
    await store.outbox.claim(NOW, 1)
    await store.outbox.recover()

    assert await store.outbox.hints_since(group, NOW) == 1


async def test_spendings_add_up_by_account_and_day(store):
    for day in (19, 19, 20):
        await store.spendings.spend("wecom", "corp", date(2026, 10, day))
    await store.spendings.spend("wecom", "corp-2", date(2026, 10, 19))

    assert await store.spendings.spent("wecom", "corp", date(2026, 10, 19)) == 3
    assert await store.spendings.spent("wecom", "corp", date(2026, 10, 20)) == 1
    assert await store.spendings.spent("wecom", "corp", date(2026, 10, 21)) == 0
    assert await store.spendings.spent("dingtalk", "corp", date(2026, 10, 1)) == 0


CARD = Card(
    "有一件事待您确认",
    (Choice("确认", "limits", "确认 3"), Choice("撤回", "limits", "撤回 3", is_private=True)),
    "待确认 3：会议改为1",
    (Fact("编号", "3"),),
)


async def test_a_card_rests_unsigned_with_its_parcel_and_comes_back_as_it_was(store):
    await store.outbox.put([replace(parcel("a"), card=CARD), parcel("b", to("other"))])

    first, second = await store.outbox.claim(NOW, 10)

    assert first.parcel.card == CARD
    assert second.parcel.card is None


async def test_the_card_of_what_is_cancelled_is_gone(store):
    await store.outbox.put([replace(parcel("a"), card=CARD)])

    await store.outbox.cancel(to())

    [left] = await store.outbox.listed([FAILED])
    assert left.parcel.card is None
