"""Groups, chats, roles and offices in RAM: the look-ups, and what may be entered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from bot.domain.departments import Unit
from bot.domain.errors import BadInput
from bot.domain.groups import GroupCode, GroupProfile, UnitCode
from bot.domain.messages import IncomingMessage
from bot.domain.private import Opaque
from handlers.ports import Destination, Office, Role

EVERYWHERE = "*"
LONGEST_CODE = 64
LONGEST_NAME = 128
LONGEST_ID = 256

_NO_ROLES: Mapping[Role, frozenset[str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Binding:
    """A platform's chat that is a registered group's. `sees_everything` as of its route.

    Not `active` once it was dissolved or the robot was removed, until it is bound again.
    """

    platform: str
    account: str
    chat_id: Opaque
    group: GroupCode
    sees_everything: bool
    active: bool = True


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that a person took; `scope` is a group code, a unit code or "*"."""

    platform: str
    account: str
    person: Opaque
    role: Role
    scope: str
    granted_on: date


@dataclass(frozen=True, slots=True)
class RegistryContents:
    """All that is registered, as a store reads it at once."""

    groups: Sequence[GroupProfile] = ()
    bindings: Sequence[Binding] = ()
    grants: Sequence[Grant] = ()
    offices: Sequence[Office] = ()
    units: Sequence[Unit] = ()


class RegistryView:
    """The look-ups of the Registry port. Stores derive from it and keep what changes."""

    def __init__(self) -> None:
        self._groups: dict[GroupCode, GroupProfile] = {}
        self._bindings: dict[tuple[str, str, Opaque], Binding] = {}
        self._grants: dict[tuple[str, str, Opaque, Role, str], Grant] = {}
        self._roles: dict[tuple[str, str, Opaque], Mapping[Role, frozenset[str]]] = {}
        self._offices: dict[str, Office] = {}
        self._passive: frozenset[GroupCode] = frozenset()
        self._whole: frozenset[tuple[GroupCode, str]] = frozenset()
        self._gone: frozenset[GroupCode] = frozenset()
        self._units: dict[UnitCode, Unit] = {}
        self._platforms: dict[GroupCode, frozenset[str]] = {}
        self._changes = 0

    def group_of(self, message: IncomingMessage) -> GroupProfile | None:
        """See handlers.ports.Registry; None for a direct message and for a retired group."""
        if not message.conversation.is_group:
            return None
        chat = message.conversation.id
        code = self.group_of_chat(message.platform, message.account, chat)
        return None if code is None else self._groups[code]

    def group_of_chat(self, platform: str, account: str, chat_id: Opaque) -> GroupCode | None:
        """See handlers.note_group_events.BoundChats; what was said before the end counts yet."""
        bound = self._bindings.get((platform, account, chat_id))
        return None if bound is None or self._groups[bound.group].retired else bound.group

    def is_passively_counted(self, group: GroupCode) -> bool:
        """See handlers.ports.Registry."""
        return group in self._passive

    def platforms_of(self, group: GroupCode) -> frozenset[str]:
        """See handlers.ports.Registry."""
        return self._platforms.get(group, frozenset())

    def hears_whole(self, group: GroupCode, platform: str) -> bool:
        """See handlers.ports.Registry."""
        return (group, platform) in self._whole

    def is_gone(self, group: GroupCode) -> bool:
        """See handlers.ports.Registry."""
        return group in self._gone

    def group(self, code: GroupCode) -> GroupProfile | None:
        """See handlers.ports.Registry; a retired group is found and says so."""
        return self._groups.get(code)

    def groups(self) -> Sequence[GroupProfile]:
        """See handlers.ports.Registry."""
        return [group for group in self.all_groups() if not group.retired]

    def all_groups(self) -> Sequence[GroupProfile]:
        """Retired groups too, by code."""
        return [group for _, group in sorted(self._groups.items())]

    def bindings(self, group: GroupCode) -> Sequence[Binding]:
        """The chats of a group."""
        return [bound for bound in self._bindings.values() if bound.group == group]

    def chat_hears_whole(self, platform: str, account: str, chat_id: Opaque) -> bool:
        """See handlers.ports.RegistryWriter."""
        bound = self._bindings.get((platform, account, chat_id))
        return bound is not None and bound.sees_everything

    def robot_chats(self, group: GroupCode) -> Sequence[tuple[str, str, Opaque]]:
        """See handlers.ports.RegistryWriter."""
        return sorted(
            (
                (bound.platform, bound.account, bound.chat_id)
                for bound in self.bindings(group)
                if bound.active and not bound.sees_everything
            ),
            key=lambda chat: chat[:2],
        )

    def roles_of(
        self, platform: str, account: str, person: Opaque
    ) -> Mapping[Role, frozenset[str]]:
        """See handlers.ports.Registry."""
        return self._roles.get((platform, account, person), _NO_ROLES)

    def admins_of(self, group: GroupCode) -> Sequence[Destination]:
        """See handlers.ports.Registry."""
        return [
            Destination(grant.platform, grant.account, False, grant.person)
            for grant in self.grants()
            if grant.role is Role.GROUP_ADMIN and grant.scope == group
        ]

    def holders_of(self, role: Role) -> Sequence[tuple[Destination, str]]:
        """See handlers.ports.Registry."""
        return [
            (Destination(grant.platform, grant.account, False, grant.person), grant.scope)
            for grant in self.grants()
            if grant.role is role
        ]

    def chats_of(self, group: GroupCode) -> Sequence[Destination]:
        """See handlers.ports.Registry."""
        chats = [
            bound for bound in self.bindings(group) if bound.active and not bound.sees_everything
        ]
        chats.sort(key=lambda bound: (bound.platform, bound.account, bound.chat_id.reveal()))
        return [Destination(one.platform, one.account, True, one.chat_id) for one in chats]

    def grants(self) -> Sequence[Grant]:
        """All roles that were taken, by role and scope."""
        return sorted(self._grants.values(), key=lambda grant: (grant.role, grant.scope))

    def units(self) -> Sequence[Unit]:
        """See handlers.ports.Registry."""
        return [unit for _, unit in sorted(self._units.items())]

    def offices(self) -> Sequence[Office]:
        """See handlers.ports.Registry."""
        return [office for _, office in sorted(self._offices.items())]

    # --- what may be entered ---

    def _check_group(self, profile: GroupProfile) -> None:
        _check_code("group", "code", profile.code)
        _check_code("group", "unit", profile.unit)
        _check_code("group", "line", profile.line)
        _check_name("group", "alias", profile.alias)
        if profile.size < 0:
            raise BadInput("group", "size", "expected.members")

    def _check_binding(self, binding: Binding) -> None:
        self._check_chat(binding)
        self._require_group("binding", "group", binding.group)

    def _heard(
        self, groups: Sequence[GroupProfile], platform: str, account: str
    ) -> RegistryContents:
        """Groups with the chats of their codes, checked; see handlers.ports.RegistryWriter."""
        bindings = []
        for group in groups:
            self._check_group(group)
            bindings.append(Binding(platform, account, Opaque(group.code), group.code, True))
            self._check_chat(bindings[-1])
        return RegistryContents(groups=groups, bindings=bindings)

    def _check_chat(self, binding: Binding) -> None:
        _check_id("binding", "chat_id", binding.chat_id)
        bound = self._bindings.get((binding.platform, binding.account, binding.chat_id))
        if bound is not None and bound.group != binding.group:
            raise BadInput("binding", "chat_id", "expected.free_chat")

    def _check_grant(self, grant: Grant) -> None:
        _check_id("role", "person", grant.person)
        if grant.role is Role.MEMBER:
            raise BadInput("role", "role", "expected.granted")
        if grant.role is Role.GROUP_ADMIN:
            self._require_group("role", "scope", GroupCode(grant.scope))
        elif grant.scope != EVERYWHERE:
            _check_code("role", "scope", grant.scope)

    def _check_unit(self, unit: Unit) -> None:
        _check_code("unit", "unit", unit.code)
        _check_name("unit", "name", unit.name)
        for _, department, line in unit.departments:
            _check_code("unit", "department", department)
            _check_code("unit", "line", line)

    def _check_office(self, office: Office) -> None:
        _check_code("office", "code", office.code)
        _check_name("office", "title", office.title)
        for unit in office.units:
            _check_code("office", "units", unit)
        for destination in office.destinations:
            _check_id("office", "destinations", destination.id)

    def _require_group(self, where: str, field: str, code: GroupCode) -> None:
        if code not in self._groups:
            raise BadInput(where, field, "expected.registered_group")

    # --- changes ---

    def _apply(self, contents: RegistryContents) -> None:
        self._groups |= {group.code: group for group in contents.groups}
        self._bindings |= {(b.platform, b.account, b.chat_id): b for b in contents.bindings}
        self._grants |= {
            (g.platform, g.account, g.person, g.role, g.scope): g for g in contents.grants
        }
        self._offices |= {office.code: office for office in contents.offices}
        self._units |= {unit.code: unit for unit in contents.units}
        self._changes += 1
        # What is derived is derived from these; a province has ten thousand.
        if contents.bindings or contents.grants:
            self._settle()

    def _retired(self, code: GroupCode) -> GroupProfile:
        self._require_group("group", "code", code)
        return replace(self._groups[code], retired=True)

    def _forget_grant(self, grant: tuple[str, str, Opaque, Role, str]) -> None:
        self._grants.pop(grant, None)
        self._settle()

    def _ended(self, platform: str, account: str, chat_id: Opaque) -> Binding | None:
        """An active binding as it is once its chat is gone."""
        bound = self._bindings.get((platform, account, chat_id))
        return replace(bound, active=False) if bound is not None and bound.active else None

    def _forget_binding(self, chat: tuple[str, str, Opaque]) -> bool:
        known = self._bindings.pop(chat, None) is not None
        self._settle()
        return known

    def _forget_all(self) -> None:
        tables = (
            self._groups,
            self._bindings,
            self._grants,
            self._roles,
            self._offices,
            self._units,
        )
        for table in tables:
            table.clear()
        self._settle()

    def _settle(self) -> None:
        self._changes += 1
        active = [bound for bound in self._bindings.values() if bound.active]
        passive = _whole(active)
        self._passive = frozenset(group for group, _ in passive)
        platforms: dict[GroupCode, set[str]] = {}
        for bound in active:
            platforms.setdefault(bound.group, set()).add(bound.platform)
        self._platforms = {group: frozenset(on) for group, on in platforms.items()}
        bound_on = {(bound.group, bound.platform) for bound in active}
        # What two routes still bring of a group that ended is counted once, as it was before.
        self._whole = passive | (_whole(self._bindings.values()) - bound_on)
        self._gone = frozenset(b.group for b in self._bindings.values()) - platforms.keys()
        scopes: dict[tuple[str, str, Opaque], dict[Role, set[str]]] = {}
        for grant in self._grants.values():
            person = scopes.setdefault((grant.platform, grant.account, grant.person), {})
            person.setdefault(grant.role, set()).add(grant.scope)
        self._roles = {
            person: MappingProxyType({role: frozenset(where) for role, where in roles.items()})
            for person, roles in scopes.items()
        }


def _whole(bindings: Iterable[Binding]) -> frozenset[tuple[GroupCode, str]]:
    return frozenset((bound.group, bound.platform) for bound in bindings if bound.sees_everything)


def _check_code(where: str, field: str, code: str) -> None:
    if not code or len(code) > LONGEST_CODE or any(c.isspace() for c in code):
        raise BadInput(where, field, "expected.code", n=LONGEST_CODE)


def _check_name(where: str, field: str, name: str) -> None:
    if not name.strip() or len(name) > LONGEST_NAME:
        raise BadInput(where, field, "expected.name", n=LONGEST_NAME)


def _check_id(where: str, field: str, found: Opaque) -> None:
    if not found or len(found.reveal()) > LONGEST_ID:
        raise BadInput(where, field, "expected.platform_id", n=LONGEST_ID)
