"""Who entered a filing: a pseudonym under a week's key, so that two persons can be told apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.periods import Week
from bot.domain.private import Opaque
from bot.domain.pseudonyms import WeekKey

_SCOPE, _KEY = "of registers", "key of registers"  # no group's code has a blank in it
_MARK = 4


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as a platform knows them; it never rests anywhere."""

    platform: str
    account: str
    id: Opaque


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody who entered or confirmed something. Nothing leads back once the key is gone."""

    week: Week
    code: bytes

    @property
    def name(self) -> str:
        """As it is written down beside a deed."""
        return self.code.hex()

    def __str__(self) -> str:
        return f"{self.week}:{self.name}"

    @classmethod
    def parse(cls, written: str) -> Author:
        """What `str` gave; raises ValueError."""
        week, _, code = written.partition(":")
        return cls(Week.parse(week), bytes.fromhex(code))


def author_of(key: WeekKey, person: Person) -> Author:
    """The person's pseudonym under a key."""
    code = key.sender_tag(person.platform, person.account, _SCOPE, person.id)
    return Author(key.week, _mark_of(key) + code)


def _mark_of(key: WeekKey) -> bytes:
    """Tells a lost key from the one that was begun in its place."""
    return key.sender_tag("", "", _KEY, Opaque(""))[:_MARK]


def is_by(author: Author, person: Person, live: Iterable[WeekKey]) -> bool | None:
    """Whether the person is the author; None when the key that could tell is gone."""
    for key in live:
        if key.week == author.week and _mark_of(key) == author.code[:_MARK]:
            return author_of(key, person) == author
    return None
