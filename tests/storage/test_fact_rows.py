"""A fact as a row: whole where there is room, and never refused where there is not."""

from __future__ import annotations

import pytest

from storage import tables
from storage.fact_rows import ROOM_FOR_RULES, fact_of, fact_row
from tests.storage.entries import demand


def restored(rules: tuple[str, ...]) -> tuple[str, ...]:
    entry = demand("a", rules=rules)
    assert entry.fact is not None
    return fact_of(fact_row(entry, entry.fact)).rules


def test_the_room_for_rules_is_that_of_the_table() -> None:
    assert tables.facts.c.rules.type.length == ROOM_FOR_RULES


@pytest.mark.parametrize(
    ("rules", "kept"),
    [
        ((), ()),
        (("a.b", "c.d"), ("a.b", "c.d")),
        (("x" * 1_024,), ("x" * 1_024,)),
        (("x" * 1_000, "y" * 23), ("x" * 1_000, "y" * 23)),
        (("x" * 1_000, "y" * 24), ("x" * 1_000,)),
        (("x" * 1_024, "y"), ("x" * 1_024,)),
        (("x" * 1_025,), ()),
    ],
    ids=lambda rules: "+".join(str(len(rule)) for rule in rules) or "none",
)
def test_as_many_whole_rules_rest_as_there_is_room_for(
    rules: tuple[str, ...], kept: tuple[str, ...]
) -> None:
    assert restored(rules) == kept
