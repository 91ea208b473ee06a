"""Registers, emergencies and marked days: read into RAM, written through with who did it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from bot.domain.authors import Author
from bot.domain.groups import GroupCode, LineCode, UnitCode
from bot.domain.registers import (
    LEGITIMATE,
    EmergencyWindow,
    Filing,
    Mark,
    MarkSort,
    Proposal,
    ProposalState,
    RegisterView,
    Sort,
)
from bot.domain.vocabulary import kind_bits, kinds_from_bits
from storage import tables
from storage.engine import Database

_proposals = tables.filing_proposals


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
                _enter(connection, entry, by, now)
            return _view(connection)

        self._view = await self._database.write(write)

    async def propose(self, entry: Filing, by: str, now: datetime) -> Proposal:
        """See handlers.limit_ports.RegisterStore."""
        row = _row(entry) | {"proposed_at": now, "state": ProposalState.PROPOSED.value}
        del row["retired"]
        written = insert(_proposals).values(row).returning(_proposals.c.id)

        def write(connection: Connection) -> tuple[int, RegisterView]:
            number = connection.execute(written).scalar_one()
            _note(connection, now, by, "proposed", entry.number)
            return number, _view(connection)

        number, self._view = await self._database.write(write)
        return Proposal(number, entry, now)

    async def settle(
        self, proposal: Proposal, entry: Filing | None, by: str, now: datetime
    ) -> bool:
        """See handlers.limit_ports.RegisterStore."""
        state = ProposalState.STANDING if entry else ProposalState.WITHDRAWN
        change = (
            update(_proposals)
            .where(
                _proposals.c.id == proposal.number,
                _proposals.c.state == ProposalState.PROPOSED.value,
            )
            .values(state=state.value)
        )

        def write(connection: Connection) -> tuple[bool, RegisterView]:
            waited = connection.execute(change).rowcount == 1
            if waited and entry is not None:
                _enter(connection, entry, by, now)
            elif waited:
                _note(connection, now, by, "withdrawn", proposal.filing.number)
            return waited, _view(connection)

        waited, self._view = await self._database.write(write)
        return waited

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


def _enter(connection: Connection, entry: Filing, by: str, now: datetime) -> None:
    is_new = _put(connection, tables.filings, {"number": entry.number}, _row(entry))
    deed = "retired" if entry.retired else "entered" if is_new else "changed"
    _note(connection, now, by, deed, entry.number)


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
        entries=tuple(
            _entry(row, retired=row.retired) for row in connection.execute(select(tables.filings))
        ),
        emergencies=tuple(
            _emergency(row) for row in connection.execute(select(tables.emergencies))
        ),
        marks=tuple(_mark(row) for row in connection.execute(select(tables.marks))),
        used={row[0]: row[1] for row in connection.execute(used)},
        proposals=tuple(
            Proposal(row.id, _entry(row, retired=False), row.proposed_at)
            for row in connection.execute(
                select(_proposals)
                .where(_proposals.c.state == ProposalState.PROPOSED.value)
                .order_by(_proposals.c.id)
            )
        ),
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
        "group_code": entry.group,
        "authors": " ".join(str(author) for author in entry.authors),
    }


def _entry(row: Any, *, retired: bool) -> Filing:
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
        retired=retired,
        group=GroupCode(row.group_code),
        authors=tuple(Author.parse(written) for written in row.authors.split()),
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
