"""The table: every command there is, in the order that help lists them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.domain.commands import CommandSpec, CommandTable
from bot.domain.disputes import DisputeState
from bot.domain.registers import Sort
from bot.domain.texts import Texts
from bot.domain.vocabulary import Measure

COMMANDS = (
    "status", "explain", "precheck", "limits", "register", "enter", "emergency", "calendar",
    "dispute", "digest", "privacy", "help", "complain", "query", "supplement", "withdraw", "confirm", "bind",
)  # fmt: skip
TAKE_RECEIPT = ("query", "supplement", "withdraw")
TAKE_CODE = ("bind",)
TAKE_WEEK = ("digest", "calendar")
# A draft to be checked is for private talk: said in a group it is a notice, and judged as one.
TAKE_VERBS: Mapping[str, tuple[str, ...]] = {
    "help": ("whole",),
    "confirm": ("cancel",),
    "limits": ("standing", "withdrawn"),
    "enter": ("add", "retire", "restore", "confirm", "withdraw"),
    "emergency": ("begin", "end"),
    "calendar": ("unmark", "no_notices", "this_week", "next_week"),
}
VERBS: Mapping[str, str] = {"enter": "filing"}
"""Whose texts hold a command's verbs, where that is not `admin`."""
TAKE_NUMBERED = ("register", "enter", "dispute")
"""Commands whose argument begins with a number of an office's, or with a count's id."""
TAKE_TEXT = ("explain", "complain", *TAKE_RECEIPT, *TAKE_CODE)


def command_table(texts: Texts) -> CommandTable:
    """The commands with their words, Chinese and English alike in every language's texts."""
    return CommandTable(
        [
            CommandSpec(
                name,
                tuple(texts(f"commands.words.{name}").split()),
                name in TAKE_TEXT,
                name in (*TAKE_RECEIPT, *TAKE_CODE, *TAKE_WEEK),
                frozenset(word.casefold() for word in _openers(name, texts)),
                name in TAKE_NUMBERED,
            )
            for name in COMMANDS
        ]
    )


def _openers(name: str, texts: Texts) -> Iterator[str]:
    """Words that, behind a command's bare name, can only be meant for it."""
    for verb in TAKE_VERBS.get(name, ()):
        yield from texts(f"{VERBS.get(name, 'admin')}.verbs.{verb}").split()
    if name == "limits":
        for measure in Measure:
            yield from (measure.value, texts(f"measures.name.{measure}"))
    if name == "enter":
        for sort in Sort:
            yield from (sort.value, *texts(f"filing.sorts.{sort}").split())
    if name == "dispute":
        for state in (DisputeState.WITHDRAWN, DisputeState.UPHELD, DisputeState.REJECTED):
            yield from texts(f"dispute.words.{state}").split()
