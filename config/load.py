"""Data files → domain values; what is wrong is refused with file, field and expectation."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from bot.domain.errors import BadTexts
from bot.domain.texts import Texts

LOCALES = ("zh-CN", "en")


def packaged(*parts: str) -> Traversable:
    """A data folder or file that ships with the program."""
    return files("config").joinpath(*parts)


def load_texts(locale: str, folder: Traversable | Path | None = None) -> Texts:
    """All sentences of a language.

    Raises BadTexts when the language has no folder, a file is not TOML, or a value is no text.
    """
    root = (folder or packaged("texts")).joinpath(locale)
    if not root.is_dir():
        raise BadTexts(locale, "locale", "one of " + ", ".join(LOCALES))
    sentences: dict[str, str] = {}
    for entry in sorted(root.iterdir(), key=lambda found: found.name):
        if not entry.name.endswith(".toml"):
            continue
        try:
            tables = tomllib.loads(entry.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadTexts(entry.name, "file", f"TOML in UTF-8 ({error})") from None
        _flatten(entry.name, entry.name.removesuffix(".toml"), tables, sentences)
    return Texts(locale, sentences)


def _flatten(file: str, prefix: str, table: Mapping[str, object], into: dict[str, str]) -> None:
    for name, value in table.items():
        key = f"{prefix}.{name}"
        if isinstance(value, Mapping):
            _flatten(file, key, value, into)
        elif isinstance(value, str):
            into[key] = value
        else:
            raise BadTexts(file, key, "a text or a table of texts")


def placeholders(sentence: str) -> frozenset[str]:
    """The names in braces that a sentence wants filled."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(sentence) if name)
