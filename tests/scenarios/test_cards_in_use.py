"""Where cards go out by themselves: the digest's headline, a match offered, disputes that wait."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from datetime import date

from bot.domain.cards import Card, Choice
from bot.domain.documents import Figures
from bot.domain.errors import ContentRefused, DeliveryUncertain, RateLimited, Unreachable
from bot.domain.periods import Week
from bot.domain.texts import Texts
from bot.platforms.wecom.cards import fits
from bot.wiring.publishing import document_of
from config.load import load_texts
from handlers.card_words import CardWords
from handlers.deliver import DeliverParcels
from handlers.ports import DeliveryState, Destination, Office, Parcel, Role
from handlers.sign_cards import SignCards
from storage.memory import MemorySpentCards
from tests.scenarios.clicking import KEY
from tests.scenarios.week_end_house import CHIEF, FakeSpeaker, House, at, house

W42 = Week(2026, 42)
MONDAY = "2026-10-19 08:30"
NINE = "2026-10-19 09:00"
TEXTS: Texts = load_texts("zh-CN")


@dataclass
class CardFake(FakeSpeaker):
    """A platform with cards; `card_faults` come before those of words."""

    cards: list[Card] = field(default_factory=list)
    card_faults: list[Exception] = field(default_factory=list)
    has_room: bool = True

    def shows(self, card: Card, *, is_group: bool) -> bool:
        return self.has_room

    async def send_card(self, destination: Destination, card: Card) -> str:
        self.tries += 1
        if self.card_faults:
            raise self.card_faults.pop(0)
        self.cards.append(card)
        return "card-1"


def delivering(home: House, speaker: FakeSpeaker) -> DeliverParcels:
    cards = SignCards(lambda: KEY, MemorySpentCards(), home.clock, os.urandom)
    return replace(home.deliver, speakers={"wecom": speaker}, cards=cards)


async def with_a_card(*faults: Exception, **changes: object) -> tuple[House, CardFake]:
    home, speaker = house(), CardFake(card_faults=list(faults))
    home.clock.moment = at(NINE)
    home.deliver = delivering(home, speaker)
    card = Card("标题", (Choice("确认", "limits", "确认 3"),))
    parcel = Parcel("p", CHIEF, "t", "the words", at(NINE), card=card)
    await home.store.outbox.put([replace(parcel, **changes)])
    return home, speaker


async def state(home: House) -> DeliveryState:
    (stored,) = await home.store.outbox.listed(list(DeliveryState))
    return stored.state


async def test_a_card_is_said_signed_and_its_words_are_not() -> None:
    home, speaker = await with_a_card()

    await home.deliver()

    [card] = speaker.cards
    assert len(card.id) == 32
    assert card.choices[0].value
    assert speaker.said == []
    assert await state(home) is DeliveryState.SENT


async def test_where_a_card_has_no_room_the_words_are_said() -> None:
    home, speaker = await with_a_card()
    speaker.has_room = False

    await home.deliver()

    assert (speaker.cards, [one.markdown for one in speaker.said]) == ([], ["the words"])


async def test_a_platform_without_cards_is_told_in_words() -> None:
    home, _ = await with_a_card()
    plain = FakeSpeaker()

    await delivering(home, plain)()

    assert [one.markdown for one in plain.said] == ["the words"]


async def test_a_card_that_is_refused_is_said_in_words_at_once() -> None:
    home, speaker = await with_a_card(ContentRefused("42045"))

    await home.deliver()

    assert [one.markdown for one in speaker.said] == ["the words"]
    assert await state(home) is DeliveryState.SENT


async def test_a_card_that_may_have_been_shown_is_left_to_the_operator() -> None:
    home, speaker = await with_a_card(DeliveryUncertain())

    await home.deliver()
    await home.deliver()

    assert (speaker.tries, speaker.said) == (1, [])
    assert await state(home) is DeliveryState.UNCERTAIN


async def test_a_card_that_was_not_taken_is_tried_again_under_another_id() -> None:
    home, speaker = await with_a_card(Unreachable("-1"))

    await home.deliver()
    assert await state(home) is DeliveryState.PENDING
    home.clock.moment = at("2026-10-19 10:00")
    await home.deliver()

    assert len(speaker.cards) == 1
    assert await state(home) is DeliveryState.SENT


async def test_when_words_in_place_of_a_card_break_off_none_of_them_is_said_again() -> None:
    home, speaker = await with_a_card(ContentRefused("42045"), markdown="一\n\n" * 300)
    speaker.longest = 500
    speaker.faults = [None, RateLimited("45009", at(NINE) - at(NINE))]

    await home.deliver()
    await home.deliver()

    assert len(speaker.said) == 1
    assert await state(home) is DeliveryState.UNCERTAIN


# --- the digest's headline ---


async def a_digest(*, reads: bool = True, **office: object) -> Parcel:
    """The parcel of a week's words, where the office wants cards."""
    home = house()
    home.hand_out = replace(home.hand_out, cards=CardWords(TEXTS))
    await home.register(offices=[replace(COUNTY_OF_CHIEF, **office)])
    if reads:
        await home.store.registry.grant(
            "wecom", "corp", CHIEF.id, Role.OFFICE, "*", date(2026, 10, 1)
        )
    await home.hear(W42)
    await home.tick(MONDAY)
    stored = await home.store.outbox.listed(list(DeliveryState))
    return stored[0].parcel


COUNTY_OF_CHIEF = Office("county", "清川县减负办", (), (CHIEF,))


async def test_the_digest_s_card_has_the_page_s_own_figures_and_asks_for_the_whole() -> None:
    home = house()
    home.hand_out = replace(home.hand_out, cards=CardWords(TEXTS))
    await home.register(offices=[COUNTY_OF_CHIEF])
    await home.store.registry.grant("wecom", "corp", CHIEF.id, Role.OFFICE, "*", date(2026, 10, 1))
    await home.hear(W42)
    await home.tick(MONDAY)

    kept = await home.publish.stored(W42, "county")
    assert kept is not None
    blocks = [block for part in document_of(kept).sections for block in part.blocks]
    figures = next(block for block in blocks if isinstance(block, Figures))
    [stored] = await home.store.outbox.listed(list(DeliveryState))
    card = stored.parcel.card
    assert card is not None
    for figure in figures.items:
        assert f"{figure.label} {figure.value}" in card.text
    assert fits(card)
    assert card.choices[0] == Choice("看全文", "digest", "2026-W42")


async def test_who_may_not_ask_for_the_whole_and_a_group_get_the_words() -> None:
    assert (await a_digest()).card is not None
    assert (await a_digest(reads=False)).card is None
    group = replace(CHIEF, is_group=True)
    assert (await a_digest(destinations=(group,))).card is None


# --- what is offered and what waits ---


def test_a_match_that_is_offered_claims_the_count_by_its_number() -> None:
    card = CardWords(TEXTS).match("28T5CY", "县减负备〔2026〕12号", "编号 28T5CY 这一件…")

    assert [choice.argument for choice in card.choices] == [
        "28T5CY 县减负备〔2026〕12号",
        "县减负备〔2026〕12号",
    ]
    assert {choice.command for choice in card.choices} == {"register"}
