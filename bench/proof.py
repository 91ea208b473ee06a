"""What checking a year's log takes: `python -m bench.proof`, beside one plain hash of each line."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from datetime import timedelta

from bot.crypto.international import International
from bot.domain.consistency import ConsistencyProofs
from bot.domain.log_checks import check
from bot.domain.log_keys import key_entry
from bot.domain.log_leaves import (
    NO_LEAF,
    Entry,
    Leaf,
    LeafKind,
    canonical,
    chained,
    commit,
    hour_name,
    hour_of,
)
from bot.domain.merkle import Tree, leaf_hash, root_of
from bot.domain.signed_notes import Checkpoint, NoteKey, sign_note
from bot.domain.verdicts import ProofSet

HOURS = 365 * 24
SECRET = bytes(range(32))
BUSY_GROUPS, BUSY_HOUR, ROUNDS = 500, 2000, 200


def a_year() -> ProofSet:
    """A leaf for each hour, and a week's three at the end of it."""
    provider = International(bytes)
    key = NoteKey("qingzhuang-bench", provider.signing_public(SECRET))

    def sign(message: bytes) -> bytes:
        return provider.sign(SECRET, message)

    begin, week = hour_of("2026-01-01T00Z"), "2026-W52"
    entries = [key_entry(key, sign, None, None)]
    for n in range(HOURS):
        name = hour_name(begin + timedelta(hours=n))
        entries.append(Entry(LeafKind.HOUR, f"hour {name}", {"hour": name}, b"{}"))
    digest = canonical({"figures": {"lines": {}, "totals": {}}})
    said = {"week": week, "office": "county", "sha256": hashlib.sha256(digest).hexdigest()}
    entries += [
        Entry(LeafKind.WEEK, f"week {week}", {"week": week}, b"{}"),
        Entry(LeafKind.SHREDDED, f"shredded {week}", {"week": week}),
        Entry(LeafKind.DIGEST, f"digest {week} county", said),
    ]
    lines: list[bytes] = []
    for n, entry in enumerate(entries):
        commitment = "" if entry.content is None else commit(bytes(32), entry.content)
        before = chained(lines[-1]) if lines else NO_LEAF
        at = int((begin + timedelta(hours=min(n, HOURS))).timestamp()) + 20
        leaf = Leaf(n, at, before, entry.kind, entry.subject, entry.said, commitment)
        lines.append(leaf.line())
    text = Checkpoint(key.name, len(lines), root_of([leaf_hash(each) for each in lines])).text()
    log = b"".join(line + b"\n" for line in lines)
    files = {"digest-2026-W52-county.json": digest}
    return ProofSet(week, log, sign_note(text, key, sign), None, files, pinned=(key,))


def main() -> None:
    """Seconds, and how many times a plain hash of every line."""
    found = a_year()
    begin = time.perf_counter()
    verdict = check(found, International(bytes).verify)
    took = time.perf_counter() - begin
    begin = time.perf_counter()
    for line in (found.log or b"").split(b"\n"):
        hashlib.sha256(line).digest()
    plain = time.perf_counter() - begin
    size = len(found.log or b"") / 1e6
    _paths([leaf_hash(line) for line in (found.log or b"").removesuffix(b"\n").split(b"\n")])
    print(
        f"{verdict.leaves} leaves, {size:.1f} MB: {took:.2f} s, {took / plain:.0f} x a plain hash"
    )


def _paths(hashes: Sequence[bytes]) -> None:
    """The log's cost for each message, and comparing a kept checkpoint by path and by prefix."""
    begin = time.perf_counter()
    tree = Tree(hashes)
    built = time.perf_counter() - begin
    earlier = range(168, len(hashes), 168)
    begin = time.perf_counter()
    proofs = ConsistencyProofs.of(tree, earlier)
    made = (time.perf_counter() - begin) / len(earlier)
    root, old_roots = tree.root(), {old: tree.root(old) for old in earlier}
    begin = time.perf_counter()
    shown = [proofs.shows(old, old_roots[old], root) for old in earlier]
    checked = (time.perf_counter() - begin) / len(earlier)
    begin = time.perf_counter()
    again = [root_of(hashes[:old]) == old_roots[old] for old in earlier]
    recomputed = (time.perf_counter() - begin) / len(earlier)
    if not all(shown) or not all(again):
        raise AssertionError("a path does not lead to its root")
    most = max(len(path) for path in proofs.paths.values())
    print(
        f"tree {built * 1e3:.0f} ms; a path of at most {most} hashes: made {made * 1e6:.0f} µs, "
        f"checked {checked * 1e6:.0f} µs; the prefix again {recomputed * 1e6:.0f} µs"
    )
    an_hour = _leaf_of_an_hour()
    print(
        f"an hour's leaf {an_hour * 1e6:.0f} µs: {an_hour * 1e6 / BUSY_HOUR:.2f} µs for each of "
        f"{BUSY_HOUR} messages of that hour"
    )


def _leaf_of_an_hour() -> float:
    """Seconds for committing to an hour of BUSY_GROUPS groups, chaining and hashing its line."""
    rows = [[f"group-{n}", f"unit-{n % 20}", f"line-{n % 5}", 4] for n in range(BUSY_GROUPS)]
    begin = time.perf_counter()
    for n in range(ROUNDS):
        commitment = commit(bytes(32), canonical({"rows": rows}))
        said = {"hour": "2026-01-01T00Z"}
        leaf = Leaf(n, 0, NO_LEAF, LeafKind.HOUR, "hour 2026-01-01T00Z", said, commitment)
        leaf_hash(leaf.line())
        chained(leaf.line())
    return (time.perf_counter() - begin) / ROUNDS


if __name__ == "__main__":
    main()
