"""Cards: a few lines with buttons, each of which is one of the bot's own commands and no more."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from bot.domain.private import Opaque

CLICKABLE = frozenset(
    (
        "help", "status", "limits", "register", "enter", "emergency", "calendar", "dispute",
        "digest", "privacy", "confirm",
    )
)  # fmt: skip
"""The commands that a button may call. None that takes a receipt, a code or anybody's words:
a button's value lies on the platform, readable by whoever sees the card."""

MOST_CHOICES = 6
MOST_FACTS = 6
LONGEST_LABEL = 10
LONGEST_ARGUMENT_BYTES = 300
CARD_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: what it says, and the command that it calls.

    With `is_private` only the person whom the card was shown to may click it. `value` is what
    the platform gives back when it is clicked; a card has none before it is signed.
    """

    label: str
    command: str
    argument: str = ""
    is_private: bool = False
    value: str = ""

    def __post_init__(self) -> None:
        if not 0 < len(self.label) <= LONGEST_LABEL:
            raise ValueError(f"a button says 1 to {LONGEST_LABEL} characters")
        if self.command not in CLICKABLE:
            raise ValueError("no button calls this command")
        if len(self.argument.encode()) > LONGEST_ARGUMENT_BYTES:
            raise ValueError(f"an argument has at most {LONGEST_ARGUMENT_BYTES} bytes")


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of a card: a short name and its value."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Card:
    """What a platform without cards says as text, with buttons in place of typing.

    One click uses up all of them. `id` is new for each signing; one that is not signed has none.
    """

    title: str
    choices: tuple[Choice, ...]
    text: str = ""
    facts: tuple[Fact, ...] = ()
    id: str = ""

    def __post_init__(self) -> None:
        if not 0 < len(self.choices) <= MOST_CHOICES or len(self.facts) > MOST_FACTS:
            raise ValueError(f"a card has 1 to {MOST_CHOICES} buttons and {MOST_FACTS} facts")

    def with_values(self, id: str, values: tuple[str, ...]) -> Card:  # noqa: A002 - the field
        """The card as it is shown: a value for each button, in order."""
        choices = tuple(
            replace(choice, value=value)
            for choice, value in zip(self.choices, values, strict=True)
        )
        return replace(self, id=id, choices=choices)


@dataclass(frozen=True, slots=True)
class Click:
    """A button was clicked: the value that came back, and the card's id as the platform has it."""

    value: Opaque
    card: Opaque


@dataclass(frozen=True, slots=True)
class Done:
    """What a card shows after a click: a short word, and the command that was carried out."""

    label: str
    what: str


def encode_card(card: Card | None) -> str:
    """A card that is not signed yet, as it rests in the outbox; nothing for None."""
    if card is None:
        return ""
    choices = [[one.label, one.command, one.argument, one.is_private] for one in card.choices]
    facts = [[one.name, one.value] for one in card.facts]
    return json.dumps([card.title, card.text, facts, choices], ensure_ascii=False)


def decode_card(written: str) -> Card | None:
    """What `encode_card` wrote. ValueError for anything else."""
    if not written:
        return None
    try:
        title, text, facts, choices = json.loads(written)
        return Card(
            title=title,
            text=text,
            facts=tuple(Fact(*each) for each in facts),
            choices=tuple(Choice(*each) for each in choices),
        )
    except TypeError:
        raise ValueError("not a card") from None
