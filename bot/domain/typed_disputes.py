"""How a dispute is typed: 28T5CY 填表报数、会议, an id and the kinds that are called wrong."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.disputes import written_id
from bot.domain.vocabulary import Kind

_BETWEEN = re.compile(r"[\s,，、;；.。!！:：()（）]+")
_QUOTES = str.maketrans("", "", "“”‘’\"'「」")
# Chinese leaves no blank between an id and what follows.
_SCRIPT_CHANGES = re.compile(r"(?<=[\x21-\x7e])(?=[^\x00-\x7f])|(?<=[^\x00-\x7f])(?=[\x21-\x7e])")
_LONGEST_NAME = 5  # words of a kind's English name
_SHORTEST_PART = 2  # characters of a Chinese name that stand for the whole


@dataclass(frozen=True, slots=True)
class TypedDispute:
    """What was typed, unchecked: the id as it stands there, the kinds, and words that are neither."""

    id: str
    kinds: tuple[Kind, ...] = ()
    unknown: tuple[str, ...] = ()


def words_of(argument: str) -> list[str]:
    """The words of an argument, where blanks, signs or a change of script part them."""
    parted = _SCRIPT_CHANGES.sub(" ", argument.translate(_QUOTES))
    return [word for word in _BETWEEN.split(parted) if word]


def typed_dispute(words: Sequence[str], known: Mapping[str, Kind]) -> TypedDispute:
    """Read it in whatever order. `known` are the kinds' names in small letters, of all languages;
    a part of a Chinese name will do where no other kind has it: 填表, 接龙."""
    known = {name.translate(_QUOTES): kind for name, kind in known.items()}
    kinds: set[Kind] = set()
    rest: list[str] = []
    place = 0
    while place < len(words):
        kind, length = _kind_at(words, place, known)
        if kind is None:
            rest.append(words[place])
        else:
            kinds.add(kind)
        place += length
    id_, unknown = _id_among(rest)
    return TypedDispute(id_, tuple(kind for kind in Kind if kind in kinds), unknown)


def _kind_at(
    words: Sequence[str], place: int, known: Mapping[str, Kind]
) -> tuple[Kind | None, int]:
    for length in range(min(_LONGEST_NAME, len(words) - place), 0, -1):
        name = " ".join(words[place : place + length]).casefold()
        if name in known:
            return known[name], length
    return _by_part(words[place], known), 1


def _by_part(word: str, known: Mapping[str, Kind]) -> Kind | None:
    if word.isascii() or len(word) < _SHORTEST_PART:
        return None
    found = {kind for name, kind in known.items() if word in name}
    return found.pop() if len(found) == 1 else None


def _id_among(rest: Collection[str]) -> tuple[str, tuple[str, ...]]:
    """The id, which may be torn by blanks, and what is left."""
    together = "".join(rest)
    alone = next((word for word in rest if written_id(word) is not None), None)
    if written_id(together) is not None or alone is None:
        return together, ()
    return alone, tuple(word for word in rest if word != alone)
