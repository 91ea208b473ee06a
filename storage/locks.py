"""What PostgreSQL needs beyond SQLite, where one writer at a time is a matter of course."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Table

# The first half of the two-part keys of our advisory locks: an arbitrary number of ours.
WEEK_LOCKS = 0x515A

InsertNew = Callable[[Connection, Sequence[tuple[Any, ...]]], set[tuple[Any, ...]]]

_ARRAYS = {"INTEGER": "int[]", "SMALLINT": "smallint[]", "BLOB": "bytea[]", "BYTEA": "bytea[]"}


def share_weeks(connection: Connection, weeks: Collection[int]) -> None:
    """Keep weeks from being closed until this transaction ends; waits for a close under way."""
    for week in sorted(weeks):
        connection.exec_driver_sql(
            "SELECT pg_advisory_xact_lock_shared($1::int, $2::int)", (WEEK_LOCKS, week)
        )


def own_week(connection: Connection, week: int) -> None:
    """Wait until nobody writes into a week, and keep everybody out until the end."""
    connection.exec_driver_sql(
        "SELECT pg_advisory_xact_lock($1::int, $2::int)", (WEEK_LOCKS, week)
    )


def lock_episodes(connection: Connection, keys: Sequence[tuple[str, bytes]]) -> None:
    """Lock open episodes in the order of their keys, so that their rows may be written in any."""
    connection.exec_driver_sql(
        "SELECT place FROM open_episodes WHERE (group_code, id) IN "
        "(SELECT * FROM unnest($1::varchar[], $2::bytea[])) ORDER BY group_code, id FOR UPDATE",
        ([group for group, _ in keys], [own for _, own in keys]),
    ).all()


def insert_new_by_array(table: Table) -> InsertNew:
    """A function that inserts rows in the order of their keys and returns those that were new."""
    names = ", ".join(column.name for column in table.c)
    arrays = ", ".join(
        f"${place}::{_ARRAYS[str(column.type)]}" for place, column in enumerate(table.c, 1)
    )
    statement = (
        f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays}) AS rows({names}) "  # noqa: S608 - our own names
        f"ORDER BY {names} ON CONFLICT DO NOTHING RETURNING {names}"
    )

    def insert(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
        if not rows:
            return set()
        columns = tuple(list(values) for values in zip(*rows, strict=True))
        return {tuple(row) for row in connection.exec_driver_sql(statement, columns)}

    return insert
