"""What every registry keeps of units."""

from __future__ import annotations

import pytest

from bot.domain.departments import Unit
from bot.domain.errors import BadInput
from bot.domain.groups import LineCode, UnitCode


def unit(code: str, *departments: str, name: str = "") -> Unit:
    places = tuple(("wecom", number, LineCode("L01")) for number in departments)
    return Unit(UnitCode(code), name or f"单位{code}", places)


async def test_units_stand_as_they_were_entered(store):
    await store.registry.put_units([unit("U02", "7"), unit("U01")])

    assert list(store.registry.units()) == [unit("U01"), unit("U02", "7")]


async def test_entering_a_unit_again_replaces_its_name_and_departments(store):
    await store.registry.put_units([unit("U01", "1", "2"), unit("U02", "3")])

    await store.registry.put_units([unit("U01", "2", "4", name="新名")])

    assert list(store.registry.units()) == [unit("U01", "2", "4", name="新名"), unit("U02", "3")]


async def test_a_department_leaves_the_unit_that_had_it(store):
    await store.registry.put_units([unit("U01", "1", "2")])

    await store.registry.put_units([unit("U02", "2")])

    assert list(store.registry.units()) == [unit("U01", "1"), unit("U02", "2")]


async def test_a_code_with_a_blank_is_refused_and_nothing_is_entered(store):
    with pytest.raises(BadInput):
        await store.registry.put_units([unit("U01"), unit("U 2")])

    assert list(store.registry.units()) == []
