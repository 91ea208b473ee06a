"""Clicks by every role, over a restart, and with keys that are gone; in one process."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import count

import pytest

from bot.clicking import Clicks
from bot.domain.card_values import Place, sign
from bot.domain.cards import CLICKABLE, Card, Choice, Click
from bot.domain.errors import BooksUnavailable
from bot.domain.messages import Conversation, Form, IncomingMessage, Reply, Route
from bot.domain.private import Opaque, PrivateText
from handlers.commands.asked import Asked
from handlers.ports import Role
from handlers.sign_cards import LASTS_FOR, SignCards, place_of
from storage.memory import MemorySpentCards, memory_store
from tests.scenarios.admin_house import CHATS, AdminHouse
from tests.scenarios.clicking import KEY

ROLES: dict[str, tuple[Role, str]] = {
    "office": (Role.OFFICE, "*"),
    "office_of_a_unit": (Role.OFFICE, "u-1"),
    "approver": (Role.APPROVER, "*"),
    "auditor": (Role.AUDITOR, "*"),
    "bot_admin": (Role.BOT_ADMIN, "*"),
    "group_admin": (Role.GROUP_ADMIN, "g-1"),
}
ARGUMENTS = {
    "limits": ("", "确认 1", "撤回 1"),
    "enter": ("", "确认 1"),
    "dispute": ("", "成立 28T5CY"),
    "digest": ("", "2026-W41"),
    "register": ("", "28T5CY X1"),
    "emergency": ("", "开始 防汛", "结束 E1"),
    "calendar": ("", "本周"),
    "confirm": ("", "取消"),
}
ASKED = [(name, said) for name in sorted(CLICKABLE) for said in ARGUMENTS.get(name, ("",))]
_numbers = count()


@pytest.fixture
async def house() -> AdminHouse:
    return await AdminHouse(memory_store(os.urandom)).open()


def clicking(house: AdminHouse, spent: MemorySpentCards, key: bytes = KEY) -> Clicks:
    return Clicks(SignCards(lambda: key, spent, house.clock, os.urandom), house.router)


def message(house: AdminHouse, who: str, group: str = "") -> IncomingMessage:
    return IncomingMessage(
        platform="wecom",
        account="ww1",
        route=Route.WECOM_AIBOT,
        key=Opaque(f"c{next(_numbers)}"),
        conversation=Conversation(bool(group), CHATS[group] if group else Opaque(who)),
        sender=Opaque(who),
        sent_at=house.clock.now(),
        form=Form.OTHER,
        is_addressed=True,
    )


async def click(
    house: AdminHouse,
    clicks: Clicks,
    choice: Choice,
    who: str = "zhao",
    group: str = "",
    by: str = "",
) -> tuple[Reply, str]:
    """A card is shown to `who`, and clicked by `by`."""
    shown = message(house, who, group)
    card = clicks.cards.signed(Card("标题", (choice,)), place_of(shown))
    clicked = message(house, by or who, group)
    return await clicks(clicked, Click(Opaque(card.choices[0].value), Opaque(card.id)))


@pytest.mark.parametrize("group", ["", "g-1"])
@pytest.mark.parametrize("role", [None, *ROLES])
async def test_a_click_is_answered_as_the_typed_command_is_for_every_role(
    house: AdminHouse, role: str | None, group: str
) -> None:
    if role is not None:
        kind, scope = ROLES[role]
        await house.grant("zhao", {kind: [scope]})
    clicks = clicking(house, MemorySpentCards())

    for name, said in ASKED:
        word = house.router.table.word(name, "zh-CN")
        typed = replace(
            message(house, "zhao", group), form=Form.TEXT, text=PrivateText(f"/{word} {said}")
        )
        call = house.router.called(typed)
        assert call is not None
        reply, _ = await click(house, clicks, Choice("按钮", name, said), group=group)
        assert reply.text == (await house.router.answer(typed, call)).text, (name, said)


async def test_a_button_for_one_person_is_nobody_else_s(house: AdminHouse) -> None:
    clicks, choice = clicking(house, MemorySpentCards()), Choice("按钮", "limits", is_private=True)

    assert (await click(house, clicks, choice, group="g-1", by="qian"))[1] == "refused"
    assert (await click(house, clicks, choice, group="g-1"))[1] == "clicked"


async def test_what_was_used_is_used_after_a_restart_too(house: AdminHouse) -> None:
    spent = MemorySpentCards()
    before, after = clicking(house, spent), clicking(house, spent)
    here = message(house, "zhao")
    card = before.cards.signed(Card("标题", (Choice("按钮", "limits"),)), place_of(here))
    pressed = Click(Opaque(card.choices[0].value), Opaque(card.id))
    assert (await before(here, pressed))[1] == "clicked"

    reply, outcome = await after(here, pressed)

    assert (outcome, reply.text) == ("refused", house.texts("cards.refused"))


async def test_with_another_key_every_card_that_is_about_is_refused(house: AdminHouse) -> None:
    spent = MemorySpentCards()
    old, new = clicking(house, spent), clicking(house, spent, key=bytes(32))
    here = message(house, "zhao")
    card = old.cards.signed(Card("标题", (Choice("按钮", "limits"),)), place_of(here))

    pressed = Click(Opaque(card.choices[0].value), Opaque(card.id))

    assert (await new(here, pressed))[1] == "refused"
    assert (await old(here, pressed))[1] == "clicked"


async def test_a_command_that_left_the_closed_list_is_refused_though_it_is_signed(
    house: AdminHouse,
) -> None:
    here = message(house, "zhao")
    choice, card = Choice("按钮", "help"), "ab" * 16
    object.__setattr__(choice, "command", "complain")
    ends = house.clock.now() + LASTS_FOR
    value = sign(KEY, choice, card, place_of(here), ends)

    _, outcome = await clicking(house, MemorySpentCards())(
        here, Click(Opaque(value), Opaque(card))
    )

    assert outcome == "refused"


class BrokenStore:
    """A command whose store is away for its first call."""

    def __init__(self) -> None:
        self.called = 0

    async def __call__(self, asked: Asked) -> Reply:
        self.called += 1
        if self.called == 1:
            raise BooksUnavailable("away")
        return Reply("done")


async def test_where_the_store_was_away_the_card_is_as_it_was(house: AdminHouse) -> None:
    broken, spent = BrokenStore(), MemorySpentCards()
    house.commands["limits"] = broken
    clicks, here = clicking(house, spent), message(house, "zhao")
    card = clicks.cards.signed(Card("标题", (Choice("按钮", "limits"),)), place_of(here))
    pressed = Click(Opaque(card.choices[0].value), Opaque(card.id))

    with pytest.raises(BooksUnavailable):
        await clicks(here, pressed)

    assert (await clicks(here, pressed))[0].text == "done"
    assert broken.called == 2


async def test_yes_and_no_mean_the_deed_that_was_asked_about(house: AdminHouse) -> None:
    """A card for an older question does not confirm a newer one."""
    done: list[str] = []
    here = message(house, "zhao")

    def deed(name: str):
        async def do(_asked: Asked) -> Reply:
            done.append(name)
            return Reply(name)

        return do

    confirmations = house.commands["confirm"].confirmations
    old = confirmations.put(here, deed("old"))
    new = confirmations.put(here, deed("new"))
    clicks = clicking(house, MemorySpentCards())

    late, _ = await click(house, clicks, Choice("确认", "confirm", old, is_private=True))
    assert (late.text, done) == (house.texts("admin.confirm.nothing"), [])

    yes, _ = await click(house, clicks, Choice("确认", "confirm", new, is_private=True))
    assert (yes.text, done) == ("new", ["new"])
    assert yes.done is not None
    assert yes.done.label == "已确认"


async def test_no_does_nothing_and_says_so(house: AdminHouse) -> None:
    async def never(_asked: Asked) -> Reply:
        raise AssertionError

    here = message(house, "zhao")
    mark = house.commands["confirm"].confirmations.put(here, never)
    clicks = clicking(house, MemorySpentCards())

    no, _ = await click(house, clicks, Choice("取消", "confirm", f"取消 {mark}", is_private=True))

    assert no.text == house.texts("cards.sure.cancelled")
    assert await house.say("/确认") == house.texts("admin.confirm.nothing")


def test_a_place_is_where_it_was_said_and_by_whom() -> None:
    place = Place("wecom", "ww1", False, Opaque("zhao"), Opaque("zhao"))

    assert "zhao" not in repr(place)
