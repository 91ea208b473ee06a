"""Trees: walked all at once they come to what walking each of them would come to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.forest import MOST_LEAVES, Forest
from bot.domain.voting import SCALE, Node, Trees

MEASURES = ("likeness", "age", "never_asked_for")
SIGNS = {"short": 1, "calm": 4}
FEATURES = (*MEASURES[:2], *SIGNS, "of_another_rulebook")
LEAVES = st.integers(-3000, 3000)
BOUNDS = st.sampled_from((-2.0, -0.5, 0.5, 1.25))


def node(up_to: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.tuples(st.sampled_from(FEATURES), BOUNDS, up_to, up_to)


def at_most(depth: int) -> st.SearchStrategy[Node]:
    return LEAVES if not depth else LEAVES | node(at_most(depth - 1))


def walked(tree: Node, told: dict[str, float]) -> int:
    while not isinstance(tree, int):
        feature, bound, up_to, above = tree
        tree = above if told.get(feature, 0.0) > bound else up_to
    return tree


def tree_of(leaves: int) -> Node:
    tree: Node = 0
    for number in range(1, leaves):
        tree = ("age", float(number), tree, number)
    return tree


@given(
    start=LEAVES,
    trees=st.lists(at_most(3), max_size=6),
    likeness=BOUNDS | st.floats(-3, 3),
    age=BOUNDS | st.floats(-3, 3),
    signs=st.integers(0, 7),
)
def test_all_trees_at_once_come_to_what_each_walk_comes_to(
    start: int, trees: list[Node], likeness: float, age: float, signs: int
) -> None:
    told = {"likeness": likeness, "age": age}
    told |= {name: float(bool(signs & bit)) for name, bit in SIGNS.items()}
    # What no tree can be told of is never there, on whichever side of nothing its bound lies.
    known = [tree for tree in trees if not asks_below_nothing(tree)]

    found = Forest(Trees(start, tuple(known)), MEASURES, SIGNS).odds((likeness, age, 9.0), signs)

    assert found == (start + sum(walked(tree, told) for tree in known)) / SCALE


def asks_below_nothing(tree: Node) -> bool:
    """Whether a bound of what is there or not lies below nothing: no training makes such a one."""
    if isinstance(tree, int):
        return False
    feature, bound, up_to, above = tree
    odd = feature not in MEASURES and not 0 <= bound < 1
    return odd or asks_below_nothing(up_to) or asks_below_nothing(above)


def test_no_trees_are_none_and_come_to_what_they_begin_with() -> None:
    forest = Forest(Trees(-250), MEASURES, SIGNS)

    assert not forest
    assert forest.odds((0.0, 0.0, 0.0)) == -0.25


def test_a_tree_that_no_byte_can_hold_is_refused() -> None:
    Forest(Trees(0, (tree_of(MOST_LEAVES),)), MEASURES, SIGNS)

    with pytest.raises(ValueError, match="at most 8 leaves, not 9"):
        Forest(Trees(0, (tree_of(MOST_LEAVES + 1),)), MEASURES, SIGNS)
