"""Cards as WeCom's template cards (pages 90236, 94888, 101032), and their clicks."""

from __future__ import annotations

from bot.domain.cards import Card, Click, Done

# The platform recommends these; what is longer is said as text, so that nothing is cut off.
LONGEST_TITLE = 26
LONGEST_TEXT = 112
LONGEST_NAME, LONGEST_FACT = 5, 26
_FIRST, _OTHER, _FADED = 1, 2, 4
_REPLACED = 10


def fits(card: Card) -> bool:
    """Whether a template card shows all of it."""
    return (
        len(card.title) <= LONGEST_TITLE
        and len(card.text) <= LONGEST_TEXT
        and all(
            len(fact.name) <= LONGEST_NAME and len(fact.value) <= LONGEST_FACT
            for fact in card.facts
        )
    )


def template_card(card: Card) -> dict[str, object]:
    """A signed card that fits, as a message of the type template_card."""
    shown: dict[str, object] = {
        "card_type": "button_interaction",
        "main_title": {"title": card.title},
        "task_id": card.id,
        "button_list": [
            {"text": choice.label, "style": _OTHER if place else _FIRST, "key": choice.value}
            for place, choice in enumerate(card.choices)
        ],
    }
    if card.text:
        shown["sub_title_text"] = card.text
    if card.facts:
        shown["horizontal_content_list"] = [
            {"keyname": fact.name, "value": fact.value} for fact in card.facts
        ]
    return {"msgtype": "template_card", "template_card": shown}


def update_of(click: Click, done: Done) -> dict[str, object]:
    """What an AI bot's card becomes: what was done, and one faded button.

    The bot's cards have no button that cannot be clicked, and one of this type must have a
    button: it keeps the used value, so that whoever clicks it is told that it was used.
    """
    shown = {
        "card_type": "button_interaction",
        "main_title": {"title": f"{done.label} {done.what}"[:LONGEST_TITLE]},
        "task_id": click.card.reveal(),
        "button_list": [
            {"text": done.label[:_REPLACED], "style": _FADED, "key": click.value.reveal()}
        ],
    }
    return {"response_type": "update_template_card", "template_card": shown}
