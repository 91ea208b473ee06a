"""How a declared emergency is written: 县防指〔2026〕3号 Ⅲ级 12小时 @unit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.typed_values import FIGURE, figure

_LASTS = re.compile(rf"({FIGURE})个?(小时|钟头|h|hours?|天|日|d|days?)", re.IGNORECASE)
_DAYS = ("天", "日", "d", "day", "days")
_MOST = 999
_LEVEL = re.compile(r"(?:[ⅠⅡⅢⅣ一二三四1-4]|I{1,3}|IV)级|level[1-4]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Declaration:
    """What was written; `lasts_for` is None and the words are empty where nothing was said.

    `place` is the code behind an @.
    """

    basis: str = ""
    level: str = ""
    lasts_for: timedelta | None = None
    place: str = ""


def declaration(words: Sequence[str]) -> Declaration:
    """Read it in whatever order; of two durations, levels or places the last one holds."""
    basis: list[str] = []
    level, place, lasts_for = "", "", None
    for word in words:
        found = _LASTS.fullmatch(word)
        span = figure(found[1]) if found else None
        if found and span is not None:
            # Far beyond the longest that is allowed it is refused all the same.
            hours = min(span, _MOST) * (24 if found[2].casefold() in _DAYS else 1)
            lasts_for = timedelta(hours=hours)
        elif _LEVEL.fullmatch(word):
            level = word
        elif word.startswith("@") and len(word) > 1:
            place = word[1:]
        else:
            basis.append(word)
    return Declaration(" ".join(basis), level, lasts_for, place)
