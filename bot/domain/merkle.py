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


class Tree:
    """A tree over leaf hashes; whole subtrees are hashed once, so that roots and paths are quick."""

    def __init__(self, hashes: Sequence[bytes]) -> None:
        self.size = len(hashes)
        self._levels = [list(hashes)]
        while len(below := self._levels[-1]) > 1:
            pairs = range(0, len(below) - 1, 2)
            self._levels.append([_node(below[at], below[at + 1]) for at in pairs])

    def root(self, size: int | None = None) -> bytes:
        """The root over the first `size` leaves (all); EMPTY_ROOT for none.

        Raises ValueError when there are not so many.
        """
        wanted = self.size if size is None else size
        if not 0 <= wanted <= self.size:
            raise ValueError("the tree has not so many leaves")
        return self._over(0, wanted) if wanted else EMPTY_ROOT

    def inclusion(self, index: int) -> list[bytes]:
        """The hashes that join leaf `index` with the root, from the leaf up (RFC 9162, 2.1.3.1).

        Raises ValueError for a leaf that is not in the tree.
        """
        if not 0 <= index < self.size:
            raise ValueError("the leaf is not in the tree")
        path, begin, end = [], 0, self.size
        while end - begin > 1:
            middle = begin + _split(end - begin)
            if index < middle:
                path.append(self._over(middle, end))
                end = middle
            else:
                path.append(self._over(begin, middle))
                begin = middle
        return path[::-1]

    def consistency(self, old: int) -> list[bytes]:
        """What shows that the first `old` leaves are the start of these (RFC 9162, 2.1.4.1).

        Raises ValueError unless 0 < old ≤ the number of leaves.
        """
        if not 0 < old <= self.size:
            raise ValueError("the older tree is no start of this one")
        path, begin, end = [], 0, self.size
        while old < end:
            middle = begin + _split(end - begin)
            if old <= middle:
                path.append(self._over(middle, end))
                end = middle
            else:
                path.append(self._over(begin, middle))
                begin = middle
        # What is left is the older tree's last whole subtree; as its root the reader has it.
        return [*([self._over(begin, end)] if begin else []), *path[::-1]]

    def _over(self, begin: int, end: int) -> bytes:
        size = end - begin
        if size & (size - 1) == 0:
            height = size.bit_length() - 1
            return self._levels[height][begin >> height]
        middle = begin + _split(size)
        return _node(self._over(begin, middle), self._over(middle, end))


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes; `EMPTY_ROOT` for none."""
    return Tree(hashes).root()


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
