"""How an entry of a register is typed: 督备〔2026〕3号 安全生产检查 11月1日 11月30日 2次 @qingxi."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.domain.errors import UserError
from bot.domain.registers import Sort
from bot.domain.typed_values import FIGURE, figure, typed_days
from bot.domain.vocabulary import Kind

_QUOTA = re.compile(rf"(?:限|x)?({FIGURE})(?:次|x|times?)", re.IGNORECASE)
_SEVERAL = re.compile(r"[、,;]+")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of all languages for sorts, kinds and the labels line, words, kinds."""

    sorts: Mapping[str, Sort]
    kinds: Mapping[str, Kind]
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed of an entry, unchecked; empty or None where nothing was said."""

    sort: Sort | None = None
    number: str = ""
    title: str = ""
    days: tuple[date, ...] = ()
    quota: int | None = None
    place: str = ""
    line: str = ""
    kinds: tuple[Kind, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def names_an_entry(self) -> bool:
        """Whether it can only be meant as an entry: nobody writes so much to look one up."""
        return bool(self.number and self.title and (self.sort or self.days))


def typed(written: Sequence[str], known: Vocabulary, today: date) -> Typed:
    """Read it in whatever order; what fits nothing else is the number, and then the title, which
    may have a word for a sort in it.

    Raises UserError for a day that there is not and for kinds that there are not.
    """
    sort, quota, place, line = None, None, "", ""
    days: list[date] = []
    rest: list[str] = []
    kinds: tuple[Kind, ...] = ()
    words: tuple[str, ...] = ()
    for word in written:
        label, colon, value = word.partition(":")
        named = known.labels.get(label.casefold()) if colon else None
        if named == "line":
            line = value
        elif named == "words":
            words = tuple(one for one in _SEVERAL.split(value) if one)
        elif named == "kinds":
            kinds = _kinds(value, known)
        elif word.startswith("@") and len(word) > 1:
            place = word[1:]
        elif sort is None and len(rest) < 2 and word.casefold() in known.sorts:
            sort = known.sorts[word.casefold()]
        elif (times := _times(word)) is not None:
            quota = times
        elif said := typed_days(word, today):
            days += said
        else:
            rest.append(word)
    number, title = (rest[0], " ".join(rest[1:])) if rest else ("", "")
    return Typed(sort, number, title, tuple(days), quota, place, line, kinds, words)


def _times(word: str) -> int | None:
    found = _QUOTA.fullmatch(word)
    return figure(found[1]) if found else None


def _kinds(value: str, known: Vocabulary) -> tuple[Kind, ...]:
    named = [one.casefold() for one in _SEVERAL.split(value) if one]
    if not named or any(one not in known.kinds for one in named):
        raise UserError("register_commands.expected.kinds")
    return tuple(dict.fromkeys(known.kinds[one] for one in named))
