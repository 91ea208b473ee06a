"""The registry in the database: read into RAM once, written through on every change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, delete, insert, select, update

from bot.domain.departments import Unit
from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.private import Opaque
from bot.domain.work_calendar import OfficeHours
from handlers.ports import Destination, Office, Role
from storage import tables
from storage.engine import Database
from storage.hours_text import hours_text
from storage.registry_view import Binding, Grant, RegistryContents, RegistryView


class SqlRegistry(RegistryView):
    """The Registry port, with the changes that commands and the command line make.

    Every change raises BadInput when a field is wrong and BooksUnavailable when it was not
    written; RAM changes after the commit only.
    """

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    async def load(self) -> None:
        """Read everything again: at start, and when another process may have changed it."""
        while True:
            before = self._changes
            contents = await self._database.read(_contents)
            if self._changes == before:  # else what was read may be older than what was entered
                break
        self._forget_all()
        self._apply(contents)

    async def put_group(self, profile: GroupProfile) -> None:
        """Register a group, or change what is known of it."""
        self._check_group(profile)
        await self._replace(tables.groups, {"code": profile.code}, _group_row(profile))
        self._apply(RegistryContents(groups=[profile]))

    async def put_heard(self, groups: Sequence[GroupProfile], platform: str, account: str) -> None:
        """See handlers.ports.RegistryWriter; a transcript may bring thousands."""
        heard = self._heard(groups, platform, account)

        def write(connection: Connection) -> None:
            for group in heard.groups:
                _put(connection, tables.groups, {"code": group.code}, _group_row(group))
            for binding in heard.bindings:
                _put(connection, tables.bindings, *_binding_row(binding))

        await self._database.write(write)
        self._apply(heard)

    async def retire(self, code: GroupCode) -> None:
        """Stop counting a group; its facts and tallies stay."""
        retired = self._retired(code)
        await self._replace(tables.groups, {"code": code}, _group_row(retired))
        self._apply(RegistryContents(groups=[retired]))

    async def bind(
        self,
        platform: str,
        account: str,
        chat_id: Opaque,
        group: GroupCode,
        sees_everything: bool,
    ) -> None:
        """Say that a platform's chat is a registered group's; one that was gone is active again."""
        binding = Binding(platform, account, chat_id, group, sees_everything)
        self._check_binding(binding)
        await self._replace(tables.bindings, *_binding_row(binding))
        self._apply(RegistryContents(bindings=[binding]))

    async def end_chat(self, platform: str, account: str, chat_id: Opaque) -> bool:
        """See handlers.note_group_events.BoundChats."""
        ended = self._ended(platform, account, chat_id)
        if ended is None:
            return False
        key = {"platform": platform, "account": account, "chat_id": chat_id.reveal()}
        bound = tables.bindings
        await self._database.write(
            lambda connection: connection.execute(
                update(bound).filter_by(**key).values(active=False)
            )
        )
        self._apply(RegistryContents(bindings=[ended]))
        return True

    async def unbind(self, platform: str, account: str, chat_id: Opaque) -> bool:
        """Forget a chat: its messages are no longer counted, its id is gone from the file too.

        False if it was bound to no group.
        """
        key = {"platform": platform, "account": account, "chat_id": chat_id.reveal()}
        await self._delete(tables.bindings, key)
        await self._database.erase_remnants()
        return self._forget_binding((platform, account, chat_id))

    async def grant(
        self, platform: str, account: str, person: Opaque, role: Role, scope: str, on: date
    ) -> None:
        """Give a role to a person who takes it."""
        grant = Grant(platform, account, person, role, scope, on)
        self._check_grant(grant)
        key = _grant_key(platform, account, person, role, scope)
        await self._replace(tables.roles, key, key | {"granted_on": on})
        self._apply(RegistryContents(grants=[grant]))

    async def revoke(
        self, platform: str, account: str, person: Opaque, role: Role, scope: str
    ) -> None:
        """Take a role back; with the last one the person's id is gone from the file too."""
        await self._delete(tables.roles, _grant_key(platform, account, person, role, scope))
        await self._database.erase_remnants()
        self._forget_grant((platform, account, person, role, scope))

    async def put_office(self, office: Office) -> None:
        """Register an office, or change its units and where it reads."""
        self._check_office(office)
        row = {"code": office.code, "title": office.title, "units": " ".join(office.units)}
        destinations = [
            {
                "office": office.code,
                "place": place,
                "platform": to.platform,
                "account": to.account,
                "is_group": to.is_group,
                "recipient": to.id.reveal(),
            }
            for place, to in enumerate(office.destinations)
        ]

        def write(connection: Connection) -> None:
            _put(connection, tables.offices, {"code": office.code}, row)
            where = tables.office_destinations
            connection.execute(delete(where).where(where.c.office == office.code))
            if destinations:
                connection.execute(insert(where), destinations)

        await self._database.write(write)
        self._apply(RegistryContents(offices=[office]))

    async def put_units(self, units: Sequence[Unit]) -> None:
        """Enter units with all their departments, in place of what was entered of them before.

        A department belongs to one unit: it leaves the one that had it.
        """
        for unit in units:
            self._check_unit(unit)
        await self._database.write(lambda connection: _put_units(connection, units))
        await self.load()

    async def _replace(self, table: Table, key: dict[str, Any], row: dict[str, Any]) -> None:
        await self._database.write(lambda connection: _put(connection, table, key, row))

    async def _delete(self, table: Table, key: dict[str, Any]) -> None:
        await self._database.write(
            lambda connection: connection.execute(delete(table).filter_by(**key))
        )


def _put(connection: Connection, table: Table, key: dict[str, Any], row: dict[str, Any]) -> None:
    # Changes of the registry are rare and people make them: no conflict clause is needed.
    changed = connection.execute(update(table).filter_by(**key).values(row))
    if not changed.rowcount:
        connection.execute(insert(table).values(row))


def _put_units(connection: Connection, units: Sequence[Unit]) -> None:
    of, where = tables.units, tables.departments
    for unit in units:
        row = {"code": unit.code, "name": unit.name, "staff": unit.staff, "level": unit.level}
        _put(connection, of, {"code": unit.code}, row)
        connection.execute(delete(where).where(where.c.unit == unit.code))
    for unit in units:
        for platform, department, line in unit.departments:
            key = {"platform": platform, "department": department}
            _put(connection, where, key, key | {"unit": unit.code, "line": line})


def _binding_row(binding: Binding) -> tuple[dict[str, Any], dict[str, Any]]:
    """The key of an active binding's row, and the row."""
    key = {
        "platform": binding.platform,
        "account": binding.account,
        "chat_id": binding.chat_id.reveal(),
    }
    kept = {"group_code": binding.group, "sees_everything": binding.sees_everything}
    return key, key | kept | {"active": True}


def _units(connection: Connection) -> list[Unit]:
    departments: dict[str, list[tuple[str, str, LineCode]]] = {}
    where = tables.departments
    for row in connection.execute(select(where).order_by(where.c.platform, where.c.department)):
        place = (row.platform, row.department, LineCode(row.line))
        departments.setdefault(row.unit, []).append(place)
    return [
        Unit(
            UnitCode(row.code),
            row.name,
            tuple(departments.get(row.code, ())),
            row.staff,
            row.level,
        )
        for row in connection.execute(select(tables.units))
    ]


def _grant_key(
    platform: str, account: str, person: Opaque, role: Role, scope: str
) -> dict[str, Any]:
    return {
        "platform": platform,
        "account": account,
        "person": person.reveal(),
        "role": role.value,
        "scope": scope,
    }


def _group_row(profile: GroupProfile) -> dict[str, Any]:
    return {
        "code": profile.code,
        "alias": profile.alias,
        "unit": profile.unit,
        "line": profile.line,
        "size": profile.size,
        "zone": profile.zone.key,
        "hours": hours_text(profile.hours),
        "retired": profile.retired,
    }


def _contents(connection: Connection) -> RegistryContents:
    return RegistryContents(
        groups=[
            GroupProfile(
                code=GroupCode(row.code),
                alias=row.alias,
                unit=UnitCode(row.unit),
                line=LineCode(row.line),
                size=row.size,
                zone=ZoneInfo(row.zone),
                hours=OfficeHours.parse(row.hours),
                retired=row.retired,
            )
            for row in connection.execute(select(tables.groups))
        ],
        bindings=[
            Binding(
                row.platform,
                row.account,
                Opaque(row.chat_id),
                GroupCode(row.group_code),
                row.sees_everything,
                row.active,
            )
            for row in connection.execute(select(tables.bindings))
        ],
        grants=[
            Grant(
                row.platform,
                row.account,
                Opaque(row.person),
                Role(row.role),
                row.scope,
                row.granted_on,
            )
            for row in connection.execute(select(tables.roles))
        ],
        offices=_offices(connection),
        units=_units(connection),
    )


def _offices(connection: Connection) -> list[Office]:
    destinations: dict[str, list[Destination]] = {}
    places = tables.office_destinations
    for row in connection.execute(select(places).order_by(places.c.office, places.c.place)):
        destinations.setdefault(row.office, []).append(
            Destination(row.platform, row.account, row.is_group, Opaque(row.recipient))
        )
    return [
        Office(
            code=row.code,
            title=row.title,
            units=tuple(UnitCode(unit) for unit in row.units.split()),
            destinations=tuple(destinations.get(row.code, ())),
        )
        for row in connection.execute(select(tables.offices))
    ]
