"""Text → which command was meant: by its Chinese or English name, slash or not, or nearly so."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

# "、" is what a Chinese keyboard gives for the slash key; NFKC has made "/" of "/".
_SLASHES = "/、\\"
# What keyboards and copied text leave in front, and nobody sees.
_UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202a\u202b\u202c"
# What people put between a command's name and its argument; NFKC has made ASCII of the wide ones.
_AFTER_NAME = " :,"
_NAME_ENDS = re.compile(r"[\s:,]")
# With a blank behind them these are commands whatever follows: nobody talks like that.
_TAKE_ANY_TEXT = frozenset(("explain", "complain", "precheck"))


LEAST_ASCII = 4
"""Shorter English words are one slip away from too much else."""


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """A command: its id, and the words that call it, the Chinese name first.

    `takes_text` says that what stands behind the name is for the bot: pasted words, a complaint;
    `takes_number` that it begins with a number, which then calls it without a slash too, as one
    of its `verbs` (in small letters) does. `takes_code` says that a first word with a figure in it
    does so too.
    """

    name: str
    words: tuple[str, ...]
    takes_text: bool = False
    takes_number: bool = False
    verbs: frozenset[str] = frozenset()
    takes_code: bool = False


@dataclass(frozen=True, slots=True)
class CommandCall:
    """A command that was called, and what stood behind its name."""

    name: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Unrecognised:
    """It looks like a command but is none. `nearest` is the closest word, or empty."""

    nearest: str


class CommandTable:
    """The commands there are. Refuses two that answer to the same word."""

    def __init__(self, specs: Sequence[CommandSpec]) -> None:
        self.specs = tuple(specs)
        self._names: dict[str, str] = {}
        self._verbs = {spec.name: spec.verbs for spec in specs}
        self._coded = {spec.name for spec in specs if spec.takes_code}
        self._numbered = {spec.name for spec in specs if spec.takes_number}
        for spec in self.specs:
            for word in spec.words:
                if self._names.setdefault(word.casefold(), spec.name) != spec.name:
                    raise ValueError(f"two commands answer to {word}")
        # Longest first, so that 限额 is not taken for 限.
        self._words = sorted(self._names, key=len, reverse=True)
        # Chinese leaves no space between a name and what follows.
        self._joined = tuple(word for word in self._words if not word.isascii())
        self._longest = max(map(len, self._words), default=0)
        # Words one slip apart leave the same when a letter is dropped from one of them or both.
        self._by_remains: dict[str, list[str]] = {}
        for word in self._words:
            for remains in _remains_of(word):
                self._by_remains.setdefault(remains, []).append(word)

    def parse(self, text: str, *, addressed: bool) -> CommandCall | Unrecognised | None:
        """What was called; None when this is no command at all.

        `addressed` text (a DM, or behind @bot) may leave the slash out when it is the bare word:
        "状态" is a command, "状态怎么样了" is talk.
        """
        line = unicodedata.normalize("NFKC", text).strip().lstrip(_UNSEEN).strip()
        if not line:
            return None
        slashed = line[0] in _SLASHES
        if not slashed and not addressed:
            return None
        body = line.lstrip(_SLASHES).lstrip() if slashed else line
        head, _, rest = _split_word(body)
        exact = self._names.get(head.casefold())
        if exact is not None and (slashed or not rest or self._may_follow(exact, rest)):
            return CommandCall(exact, rest.strip())
        folded = body.casefold()
        if folded.startswith(self._joined):  # nearly nothing that is said does
            for word in self._joined:
                if folded.startswith(word):
                    name, rest = self._names[word], body[len(word) :].strip(_AFTER_NAME)
                    if slashed or (name in self._numbered and rest[:1].isdigit()):
                        return CommandCall(name, rest)
        if slashed:
            return Unrecognised(self._nearest(head.casefold()))
        # One word and nothing else, one slip away from a command: nobody talks like that.
        near = "" if rest.strip() else self._slip_of(head.casefold())
        return Unrecognised(near) if near else None

    def _may_follow(self, name: str, rest: str) -> bool:
        """Whether a bare word with something behind it is still a command and not talk."""
        if name in self._numbered and rest.strip()[:1].isdigit():
            return True
        verb = rest.split(maxsplit=1)[0].casefold() if rest.split() else ""
        if name in self._coded and any(letter.isdigit() for letter in verb):
            return True
        return name in _TAKE_ANY_TEXT or verb in self._verbs[name]

    def word(self, name: str, locale: str) -> str:
        """A command's first word in a reader's language."""
        wants_ascii = not locale.startswith("zh")
        words = next(spec.words for spec in self.specs if spec.name == name)
        return next(word for word in words if word.isascii() is wants_ascii and len(word) > 1)

    def is_for_the_bot(self, call: CommandCall | Unrecognised | None) -> bool:
        """Whether a group message that calls this is a command and nothing more: it is not judged.

        What follows a command that takes no text was said to the group, and so was what only
        looks like a command: a stroke in front must not be a way round the count.
        """
        if not isinstance(call, CommandCall):
            return False
        return not call.argument or any(
            spec.name == call.name and spec.takes_text for spec in self.specs
        )

    def _nearest(self, typed: str) -> str:
        return nearest(typed, self._words)

    def _slip_of(self, typed: str) -> str:
        """The command whose word was typed with one slip; empty where there is none.

        Nearly all that is said is none, so only words that can be meant are compared letter by
        letter: 1 µs a message in place of 150.
        """
        if len(typed) > self._longest + 1:
            return ""
        alike = {word for one in _remains_of(typed) for word in self._by_remains.get(one, ())}
        if not alike:
            return ""
        near = nearest(typed, [word for word in self._words if word in alike])
        return near if _is_a_slip(typed, near) else ""


def nearest(typed: str, words: Sequence[str]) -> str:
    """The word that was probably meant; empty where none is near."""
    best, distance = "", 99
    for word in words:
        apart = _edits(typed, word)
        if apart < distance:
            best, distance = word, apart
    return best if distance <= max(1, len(best) // 2) else ""


def _is_a_slip(typed: str, near: str) -> bool:
    """Whether a bare word is a command's, typed with one slip: in Chinese one wrong character."""
    if not near or _edits(typed, near) != 1:
        return False
    return len(near) >= LEAST_ASCII if near.isascii() else len(typed) == len(near)


def _remains_of(word: str) -> set[str]:
    """A word, and what is left of it without any one of its letters."""
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


def _split_word(body: str) -> tuple[str, str, str]:
    found = _NAME_ENDS.search(body)
    if found is None:
        return body, "", ""
    return body[: found.start()], found[0], body[found.end() :]


def _edits(a: str, b: str) -> int:
    """Edits (insert, drop, change, swap neighbours) that turn one word into the other."""
    if abs(len(a) - len(b)) > 3:
        return 99
    before: list[int] = []
    above = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(above[j] + 1, row[-1] + 1, above[j - 1] + (x != y))
            if before and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, above = above, row
    return above[-1]
