"""The log's leaves: a line of canonical JSON for each thing that is not to be changed unseen.

What a leaf says openly (`said`) names no person and holds no count. Counts are committed to:
SHA-256 over a prefix, 32 random bytes and the canonical content, because a bare hash of a small
count is found by trying. Whoever is given the random bytes and the content can check it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.domain.errors import BadInput

NONCE_BYTES = 32
_PREFIX = b"qingzhuang-leaf/1"
NO_LEAF = hashlib.sha256(b"").hexdigest()
HOUR = timedelta(hours=1)
_HOUR_FORMAT = "%Y-%m-%dT%HZ"


class LeafKind(StrEnum):
    """What is logged."""

    KEY = "key"  # a signing key begins
    HOUR = "hour"  # an hour is over, also when nothing happened
    WEEK = "week"  # a week was closed
    LIMIT = "limit"  # a version of a limit, or what became of a proposal
    SHREDDED = "shredded"  # a week's keys are destroyed
    DIGEST = "digest"  # an issue of a digest was composed
    CLOSING = "closing"  # an issue of a month or a quarter was added up from digests
    ROLES = "roles"  # roles were granted or taken back
    DISPUTE = "dispute"  # a step of a dispute about a count
    SAMPLE = "sample"  # judgement was measured on a labelled sample
    FORGOTTEN = "forgotten"  # what was kept its time was deleted


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to become a leaf. `subject` is said once in a log; `content` is committed to."""

    kind: LeafKind
    subject: str
    said: Mapping[str, str | int]
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf as it stands in the log. `at` is in seconds of Unix time, `prev` and `commitment`
    are hexadecimal, `commitment` empty where nothing is committed to."""

    n: int
    at: int
    prev: str
    kind: LeafKind
    subject: str
    said: Mapping[str, str | int]
    commitment: str = ""

    def line(self) -> bytes:
        """Canonical JSON (RFC 8785 for what stands here), without a line feed."""
        return canonical(
            {
                "at": self.at,
                "commitment": self.commitment,
                "kind": self.kind.value,
                "n": self.n,
                "prev": self.prev,
                "said": dict(self.said),
                "subject": self.subject,
            }
        )


def canonical(value: object) -> bytes:
    """Integers, strings, lists and objects as one spelling of bytes."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def commit(nonce: bytes, content: bytes) -> str:
    """The commitment to a content, hexadecimal."""
    return hashlib.sha256(_PREFIX + nonce + content).hexdigest()


def opens(commitment: str, nonce: bytes, content: bytes) -> bool:
    """Whether this is what was committed to."""
    return hmac.compare_digest(commitment, commit(nonce, content))


def chained(line: bytes) -> str:
    """What the next leaf says of this line."""
    return hashlib.sha256(line).hexdigest()


def parse_leaf(line: bytes, where: str) -> Leaf:
    """A line that `Leaf.line` wrote; BadInput for anything else, also another spelling."""
    try:
        held: Any = json.loads(line)
        leaf = Leaf(
            held["n"], held["at"], held["prev"], LeafKind(held["kind"]), held["subject"],
            held["said"], held["commitment"],
        )  # fmt: skip
        same = leaf.line() == line
    except (ValueError, KeyError, TypeError, RecursionError):
        same = False
    if not same:
        raise BadInput(where, "leaf", "expected.leaf")
    return leaf


def hour_name(moment: datetime) -> str:
    """An hour as leaves name it, in UTC."""
    return moment.astimezone(UTC).strftime(_HOUR_FORMAT)


def hour_of(name: str) -> datetime:
    """When a named hour begins. Raises ValueError."""
    return datetime.strptime(name, _HOUR_FORMAT).replace(tzinfo=UTC)


def rotation_text(public: bytes, before: bytes) -> bytes:
    """What the new key and the one before it sign when a key begins."""
    return b"qingzhuang-key/1\n" + before.hex().encode() + b"\n" + public.hex().encode() + b"\n"
