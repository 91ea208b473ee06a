"""What the books tell → leaves of the log, and a signed checkpoint after each digest."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from bot.domain.consistency import ConsistencyProofs
from bot.domain.inclusions import Inclusion
from bot.domain.issues import FIRST, ClosingIssue, Issue, Published
from bot.domain.log_keys import key_chain, key_entry
from bot.domain.log_leaves import (
    HOUR,
    Entry,
    LeafKind,
    canonical,
    hour_name,
    hour_of,
    parse_leaf,
)
from bot.domain.measured_error import MeasuredError
from bot.domain.merkle import Tree, leaf_hash
from bot.domain.periods import Week
from bot.domain.proof_sets import (
    Manifest,
    checkpoint_name,
    consistency_name,
    digest_name,
    inclusion_name,
    log_name,
    manifest_name,
    openings_name,
    published_by,
)
from bot.domain.signed_notes import Checkpoint, NoteKey, Verify, parse_note, sign_note
from bot.domain.tallies import COUNTED
from handlers.closing_ports import ClosingShelf
from handlers.limit_ports import LimitLog
from handlers.log_entries import (
    of_deletion,
    of_dispute,
    of_limit,
    of_opening,
    of_roles,
    of_sample,
)
from handlers.ports import Clock, DigestShelf, Keyring, Ledger
from handlers.proof_ports import (
    DisputeSteps,
    ProofLog,
    RoleTable,
    SigningKey,
    SigningKeys,
)

_SAID_ONCE = (
    LeafKind.WEEK,
    LeafKind.SHREDDED,
    LeafKind.DIGEST,
    LeafKind.CLOSING,
    LeafKind.LIMIT,
    LeafKind.DISPUTE,
    LeafKind.FORGOTTEN,
    LeafKind.SAMPLE,
)
KEPT_HOURS = 57 * 7 * 24  # as long as facts
MOST_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class KeepLog:
    """Writes what is missing in the log. However often it is called, it comes out the same.

    Nothing is written while a message is counted: leaves are derived from the books afterwards,
    so that a process that was killed finds at its next call what it still owes. An hour's leaf is
    written after the hour, also when nothing happened; hours in which the bot did not run get
    theirs later, and their moment shows it.
    """

    log: ProofLog
    keys: SigningKeys
    verify: Verify
    ledger: Ledger
    shelf: DigestShelf
    keyring: Keyring
    limits: LimitLog
    clock: Clock
    zone: tzinfo
    closings: ClosingShelf | None = None
    disputes: DisputeSteps | None = None
    roles: RoleTable | None = None
    measured_error: Callable[[], Awaitable[MeasuredError | None]] | None = None
    deletions: Callable[[], Awaitable[Sequence[tuple[Week, int]]]] | None = None
    # Saves reading the log at every call; the log's own subjects are the guarantee.
    _known: set[str] = field(default_factory=set, init=False, repr=False)

    async def __call__(self, offices: Sequence[str], *, listening: bool = False) -> None:
        """Write what is due. `listening` is True for the running bot only, which keeps the hours."""
        key, signing = await self._key()
        if not self._known:
            self._known.update(await self.log.subjects(_SAID_ONCE))
        if listening:
            await self._log_hours()
        for week in await self.ledger.closed_weeks():
            await self._log_week(week)
        await self._append([of_limit(change) for change in await self.limits.changes()])
        await self._log_roles()
        if self.measured_error and (sample := await self.measured_error()):
            await self._append([of_sample(sample)])
        if self.disputes is not None:
            await self._append([of_dispute(step) for step in await self.disputes.steps()])
        for office in offices:
            for issue in await self.shelf.issues(office):
                await self._log_digest(issue)
            for kept in await self.closings.kept(office) if self.closings else ():
                await self._log_closing(kept.issue)
        try:
            if self.deletions is not None:
                await self._append([of_deletion(*each) for each in await self.deletions()])
        finally:
            # They are asked of another database: one that is away leaves nothing else unsigned.
            await self._sign(key, signing)

    async def forgotten(self, week: Week, numbers: Mapping[str, int]) -> None:
        """Log that in this week so much, by what it was, was deleted as it had been kept its time."""
        content = canonical(dict(numbers))
        entry = Entry(LeafKind.FORGOTTEN, f"forgotten {week}", {"week": str(week)}, content)
        await self._append([entry])

    async def last_checkpoint(self) -> tuple[int, bytes] | None:
        """Size and root of the newest checkpoint."""
        kept = await self.log.checkpoints()
        if not kept:
            return None
        found = Checkpoint.parse(parse_note(kept[-1][1], "log").text, "log")
        return found.size, found.root

    async def key(self) -> NoteKey:
        """The public key in use; one is made where there is none."""
        return (await self._key())[0]

    async def rotate(self) -> NoteKey:
        """A new key takes over: its leaf is signed by both, and the former one is destroyed."""
        await self._key()
        self.keys.make()
        key, signing = await self._key()
        await self._sign(key, signing)
        return key

    async def proof_of(
        self, issue: Published, files: Mapping[str, bytes], *, auditor: bool = False
    ) -> dict[str, bytes]:
        """The files that prove an issue and those before it; empty while no checkpoint covers it.

        `files` are those they are to lie beside. The same bytes every time, until the signing key
        changes. With `auditor`, what was committed to as well.
        """
        key, signing = await self._key()
        lines = await self.log.lines()
        due = _leaf_of(lines, issue)
        checkpoints = await self.log.checkpoints()
        for size, note in checkpoints:
            if (
                due is not None
                and size > due
                and parse_note(note, "log").is_signed_by(key, self.verify)
            ):
                break
        else:
            return {}
        label = issue.base
        proof = {
            log_name(label): b"".join(line + b"\n" for line in lines[:size]),
            checkpoint_name(label): note,
            **await asyncio.to_thread(
                _paths, label, files, lines[:size], note, [old for old, _ in checkpoints]
            ),
        }
        text = Manifest.of(label, {**files, **proof}).text()
        proof[manifest_name(label)] = sign_note(text, key, signing.sign)
        if auditor:
            proof[openings_name(label)] = b"".join(
                of_opening(each) for each in await self.log.openings(size)
            )
        return proof

    async def _key(self) -> tuple[NoteKey, SigningKey]:
        """The key in use, whose leaf is in the log."""
        leaves = [parse_leaf(one, "log") for one in await self.log.lines(kinds=(LeafKind.KEY,))]
        before = key_chain(leaves, self.verify).current
        found = self.keys.all()
        newest = found[-1]
        key = newest.named(before.name if before else _origin(newest.public))
        if key != before:
            former = next((one for one in found if before and one.public == before.public), None)
            entry = key_entry(key, newest.sign, before, former.sign if former else None)
            await self.log.append([entry], self._at())
        if len(found) > 1:
            self.keys.destroy_former()
        return key, newest

    async def _log_roles(self) -> None:
        """A leaf whenever the role table is another than at the last one; who is committed to."""
        held = self.roles.grants() if self.roles else ()
        number = len(await self.log.subjects((LeafKind.ROLES,))) + 1
        entry = of_roles(held, number)
        before = await self.log.last_content(LeafKind.ROLES)
        if entry.content != before and (held or before is not None):
            await self._append([entry])

    async def _append(self, entries: Sequence[Entry]) -> None:
        new = [entry for entry in entries if entry.subject not in self._known]
        if new:
            await self.log.append(new, self._at())
            self._known.update(entry.subject for entry in new if entry.kind in _SAID_ONCE)

    async def _log_hours(self) -> None:
        """A leaf for each hour that is over, from the one in which the bot first listened."""
        current = hour_of(hour_name(self.clock.now()))
        last = await self.log.last_leaf((LeafKind.HOUR,))
        due = current - HOUR
        if last is not None:
            due = hour_of(str(parse_leaf(last, "log").said["hour"])) + HOUR
        while due < current:
            batch: list[Entry] = []
            while due < current and len(batch) < MOST_AT_ONCE:
                batch.append(await self._of_hour(due))
                due += HOUR
            await self._append(batch)
            await self.log.forget_hours(hour_name(current - KEPT_HOURS * HOUR))

    async def _of_hour(self, begins: datetime) -> Entry:
        there = begins.astimezone(self.zone)
        counts = await self.log.hour_counts(
            Week.of(begins, self.zone), there.isoweekday(), there.hour
        )
        name = hour_name(begins)
        content = canonical({"rows": [list(row) for row in counts]})
        return Entry(LeafKind.HOUR, f"hour {name}", {"hour": name}, content)

    async def _log_week(self, week: Week) -> None:
        subjects = {kind: f"{kind} {week}" for kind in (LeafKind.WEEK, LeafKind.SHREDDED)}
        if subjects[LeafKind.WEEK] not in self._known:
            line = await self.ledger.closed(week)
            if line is None:
                return
            table = await self.ledger.tallies(week)
            rows = sorted([*place, *numbers] for place, numbers in table.rows())
            content = await asyncio.to_thread(
                canonical,
                {
                    "columns": [measure.value for measure in COUNTED],
                    "facts": line.facts,
                    "messages": line.messages,
                    "rows": rows,
                },
            )
            said: dict[str, str | int] = {
                "week": str(week),
                "rulebook": line.rulebook,
                "incomplete": int(line.incomplete),
            }
            await self._append([Entry(LeafKind.WEEK, subjects[LeafKind.WEEK], said, content)])
        if subjects[LeafKind.SHREDDED] not in self._known and not self.keyring.holds_tags(week):
            shredded = Entry(LeafKind.SHREDDED, subjects[LeafKind.SHREDDED], {"week": str(week)})
            await self._append([shredded])

    async def _log_digest(self, issue: Issue) -> None:
        if issue.subject not in self._known:
            document = await self.shelf.get(issue)
            await self._log_published(LeafKind.DIGEST, "week", issue, document)

    async def _log_closing(self, issue: ClosingIssue) -> None:
        if issue.subject not in self._known and self.closings:
            document = await self.closings.get(issue)
            await self._log_published(LeafKind.CLOSING, "span", issue, document)

    async def _log_published(
        self, kind: LeafKind, period: str, issue: Published, document: bytes | None
    ) -> None:
        if document is None:
            return
        sha256 = hashlib.sha256(document).hexdigest()
        said: dict[str, str | int] = {period: issue.base, "office": issue.office, "sha256": sha256}
        if issue.number > FIRST:
            said["issue"] = issue.number
        await self._append([Entry(kind, issue.subject, said)])

    async def _sign(self, key: NoteKey, signing: SigningKey) -> None:
        """A checkpoint over all leaves, when a digest or a key came after the last one."""
        kept = await self.log.checkpoints()
        size = kept[-1][0] if kept else 0
        last = await self.log.last_leaf((LeafKind.DIGEST, LeafKind.CLOSING, LeafKind.KEY))
        if last is None or parse_leaf(last, "log").n < size:
            return
        lines = await self.log.lines()
        tree = await asyncio.to_thread(lambda: Tree([leaf_hash(line) for line in lines]))
        root, before = tree.root(), tree.root(size) if size else b""
        text = Checkpoint(key.name, len(lines), root, size, before).text()
        await self.log.keep_checkpoint(len(lines), sign_note(text, key, signing.sign))

    def _at(self) -> int:
        return int(self.clock.now().timestamp())


def _origin(public: bytes) -> str:
    return f"qingzhuang-{hashlib.sha256(public).hexdigest()[:8]}"


def _paths(
    label: str,
    files: Mapping[str, bytes],
    lines: Sequence[bytes],
    note: bytes,
    checkpoints: Sequence[int],
) -> dict[str, bytes]:
    """For each issue among the files what proves it by itself, and what joins earlier checkpoints."""
    tree = Tree([leaf_hash(line) for line in lines])
    proofs = ConsistencyProofs.of(tree, checkpoints)
    found = {consistency_name(label): proofs.text()} if proofs.paths else {}
    for n, line in enumerate(lines):
        if _IS_PUBLISHED.search(line):
            issue = published_by(parse_leaf(line, "log"))
            if issue is not None and digest_name(issue) in files:
                found[inclusion_name(issue)] = Inclusion.of(n, line, tree, note).text()
    return found


_IS_PUBLISHED = re.compile(rb'"subject":"(?:digest|closing) ')


def _leaf_of(lines: Sequence[bytes], issue: Published) -> int | None:
    """Where an issue stands for the last of the offices that it was composed for."""
    named = f'"subject":"{issue.subject.removesuffix(issue.office)}'.encode()
    return max((n for n, line in enumerate(lines) if named in line), default=None)
