"""What the proof log needs of a store and of a key folder."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.domain.disputes import DisputeState
from bot.domain.log_leaves import Entry, LeafKind
from bot.domain.periods import Week
from bot.domain.private import Opaque
from bot.domain.signed_notes import NoteKey, Sign
from bot.domain.vocabulary import Kind
from handlers.ports import Role


@dataclass(frozen=True, slots=True)
class Opening:
    """What a leaf committed to, with its random bytes."""

    n: int
    nonce: bytes
    content: bytes


class ProofLog(Protocol):
    """An append-only log. Leaves are numbered from 0 without a hole. Raises BooksUnavailable."""

    async def append(self, entries: Sequence[Entry], at: int) -> int:
        """Write leaves in this order, in one transaction; how many were new.

        A subject that is in the log already is left out, so that two processes, or one that was
        killed and begins again, write the same log. `at` is in seconds of Unix time.
        """
        ...

    async def subjects(self, kinds: Collection[LeafKind]) -> Sequence[str]:
        """The subjects of these kinds, oldest first."""
        ...

    async def last_leaf(self, kinds: Collection[LeafKind]) -> bytes | None:
        """The newest leaf of these kinds, as it stands in the log."""
        ...

    async def last_content(self, kind: LeafKind) -> bytes | None:
        """What the newest leaf of a kind committed to, where it is still kept."""
        ...

    async def lines(self, *, kinds: Collection[LeafKind] = ()) -> Sequence[bytes]:
        """The leaves as they stand in the log, oldest first; of all kinds when none is named."""
        ...

    async def openings(self, size: int) -> Sequence[Opening]:
        """What the first `size` leaves committed to, where it is still kept."""
        ...

    async def forget_hours(self, before: str) -> None:
        """Destroy the random bytes and contents of hours before this one (as hours are named)."""
        ...

    async def keep_checkpoint(self, size: int, note: bytes) -> None:
        """Keep a signed checkpoint; one that is there for this size stays."""
        ...

    async def checkpoints(self) -> Sequence[tuple[int, bytes]]:
        """Sizes and notes, oldest first."""
        ...

    async def hour_counts(
        self, week: Week, weekday: int, hour: int
    ) -> Sequence[tuple[str, str, str, int]]:
        """Group, unit, line and how many facts stand there of an hour, in their order."""
        ...


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A public key and the act of signing with it; the secret does not leave its folder."""

    public: bytes
    sign: Sign

    def named(self, name: str) -> NoteKey:
        """The key under a log's name."""
        return NoteKey(name, self.public)


@dataclass(frozen=True, slots=True)
class DisputeStep:
    """A step of a dispute, as the books have it; `mark` stands for the count and the step,
    `kinds` are those that are disputed, none for the whole count."""

    mark: str
    week: Week
    in_week: Week
    state: DisputeState
    after_close: bool
    group: str
    unit: str
    by: str
    kinds: tuple[Kind, ...] = ()


class DisputeSteps(Protocol):
    """What became of disputes. Raises BooksUnavailable."""

    async def steps(self) -> Sequence[DisputeStep]:
        """All that are still kept, in an order that does not change."""
        ...


class HeldRole(Protocol):
    """A role that a person took."""

    @property
    def platform(self) -> str:
        """Where."""
        ...

    @property
    def account(self) -> str:
        """Within whose account there."""
        ...

    @property
    def person(self) -> Opaque:
        """Who."""
        ...

    @property
    def role(self) -> Role:
        """Which."""
        ...

    @property
    def scope(self) -> str:
        """For which group or unit; "*" is everywhere."""
        ...


class RoleTable(Protocol):
    """The roles as they stand."""

    def grants(self) -> Sequence[HeldRole]:
        """All of them."""
        ...


class SigningKeys(Protocol):
    """The log's keys in their folder. Raises UnsafeStore where they cannot be kept private."""

    def all(self) -> Sequence[SigningKey]:
        """The keys there are, oldest first; one is made where there is none."""
        ...

    def make(self) -> SigningKey:
        """One more key, which is to take over."""
        ...

    def destroy_former(self) -> None:
        """Destroy all keys but the newest."""
        ...
