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
        raise BadPolicy(source.name, "file", "a file that can be read") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadPolicy(source.name, "file", f"TOML in UTF-8 ({error})") from None
    for name in held:
        if name not in _FIELDS:
            raise BadPolicy(source.name, name, "one of " + ", ".join(_FIELDS))
    rows = held.get("minutes")
    if not isinstance(rows, Mapping) or not rows:
        raise BadPolicy(source.name, "minutes", "a table of measures")
    known = {measure.value: measure for measure in ESTIMATED}
    for name in rows:
        if name not in known:
            raise BadPolicy(source.name, f"minutes.{name}", "one of " + ", ".join(known))
    seconds = held.get("reading_seconds")
    if type(seconds) is not int or not 0 <= seconds <= _A_DAY:
        raise BadPolicy(source.name, "reading_seconds", "whole seconds from 0 up")
    return MinutesTable(
        {
            known[name]: _spread(source.name, f"minutes.{name}", row, _A_DAY)
            for name, row in rows.items()
        },
        _spread(source.name, "share", held.get("share"), 1),
        seconds,
    )


def _spread(file: str, field: str, row: object, most: float) -> Spread:
    expected = f"{{ low = …, high = … }}, numbers from 0 to {most}, low at most high"
    if not isinstance(row, Mapping) or row.keys() != {"low", "high"}:
        raise BadPolicy(file, field, expected)
    low, high = row["low"], row["high"]
    numbers = all(type(one) in (int, float) for one in (low, high))
    if not numbers or not 0 <= low <= high <= most:
        raise BadPolicy(file, field, expected)
    return Spread(float(low), float(high))
