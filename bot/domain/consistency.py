"""The proofs that earlier checkpoints are the start of this one, without the log (RFC 6962, 2.1.2).

A checkpoint that somebody kept years ago is thereby compared by a dozen of hashes.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.domain.errors import BadInput
from bot.domain.merkle import HASH_BYTES, Tree, is_consistent

_FORMAT = "qingzhuang-consistency/1"
_SIZE = "size "


@dataclass(frozen=True, slots=True)
class ConsistencyProofs:
    """The paths from earlier sizes to one, by the earlier size. Nothing in it has to be believed."""

    size: int
    paths: Mapping[int, tuple[bytes, ...]]

    @classmethod
    def of(cls, tree: Tree, earlier: Iterable[int]) -> ConsistencyProofs:
        """The paths of all earlier sizes that the tree has."""
        return cls(
            tree.size, {old: tuple(tree.consistency(old)) for old in earlier if old < tree.size}
        )

    def shows(self, old: int, old_root: bytes, root: bytes) -> bool | None:
        """Whether the tree of that size and root is the start; None when no path tells."""
        path = self.paths.get(old)
        return None if path is None else is_consistent(old, self.size, old_root, root, path)

    def text(self) -> bytes:
        """The file: a line for each earlier size with its path."""
        lines = [_FORMAT, f"{_SIZE}{self.size}"]
        for old, path in sorted(self.paths.items()):
            lines.append(" ".join([str(old), *(base64.b64encode(each).decode() for each in path)]))
        return "\n".join(lines).encode() + b"\n"

    @classmethod
    def parse(cls, data: bytes, where: str) -> ConsistencyProofs:
        """What `text` wrote; BadInput for anything else, also another spelling."""
        try:
            _, size, *rest = data.decode().removesuffix("\n").split("\n")
            paths = {}
            for line in rest:
                old, *path = line.split(" ")
                paths[int(old)] = tuple(base64.b64decode(each, validate=True) for each in path)
            made = cls(int(size.removeprefix(_SIZE)), paths)
        except ValueError:
            raise BadInput(where, "proof", "expected.format", format=_FORMAT) from None
        hashes = (each for path in made.paths.values() for each in path)
        if made.text() != data or any(len(each) != HASH_BYTES for each in hashes):
            raise BadInput(where, "proof", "expected.format", format=_FORMAT)
        return made
