"""Issues of a week's digest, and of a month's or a quarter's: the first one, and corrections (更正)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.periods import Week
from bot.domain.spans import Span

DIGEST_KEY = "digest"
FIRST = 1
_LABEL = re.compile(r"(\d{4}-W\d{2})(?:-r([2-9]|[1-9]\d+))?")


@dataclass(frozen=True, slots=True, order=True)
class Issue:
    """What is published of a week to an office; `number` counts from 1 for the week."""

    week: Week
    office: str
    number: int = FIRST

    def __post_init__(self) -> None:
        if self.number < FIRST:
            raise ValueError("issues are numbered from 1")

    @property
    def label(self) -> str:
        """The week, and from the second issue on its number: 2026-W42, 2026-W42-r2."""
        return str(self.week) if self.number == FIRST else f"{self.week}-r{self.number}"

    @property
    def base(self) -> str:
        """The week, of whichever issue."""
        return str(self.week)

    @property
    def stem(self) -> str:
        """The name of its files, without their form."""
        return f"digest-{self.label}-{self.office}"

    @property
    def subject(self) -> str:
        """What the log's leaf of it is about."""
        return f"digest {self.label} {self.office}"

    def key(self, mark: str) -> str:
        """The key of its parcel to the destination of this mark, which has no colon."""
        return f"{DIGEST_KEY}:{self.label}:{self.office}:{mark}"

    @classmethod
    def labelled(cls, label: str, office: str) -> Issue:
        """The issue that `label` names. Raises ValueError."""
        found = _LABEL.fullmatch(label)
        if found is None:
            raise ValueError("expected a week such as 2026-W42, or 2026-W42-r2")
        return cls(Week.parse(found[1]), office, int(found[2] or FIRST))

    @classmethod
    def of_key(cls, key: str) -> Issue | None:
        """The issue whose words a parcel of this key says; None for any other parcel."""
        kind, _, rest = key.partition(":")
        named, _, _mark = rest.rpartition(":")
        label, colon, office = named.partition(":")
        if kind != DIGEST_KEY or not colon:
            return None
        try:
            return cls.labelled(label, office)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, order=True)
class ClosingIssue:
    """What is published of a month or a quarter to an office; a further issue follows when weeks
    of it were corrected, or came in, since."""

    span: Span
    office: str
    number: int = FIRST

    @property
    def base(self) -> str:
        """The span, of whichever issue."""
        return str(self.span)

    @property
    def label(self) -> str:
        """2026-10, and from the second issue on its number: 2026-10-r2."""
        return self.base if self.number == FIRST else f"{self.base}-r{self.number}"

    @property
    def stem(self) -> str:
        """The name of its files, without their form."""
        return f"digest-{self.label}-{self.office}"

    @property
    def subject(self) -> str:
        """What the log's leaf of it is about."""
        return f"closing {self.label} {self.office}"


Published = Issue | ClosingIssue
