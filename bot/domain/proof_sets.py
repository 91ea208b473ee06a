"""The files of a week that lie together: their names, and the signed list of what they are."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.errors import BadInput
from bot.domain.issues import FIRST, ClosingIssue, Issue, Published
from bot.domain.log_leaves import Leaf, LeafKind
from bot.domain.periods import Week
from bot.domain.spans import Span

_FORMAT = "qingzhuang-files/1"
_LINE = re.compile(r"([0-9a-f]{64})  ([^/\\\n]+)")


def log_name(week: str) -> str:
    """All leaves up to the checkpoint, one a line."""
    return f"proof-{week}.log"


def checkpoint_name(week: str) -> str:
    """The signed checkpoint."""
    return f"proof-{week}.checkpoint"


def manifest_name(week: str) -> str:
    """The signed list of files."""
    return f"proof-{week}.files"


def cosigned_name(week: str) -> str:
    """The checkpoint with the signatures of witnesses; they write it, so no list names it."""
    return f"proof-{week}.cosigned"


def inclusion_name(issue: Published) -> str:
    """What proves one issue without the log."""
    return f"proof-{issue.label}-{issue.office}.inclusion"


def consistency_name(week: str) -> str:
    """What shows that earlier checkpoints are the start of this one, without the log."""
    return f"proof-{week}.consistency"


def openings_name(week: str) -> str:
    """What only an auditor is given: random bytes and contents."""
    return f"auditor-{week}.openings"


def digest_name(issue: Published) -> str:
    """The digest as data, of which the log holds the hash."""
    return f"{issue.stem}.json"


def published_by(leaf: Leaf) -> Published | None:
    """The issue that a leaf is about; None for a leaf of another kind. Raises ValueError."""
    number, office = leaf.said.get("issue", FIRST), str(leaf.said.get("office", ""))
    if leaf.kind not in (LeafKind.DIGEST, LeafKind.CLOSING):
        return None
    if not isinstance(number, int) or number < FIRST:
        raise ValueError("issues are numbered from 1")
    if leaf.kind is LeafKind.DIGEST:
        return Issue(Week.parse(str(leaf.said.get("week", ""))), office, number)
    return ClosingIssue(Span.parse(str(leaf.said.get("span", ""))), office, number)


@dataclass(frozen=True, slots=True)
class Manifest:
    """The files of a week by name, each with its SHA-256."""

    week: str
    files: Mapping[str, str]

    @classmethod
    def of(cls, week: str, files: Mapping[str, bytes]) -> Manifest:
        """The list of these files."""
        return cls(week, {n: hashlib.sha256(files[n]).hexdigest() for n in sorted(files)})

    def text(self) -> str:
        """The lines to be signed."""
        lines = [f"{digest}  {name}\n" for name, digest in self.files.items()]
        return f"{_FORMAT}\n{self.week}\n" + "".join(lines)

    @classmethod
    def parse(cls, text: str) -> Manifest:
        """What `text` wrote; BadInput for anything else."""
        kind, _, rest = text.partition("\n")
        week, _, rest = rest.partition("\n")
        found = [_LINE.fullmatch(line) for line in rest.removesuffix("\n").split("\n")]
        made = cls(week, {one[2]: one[1] for one in found if one})
        if kind != _FORMAT or made.text() != text:
            raise BadInput("files", "list", "expected.list_line")
        return made
