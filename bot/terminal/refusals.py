"""What was expected of a file or a setting, in the operator's language."""

from __future__ import annotations

import re

from bot.domain.errors import BadInput
from bot.domain.texts import Texts
from bot.terminal.system_words import translated

_ROW = re.compile(r"row (\d+)")


def expected(error: BadInput, texts: Texts) -> str:
    """What should have stood there."""
    values = dict(error.values)
    if "reason" in values:  # in the words of the operating system
        values["reason"] = translated(str(values["reason"]), texts)
    return texts(error.expected, **values)


def refusal(error: BadInput, texts: Texts) -> str:
    """Where, which field, and what was expected, in a line."""
    return texts(
        "cli.error.input",
        where=place(error.where, texts),
        field=place(error.field, texts),
        expected=expected(error, texts),
    )


def place(named: str, texts: Texts) -> str:
    """A file, a field or a row as it is named; names of files and settings stay as they are."""
    if found := _ROW.fullmatch(named):
        return texts("expected.where.row", n=found[1])
    key = f"expected.where.{named}"
    return texts(key) if key in texts and named != "row" else named
