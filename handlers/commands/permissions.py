"""Who may do what by a command: one table, and what does not stand in it nobody may."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bot.domain.errors import NotAllowed
from bot.domain.groups import GroupCode, GroupProfile
from handlers.commands.asked import Asked
from handlers.ports import Registry, Role
from handlers.reach import EVERYWHERE


class Doing(StrEnum):
    """What takes a role: a whole command, or a step of one that others may read."""

    DISPUTE = "dispute"
    DIGEST = "digest"
    ISSUE_DIGEST = "digest.issue"
    CHANGE_LIMITS = "limits.change"
    CONFIRM_LIMITS = "limits.confirm"
    CLAIM_FILING = "register.claim"
    ENTER_FILING = "register.enter"
    CONFIRM_FILING = "register.confirm"
    OPEN_EMERGENCY = "emergency.open"
    MARK_DAYS = "calendar.mark"


EVERYBODY = frozenset(Role)
_ADMIN = frozenset({Role.GROUP_ADMIN})
_OFFICE = frozenset({Role.OFFICE})

MAY: Mapping[str, frozenset[Role]] = {
    **dict.fromkeys(
        (
            "help", "status", "privacy", "explain", "precheck", "limits", "register", "emergency",
            "calendar", "confirm", "complain", "query", "supplement", "withdraw", "bind", "told",
        ),
        EVERYBODY,
    ),
    Doing.DISPUTE: _ADMIN | _OFFICE,
    Doing.DIGEST: frozenset({Role.OFFICE, Role.AUDITOR}),
    Doing.ISSUE_DIGEST: _OFFICE,
    Doing.CHANGE_LIMITS: _OFFICE,
    Doing.CONFIRM_LIMITS: frozenset({Role.OFFICE, Role.APPROVER}),
    Doing.CLAIM_FILING: _ADMIN,
    "enter": _ADMIN | _OFFICE | {Role.APPROVER},
    Doing.ENTER_FILING: _ADMIN | _OFFICE,
    Doing.CONFIRM_FILING: frozenset({Role.OFFICE, Role.APPROVER}),
    Doing.OPEN_EMERGENCY: _ADMIN | _OFFICE,
    Doing.MARK_DAYS: _OFFICE,
}  # fmt: skip
"""Roles by what they may do. Who runs the host (`bot_admin`) reads no more than a member."""


def may(roles: Mapping[Role, frozenset[str]], doing: str) -> bool:
    """Whether somebody with these roles may do it, in some scope; everybody is a member."""
    allowed = MAY.get(doing, frozenset())
    return Role.MEMBER in allowed or any(roles.get(role) for role in allowed)


def scopes(asked: Asked, doing: str, *, of: Role | None = None) -> frozenset[str]:
    """Where the asker may do it, by all of the roles or `of` one; empty is nowhere."""
    return frozenset(
        scope
        for role in MAY.get(doing, frozenset())
        if of in (None, role)
        for scope in asked.roles.get(role, frozenset())
    )


def require(asked: Asked, doing: str) -> frozenset[str]:
    """The scopes in which the asker may do it; raises NotAllowed when there is none."""
    found = scopes(asked, doing)
    if not found:
        raise NotAllowed("admin.denied.role")
    return found


def require_private(asked: Asked) -> None:
    """Raises NotAllowed in a group: what an office decides is not said before one."""
    if asked.message.conversation.is_group:
        raise NotAllowed("admin.denied.in_private")


def own_groups(asked: Asked, doing: str, registry: Registry) -> dict[GroupCode, GroupProfile]:
    """The groups that the asker may do it for as their admin; said in a group, that one alone."""
    held = scopes(asked, doing, of=Role.GROUP_ADMIN)
    here = asked.group.code if asked.group else None
    return {
        group.code: group
        for group in registry.groups()
        if (EVERYWHERE in held or group.code in held)
        and (not asked.message.conversation.is_group or group.code == here)
    }
