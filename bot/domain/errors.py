"""The error tree: what can go wrong, named by outcome.

QingzhuangError
├── UserError                     a person can mend it; carries the key of the sentence to show
│   ├── UnknownCommand
│   ├── NotAllowed
│   ├── GroupNotRegistered
│   └── NotADirectMessage
├── BadInput                      a file or field is wrong: names file, field, what was expected
│   ├── BadTranscript
│   ├── BadRulebook
│   ├── BadCalendar
│   ├── BadPolicy
│   ├── BadDirectory
│   └── BadTexts
├── NoCalendarForYear             no data, no judgement about off-hours
├── Forged                        a request that the platform did not send
│   ├── SignatureMismatch
│   ├── Stale
│   └── Undecipherable
├── PlatformError                 the platform said no, or could not be asked
│   ├── CredentialRefused         stop and tell the operator
│   ├── RateLimited               wait for `retry_after`
│   ├── RecipientUnknown
│   │   └── GroupGone             dissolved, or the robot was removed from it
│   ├── ContentRefused            never retry unchanged
│   ├── Unreachable               nothing was sent; try again
│   └── DeliveryUncertain         it may have been sent; do not repeat by yourself
└── StoreError
    ├── BooksUnavailable          nothing was recorded; the platform will deliver again
    ├── WrongSchema               the database is older or newer than the program
    └── UnsafeStore               a pragma or permission that privacy rests on is not in force
        └── LostPepper            the complaint store's receipts hang on another pepper
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta


class QingzhuangError(Exception):
    """Every error of ours. Its text never holds a message, a name or a platform id."""


class UserError(QingzhuangError):
    """A person can mend it; `key` names the sentence in config/texts that says how."""

    def __init__(self, key: str, **values: str) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


class UnknownCommand(UserError):
    """No command has this name; `nearest` is the best guess, or empty."""


class NotAllowed(UserError):
    """The role table does not allow this."""


class GroupNotRegistered(UserError):
    """The group is not in the registry, so nothing in it is counted."""


class NotADirectMessage(UserError):
    """This is said only in a direct message."""


class NotAsExpected(ValueError):
    """A value that cannot be read; whoever knows where it stood makes a BadInput of it.

    `expected` is the key of the sentence in config/texts that says what should have stood there,
    with its `values`.
    """

    def __init__(self, expected: str, **values: object) -> None:
        super().__init__(_said(expected, values))
        self.expected = expected
        self.values = values


class BadInput(QingzhuangError):
    """Something read from outside is wrong: where, which field, what was expected.

    `expected` is the key of a sentence in config/texts, with its `values`.
    """

    def __init__(self, where: str, field: str, expected: str, **values: object) -> None:
        super().__init__(f"{where}: {field}: {_said(expected, values)}")
        self.where = where
        self.field = field
        self.expected = expected
        self.values = values


class BadTranscript(BadInput):
    """A transcript line that cannot be read."""


class BadRulebook(BadInput):
    """A rule file that cannot be used; the whole rulebook is refused.

    `where` is the file, with the line where it is known.
    """

    def at(self, line: int | None) -> BadRulebook:
        """The same fault with its line."""
        if line is None or ":" in self.where:
            return self
        return BadRulebook(f"{self.where}:{line}", self.field, self.expected, **self.values)


class BadCalendar(BadInput):
    """A calendar file that contradicts itself."""


class BadPolicy(BadInput):
    """A limit that cannot be understood."""


class BadDirectory(BadInput):
    """A row of the directory that cannot be read."""


class BadTexts(BadInput):
    """A texts file with a missing key or a wrong placeholder."""


class NoCalendarForYear(QingzhuangError):
    """There is no calendar for this year, so nothing can be said about rest days."""

    def __init__(self, year: int) -> None:
        super().__init__(f"no calendar for {year}")
        self.year = year


class Forged(QingzhuangError):
    """The platform did not send this. Nothing of it is kept."""


class SignatureMismatch(Forged):
    """The signature does not fit the bytes."""


class Stale(Forged):
    """The time stamp lies outside the window."""


class Undecipherable(Forged):
    """The bytes do not decrypt to what the platform sends."""


class PlatformError(QingzhuangError):
    """The platform said no, or could not be asked. `code` is the platform's own."""

    def __init__(self, code: str = "") -> None:
        super().__init__(code or type(self).__name__)
        self.code = code


class CredentialRefused(PlatformError):
    """A wrong secret, a disabled app, an address that is not trusted: tell the operator."""


class RateLimited(PlatformError):
    """Too fast; try again after `retry_after`."""

    def __init__(self, code: str, retry_after: timedelta) -> None:
        super().__init__(code)
        self.retry_after = retry_after


class RecipientUnknown(PlatformError):
    """Nobody there: a person who left, a group that was dissolved."""


class GroupGone(RecipientUnknown):
    """A group that the platform says was dissolved, or that the robot is no longer in."""


class ContentRefused(PlatformError):
    """Too long, malformed or disallowed; the same content will never pass."""


class Unreachable(PlatformError):
    """Nothing was sent; it is safe to try again."""


class DeliveryUncertain(PlatformError):
    """The request left, the answer did not come: it may have been delivered."""


class StoreError(QingzhuangError):
    """The store could not do it."""


class BooksUnavailable(StoreError):
    """Nothing was recorded; the message must not be acknowledged."""


class WrongSchema(StoreError):
    """The database's revision does not fit this program.

    `current` is what it has (empty for none) and `head` what the program goes up to; `is_newer`
    where the program does not know what it has.
    """

    def __init__(self, message: str, current: str, head: str, *, is_newer: bool) -> None:
        super().__init__(message)
        self.current, self.head, self.is_newer = current, head, is_newer


class UnsafeStore(StoreError):
    """A pragma or a file permission that privacy rests on is not in force."""


class LostPepper(UnsafeStore):
    """Pepper, salt or cost are not those that the receipts of the complaint store hang on."""

    def __init__(self, folder: str) -> None:
        super().__init__(f"no pepper in {folder} that fits the complaint store")
        self.folder = folder


def _said(expected: str, values: Mapping[str, object]) -> str:
    """For a log: the key, and what varies."""
    told = ", ".join(f"{name}={value}" for name, value in values.items())
    return f"{expected} ({told})" if told else expected
