"""What is checked and what comes out: the files of a week, a month or a quarter, and findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from bot.domain.cosignatures import WitnessKey
from bot.domain.signed_notes import NoteKey


class Failure(IntEnum):
    """The exit codes of `qingzhuang verify`; the lowest of what was found is given."""

    SIGNATURE = 1
    LOG = 2
    GAP = 3
    RECOMPUTED = 4


@dataclass(frozen=True, slots=True)
class Finding:
    """A failure with the key of its sentence, or, without `failure`, a remark."""

    failure: Failure | None
    key: str
    values: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProofSet:
    """The files of a week, or of a month or quarter, as they lie in a folder; None is not there.

    `files` are all other files by name, `pinned` keys that the reader trusts beforehand,
    `fingerprints` those of which the reader has no more than `NoteKey.fingerprint`, `older` a checkpoint that the reader kept, `openings` what only an auditor is given. `cosigned` is the
    checkpoint with signatures of witnesses, `witnesses` whose the reader asks for. `sources` are
    digests of weeks by name, which a month or a quarter is added up from.
    """

    week: str
    log: bytes | None
    checkpoint: bytes | None
    manifest: bytes | None
    files: Mapping[str, bytes]
    openings: bytes | None = None
    pinned: Sequence[NoteKey] = ()
    older: bytes | None = None
    cosigned: bytes | None = None
    witnesses: Sequence[WitnessKey] = ()
    sources: Mapping[str, bytes] = field(default_factory=dict)
    fingerprints: frozenset[str] = frozenset()

    @property
    def is_closing(self) -> bool:
        """Whether it is a month or a quarter; its weeks are written with a W."""
        return "W" not in self.week


@dataclass(slots=True)
class Verdict:
    """All that was found, in the order of the checks."""

    findings: list[Finding] = field(default_factory=list)
    leaves: int = 0
    hours: int = 0
    files: int = 0
    opened: int = 0
    fingerprint: str = ""

    @property
    def exit_code(self) -> int:
        """0 when nothing failed."""
        return min((int(one.failure) for one in self.findings if one.failure), default=0)

    @property
    def lacks_files_only(self) -> bool:
        """Whether all that the exit code stands for are files of the proof that are not there."""
        keys = {one.key for one in self.findings if one.failure and one.failure == self.exit_code}
        return keys == {"part_missing"}

    def fail(self, failure: Failure, key: str, **values: str | int) -> None:
        """Note a failure."""
        self.findings.append(Finding(failure, key, values))

    def remark(self, key: str, **values: str | int) -> None:
        """Note what is no failure and ought to be known."""
        self.findings.append(Finding(None, key, values))
