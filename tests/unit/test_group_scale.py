"""How many work groups a unit may have: by staff band, by level, by what the office set itself."""

from __future__ import annotations

import pytest

from bot.domain.departments import Unit
from bot.domain.group_scale import scaled
from bot.domain.groups import UnitCode
from bot.domain.limits import Ground, Limit, Scope, Window
from bot.domain.vocabulary import Measure
from config.policy_file import load_policy

POLICY = load_policy()


def limit_of(unit: Unit, *own: Limit) -> int:
    """At most so many, of the unit's own limit or else of the general one."""
    limits = scaled([*POLICY.limits, *own], POLICY.group_scale, [unit])
    found = {
        one.only: one.at_most
        for one in limits
        if one.measure is Measure.GROUP_COUNT and one.scope is Scope.UNIT
    }
    return found.get(unit.code, found[""])


@pytest.mark.parametrize(
    ("staff", "level", "at_most"),
    [
        (1, "", 3),
        (20, "", 3),
        (21, "", 5),
        (99, "", 5),
        (100, "", 10),
        (5000, "", 10),
        (60, "township", 10),
        (8, "village", 1),
        (0, "village", 1),
        (0, "", 10),  # nobody entered it: the general number
    ],
)
def test_a_unit_is_held_to_its_scale(staff: int, level: str, at_most: int) -> None:
    assert limit_of(Unit(UnitCode("u"), "某局", (), staff, level)) == at_most


def test_a_number_that_the_office_set_for_a_unit_stands() -> None:
    own = Limit(
        Measure.GROUP_COUNT, Scope.UNIT, Window.MONTH, 7, Ground.DESIGN, basis_text="x", only="u"
    )

    assert limit_of(Unit(UnitCode("u"), "某局", (), 12), own) == 7


def test_an_office_without_a_limit_on_groups_gets_none() -> None:
    others = [one for one in POLICY.limits if one.measure is not Measure.GROUP_COUNT]

    assert scaled(others, POLICY.group_scale, [Unit(UnitCode("u"), "某局", (), 12)]) == tuple(
        others
    )
