"""What was expected of a file or a setting, in the operator's language.

The rooms that read files say it in English, as they say exceptions; the sentences of
`config/texts/en/expected.toml` are these words with names for what varies, and the same keys
hold them in every other language.
"""

from __future__ import annotations

import re
import string
from functools import cache

from bot.domain.errors import BadInput, BadRulebook
from bot.domain.texts import Texts
from bot.terminal.system_words import translated
from config.load import load_texts

_PREFIX = "expected."
_ROW = re.compile(r"row (\d+)")


def expected(error: BadInput, texts: Texts) -> str:
    """What should have stood there."""
    if isinstance(error, BadRulebook):
        return texts(f"rules.expected.{error.expected}", **error.values)
    return _in_words(error.expected, texts)


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


def _in_words(said: str, texts: Texts) -> str:
    for key, pattern in _phrases():
        if found := pattern.fullmatch(said):
            values = found.groupdict()
            if set(values) == {"message"}:  # a sentence within a sentence
                return _in_words(values["message"], texts)
            if "reason" in values:
                values["reason"] = translated(values["reason"], texts)
            return texts(key, **values)
    return said


@cache
def _phrases() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The sentences as patterns; what says more by itself comes first."""
    english = load_texts("en")
    keys = [
        key
        for key in sorted(english.keys())
        if key.startswith(_PREFIX) and key.count(".") == 1 and english.raw(key)
    ]
    keys.sort(key=lambda key: (-_fixed(english.raw(key)), key))
    return tuple((key, re.compile(_pattern(english.raw(key)), re.DOTALL)) for key in keys)


def _fixed(sentence: str) -> int:
    return sum(len(words) for words, *_ in string.Formatter().parse(sentence))


def _pattern(sentence: str) -> str:
    return "".join(
        re.escape(words) + (f"(?P<{name}>.*?)" if name else "")
        for words, name, *_ in string.Formatter().parse(sentence)
    )
