"""Values that hide themselves: platform ids and the words of a message."""

from __future__ import annotations

from typing import ClassVar


class _Hidden:
    """A text that is equal and hashable by value, and that no representation shows."""

    __slots__ = ("_value",)
    _shown: ClassVar[str]

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself; each kind says what for."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return self._shown

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return self._shown

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce__(self) -> str:
        raise TypeError("what hides itself is not pickled")


class Opaque(_Hidden):
    """A platform id. Revealed for a keyed tag, the registry's look-up or the platform's API."""

    __slots__ = ()
    _shown = "<id>"


class PrivateText(_Hidden):
    """What somebody said. Revealed for judgement; the words go no further."""

    __slots__ = ()
    _shown = "***"


NO_TEXT = PrivateText("")
