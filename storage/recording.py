"""The SQL that writes a batch of entries: what is new, what it leaves, what it counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Table, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.expression import ClauseElement

from bot.domain.judgement import Entry, EpisodeRecord
from handlers.ports import Recorded
from storage import locks, tables
from storage.fact_rows import Row, demand_row, fact_row, filed_row
from storage.weeks import week_number


class Recording:
    """Writes batches; the statements are compiled once and run as the driver's own SQL.

    Rows are given in the order of their table's columns. On SQLite they go to the driver without
    a layer between, which would cost a small batch as much as its own work. On PostgreSQL every statement takes its
    rows in the order of their keys, so that two processes cannot wait for one another.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._on_server = dialect.name == "postgresql"
        self._facts = self._insert(tables.facts)
        self._superseded = self._insert(tables.superseded)
        self._demands = self._insert(tables.demands)
        self._filed = self._insert(tables.filed)
        self._count = self._upsert(tables.coverage, adding=("messages", "late"))
        self._keep = self._upsert(tables.open_episodes, setting=("week", "state"))
        self._drop = self._text(
            delete(tables.open_episodes).where(
                tables.open_episodes.c.group_code == bindparam("group_code"),
                tables.open_episodes.c.id == bindparam("id"),
            )
        )
        line = tables.closed_weeks.c.week
        self._closed_line = self._text(
            select(line).where(line == bindparam("week", type_=line.type))
        )
        self._new_tags = self._insert_new(tables.seen)
        self._new_revisions = self._insert_new(tables.superseded)

    def __call__(self, connection: Connection, entries: Sequence[Entry]) -> list[Recorded]:
        """Write entries in their order and say what became of each."""
        closed = self._closed(connection, {week_number(entry.week) for entry in entries})
        outcomes = [Recorded.LATE] * len(entries)
        counted: Counter[tuple[int, int, str, str, bool]] = Counter()
        live: list[tuple[int, int, Entry]] = []
        for place, entry in enumerate(entries):
            week = week_number(entry.week)
            if week not in closed:
                live.append((place, week, entry))
            elif entry.revision == 0:
                counted[week, entry.weekday, entry.group, entry.route.value, True] += 1
        facts: list[Row] = []
        demands: list[Row] = []
        filed: list[Row] = []
        episodes: dict[tuple[str, bytes], EpisodeRecord | None] = {}
        arrived, revised = self._arrivals(connection, live)
        for place, week, entry in live:
            if (week, entry.tag) in arrived:
                arrived.discard((week, entry.tag))
                counted[week, entry.weekday, entry.group, entry.route.value, False] += 1
                is_new = True
            else:
                is_new = False
            if entry.revision:
                is_new = (week, entry.tag, entry.revision - 1) in revised
                revised.discard((week, entry.tag, entry.revision - 1))
            outcomes[place] = Recorded.NEW if is_new else Recorded.DUPLICATE
            if is_new:
                if entry.fact is not None:
                    facts.append(fact_row(entry, entry.fact))
                if entry.demand is not None:
                    demands.append(demand_row(entry, entry.demand))
                filed += [filed_row(entry, one) for one in entry.filed]
                for episode in entry.episodes:
                    episodes[entry.group, episode.id] = episode
                for ended in entry.closed:
                    episodes[entry.group, ended] = None
        self._many(connection, self._facts, facts)
        self._many(connection, self._demands, demands)
        self._many(connection, self._filed, filed)
        self._write_coverage(connection, counted)
        self._write_episodes(connection, episodes)
        return outcomes

    def _closed(self, connection: Connection, weeks: set[int]) -> set[int]:
        if self._on_server:
            locks.share_weeks(connection, weeks)
            return {
                week
                for week in weeks
                if connection.exec_driver_sql(self._closed_line, (week,)).first()
            }
        cursor = connection.connection.cursor()
        closed = set()
        for week in weeks:
            cursor.execute(self._closed_line, (week,))
            if cursor.fetchall():
                closed.add(week)
        return closed

    def _arrivals(
        self, connection: Connection, live: Iterable[tuple[int, int, Entry]]
    ) -> tuple[set[Row], set[Row]]:
        tags: dict[Row, None] = {}
        revisions: dict[Row, None] = {}
        earlier: list[Row] = []
        for _, week, entry in live:
            tags[week, entry.tag] = None
            if entry.revision:
                revisions[week, entry.tag, entry.revision - 1] = None
                earlier += [(week, entry.tag, number) for number in range(entry.revision - 1)]
        arrived = self._new_tags(connection, list(tags))
        revised = self._new_revisions(connection, list(revisions))
        self._many(connection, self._superseded, sorted(earlier))
        return arrived, revised

    def _write_coverage(
        self, connection: Connection, counted: Counter[tuple[int, int, str, str, bool]]
    ) -> None:
        rows = [
            (*where, 0 if late else n, n if late else 0, None, None)
            for (*where, late), n in sorted(counted.items())
        ]
        self._many(connection, self._count, rows)

    def _write_episodes(
        self, connection: Connection, episodes: dict[tuple[str, bytes], EpisodeRecord | None]
    ) -> None:
        if not episodes:
            return
        if self._on_server:
            locks.lock_episodes(connection, sorted(episodes))
        kept = [
            (*key, week_number(record.week), record.state)
            for key, record in episodes.items()
            if record is not None
        ]
        ended = sorted(key for key, record in episodes.items() if record is None)
        self._many(connection, self._keep, kept)
        self._many(connection, self._drop, ended)

    def _many(self, connection: Connection, statement: str, rows: list[Any]) -> None:
        if not rows:
            return
        if self._on_server:
            connection.exec_driver_sql(statement, rows)
        else:
            connection.connection.cursor().executemany(statement, rows)

    # --- statements ---

    def _text(self, statement: ClauseElement) -> str:
        return str(statement.compile(dialect=self._dialect))

    def _insert(self, table: Table) -> str:
        insert = self._dialect_insert(table)
        return self._text(insert.on_conflict_do_nothing())

    def _dialect_insert(self, table: Table) -> postgresql.Insert | sqlite.Insert:
        make = postgresql.insert if self._on_server else sqlite.insert
        columns = [c for c in table.c if c is not table.autoincrement_column]
        values = {c.name: bindparam(c.name, type_=c.type) for c in columns}
        return make(table).values(values).inline()

    def _upsert(
        self, table: Table, adding: Sequence[str] = (), setting: Sequence[str] = ()
    ) -> str:
        insert = self._dialect_insert(table)
        changes = {name: table.c[name] + insert.excluded[name] for name in adding}
        changes |= {name: insert.excluded[name] for name in setting}
        keys = [table.c.group_code, table.c.id] if setting else list(table.primary_key)
        return self._text(insert.on_conflict_do_update(index_elements=keys, set_=changes))

    def _insert_new(self, table: Table) -> locks.InsertNew:
        if self._on_server:
            return locks.insert_new_by_array(table)
        statement = self._insert(table)

        def one_by_one(connection: Connection, rows: Sequence[Row]) -> set[Row]:
            # Of many rows at once the driver does not say which were new; one by one costs it
            # two microseconds each, as long as no layer lies between.
            execute = connection.connection.cursor().execute
            return {row for row in rows if execute(statement, row).rowcount}

        return one_by_one
