"""The table of minutes → what one person's part in one demand is held to cost."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from pathlib import Path

from bot.domain.burden import ESTIMATED, MinutesTable, Spread
from bot.domain.errors import BadPolicy
from config.load import packaged

_FIELDS = ("share", "reading_seconds", "minutes")
_A_DAY = 24 * 60


def load_minutes(path: Path | None = None) -> MinutesTable:
    """The table of a file, of the packaged one where no path is given; used whole or not at all.

    A measure that the file leaves out is not estimated. Raises BadPolicy that names file, field
    and what was expected.
    """
    source: Traversable | Path = path or packaged("policy", "minutes.toml")
    try:
        held = tomllib.loads(source.read_text("utf-8"))
    except OSError:
        raise BadPolicy(source.name, "file", "expected.can_be_read") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadPolicy(source.name, "file", "expected.utf8_toml", error=error) from None
    for name in held:
        if name not in _FIELDS:
            raise BadPolicy(source.name, name, "expected.one_of", known=", ".join(_FIELDS))
    rows = held.get("minutes")
    if not isinstance(rows, Mapping) or not rows:
        raise BadPolicy(source.name, "minutes", "expected.measures")
    known = {measure.value: measure for measure in ESTIMATED}
    for name in rows:
        if name not in known:
            raise BadPolicy(
                source.name, f"minutes.{name}", "expected.one_of", known=", ".join(known)
            )
    seconds = held.get("reading_seconds")
    if type(seconds) is not int or not 0 <= seconds <= _A_DAY:
        raise BadPolicy(source.name, "reading_seconds", "expected.seconds")
    return MinutesTable(
        {
            known[name]: _spread(source.name, f"minutes.{name}", row, _A_DAY)
            for name, row in rows.items()
        },
        _spread(source.name, "share", held.get("share"), 1),
        seconds,
    )


def _spread(file: str, field: str, row: object, most: float) -> Spread:
    if not isinstance(row, Mapping) or row.keys() != {"low", "high"}:
        raise BadPolicy(file, field, "expected.range", n=most)
    low, high = row["low"], row["high"]
    numbers = all(type(one) in (int, float) for one in (low, high))
    if not numbers or not 0 <= low <= high <= most:
        raise BadPolicy(file, field, "expected.range", n=most)
    return Spread(float(low), float(high))
