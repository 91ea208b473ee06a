"""What checking a year's log takes: `python -m bench.proof`, beside one plain hash of each line."""

from __future__ import annotations

import hashlib
import time
from datetime import timedelta

from bot.crypto.international import International
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
from bot.domain.merkle import leaf_hash, root_of
from bot.domain.signed_notes import Checkpoint, NoteKey, sign_note
from bot.domain.verdicts import ProofSet

HOURS = 365 * 24
SECRET = bytes(range(32))


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
    print(
        f"{verdict.leaves} leaves, {size:.1f} MB: {took:.2f} s, {took / plain:.0f} x a plain hash"
    )


if __name__ == "__main__":
    main()
