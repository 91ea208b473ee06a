"""What must occur in a text for a pattern to match it, read off the pattern itself.

Most patterns of a rulebook are long lists of alternatives, and `re` tries each alternative at each
character. An automaton finds thousands of literals in one pass; so each alternative is taken by
itself: one that spells out all that it matches needs no search at all, another is searched for only
where something occurs that all its matches hold.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import product

MOST_TEXTS = 256
"""An alternative that stands for more texts than this is not spelled out."""
MOST_NEEDS = 2

_PLAIN_FLAGS = re.compile("").flags
_SPECIAL = frozenset("\\.^$*+?{}[]|()")
_PLAIN_RUN = re.compile(r"[^\\.^$*+?{}\[\]|()]+(?![*+?{])")
_COUNTED = re.compile(r"\{(?=[\d,])(\d*)(,?)(\d*)\}")
_OPENS_GROUP = re.compile(r"\((?:\?:|\?P<\w+>|(?!\?))")
_OPENS_LOOK = re.compile(r"\(\?<?[=!]")
_CLASSES = frozenset("dDsSwW")
_EDGES = frozenset("AbBZ")
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}
_Texts = frozenset[str]


@dataclass(frozen=True, slots=True)
class Pieces:
    """One alternative of a pattern.

    `texts`, where it is not None, are all that it matches, whatever stands around them. Otherwise
    something of each of `needed` occurs in each match; it is empty when nothing is known of that.
    """

    source: str
    texts: _Texts | None
    needed: tuple[_Texts, ...]


def pieces_of(pattern: re.Pattern[str]) -> tuple[Pieces, ...]:
    """The alternatives of a pattern, so that it matches wherever one of them does.

    A pattern with flags, back references or other things that are not read here is one alternative
    of which nothing is known.
    """
    source = pattern.pattern
    if pattern.flags != _PLAIN_FLAGS:
        return (Pieces(source, None, ()),)
    try:
        found = _Reader(source).alternatives()
    except _Unread:
        return (Pieces(source, None, ()),)
    return tuple(
        Pieces(source[start:end], part.spelled, part.all_needed) for start, end, part in found
    )


class _Unread(Exception):
    """Something that this reader does not know."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What a part of a pattern matches: `texts` if they are few, of `needed` something in any case.

    `bound` says that it also asks for something of what stands around.
    """

    texts: _Texts | None = None
    needed: tuple[_Texts, ...] = ()
    bound: bool = False

    @property
    def spelled(self) -> _Texts | None:
        """The texts, where one of them is all that it takes."""
        texts = None if self.texts is None or self.bound else _shortest(self.texts)
        return texts if texts and "" not in texts else None

    @property
    def all_needed(self) -> tuple[_Texts, ...]:
        """What is needed, the texts themselves being a need as well."""
        return self.needed if self.texts is None else _rarest(*self.needed, self.texts)


_NOTHING = _Part(frozenset({""}))
_EDGE = _Part(frozenset({""}), bound=True)
_ANYTHING = _Part()


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0

    def alternatives(self) -> list[tuple[int, int, _Part]]:
        """The alternatives up to a closing bracket or the end, each with its span."""
        found = []
        while True:
            start = self._at
            part = self._sequence()
            found.append((start, self._at, part))
            if not self._takes("|"):
                return found

    def _sequence(self) -> _Part:
        whole = _NOTHING
        while self._at < len(self._source) and self._source[self._at] not in "|)":
            if plain := _PLAIN_RUN.match(self._source, self._at):
                self._at = plain.end()
                whole = _joined(whole, _Part(frozenset({plain[0]})))
            else:
                whole = _joined(whole, self._repeated(self._atom()))
        return whole

    def _atom(self) -> _Part:
        source = self._source
        sign = source[self._at]
        if opened := _OPENS_LOOK.match(source, self._at):
            self._at = opened.end()
            self._closed(self.alternatives())
            return _EDGE
        if opened := _OPENS_GROUP.match(source, self._at):
            self._at = opened.end()
            return self._closed(self.alternatives())
        if sign == "[":
            return self._one_of()
        if sign == "\\":
            return self._escaped()
        self._at += 1
        if sign in "^$":
            return _EDGE
        if sign == ".":
            return _ANYTHING
        if sign in _SPECIAL:
            raise _Unread
        return _Part(frozenset({sign}))

    def _closed(self, found: Iterable[tuple[int, int, _Part]]) -> _Part:
        if not self._takes(")"):
            raise _Unread
        return _either([part for _, _, part in found])

    def _escaped(self) -> _Part:
        sign = self._source[self._at + 1]
        self._at += 2
        if sign in _CLASSES:
            return _ANYTHING
        if sign in _EDGES:
            return _EDGE
        return _Part(frozenset({self._spelled(sign)}))

    def _spelled(self, sign: str) -> str:
        """The character that an escape stands for, its sign being read."""
        if sign == "u":
            self._at += 4
            return chr(int(self._source[self._at - 4 : self._at], 16))
        if sign in _CONTROLS:
            return _CONTROLS[sign]
        if sign.isalnum():
            raise _Unread  # a back reference, or an escape of another sort
        return sign

    def _one_of(self) -> _Part:
        source = self._source
        self._at += 1
        if self._takes("^"):
            self._takes("]")
            while not self._takes("]"):
                self._at += 2 if source[self._at] == "\\" else 1
            return _ANYTHING
        signs: set[str] = set()
        is_known = True
        while not (signs or not is_known) or source[self._at] != "]":
            sign = self._class_sign()
            if sign is None:
                is_known = False
            elif source[self._at] == "-" and source[self._at + 1] != "]":
                self._at += 1
                last = self._class_sign()
                if last is None or ord(last) - ord(sign) >= MOST_TEXTS:
                    is_known = False
                else:
                    signs.update(map(chr, range(ord(sign), ord(last) + 1)))
                    signs.add(sign)
            else:
                signs.add(sign)
        self._at += 1
        return _Part(frozenset(signs)) if is_known else _ANYTHING

    def _class_sign(self) -> str | None:
        """The next character of a class; None for such as \\d, which stand for many."""
        sign = self._source[self._at]
        self._at += 1
        if sign != "\\":
            return sign
        sign = self._source[self._at]
        self._at += 1
        return None if sign in _CLASSES else self._spelled(sign)

    def _repeated(self, part: _Part) -> _Part:
        least, most = self._times()
        if (least, most) == (1, 1):
            return part
        if most is not None and most <= 3 and part.texts is not None:
            powers = [_NOTHING] * (least == 0)
            power = _NOTHING
            for times in range(1, most + 1):
                power = _joined(power, part)
                if times >= least:
                    powers.append(power)
            return _either(powers)
        return _Part(None, part.all_needed if least else (), part.bound)

    def _times(self) -> tuple[int, int | None]:
        source = self._source
        least: int
        most: int | None
        if self._takes("?"):
            least, most = 0, 1
        elif self._takes("*"):
            least, most = 0, None
        elif self._takes("+"):
            least, most = 1, None
        elif found := _COUNTED.match(source, self._at):
            self._at = found.end()
            least = int(found[1] or 0)
            most = (int(found[3]) if found[3] else None) if found[2] else least
        else:
            return 1, 1
        if self._takes("+"):
            raise _Unread  # a possessive one
        self._takes("?")
        return least, most

    def _takes(self, sign: str) -> bool:
        if self._source.startswith(sign, self._at):
            self._at += 1
            return True
        return False


def _joined(one: _Part, other: _Part) -> _Part:
    """One part after the other."""
    bound = one.bound or other.bound
    texts, more = one.texts, other.texts
    if texts is not None and more is not None and len(texts) * len(more) <= MOST_TEXTS:
        both = frozenset(map("".join, product(texts, more)))
        return _Part(both, _rarest(*one.needed, *other.needed), bound)
    return _Part(None, _rarest(*one.all_needed, *other.all_needed), bound)


def _either(parts: list[_Part]) -> _Part:
    """One part or another."""
    bound = any(part.bound for part in parts)
    if all(part.texts is not None for part in parts):
        texts = frozenset(text for part in parts for text in part.texts or ())
        if len(texts) <= MOST_TEXTS:
            return _Part(texts, (), bound)
    needs = [part.all_needed for part in parts]
    if not all(needs):
        return _Part(None, (), bound)
    best, second = (frozenset().union(*(need[at] for need in needs)) for at in (0, -1))
    return _Part(None, _rarest(best, second), bound)


def _rarest(*needs: _Texts) -> tuple[_Texts, ...]:
    """Those of several needs that leave out the most; what is in every text is none."""
    if not needs:
        return ()
    shortest = dict.fromkeys(_shortest(need) for need in needs if "" not in need)
    useful = sorted((need for need in shortest if len(need) <= MOST_TEXTS), key=_frequency)
    return tuple(useful[:MOST_NEEDS])


def _frequency(texts: _Texts) -> float:
    """About how often one of these occurs in a text: figures and stops are in many."""
    often = 0.0
    for text in texts:
        share = 1.0
        for sign in text:
            share *= 0.2 if ord(sign) < 0x3000 else 0.03
        often += share
    return often


def _shortest(texts: Collection[str]) -> _Texts:
    """Those that hold no other: where a longer one occurs, the shorter one does."""
    if len(set(map(len, texts))) == 1:
        return frozenset(texts)
    kept: list[str] = []
    for text in sorted(texts, key=len):
        if not any(short in text for short in kept):
            kept.append(text)
    return frozenset(kept)
