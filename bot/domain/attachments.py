"""Files that go out with a digest's words or after them: named by what they are made from."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.errors import NotAsExpected
from bot.domain.issues import Issue

ATTACHED_FORMS = ("docx", "pdf", "xlsx", "png")
ATTACHMENT_KEY = "digest-file"
LONGEST_NAME = 60
# What a file system or the head of a multipart form would stumble over.
_UNFIT = re.compile(r'[\x00-\x1f\x7f\\/:*?"<>|]')


@dataclass(frozen=True, slots=True)
class Attachment:
    """An issue of a digest in one of ATTACHED_FORMS."""

    issue: Issue
    form: str

    def key(self, mark: str) -> str:
        """The key of its parcel to the destination of this mark, which has no colon."""
        issue = self.issue
        return f"{ATTACHMENT_KEY}:{issue.label}:{self.form}:{mark}:{issue.office}"

    @classmethod
    def of_key(cls, key: str) -> Attachment | None:
        """What a parcel's key says is to be attached; None for any other parcel."""
        kind, _, rest = key.partition(":")
        named = rest.split(":", 3)
        if kind != ATTACHMENT_KEY or len(named) != 4 or named[1] not in ATTACHED_FORMS:
            return None
        try:
            return cls(Issue.labelled(named[0], named[3]), named[1])
        except ValueError:
            return None

    def file_name(self, title: str) -> str:
        """What the reader sees: the title, the week and the form."""
        return f"{_UNFIT.sub('_', title)[:LONGEST_NAME]} {self.issue.label}.{self.form}"


@dataclass(frozen=True, slots=True)
class Enclosures:
    """What goes with the words where a digest is carried in one piece: its `forms`.

    With `proof` it is a set for `qingzhuang verify`: named as there, and the proof beside it.
    """

    forms: tuple[str, ...]
    proof: bool = False


def attached_forms(written: str) -> tuple[str, ...]:
    """The forms in a list such as `docx,pdf`, each once; ValueError names what is possible."""
    forms = tuple(dict.fromkeys(one.strip().lower() for one in written.split(",") if one.strip()))
    if unknown := [form for form in forms if form not in ATTACHED_FORMS]:
        possible = ", ".join(ATTACHED_FORMS)
        raise NotAsExpected("expected.forms", possible=possible, unknown=unknown[0])
    return forms
