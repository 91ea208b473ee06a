"""Who belongs where: a platform's departments and members → units and lines of command."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.domain.groups import LineCode, Origin, UnitCode
from bot.domain.private import Opaque

DEEPEST = 64


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as the office entered it. `departments` are (platform, department id, line).

    `staff` is how many work there, 0 where nobody entered it; `level` is `township` or `village`,
    empty for others.
    """

    code: UnitCode
    name: str
    departments: tuple[tuple[str, str, LineCode], ...] = ()
    staff: int = 0
    level: str = ""


@dataclass(frozen=True, slots=True)
class ContactBook:
    """A platform's departments (each with its parent) and the members of each. In RAM only."""

    parents: Mapping[str, str]
    members: Mapping[str, tuple[Opaque, ...]]


def origins_of(units: Iterable[Unit], platform: str, book: ContactBook) -> dict[Opaque, Origin]:
    """Unit and line of every member whom a registered department leads to.

    A department that is not registered counts as its nearest registered parent. Who is in
    several departments belongs to the one that lies deepest in the tree, of equals to the one
    with the smallest number: the town's own office before the county's.
    """
    known = {
        department: Origin(unit.code, line)
        for unit in units
        for of, department, line in unit.departments
        if of == platform
    }
    found: dict[Opaque, tuple[tuple[int, int, str], Origin]] = {}
    for department, members in book.members.items():
        chain = _chain(department, book.parents)
        origin = next((known[each] for each in chain if each in known), None)
        if origin is None:
            continue
        rank = (-len(chain), len(department), department)
        for member in members:
            if member not in found or rank < found[member][0]:
                found[member] = (rank, origin)
    return {member: origin for member, (_, origin) in found.items()}


def _chain(department: str, parents: Mapping[str, str]) -> list[str]:
    """The department and those above it; a platform that gives a ring is cut off."""
    chain = [department]
    while (above := parents.get(chain[-1])) and above not in chain and len(chain) < DEEPEST:
        chain.append(above)
    return chain
