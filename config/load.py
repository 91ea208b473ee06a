"""Data files → domain values; what is wrong is refused with file, field and expectation."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from bot.domain.errors import BadTexts
from bot.domain.texts import Texts

LOCALES = ("zh-CN", "en")
Written = tuple[tuple[str, bytes], ...]


def packaged(*parts: str) -> Traversable:
    """A data folder or file that ships with the program."""
    return files("config").joinpath(*parts)


def load_texts(locale: str, folder: Traversable | Path | None = None) -> Texts:
    """All sentences of a language.

    Raises BadTexts when the language has no folder, a file is not TOML, or a value is no text.
    """
    root = (folder or packaged("texts")).joinpath(locale)
    if not root.is_dir():
        raise BadTexts(locale, "locale", "expected.one_of", known=", ".join(LOCALES))
    return _texts_of(locale, written_in(root))


def written_in(folder: Traversable | Path) -> Written:
    """The TOML files of a folder by name, each with its bytes."""
    entries = sorted(folder.iterdir(), key=lambda found: found.name)
    return tuple(
        (entry.name, entry.read_bytes()) for entry in entries if entry.name.endswith(".toml")
    )


# To read the files again costs a hundredth of what it costs to understand them again, and one
# command asks for the same sentences many times.
@lru_cache(maxsize=len(LOCALES))
def _texts_of(locale: str, written: Written) -> Texts:
    sentences: dict[str, str] = {}
    for name, raw in written:
        try:
            tables = tomllib.loads(raw.decode("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadTexts(name, "file", "expected.utf8_toml", error=error) from None
        _flatten(name, name.removesuffix(".toml"), tables, sentences)
    return Texts(locale, sentences)


def _flatten(file: str, prefix: str, table: Mapping[str, object], into: dict[str, str]) -> None:
    for name, value in table.items():
        key = f"{prefix}.{name}"
        if isinstance(value, Mapping):
            _flatten(file, key, value, into)
        elif isinstance(value, str):
            into[key] = value
        else:
            raise BadTexts(file, key, "expected.texts")


def placeholders(sentence: str) -> frozenset[str]:
    """The names in braces that a sentence wants filled."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(sentence) if name)
