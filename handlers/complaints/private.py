"""What is dealt with in private only, and how a receipt is told from what follows it."""

from __future__ import annotations

import re
import unicodedata

from bot.domain.errors import NotADirectMessage
from bot.domain.messages import IncomingMessage

_DIGIT = re.compile(r"\d")
_PLACES = 20
_JOINS = " \t\n-_.·,:，：、—－　"


def require_private(message: IncomingMessage) -> None:
    """Raises NotADirectMessage in a group; its sentence repeats nothing of what was said."""
    if message.conversation.is_group:
        raise NotADirectMessage("complaints.say.only_private")


def split_receipt(argument: str) -> tuple[str, str]:
    """The receipt number at the beginning, as it was typed, and the text behind it.

    The number ends with its twentieth digit, or with the first letter that belongs to no number.
    """
    digits = 0
    for place, letter in enumerate(argument):
        narrow = unicodedata.normalize("NFKC", letter)
        if _DIGIT.fullmatch(narrow):
            digits += 1
            if digits == _PLACES:
                return argument[: place + 1], argument[place + 1 :].lstrip(_JOINS)
        elif letter not in _JOINS:
            return argument[:place].rstrip(_JOINS), argument[place:]
    return argument, ""


def looks_like_receipt(text: str) -> bool:
    """Whether a text is nothing but digits, as many as a receipt has or nearly so."""
    number, rest = split_receipt(text.strip())
    return not rest and 16 <= len(_DIGIT.findall(unicodedata.normalize("NFKC", number))) <= 24
