"""Departments and members → units and lines, by a rule that does not depend on any order."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.departments import ContactBook, Unit, origins_of
from bot.domain.groups import LineCode, UnitCode
from bot.domain.private import Opaque


def unit(code: str, *departments: tuple[str, str]) -> Unit:
    places = tuple(("wecom", number, LineCode(line)) for number, line in departments)
    return Unit(UnitCode(code), code, places)


def people(*names: str) -> tuple[Opaque, ...]:
    return tuple(map(Opaque, names))


#   1 county ── 2 town ── 3 the town's civil affairs
#            └─ 4 bureau
PARENTS = {"1": "0", "2": "1", "3": "2", "4": "1"}
UNITS = (unit("county", ("1", "party")), unit("town", ("2", "party"), ("3", "civil")))


def found(members: dict[str, tuple[Opaque, ...]]) -> dict[str, tuple[str, str]]:
    origins = origins_of(UNITS, "wecom", ContactBook(PARENTS, members))
    return {who.reveal(): (origin.unit, origin.line) for who, origin in origins.items()}


def test_a_member_belongs_to_the_registered_department() -> None:
    assert found({"3": people("li")}) == {"li": ("town", "civil")}


def test_a_department_that_is_not_registered_counts_as_its_nearest_parent() -> None:
    assert found({"4": people("wang")}) == {"wang": ("county", "party")}


def test_who_is_in_several_departments_belongs_to_the_deepest() -> None:
    assert found({"1": people("li"), "3": people("li"), "2": people("li")}) == {
        "li": ("town", "civil")
    }


def test_of_equally_deep_departments_the_smallest_number_decides() -> None:
    assert found({"4": people("li"), "2": people("li")}) == {"li": ("town", "party")}


def test_who_is_in_no_registered_department_is_not_known() -> None:
    origins = origins_of(UNITS[1:], "wecom", ContactBook(PARENTS, {"4": people("wang")}))

    assert origins == {}
    assert origins_of(UNITS, "dingtalk", ContactBook(PARENTS, {"3": people("li")})) == {}


def test_a_ring_of_departments_ends() -> None:
    book = ContactBook({"7": "8", "8": "7"}, {"7": people("li")})

    assert origins_of(UNITS, "wecom", book) == {}


@given(st.data())
def test_the_order_of_the_book_plays_no_part(data: st.DataObject) -> None:
    members = data.draw(
        st.dictionaries(
            st.sampled_from("1234"), st.lists(st.sampled_from("abcde"), max_size=5), max_size=4
        )
    )
    listed = [(number, people(*names)) for number, names in members.items()]
    random.Random(1).shuffle(listed)

    assert found(dict(listed)) == found({n: people(*names) for n, names in members.items()})
