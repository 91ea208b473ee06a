"""The Merkle tree of RFC 6962 (RFC 9162, section 2.1): roots and proofs over leaves, SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """A leaf's own hash; its prefix keeps it from being taken for a node."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, level by level; `EMPTY_ROOT` for none."""
    if not hashes:
        return EMPTY_ROOT
    level = list(hashes)
    while len(level) > 1:
        above = [_node(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            above.append(level[-1])  # a lone subtree rises as it is
        level = above
    return level[0]


def inclusion_path(index: int, hashes: Sequence[bytes]) -> list[bytes]:
    """The hashes that join leaf `index` with the root, from the leaf up (RFC 9162, 2.1.3.1).

    Raises ValueError for a leaf that is not in the tree.
    """
    if not 0 <= index < len(hashes):
        raise ValueError("the leaf is not in the tree")
    if len(hashes) == 1:
        return []
    split = _split(len(hashes))
    left, right = hashes[:split], hashes[split:]
    if index < split:
        return [*inclusion_path(index, left), root_of(right)]
    return [*inclusion_path(index - split, right), root_of(left)]


def is_included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether a leaf hash stands at `index` of the tree of `size` leaves with this root."""
    if not 0 <= index < size:
        return False
    number, last, found = index, size - 1, leaf
    for each in path:
        if last == 0:
            return False
        if number % 2 or number == last:
            found = _node(each, found)
            while not number % 2 and number:
                number, last = number >> 1, last >> 1
        else:
            found = _node(found, each)
        number, last = number >> 1, last >> 1
    return last == 0 and found == root


def consistency_path(old: int, hashes: Sequence[bytes]) -> list[bytes]:
    """What shows that the first `old` leaves are the start of these (RFC 9162, 2.1.4.1).

    Raises ValueError unless 0 < old ≤ the number of leaves.
    """
    if not 0 < old <= len(hashes):
        raise ValueError("the older tree is no start of this one")
    return _subproof(old, hashes, whole=True)


def _subproof(old: int, hashes: Sequence[bytes], *, whole: bool) -> list[bytes]:
    if old == len(hashes):
        return [] if whole else [root_of(hashes)]
    split = _split(len(hashes))
    left, right = hashes[:split], hashes[split:]
    if old <= split:
        return [*_subproof(old, left, whole=whole), root_of(right)]
    return [*_subproof(old - split, right, whole=False), root_of(left)]


def is_consistent(
    old: int, size: int, old_root: bytes, root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether a path shows that the tree of `old` leaves is the start of that of `size`."""
    if not 0 < old <= size:
        return False
    if old == size:
        return not path and old_root == root
    nodes = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not nodes:
        return False
    number, last = old - 1, size - 1
    while number % 2:
        number, last = number >> 1, last >> 1
    before = after = nodes[0]
    for each in nodes[1:]:
        if last == 0:
            return False
        if number % 2 or number == last:
            before, after = _node(each, before), _node(each, after)
            while not number % 2 and number:
                number, last = number >> 1, last >> 1
        else:
            after = _node(after, each)
        number, last = number >> 1, last >> 1
    return last == 0 and before == old_root and after == root


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1
