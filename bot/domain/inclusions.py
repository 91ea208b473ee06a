"""The proof that one digest stands in the log, without the log (C2SP tlog-proof)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from bot.domain.errors import BadInput
from bot.domain.merkle import HASH_BYTES, Tree, is_included, leaf_hash

_FORMAT = "c2sp.org/tlog-proof@v1"
_EXTRA, _INDEX = "extra ", "index "


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A leaf's line, where it stands, the hashes up to the root, and the signed checkpoint."""

    leaf: bytes
    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes

    @classmethod
    def of(cls, index: int, leaf: bytes, tree: Tree, checkpoint: bytes) -> Inclusion:
        """The proof of the line `leaf`, which stands at `index` of the tree under the checkpoint."""
        return cls(leaf, index, tuple(tree.inclusion(index)), checkpoint)

    def leads_to(self, size: int, root: bytes) -> bool:
        """Whether the leaf stands there in the tree of this size and root."""
        return is_included(leaf_hash(self.leaf), self.index, size, self.path, root)

    def text(self) -> bytes:
        """The file."""
        lines = [_FORMAT, _EXTRA + _coded(self.leaf), f"{_INDEX}{self.index}"]
        lines += [_coded(each) for each in self.path]
        return "\n".join(lines).encode() + b"\n\n" + self.checkpoint

    @classmethod
    def parse(cls, data: bytes) -> Inclusion:
        """What `text` wrote; BadInput for anything else, also another spelling."""
        try:
            head, _, checkpoint = data.partition(b"\n\n")
            kind, extra, index, *path = head.decode().split("\n")
            made = cls(
                base64.b64decode(extra.removeprefix(_EXTRA), validate=True),
                int(index.removeprefix(_INDEX)),
                tuple(base64.b64decode(each, validate=True) for each in path),
                checkpoint,
            )
        except (ValueError, binascii.Error):
            raise BadInput("inclusion", "proof", "expected.format", format=_FORMAT) from None
        is_ours = kind == _FORMAT and all(len(each) == HASH_BYTES for each in made.path)
        if not is_ours or made.text() != data:
            raise BadInput("inclusion", "proof", "expected.format", format=_FORMAT)
        return made


def _coded(data: bytes) -> str:
    return base64.b64encode(data).decode()
