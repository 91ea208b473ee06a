"""How far a role reaches: the units of an office, and whom a limit or an entry holds for."""

from __future__ import annotations

from bot.domain.errors import UserError
from bot.domain.groups import GroupCode, UnitCode
from bot.domain.limits import Scope
from bot.domain.registers import ANY_UNIT, Filing
from handlers.ports import Registry

EVERYWHERE = "*"


def covers_unit(held: frozenset[str], unit: UnitCode | str) -> bool:
    """Whether an office's scopes reach a unit; the empty unit is all of them."""
    return EVERYWHERE in held or (bool(unit) and unit in held)


def unit_of_limit(limit_id: str, registry: Registry) -> UnitCode:
    """The unit that a limit holds for, empty for all; raises UserError for an unknown group."""
    general, _, only = limit_id.partition("@")
    scope = general.split(".")[1] if general.count(".") == 2 else ""
    if scope == Scope.GROUP and only:
        group = registry.group(GroupCode(only))
        if group is None:
            raise UserError("limits.error.unknown")
        return group.unit
    return UnitCode(only) if scope == Scope.UNIT else ANY_UNIT


def unit_of_entry(entry: Filing, registry: Registry) -> UnitCode:
    """The unit that an entry of a register holds for, empty for all."""
    group = registry.group(entry.group) if entry.group else None
    return group.unit if group else entry.unit
