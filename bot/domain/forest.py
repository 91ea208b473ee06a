"""A forest of small boosted trees: together they come to one number, and are walked all at once."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from bot.domain.voting import SCALE, Node, Trees

# A lane of one byte for each tree, a bit for each of its leaves.
MOST_LEAVES = 8


class Forest:
    """Trees made ready to be walked.

    `measures` names the numbers that `odds` is given, `signs` the bit of each feature that is there
    or not. What a tree asks for and neither names is never there. Raises ValueError for a tree of
    more than MOST_LEAVES leaves.

    Nothing is walked node by node: each bound that is passed strikes out the leaves on its near
    side, in all trees by one operation; the first leaf left of each tree is the one that a walk
    would come to (Lucchese et al., "QuickScorer", SIGIR 2015).
    """

    __slots__ = ("_all", "_bounds", "_leaves", "_ones", "_signs", "_start", "_struck")

    def __init__(self, trees: Trees, measures: Sequence[str], signs: Mapping[str, int]) -> None:
        self._start = trees.start
        self._leaves: list[tuple[int, ...]] = []
        bounds: dict[str, list[tuple[float, int]]] = {}
        everything = 0
        for number, tree in enumerate(trees.trees):
            leaves: list[int] = []
            for feature, bound, struck in _bounds_of(tree, leaves):
                bounds.setdefault(feature, []).append((bound, struck << number * MOST_LEAVES))
            if len(leaves) > MOST_LEAVES:
                raise ValueError(f"a tree has at most {MOST_LEAVES} leaves, not {len(leaves)}")
            everything |= ((1 << len(leaves)) - 1) << number * MOST_LEAVES
            self._leaves.append(_by_bit(leaves))
        self._all = everything
        self._ones = sum(1 << number * MOST_LEAVES for number in range(len(trees.trees)))
        self._bounds = [
            (place, *_left_after(bounds[name], everything))
            for place, name in enumerate(measures)
            if name in bounds
        ]
        self._struck = {
            bit: _left_after(bounds[name], everything)[1][-1]
            for name, bit in signs.items()
            if name in bounds
        }
        self._signs = sum(self._struck)

    def __bool__(self) -> bool:
        return bool(self._leaves)

    def odds(self, measures: Sequence[float], signs: int = 0) -> float:
        """The log-odds that all trees come to."""
        left = self._all
        for place, bounds, after in self._bounds:
            left &= after[bisect_left(bounds, measures[place])]
        signs &= self._signs
        struck = self._struck
        while signs:
            low = signs & -signs
            signs ^= low
            left &= struck[low]
        first = left & ~(left - self._ones)
        reached = first.to_bytes(len(self._leaves), "little")
        return (self._start + sum(map(tuple.__getitem__, self._leaves, reached))) / SCALE


def _bounds_of(node: Node, leaves: list[int]) -> list[tuple[str, float, int]]:
    """The bounds of a tree, each with the leaves that passing it strikes out; `leaves` in order."""
    if isinstance(node, int):
        leaves.append(node)
        return []
    feature, bound, up_to, above = node
    before = len(leaves)
    found = _bounds_of(up_to, leaves)
    found.append((feature, bound, (1 << len(leaves)) - (1 << before)))
    return found + _bounds_of(above, leaves)


def _by_bit(leaves: Sequence[int]) -> tuple[int, ...]:
    """The leaves where the byte with their bit alone looks them up."""
    found = [0] * (1 << MOST_LEAVES - 1 | 1)
    for number, leaf in enumerate(leaves):
        found[1 << number] = leaf
    return tuple(found)


def _left_after(
    bounds: Sequence[tuple[float, int]], everything: int
) -> tuple[list[float], list[int]]:
    """The bounds of a feature in order, and what is left when so many of them are passed."""
    ordered = sorted(bounds)
    left, after = everything, [everything]
    for _, struck in ordered:
        left &= ~struck
        after.append(left)
    return [bound for bound, _ in ordered], after
