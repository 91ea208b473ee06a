"""Sealed records on SQLAlchemy: written by the slot, changed by the week and never in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Table,
    case,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.complaint_files import (
    AFTER_CLOSING_WEEKS,
    HARD_CAP_WEEKS,
    Batch,
    OfficeReplies,
    SealedReport,
)
from bot.domain.complaint_release import Verdict
from bot.domain.periods import Week
from handlers.complaints.ports import Found, Rewriting
from storage.complaints import tables
from storage.engine import Database
from storage.weeks import week_number, week_of

_reports, _replies = tables.reports, tables.replies
_batches = tables.batches
PASSED, UNCHECKED = Verdict.PASSED.value, Verdict.UNCHECKED.value
_SLOT, _PEPPER = "slot", "pepper"


@dataclass(frozen=True, slots=True)
class ReturnedFile:
    """Figures as an office signed them, and what the gate said: None while nothing."""

    office: str
    document: bytes
    verdict: str | None
    units: tuple[str, ...]
    withdrawn: tuple[str, ...]
    why: str | None = None
    shown_in: Week | None = None
    withheld_in: Week | None = None


class SqlReports:
    """The ReportStore port, and the figures that offices returned."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def last_slot(self) -> int:
        """See handlers.complaints.ports.ReportStore."""
        return await self._mark(_SLOT) or 0

    async def write_slot(self, slot: int, reports: Sequence[SealedReport]) -> bool:
        """See ReportStore."""

        def write(connection: Connection) -> bool:
            mark = _insert(connection, tables.marks).values(name=_SLOT, value=slot)
            later = mark.on_conflict_do_update(
                index_elements=["name"],
                set_={"value": slot},
                where=tables.marks.c.value < slot,
            ).returning(tables.marks.c.value)
            if connection.execute(later).first() is None:
                return False
            # A caller that was cut off before it knew of its commit writes the same again.
            new = _insert(connection, _reports).on_conflict_do_nothing()
            connection.execute(new, [_row(each) for each in reports])
            return True

        return await self._database.write(write)

    async def found(self, lookup: bytes) -> Found | None:
        """See ReportStore."""
        rows = (
            select(_reports.c.id, _reports.c.batch, _replies.c.sealed)
            .outerjoin(_replies, _replies.c.report == _reports.c.id)
            .where(_reports.c.lookup == lookup)
        )
        found = await self._database.read(lambda connection: connection.execute(rows).all())
        if not found:
            return None
        sealed = tuple(row.sealed for row in found if row.sealed is not None)
        return Found(found[0].id, found[0].batch is not None, sealed)

    async def held_weeks(self, until: Week) -> Sequence[Week]:
        """See ReportStore."""
        rows = select(_reports.c.week).where(_held(until)).distinct().order_by(_reports.c.week)
        found = await self._database.read(lambda connection: connection.scalars(rows).all())
        return [week_of(number) for number in found]

    async def is_rewritten(self, week: Week) -> bool:
        """See ReportStore."""
        rows = select(tables.rewrites.c.week).where(tables.rewrites.c.week == week_number(week))
        return await self._database.read(lambda connection: connection.scalar(rows)) is not None

    async def rewrite(self, plan: Rewriting) -> int:
        """See ReportStore."""

        def write(connection: Connection) -> int:
            row = {"week": week_number(plan.week), "purged": 0, "reclaimed": False}
            first = _insert(connection, tables.rewrites).values(row).on_conflict_do_nothing()
            if connection.execute(first.returning(tables.rewrites.c.week)).first() is None:
                return 0
            for came in plan.replies:
                _apply_replies(connection, came, plan.week)
            _replace(connection, plan)
            purged = _purge(connection, plan)
            _drop_bodies(connection, plan.offices)
            _mark_batch(connection, plan)
            this = tables.rewrites.c.week == week_number(plan.week)
            connection.execute(update(tables.rewrites).where(this).values(purged=purged))
            return purged

        return await self._database.write(write)

    async def is_reclaimed(self) -> bool:
        """See ReportStore."""
        waiting = select(func.count()).where(~tables.rewrites.c.reclaimed)
        return not await self._database.read(lambda connection: connection.scalar(waiting))

    async def reclaim(self) -> None:
        """See ReportStore."""
        await self._database.rewrite_files((_reports, _replies))
        done = update(tables.rewrites).values(reclaimed=True)
        await self._database.write(lambda connection: connection.execute(done))

    async def deletions(self) -> Sequence[tuple[Week, int]]:
        """How many records each rewrite deleted by age, dummies among them, oldest first; only
        of rewrites after which the files were written anew."""
        table = tables.rewrites
        rows = select(table.c.week, table.c.purged).where(table.c.reclaimed)
        found = await self._database.read(
            lambda connection: connection.execute(rows.order_by(table.c.week)).all()
        )
        return [(week_of(row.week), row.purged) for row in found]

    async def unwritten(self) -> Sequence[Batch]:
        """See ReportStore."""
        rows = select(_batches).where(~_batches.c.written).order_by(_batches.c.week)
        return await self._listed(rows)

    async def batches(self) -> Sequence[Batch]:
        """See ReportStore."""
        whole = select(_reports.c.batch).where(_reports.c.body.is_not(None))
        rows = select(_batches).where(_batches.c.id.in_(whole)).order_by(_batches.c.week)
        return await self._listed(rows)

    async def batch(self, batch: bytes) -> Sequence[SealedReport]:
        """See ReportStore."""
        rows = (
            select(_reports)
            .where(_reports.c.batch == batch, _reports.c.body.is_not(None))
            .order_by(_reports.c.id)
        )
        found = await self._database.read(lambda connection: connection.execute(rows).all())
        return [_report(row) for row in found]

    async def written(self, batch: bytes) -> None:
        """See ReportStore."""
        done = update(_batches).where(_batches.c.id == batch).values(written=True)
        await self._database.write(lambda connection: connection.execute(done))

    async def size(self) -> int:
        """How many records there are, dummies among them."""
        rows = select(func.count()).select_from(_reports)
        return await self._database.read(lambda connection: connection.scalar(rows)) or 0

    async def talkative_settings(self) -> Sequence[str]:
        """Server settings that keep what no rewrite reaches; none on SQLite.

        A failed statement may be logged with its values, an archive keeps every page, and
        statistics tell when a table was last searched: when somebody asked by receipt.
        """
        if self._database.dialect.name != "postgresql":
            return ()
        wanted = {
            "log_min_error_statement": "panic",
            "archive_mode": "off",
            "track_counts": "off",
        }

        def read(connection: Connection) -> list[str]:
            found = {name: connection.exec_driver_sql(f"SHOW {name}").scalar() for name in wanted}
            return [f"{name}={wanted[name]}" for name, is_ in found.items() if is_ != wanted[name]]

        return await self._database.read(read)

    async def known_pepper(self) -> int | None:
        """The mark of the pepper that the records were made under, if any was noted."""
        return await self._mark(_PEPPER)

    async def know_pepper(self, mark: int) -> bool:
        """Whether this is the pepper that the records were made under; the first one is kept."""
        known = await self._mark(_PEPPER)
        if known is None:
            row = {"name": _PEPPER, "value": mark}

            def write(connection: Connection) -> None:
                connection.execute(
                    _insert(connection, tables.marks).values(row).on_conflict_do_nothing()
                )

            await self._database.write(write)
            known = await self._mark(_PEPPER)
        return known == mark

    async def put_return(self, office: str, week: Week, document: bytes) -> bool:
        """Keep an office's figures of a week; False when there are some already (they stay)."""
        row = {"office": office, "week": week_number(week), "document": document}

        def write(connection: Connection) -> bool:
            new = _insert(connection, tables.returns).values(row).on_conflict_do_nothing()
            return connection.execute(new.returning(tables.returns.c.week)).first() is not None

        return await self._database.write(write)

    async def take_returns(
        self, office: str, until: Week, shown_in: Week
    ) -> Sequence[ReturnedFile]:
        """Figures up to `until` for the digest of `shown_in`, oldest first, in no other digest.

        Asked again for the same digest it gives the same: also those that it withheld, which a
        later one may show since; they say so by `withheld_in`.
        """
        table, own = tables.returns, week_number(shown_in)

        def write(connection: Connection) -> Sequence[ReturnedFile]:
            connection.execute(
                update(table)
                .where(
                    table.c.office == office,
                    table.c.week <= week_number(until),
                    table.c.shown_in.is_(None),
                    func.coalesce(table.c.withheld_in, 0) < own,
                )
                .values(shown_in=own)
            )
            rows = select(table).where(
                table.c.office == office,
                (table.c.shown_in == own) | (table.c.withheld_in == own),
            )
            return list(map(_returned, connection.execute(rows.order_by(table.c.week))))

        return await self._database.write(write)

    async def returned_before(self, office: str, shown_in: Week) -> Sequence[ReturnedFile]:
        """An office's judged figures in digests before this one, oldest first."""
        table = tables.returns
        return await self._judged(
            (table.c.office == office) & (table.c.shown_in < week_number(shown_in))
        )

    async def returned_to(self, office: str) -> Sequence[ReturnedFile]:
        """All judged figures of an office, also those that passed late and wait for a digest."""
        return await self._judged(tables.returns.c.office == office)

    async def returned_of(self, week: Week) -> Sequence[ReturnedFile]:
        """All offices' judged figures of a week."""
        return await self._judged(tables.returns.c.week == week_number(week))

    async def put_verdict(
        self,
        office: str,
        week: Week,
        verdict: str,
        units: Sequence[str],
        withdrawn: Sequence[str],
        why: str | None = None,
    ) -> None:
        """Keep what the gate said of an office's figures; what it said first stays."""
        table = tables.returns
        said = (
            update(table)
            .where(
                table.c.office == office,
                table.c.week == week_number(week),
                table.c.verdict.is_(None),
            )
            .values(verdict=verdict, units=" ".join(units), withdrawn=" ".join(withdrawn), why=why)
        )
        await self._database.write(lambda connection: connection.execute(said))

    async def unchecked(self, since: Week) -> Sequence[ReturnedFile]:
        """Figures that the gate could not check, withheld by digests from this week on."""
        table = tables.returns
        return await self._judged(
            (table.c.verdict == UNCHECKED) & (table.c.shown_in >= week_number(since))
        )

    async def put_second_verdict(
        self, office: str, week: Week, verdict: str, withdrawn: Sequence[str], why: str | None
    ) -> None:
        """Keep what the gate said at another try of what it could not check.

        What passed is for the next digest; the one that withheld it goes on doing so.
        """
        table = tables.returns
        values: dict[str, object] = {
            "verdict": verdict, "withdrawn": " ".join(withdrawn), "why": why,
        }  # fmt: skip
        if verdict == PASSED:
            values |= {"withheld_in": table.c.shown_in, "shown_in": None}
        said = (
            update(table)
            .where(
                table.c.office == office,
                table.c.week == week_number(week),
                table.c.verdict == UNCHECKED,
            )
            .values(values)
        )
        await self._database.write(lambda connection: connection.execute(said))

    async def _judged(self, which: ColumnElement[bool]) -> Sequence[ReturnedFile]:
        table = tables.returns
        rows = select(table).where(which, table.c.verdict.is_not(None))
        rows = rows.order_by(table.c.shown_in, table.c.week)
        return await self._database.read(
            lambda connection: list(map(_returned, connection.execute(rows)))
        )

    async def _mark(self, name: str) -> int | None:
        rows = select(tables.marks.c.value).where(tables.marks.c.name == name)
        return await self._database.read(lambda connection: connection.scalar(rows))

    async def _listed(self, rows: Any) -> Sequence[Batch]:
        found = await self._database.read(lambda connection: connection.execute(rows).all())
        return [Batch(row.id, week_of(row.week), row.met) for row in found]


def _returned(row: Row[Any]) -> ReturnedFile:
    units, withdrawn = ((held or "").split() for held in (row.units, row.withdrawn))
    return ReturnedFile(
        row.office,
        row.document,
        row.verdict,
        tuple(units),
        tuple(withdrawn),
        row.why,
        None if row.shown_in is None else week_of(row.shown_in),
        None if row.withheld_in is None else week_of(row.withheld_in),
    )


def _insert(connection: Connection, table: Table) -> Any:
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return make(table)


def _row(report: SealedReport) -> dict[str, Any]:
    return {
        "id": report.id,
        "lookup": report.lookup,
        "reply_key": report.reply_key,
        "week": week_number(report.week),
        "body": report.body,
        "unit": report.unit,
    }


def _report(row: Row[Any]) -> SealedReport:
    return SealedReport(row.id, row.lookup, row.reply_key, week_of(row.week), row.body, row.unit)


def _held(until: Week) -> ColumnElement[bool]:
    return _reports.c.batch.is_(None) & (_reports.c.week <= week_number(until))


def _apply_replies(connection: Connection, came: OfficeReplies, week: Week) -> None:
    new = _insert(connection, tables.applied).values(mark=came.mark).on_conflict_do_nothing()
    if connection.execute(new.returning(tables.applied.c.mark)).first() is None:
        return
    ours = set(connection.scalars(select(_reports.c.id).where(_reports.c.batch.is_not(None))))
    rows = [
        {
            "report": each.report,
            "office": came.office,
            "sealed": each.sealed,
            "closed_in": week_number(week) if each.closed else None,
        }
        for each in came.replies
        if each.report in ours
    ]
    if rows:
        put = _insert(connection, _replies)
        new = put.excluded
        # What is closed stays closed since when it was; what is opened again is not closed.
        since = case(
            (new.closed_in.is_(None), None),
            else_=func.coalesce(_replies.c.closed_in, new.closed_in),
        )
        put = put.on_conflict_do_update(
            index_elements=["report", "office"],
            set_={"sealed": new.sealed, "closed_in": since},
        )
        connection.execute(put, rows)


def _replace(connection: Connection, plan: Rewriting) -> None:
    for old, new in plan.replaced:
        gone = delete(_reports).where(_reports.c.id == old, _reports.c.batch.is_(None))
        if connection.execute(gone).rowcount:
            connection.execute(insert(_reports), [_row(new)])


def _purge(connection: Connection, plan: Rewriting) -> int:
    """Delete what reached the hard cap, and what all offices closed long enough ago."""
    capped = _reports.c.week <= week_number(plan.week.shifted(1 - HARD_CAP_WEEKS))
    closed_by = week_number(plan.week.shifted(1 - AFTER_CLOSING_WEEKS))
    done = _by_all(plan.offices, _replies.c.closed_in <= closed_by)
    purged = connection.execute(delete(_reports).where(capped | _reports.c.id.in_(done))).rowcount
    in_use = select(_reports.c.batch).where(_reports.c.batch.is_not(None))
    connection.execute(delete(_batches).where(_batches.c.id.not_in(in_use)))
    return purged


def _drop_bodies(connection: Connection, offices: frozenset[str]) -> None:
    """An office that answered has what it answered to."""
    had = _by_all(offices, _replies.c.sealed.is_not(None))
    connection.execute(
        update(_reports)
        .where(_reports.c.id.in_(had), _reports.c.body.is_not(None))
        .values(body=None, unit=None)
    )


def _by_all(offices: frozenset[str], condition: ColumnElement[bool]) -> Any:
    """Records of which every office says so."""
    return (
        select(_replies.c.report)
        .where(_replies.c.office.in_(offices), condition)
        .group_by(_replies.c.report)
        .having(func.count() >= max(len(offices), 1))
    )


def _mark_batch(connection: Connection, plan: Rewriting) -> None:
    if plan.batch is None:
        return
    waiting = _held(plan.batch.week)
    if connection.scalar(select(_reports.c.id).where(waiting).limit(1)) is None:
        return  # all of it had had its time
    row = {
        "id": plan.batch.id,
        "week": week_number(plan.batch.week),
        "met": plan.batch.met,
        "written": False,
    }
    connection.execute(insert(_batches), [row])
    values: dict[str, Any] = {"batch": plan.batch.id}
    if not plan.units:
        values["unit"] = None
    connection.execute(update(_reports).where(waiting).values(values))
