"""Cards: what a button may call, and how a card rests in the outbox."""

from __future__ import annotations

import pytest

from bot.domain.cards import (
    CLICKABLE,
    LONGEST_ARGUMENT_BYTES,
    Card,
    Choice,
    Fact,
    decode_card,
    encode_card,
)
from bot.platforms.wecom.cards import fits, template_card
from bot.routes import COMMANDS, command_table
from config.load import LOCALES, load_texts
from handlers.card_words import CardWords

CARD = Card(
    "限额改动待确认",
    (Choice("确认", "limits", "确认 3"), Choice("撤回", "limits", "撤回 3", is_private=True)),
    "打卡接龙改为3",
    (Fact("编号", "3"),),
)


def test_a_card_comes_back_from_the_outbox_as_it_was() -> None:
    assert decode_card(encode_card(CARD)) == CARD
    assert decode_card(encode_card(None)) is None


@pytest.mark.parametrize("written", ["{", "[]", "[1]", '["t","",[],[["b","complain"]]]', "3"])
def test_what_is_no_card_is_refused(written: str) -> None:
    with pytest.raises(ValueError):
        decode_card(written)


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - CLICKABLE))
def test_no_button_calls_what_takes_words_or_a_secret(command: str) -> None:
    with pytest.raises(ValueError, match="no button calls"):
        Choice("按钮", command)


def test_the_closed_list_is_this_one() -> None:
    assert set(COMMANDS) - CLICKABLE == {
        "explain", "precheck", "complain", "query", "supplement", "withdraw", "bind",
    }  # fmt: skip


@pytest.mark.parametrize("label", ["", "十一个字是太长的按钮啊"])
def test_a_button_says_something_short(label: str) -> None:
    with pytest.raises(ValueError, match="characters"):
        Choice(label, "help")


def test_an_argument_that_the_platforms_would_not_carry_is_refused() -> None:
    with pytest.raises(ValueError, match="bytes"):
        Choice("按钮", "register", "x" * (LONGEST_ARGUMENT_BYTES + 1))


@pytest.mark.parametrize("choices", [(), (Choice("按钮", "help"),) * 7])
def test_a_card_has_one_to_six_buttons(choices: tuple[Choice, ...]) -> None:
    with pytest.raises(ValueError, match="buttons"):
        Card("标题", choices)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_shipped_card_fits_and_every_button_is_a_command(locale: str) -> None:
    """Also with the longest values that are usual; what is longer is said in words."""
    texts = load_texts(locale)
    words, table = CardWords(texts), command_table(texts)
    names = ("digest", "dispute", "limits", "register", "emergency", "calendar", "privacy")
    cards = [
        words.menu(texts("commands.help.title"), [(one, table.word(one, locale)) for one in names]),
        words.sure("claim", "ab" * 8, [("count", "28T5CY"), ("entry", "县减负备〔2026〕12号")]),
        words.sure("retire", "ab" * 8, [("entry", "县减负备〔2026〕12号")]),
        words.second("limits", 12345, texts("cards.match.title")),
        words.second("enter", 12345, texts("cards.match.title")),
        words.match("28T5CY", "县减负备〔2026〕12号", texts("cards.match.title")),
    ]  # fmt: skip

    for card in cards:
        assert fits(card), card.title
        for choice in card.choices:
            typed = f"/{table.word(choice.command, locale)} {choice.argument}".rstrip()
            assert table.parse(typed, addressed=True) is not None


def test_a_card_that_is_too_long_is_said_in_words() -> None:
    assert fits(CARD)
    assert not fits(Card("标" * 27, CARD.choices))
    assert not fits(Card("标题", CARD.choices, "字" * 113))
    assert not fits(Card("标题", CARD.choices, facts=(Fact("六个字的名字", "x"),)))


def test_a_template_card_has_the_fields_of_the_page() -> None:
    signed = CARD.with_values("ab" * 16, ("v1", "v2"))

    assert template_card(signed) == {
        "msgtype": "template_card",
        "template_card": {
            "card_type": "button_interaction",
            "main_title": {"title": "限额改动待确认"},
            "sub_title_text": "打卡接龙改为3",
            "horizontal_content_list": [{"keyname": "编号", "value": "3"}],
            "task_id": "ab" * 16,
            "button_list": [
                {"text": "确认", "style": 1, "key": "v1"},
                {"text": "撤回", "style": 2, "key": "v2"},
            ],
        },
    }


@pytest.mark.parametrize("command", ["limits", "enter"])
def test_the_second_person_s_buttons_are_the_words_of_the_command(command: str) -> None:
    card = CardWords(load_texts("zh-CN")).second(command, 7, "x")

    assert [choice.argument for choice in card.choices] == ["确认 7", "撤回 7"]
