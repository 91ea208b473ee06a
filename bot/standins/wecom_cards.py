"""Cards on WeCom's stand-in: what the platform takes, who may click, and how a card changes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

INVALID_CARD, INVALID_TASK, INVALID_CODE = 40058, 41078, 41079
MOST_BUTTONS, LONGEST_KEY = 6, 1024
_TASK = re.compile(r"[0-9A-Za-z_@-]{1,128}", re.ASCII)


@dataclass(slots=True)
class ShownCard:
    """A card as its readers see it: `buttons` by label, `faded` the words in their place."""

    via: str
    to: str
    task_id: str
    title: str
    text: str
    buttons: dict[str, str]
    faded: str = ""


@dataclass(slots=True)
class StandinCards:
    """Cards that were sent, by task id, and the codes by which each may be changed once.

    `refuses` is a tenant that takes no cards.
    """

    token_bytes: Callable[[int], bytes]
    shown: dict[str, ShownCard] = field(default_factory=dict)
    refuses: bool = False
    _codes: dict[str, str] = field(default_factory=dict)

    def take(self, via: str, to: str, body: Mapping[str, object]) -> int:
        """Show a new card; the error code, 0 for none. A task id serves once."""
        card = _card(body)
        task = str(card.get("task_id", ""))
        buttons = _buttons(card)
        if self.refuses or buttons is None or not _TASK.fullmatch(task):
            return INVALID_CARD
        if task in self.shown:
            return INVALID_TASK
        title, text = _words(card)
        self.shown[task] = ShownCard(via, to, task, title, text, buttons)
        return 0

    def change(self, body: Mapping[str, object]) -> int:
        """Put another card in the place of one, by its task id."""
        card = _card(body)
        buttons, known = _buttons(card), self.shown.get(str(card.get("task_id", "")))
        if buttons is None or body.get("response_type") != "update_template_card":
            return INVALID_CARD
        if known is None:
            return INVALID_TASK
        known.title, known.text = _words(card)
        known.buttons, known.faded = buttons, next(iter(buttons))
        return 0

    def fade(self, body: Mapping[str, object]) -> int:
        """Words in place of the buttons, by the code of a click: for one call."""
        task = self._codes.pop(str(body.get("response_code", "")), "")
        button = body.get("button")
        if not task or not isinstance(button, dict) or not button.get("replace_name"):
            return INVALID_CODE
        self.shown[task].faded = str(button["replace_name"])
        self.shown[task].buttons = {}
        return 0

    def new_code(self, task: str) -> str:
        """The code that a click carries."""
        code = self.token_bytes(12).hex()
        self._codes[code] = task
        return code

    def latest(self, to: str) -> ShownCard:
        """The newest card that was shown to somebody; LookupError where there is none."""
        for card in reversed(self.shown.values()):
            if card.to == to:
                return card
        raise LookupError("no card was shown there")


def card_event(task: str, key: str) -> dict[str, object]:
    """A click as the AI bot hears of it (page 101027)."""
    clicked = {"card_type": "button_interaction", "event_key": key, "task_id": task}
    event = {"eventtype": "template_card_event", "template_card_event": clicked}
    return {"msgtype": "event", "event": event}


def is_card_event(message: Mapping[str, object]) -> bool:
    """Whether a callback tells of a click."""
    event = message.get("event")
    return isinstance(event, dict) and event.get("eventtype") == "template_card_event"


def _card(body: Mapping[str, object]) -> Mapping[str, object]:
    card = body.get("template_card")
    return card if isinstance(card, dict) else {}


def _buttons(card: Mapping[str, object]) -> dict[str, str] | None:
    """Label → key; None for a card that the platform would not take."""
    listed = card.get("button_list")
    if card.get("card_type") != "button_interaction" or not isinstance(listed, list):
        return None
    if not 1 <= len(listed) <= MOST_BUTTONS or not _words(card)[0]:
        return None
    buttons = {str(each.get("text", "")): str(each.get("key", "")) for each in listed}
    fit = all(text and 0 < len(key.encode()) <= LONGEST_KEY for text, key in buttons.items())
    return buttons if fit else None


def _words(card: Mapping[str, object]) -> tuple[str, str]:
    title = card.get("main_title")
    shown = str(title.get("title", "")) if isinstance(title, dict) else ""
    return shown, str(card.get("sub_title_text", ""))
