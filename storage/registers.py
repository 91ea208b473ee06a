"""Registers, emergencies and marked days: read into RAM, written through with who did it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from bot.domain.groups import GroupCode, LineCode, UnitCode
from bot.domain.registers import (
    LEGITIMATE,
    EmergencyWindow,
    Filing,
    Mark,
    MarkSort,
    RegisterView,
    Sort,
)
from bot.domain.vocabulary import kind_bits, kinds_from_bits
from storage import tables
from storage.engine import Database


class SqlRegisters:
    """The RegisterStore port."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._view = RegisterView()
        # Openers that quoted a number lately: the books may not have them yet.
        self._lately: dict[str, set[bytes]] = {}

    @property
    def view(self) -> RegisterView:
        """See handlers.limit_ports.InForce."""
        return self._view

    def use(self, number: str, tag: bytes) -> None:
        """See handlers.limit_ports.InForce."""
        lately = self._lately.setdefault(number, set())
        if tag not in lately:
            lately.add(tag)
            used = self._view.used
            self._view = replace(self._view, used={**used, number: used.get(number, 0) + 1})

    async def load(self) -> None:
        """See handlers.limit_ports.RegisterStore."""
        before, self._lately = self._lately, {}
        try:
            self._view = await self._database.read(_view)
        except BaseException:
            self._lately = before
            raise

    async def put_entries(self, entries: Sequence[Filing], by: str, now: datetime) -> None:
        """See handlers.limit_ports.RegisterStore."""

        def write(connection: Connection) -> RegisterView:
            for entry in entries:
                is_new = _put(connection, tables.filings, {"number": entry.number}, _row(entry))
                deed = "retired" if entry.retired else "entered" if is_new else "changed"
                _note(connection, now, by, deed, entry.number)
            return _view(connection)

        self._view = await self._database.write(write)

    async def put_emergency(self, window: EmergencyWindow) -> None:
        """See handlers.limit_ports.RegisterStore."""

        def write(connection: Connection) -> RegisterView:
            _put(connection, tables.emergencies, {"id": window.id}, _emergency_row(window))
            if window.closed_at is None:
                _note(connection, window.starts, window.by, "emergency_opened", window.id)
            else:
                _note(connection, window.closed_at, window.closed_by, "emergency_ended", window.id)
            return _view(connection)

        self._view = await self._database.write(write)

    async def put_mark(self, mark: Mark, now: datetime) -> None:
        """See handlers.limit_ports.RegisterStore."""
        row = {
            "id": mark.id, "sort": mark.sort.value, "first": mark.first, "last": mark.last,
            "by": mark.by, "weekday": mark.weekday, "unit": mark.unit,
        }  # fmt: skip

        def write(connection: Connection) -> RegisterView:
            _put(connection, tables.marks, {"id": mark.id}, row)
            _note(connection, now, mark.by, "marked", mark.id)
            return _view(connection)

        self._view = await self._database.write(write)

    async def remove_mark(self, id: str, by: str, now: datetime) -> bool:  # noqa: A002
        """See handlers.limit_ports.RegisterStore."""

        def write(connection: Connection) -> tuple[bool, RegisterView]:
            gone = connection.execute(delete(tables.marks).where(tables.marks.c.id == id)).rowcount
            if gone:
                _note(connection, now, by, "unmarked", id)
            return bool(gone), _view(connection)

        removed, self._view = await self._database.write(write)
        return removed


def _put(connection: Connection, table: Table, key: dict[str, Any], row: dict[str, Any]) -> bool:
    """Write a row; True when there was none of this key."""
    if connection.execute(update(table).filter_by(**key).values(row)).rowcount:
        return False
    connection.execute(insert(table).values(row))
    return True


def _note(connection: Connection, at: datetime, by: str, deed: str, subject: str) -> None:
    steps = tables.register_steps
    connection.execute(insert(steps).values(at=at, by=by, deed=deed, subject=subject))


def _view(connection: Connection) -> RegisterView:
    filed = tables.filed.c
    used = (
        select(filed.number, func.count())
        .where(filed.how.in_([how.value for how in LEGITIMATE]))
        .group_by(filed.number)
    )
    return RegisterView(
        entries=tuple(_entry(row) for row in connection.execute(select(tables.filings))),
        emergencies=tuple(
            _emergency(row) for row in connection.execute(select(tables.emergencies))
        ),
        marks=tuple(_mark(row) for row in connection.execute(select(tables.marks))),
        used={row[0]: row[1] for row in connection.execute(used)},
    )


def _row(entry: Filing) -> dict[str, Any]:
    return {
        "number": entry.number,
        "sort": entry.sort.value,
        "title": entry.title,
        "starts": entry.starts,
        "ends": entry.ends,
        "unit": entry.unit,
        "line": entry.line,
        "kinds": kind_bits(entry.kinds),
        "words": "\n".join(entry.words),
        "quota": entry.quota,
        "retired": entry.retired,
    }


def _entry(row: Any) -> Filing:
    return Filing(
        number=row.number,
        sort=Sort(row.sort),
        title=row.title,
        starts=row.starts,
        ends=row.ends,
        unit=UnitCode(row.unit),
        line=LineCode(row.line),
        kinds=kinds_from_bits(row.kinds),
        words=tuple(row.words.split("\n")) if row.words else (),
        quota=row.quota,
        retired=row.retired,
    )


def _emergency_row(window: EmergencyWindow) -> dict[str, Any]:
    return {
        "id": window.id,
        "basis": window.basis,
        "level": window.level,
        "starts": window.starts,
        "ends": window.ends,
        "by": window.by,
        "group_code": window.group,
        "unit": window.unit,
        "closed_at": window.closed_at,
        "closed_by": window.closed_by,
    }


def _emergency(row: Any) -> EmergencyWindow:
    return EmergencyWindow(
        id=row.id,
        basis=row.basis,
        level=row.level,
        starts=row.starts,
        ends=row.ends,
        by=row.by,
        group=GroupCode(row.group_code),
        unit=UnitCode(row.unit),
        closed_at=row.closed_at,
        closed_by=row.closed_by,
    )


def _mark(row: Any) -> Mark:
    return Mark(
        id=row.id,
        sort=MarkSort(row.sort),
        first=row.first,
        last=row.last,
        by=row.by,
        weekday=row.weekday,
        unit=UnitCode(row.unit),
    )
