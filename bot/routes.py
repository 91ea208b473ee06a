"""The table: every command there is, in the order that help lists them."""

from __future__ import annotations

from bot.domain.commands import CommandSpec, CommandTable
from bot.domain.texts import Texts

COMMANDS = (
    "status", "explain", "dispute", "privacy", "help", "complain", "query", "supplement", "withdraw",
    "bind",
)  # fmt: skip
TAKE_RECEIPT = ("query", "supplement", "withdraw")
TAKE_CODE = ("bind",)
TAKE_TEXT = ("explain", "complain", *TAKE_RECEIPT, *TAKE_CODE)


def command_table(texts: Texts) -> CommandTable:
    """The commands with their words, Chinese and English alike in every language's texts."""
    return CommandTable(
        [
            CommandSpec(
                name,
                tuple(texts(f"commands.words.{name}").split()),
                name in TAKE_TEXT,
                name in (*TAKE_RECEIPT, *TAKE_CODE),
            )
            for name in COMMANDS
        ]
    )
