"""Values that hide themselves: platform ids and the words of a message."""

from __future__ import annotations


class Opaque:
    """A platform id. Equal and hashable by value; no representation shows it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The id itself: for a keyed tag, a look-up in the registry or the platform's own API."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Opaque) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "<id>"

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return "<id>"

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce__(self) -> str:
        raise TypeError("an Opaque id is not pickled")


class PrivateText:
    """What somebody said. No log line, traceback or failed assertion can show it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The words, for judgement; they go no further."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PrivateText) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return "***"

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce__(self) -> str:
        raise TypeError("PrivateText is not pickled")


NO_TEXT = PrivateText("")
