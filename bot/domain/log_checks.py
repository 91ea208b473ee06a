"""What an inspector's check finds in a set of files: which leaf, which hour, which file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bot.domain.closing_checks import check_sources
from bot.domain.consistency import ConsistencyProofs
from bot.domain.cosignatures import seen_at
from bot.domain.errors import BadInput
from bot.domain.inclusions import Inclusion
from bot.domain.log_keys import key_chain
from bot.domain.log_leaves import (
    HOUR,
    NO_LEAF,
    Leaf,
    LeafKind,
    canonical,
    chained,
    hour_name,
    hour_of,
    opens,
    parse_leaf,
)
from bot.domain.merkle import Tree, leaf_hash
from bot.domain.proof_sets import Manifest, consistency_name, digest_name, published_by
from bot.domain.recomputing import wrong_sums
from bot.domain.signed_notes import Checkpoint, NoteKey, SignedNote, Verify, parse_note
from bot.domain.verdicts import Failure, ProofSet, Verdict

MOMENT_FORMAT = "%Y-%m-%dT%H:%MZ"
SPAN_JOINT, SPAN_SEPARATOR = "…", ", "
"""How `hours_late` writes runs of hours: the first and the last of each, one run after the other."""


def check(found: ProofSet, verify: Verify) -> Verdict:
    """Every check that the files allow. Raises nothing, whatever stands in them."""
    verdict = Verdict()
    inclusions = sorted(name for name in found.files if name.endswith(".inclusion"))
    if found.log is None and found.checkpoint is None and inclusions:
        for name in inclusions:
            _check_inclusion(found, name, verdict, verify)
        return verdict
    if found.log is None:
        # The keys stand in the log: without it nothing else can be judged.
        verdict.fail(Failure.LOG, "part_missing", part="log")
        return verdict
    note = _note(found.checkpoint, "checkpoint", verdict)
    leaves = _leaves(found.log, verdict)
    keys = key_chain(leaves, verify)
    for n in keys.broken:
        verdict.fail(Failure.SIGNATURE, "key_broken", n=n)
    if keys.current is not None:
        verdict.fingerprint = keys.current.fingerprint
    _check_pinned(found, keys.all, verdict)
    checkpoint = _checkpoint(note, keys.current, verdict, verify)
    tree = Tree([leaf_hash(line) for line in _lines(found.log)])
    if checkpoint is not None:
        _check_tree(checkpoint, tree, verdict)
        _check_older(found, checkpoint, tree, keys.all, verdict, verify)
        _check_witnesses(found, checkpoint, verdict, verify)
    _check_files(found, keys.current, verdict, verify)
    _check_digests(found, leaves, verdict)
    _check_roots(found, tree, verdict)
    _check_hours(leaves, verdict)
    if found.is_closing:
        check_sources(found, leaves, verdict)
    else:
        _check_week(found.week, leaves, verdict)
    if found.openings is not None:
        _check_openings(found, leaves, verdict)
    return verdict


def _check_pinned(found: ProofSet, keys: Sequence[NoteKey], verdict: Verdict) -> None:
    if not found.pinned and not found.fingerprints:
        verdict.remark("unpinned")
    elif not any(key in found.pinned or key.fingerprint in found.fingerprints for key in keys):
        verdict.fail(Failure.SIGNATURE, "not_pinned")


def _note(data: bytes | None, part: str, verdict: Verdict) -> SignedNote | None:
    if data is None:
        verdict.fail(Failure.SIGNATURE, "part_missing", part=part)
        return None
    try:
        return parse_note(data, part)
    except BadInput:
        verdict.fail(Failure.SIGNATURE, "note_damaged", part=part)
        return None


def _checkpoint(
    note: SignedNote | None, key: NoteKey | None, verdict: Verdict, verify: Verify
) -> Checkpoint | None:
    if note is None:
        return None
    if key is None or not note.is_signed_by(key, verify):
        verdict.fail(Failure.SIGNATURE, "bad_signature", part="checkpoint")
        return None
    try:
        return Checkpoint.parse(note.text, "checkpoint")
    except BadInput:
        verdict.fail(Failure.SIGNATURE, "note_damaged", part="checkpoint")
        return None


def _lines(log: bytes | None) -> list[bytes]:
    return log.removesuffix(b"\n").split(b"\n") if log else []


def _leaves(log: bytes, verdict: Verdict) -> list[Leaf]:
    """The leaves that can be read; every break of their order is told with its number."""
    leaves: list[Leaf] = []
    due, before = 0, NO_LEAF
    for place, line in enumerate(_lines(log)):
        try:
            leaf = parse_leaf(line, "log")
        except BadInput:
            verdict.fail(Failure.LOG, "leaf_damaged", n=due, line=place + 1)
            due, before = due + 1, ""
            continue
        if leaf.n > due:
            verdict.fail(Failure.LOG, "leaves_missing", first=due, last=leaf.n - 1)
        elif leaf.n < due:
            verdict.fail(Failure.LOG, "leaf_out_of_order", n=leaf.n, line=place + 1)
        elif before and leaf.prev != before:
            verdict.fail(Failure.LOG, "leaf_changed", n=max(leaf.n - 1, 0), next=leaf.n)
        due, before = leaf.n + 1, chained(line)
        leaves.append(leaf)
    if not log.endswith(b"\n"):
        verdict.fail(Failure.LOG, "log_cut")
    verdict.leaves = len(leaves)
    return leaves


def _check_tree(checkpoint: Checkpoint, tree: Tree, verdict: Verdict) -> None:
    if tree.size < checkpoint.size:
        verdict.fail(Failure.LOG, "log_short", size=checkpoint.size, found=tree.size)
    elif tree.size > checkpoint.size:
        verdict.fail(Failure.LOG, "log_long", size=checkpoint.size, found=tree.size)
    elif tree.root() != checkpoint.root:
        early = _starts(tree, checkpoint.previous_size, checkpoint.previous_root)
        first = checkpoint.previous_size if early else 0
        last = checkpoint.size - 1 if early or not first else checkpoint.previous_size - 1
        verdict.fail(Failure.LOG, "bad_root", first=first, last=last)
    before = checkpoint.previous_size
    if before and not _starts(tree, before, checkpoint.previous_root):
        verdict.fail(Failure.LOG, "bad_previous", size=before)


def _starts(tree: Tree, size: int, root: bytes) -> bool:
    """Whether the first leaves of the tree have this root."""
    return size <= tree.size and tree.root(size) == root


def _check_older(
    found: ProofSet,
    checkpoint: Checkpoint,
    tree: Tree | None,
    keys: Sequence[NoteKey],
    verdict: Verdict,
    verify: Verify,
) -> None:
    if found.older is None:
        return
    try:
        note = parse_note(found.older, "older")
        older = Checkpoint.parse(note.text, "older")
    except BadInput:
        verdict.fail(Failure.SIGNATURE, "note_damaged", part="older")
        return
    if not any(note.is_signed_by(key, verify) for key in keys):
        verdict.fail(Failure.SIGNATURE, "bad_signature", part="older")
        return
    if older.origin != checkpoint.origin:
        verdict.fail(Failure.LOG, "not_consistent", size=older.size)
        return
    shown = _shown(found, older, checkpoint, verdict)
    if shown is None and tree is not None:
        shown = _starts(tree, older.size, older.root)
    if shown is None:
        verdict.fail(Failure.LOG, "no_consistency", size=older.size)
    elif shown:
        verdict.remark("consistent", size=older.size)
    else:
        verdict.fail(Failure.LOG, "not_consistent", size=older.size)


def _shown(
    found: ProofSet, older: Checkpoint, checkpoint: Checkpoint, verdict: Verdict
) -> bool | None:
    """What the path among the files shows of an older checkpoint; None where there is none."""
    if older.size == checkpoint.size:
        return older.root == checkpoint.root
    name = consistency_name(found.week)
    data = found.files.get(name)
    if data is None:
        return None
    try:
        proofs = ConsistencyProofs.parse(data, name)
    except BadInput:
        verdict.fail(Failure.LOG, "consistency_damaged", name=name)
        return None
    if proofs.size != checkpoint.size:
        return None  # of another checkpoint, as beside a single digest's
    return proofs.shows(older.size, older.root, checkpoint.root)


def _check_inclusion(found: ProofSet, name: str, verdict: Verdict, verify: Verify) -> None:
    """One digest by itself: it stands under a checkpoint that a key the reader knows has signed."""
    try:
        proof = Inclusion.parse(found.files[name])
        leaf, note = parse_leaf(proof.leaf, name), parse_note(proof.checkpoint, name)
        checkpoint = Checkpoint.parse(note.text, name)
    except BadInput:
        verdict.fail(Failure.LOG, "inclusion_damaged", name=name)
        return
    if not found.pinned:
        verdict.fail(Failure.SIGNATURE, "key_needed", name=name)
    elif not any(note.is_signed_by(key, verify) for key in found.pinned):
        verdict.fail(Failure.SIGNATURE, "bad_signature", part="checkpoint")
    if not proof.leads_to(checkpoint.size, checkpoint.root):
        verdict.fail(Failure.LOG, "not_included", name=name)
        return
    if found.older is not None:
        _check_older(found, checkpoint, None, found.pinned, verdict, verify)
    verdict.leaves += 1
    _check_digests(found, [leaf], verdict)


def _check_witnesses(
    found: ProofSet, checkpoint: Checkpoint, verdict: Verdict, verify: Verify
) -> None:
    note = _note(found.cosigned, "cosigned", verdict) if found.cosigned else None
    for witness in found.witnesses:
        at = seen_at(note, witness, verify) if note else None
        if note is None or at is None or note.text != checkpoint.text():
            verdict.fail(Failure.SIGNATURE, "not_cosigned", name=witness.name)
        else:
            when = datetime.fromtimestamp(at, UTC).strftime(MOMENT_FORMAT)
            verdict.remark("cosigned", name=witness.name, at=when)


def _check_files(found: ProofSet, key: NoteKey | None, verdict: Verdict, verify: Verify) -> None:
    note = _note(found.manifest, "manifest", verdict)
    if note is None:
        return
    if key is None or not note.is_signed_by(key, verify):
        verdict.fail(Failure.SIGNATURE, "bad_signature", part="manifest")
        return
    try:
        manifest = Manifest.parse(note.text)
    except BadInput:
        verdict.fail(Failure.SIGNATURE, "note_damaged", part="manifest")
        return
    if manifest.week != found.week:
        verdict.fail(Failure.SIGNATURE, "other_week", week=manifest.week)
    for name, digest in manifest.files.items():
        data = found.files.get(name)
        if data is None:
            verdict.fail(Failure.LOG, "file_missing", name=name)
        elif hashlib.sha256(data).hexdigest() != digest:
            verdict.fail(Failure.LOG, "file_changed", name=name)
        else:
            verdict.files += 1
    for name in sorted(found.files.keys() - manifest.files.keys()):
        verdict.remark("file_unlisted", name=name)


def _check_digests(found: ProofSet, leaves: Sequence[Leaf], verdict: Verdict) -> None:
    logged = 0
    for leaf in leaves:
        try:
            issue = published_by(leaf)
        except ValueError:
            verdict.fail(Failure.LOG, "leaf_damaged", n=leaf.n, line=leaf.n + 1)
            continue
        if issue is None or issue.base != found.week:
            continue
        logged += 1
        name = digest_name(issue)
        data = found.files.get(name)
        if data is None:
            verdict.remark("digest_elsewhere", name=name, n=leaf.n)
        elif hashlib.sha256(data).hexdigest() != leaf.said.get("sha256"):
            verdict.fail(Failure.LOG, "digest_differs", name=name, n=leaf.n)
        elif found.log is None:
            verdict.files += 1  # no list of files is there to count by
    if not logged:
        verdict.fail(Failure.LOG, "digest_not_logged", week=found.week)


def _check_roots(found: ProofSet, tree: Tree, verdict: Verdict) -> None:
    """What each digest says of the log before it is still so: a page that was kept is a witness."""
    for name, data in sorted(found.files.items()):
        try:
            held = json.loads(data) if name.endswith(".json") else {"figures": {}}
            told = held if found.is_closing else held["figures"]
            size, root = told.get("log_size", 0), told.get("log_root", "")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue  # a digest that is damaged was told of by its hash
        if not isinstance(size, int) or size < 1:
            continue
        if size > tree.size or tree.root(size).hex() != root:
            verdict.fail(Failure.LOG, "root_differs", name=name, size=size)


def _check_hours(leaves: Sequence[Leaf], verdict: Verdict) -> None:
    late: list[str] = []
    before = None
    for leaf in leaves:
        if leaf.kind is not LeafKind.HOUR:
            continue
        name = str(leaf.said.get("hour", ""))
        try:
            begins = hour_of(name)
        except ValueError:
            verdict.fail(Failure.GAP, "hour_unreadable", n=leaf.n)
            continue
        if before is not None and begins > before + HOUR:
            first, last = hour_name(before + HOUR), hour_name(begins - HOUR)
            verdict.fail(Failure.GAP, "hours_missing", first=first, last=last, n=leaf.n)
        if leaf.at > (begins + 2 * HOUR).timestamp():
            late.append(name)
        before = begins
        verdict.hours += 1
    if before is None:
        verdict.remark("no_hours")
    elif leaves[-1].at >= (before + 3 * HOUR).timestamp():
        verdict.fail(Failure.GAP, "hours_end", first=hour_name(before + HOUR), n=leaves[-1].n)
    if late:
        spans = SPAN_SEPARATOR.join(_span(first, last) for first, last in _runs(late))
        verdict.remark("hours_late", count=len(late), spans=spans)


def _runs(hours: Sequence[str]) -> list[tuple[str, str]]:
    runs: list[tuple[str, str]] = []
    for name in hours:
        if runs and hour_of(name) == hour_of(runs[-1][1]) + HOUR:
            runs[-1] = (runs[-1][0], name)
        else:
            runs.append((name, name))
    return runs


def _span(first: str, last: str) -> str:
    """A run of hours by its first and last; one hour alone."""
    return first if first == last else f"{first}{SPAN_JOINT}{last}"


def _check_week(week: str, leaves: Sequence[Leaf], verdict: Verdict) -> None:
    for kind in (LeafKind.WEEK, LeafKind.SHREDDED):
        if not any(leaf.kind is kind and leaf.said.get("week") == week for leaf in leaves):
            verdict.fail(Failure.GAP, f"no_{kind}", week=week)


def _check_openings(found: ProofSet, leaves: Sequence[Leaf], verdict: Verdict) -> None:
    by_number = {leaf.n: leaf for leaf in leaves}
    week: Any = None
    for place, line in enumerate(_lines(found.openings)):
        try:
            held = json.loads(line)
            leaf = by_number[held["n"]]
            nonce, content = bytes.fromhex(held["nonce"]), held["content"].encode()
            is_spelled_so = nonce.hex() == held["nonce"] and canonical(held) == line
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            is_spelled_so = False
        if not is_spelled_so:  # a byte changed between two spellings
            verdict.fail(Failure.RECOMPUTED, "opening_damaged", line=place + 1)
            continue
        if not opens(leaf.commitment, nonce, content):
            verdict.fail(Failure.RECOMPUTED, "opening_differs", n=leaf.n, subject=leaf.subject)
            continue
        verdict.opened += 1
        if leaf.kind is LeafKind.WEEK and leaf.said.get("week") == found.week:
            week = json.loads(content)
    if week is None:
        verdict.fail(Failure.RECOMPUTED, "week_not_opened", week=found.week)
        return
    _check_sums(found, week, verdict)


def _check_sums(found: ProofSet, week: Any, verdict: Verdict) -> None:
    """Every sum that a digest gives follows from the week's counts."""
    for name, data in sorted(found.files.items()):
        for one in wrong_sums(data, week) if name.endswith(".json") else ():
            key, said = ("sum_of_differs", {"of": one.of}) if one.of else ("sum_differs", {})
            verdict.fail(
                Failure.RECOMPUTED, key, name=name, measure=one.measure, told=str(one.told),
                counted=one.counted, **said,
            )  # fmt: skip
