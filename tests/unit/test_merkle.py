"""The tree of RFC 6962: its known answers, and proofs as properties."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.merkle import (
    Tree,
    is_consistent,
    is_included,
    leaf_hash,
    root_of,
)

LEAVES = [
    bytes.fromhex(each)
    for each in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
HASHES = [leaf_hash(leaf) for leaf in LEAVES]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
SIZES = st.integers(1, 70)


def hashes(size: int) -> list[bytes]:
    return [leaf_hash(bytes([n])) for n in range(size)]


@pytest.mark.parametrize(("size", "root"), ROOTS.items())
def test_roots_are_those_that_are_known(size: int, root: str) -> None:
    assert root_of(HASHES[:size]).hex() == root


@given(SIZES, st.data())
def test_every_leaf_is_shown_to_be_included_and_only_where_it_stands(
    size: int, data: st.DataObject
) -> None:
    own = hashes(size)
    index = data.draw(st.integers(0, size - 1))
    path, root = Tree(own).inclusion(index), root_of(own)

    assert is_included(own[index], index, size, path, root)
    assert not is_included(leaf_hash(b"other"), index, size, path, root)
    assert not is_included(own[index], index, size, [*path, root], root)
    assert not is_included(own[index], size, size, path, root)
    elsewhere = data.draw(st.integers(0, size - 1).filter(lambda n: n != index)) if size > 1 else 1
    assert not is_included(own[index], elsewhere, size, path, root)


@given(SIZES, st.data())
def test_an_earlier_tree_is_shown_to_be_the_start_and_a_changed_one_is_not(
    size: int, data: st.DataObject
) -> None:
    own = hashes(size)
    old = data.draw(st.integers(1, size))
    path, root, old_root = Tree(own).consistency(old), root_of(own), root_of(own[:old])

    assert is_consistent(old, size, old_root, root, path)
    changed = root_of([*own[: old - 1], leaf_hash(b"changed")])
    assert not is_consistent(old, size, changed, root, path)
    assert not is_consistent(old, size, old_root, leaf_hash(b"other root"), path)
    assert not is_consistent(0, size, old_root, root, path)
    assert not is_consistent(old, size, old_root, root, [*path, root])
    if path:
        assert not is_consistent(old, size, old_root, root, path[:-1])


@given(SIZES, st.data())
def test_a_tree_knows_the_roots_of_all_its_starts(size: int, data: st.DataObject) -> None:
    own = hashes(size)
    old = data.draw(st.integers(0, size))

    assert Tree(own).root(old) == by_definition(own[:old])
    with pytest.raises(ValueError, match="so many"):
        Tree(own).root(size + 1)


def by_definition(own: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, as it stands there."""
    if len(own) < 2:
        return own[0] if own else hashlib.sha256(b"").digest()
    split = 1
    while 2 * split < len(own):
        split *= 2
    left, right = by_definition(own[:split]), by_definition(own[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


# RFC 6962, section 2.1.3: the tree of seven leaves and its proofs, by the names that stand there.
_, B, C, D, _, F, J = HASHES[:7]
G, H = by_definition(HASHES[:2]), by_definition(HASHES[2:4])
I_, K, L = by_definition(HASHES[4:6]), by_definition(HASHES[:4]), by_definition(HASHES[4:7])


@pytest.mark.parametrize(
    ("index", "path"), [(0, [B, H, L]), (3, [C, G, L]), (4, [F, J, K]), (6, [I_, K])]
)
def test_paths_of_the_published_example(index: int, path: list[bytes]) -> None:
    assert Tree(HASHES[:7]).inclusion(index) == path


@pytest.mark.parametrize(("old", "path"), [(3, [C, D, G, L]), (4, [L]), (6, [I_, J, K]), (7, [])])
def test_consistency_of_the_published_example(old: int, path: list[bytes]) -> None:
    assert Tree(HASHES[:7]).consistency(old) == path


def test_what_is_not_in_the_tree_has_no_path() -> None:
    with pytest.raises(ValueError, match="not in the tree"):
        Tree(HASHES).inclusion(8)
    with pytest.raises(ValueError, match="no start"):
        Tree(HASHES).consistency(9)
