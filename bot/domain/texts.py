"""Sentences by key. Every word a user reads stands in config/texts, none in code."""

from __future__ import annotations

from collections.abc import Mapping


class Texts:
    """A language's sentences; keys are "file.table.name", placeholders `{name}`.

    A missing key or placeholder raises KeyError: a test asks for every key there is.
    """

    def __init__(self, locale: str, sentences: Mapping[str, str]) -> None:
        self.locale = locale
        self._sentences = dict(sentences)

    def __call__(self, key: str, /, **values: object) -> str:
        """The sentence with its placeholders filled."""
        sentence = self._sentences[key]
        return (
            sentence.format(**values) if values else sentence.replace("{{", "{").replace("}}", "}")
        )

    def __contains__(self, key: str) -> bool:
        return key in self._sentences

    def raw(self, key: str) -> str:
        """The sentence as it is written, placeholders and all."""
        return self._sentences[key]

    def keys(self) -> frozenset[str]:
        """All keys, for the test that compares languages."""
        return frozenset(self._sentences)
