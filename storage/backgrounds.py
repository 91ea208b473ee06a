"""What weeks' digests were composed by, as it was then: one row a week, as long as its facts."""

from __future__ import annotations

import json
import zlib
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.burden import MinutesTable, Spread
from bot.domain.groups import GroupCode, LineCode, UnitCode
from bot.domain.periods import Week
from bot.domain.vocabulary import Measure
from bot.domain.week_background import Place, WeekBackground
from storage import tables
from storage.engine import Database
from storage.weeks import week_number

_kept = tables.week_backgrounds


class SqlBackgrounds:
    """The Backgrounds port on SQLAlchemy."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, week: Week, background: WeekBackground) -> None:
        """See handlers.closing_ports.Backgrounds."""
        row = {"week": week_number(week), "document": zlib.compress(_encoded(background))}

        def write(connection: Connection) -> None:
            make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            connection.execute(make(_kept).values(row).on_conflict_do_nothing())

        await self._database.write(write)

    async def get(self, week: Week) -> WeekBackground | None:
        """See handlers.closing_ports.Backgrounds."""
        rows = select(_kept.c.document).where(_kept.c.week == week_number(week))
        found = await self._database.read(lambda connection: connection.scalar(rows))
        return None if found is None else _decoded(json.loads(zlib.decompress(found)))


def _encoded(background: WeekBackground) -> bytes:
    table = background.minutes
    held = {
        "groups": [[code, *place] for code, place in sorted(background.groups.items())],
        "minutes": table
        and {
            "minutes": {name.value: [one.low, one.high] for name, one in table.minutes.items()},
            "share": [table.share.low, table.share.high],
            "reading_seconds": table.reading_seconds,
        },
    }
    return json.dumps(held, ensure_ascii=False, separators=(",", ":")).encode()


def _decoded(held: dict[str, Any]) -> WeekBackground:
    table = held["minutes"]
    return WeekBackground(
        {
            GroupCode(code): Place(UnitCode(unit), LineCode(line), size)
            for code, unit, line, size in held["groups"]
        },
        table
        and MinutesTable(
            {Measure(name): Spread(*ends) for name, ends in table["minutes"].items()},
            Spread(*table["share"]),
            table["reading_seconds"],
        ),
    )
