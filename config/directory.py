"""The directory: senders to units and lines of command, from a CSV into RAM, and no further."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from bot.domain.errors import BadDirectory
from bot.domain.groups import LineCode, Origin, UnitCode
from bot.domain.messages import IncomingMessage
from bot.domain.private import Opaque

COLUMNS = ("platform", "account", "sender", "unit", "line")
_ANY_ACCOUNT = "*"

_Key = tuple[str, str, Opaque]


class CsvDirectory:
    """Knows the unit and line of the senders in the file; of others it knows nothing."""

    def __init__(self, origins: Mapping[_Key, Origin] | None = None) -> None:
        self._origins = dict(origins or {})

    def __len__(self) -> int:
        return len(self._origins)

    def origin_of(self, message: IncomingMessage) -> Origin | None:
        """The sender's unit and line; an account of "*" stands for all of a platform."""
        found = self._origins.get((message.platform, message.account, message.sender))
        return found or self._origins.get((message.platform, _ANY_ACCOUNT, message.sender))


def load_directory(path: Path) -> CsvDirectory:
    """Read the CSV (UTF-8 or GBK, as Excel writes it).

    Raises BadDirectory with file, row and what was expected. It never repeats a cell: cells hold
    platform ids.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadDirectory(str(path), "file", "expected.readable", reason=error.strerror) from None
    rows = csv.DictReader(io.StringIO(decoded(raw, path), newline=""))
    try:
        return CsvDirectory(_origins(rows, path))
    except csv.Error:
        most = csv.field_size_limit()
        raise BadDirectory(str(path), "file", "expected.csv_long", n=most) from None


def _origins(rows: csv.DictReader[str], path: Path) -> dict[_Key, Origin]:
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise BadDirectory(str(path), "row 1", "expected.columns", columns=", ".join(COLUMNS))
    origins: dict[_Key, Origin] = {}
    for number, row in enumerate(rows, 2):
        cells = {name: (row[name] or "").strip() for name in COLUMNS}
        if not any(cells.values()):
            continue
        empty = [name for name in COLUMNS if not cells[name]]
        if empty:
            raise BadDirectory(
                str(path), f"row {number}", "expected.value_for", fields=", ".join(empty)
            )
        key = (cells["platform"], cells["account"], Opaque(cells["sender"]))
        origin = Origin(UnitCode(cells["unit"]), LineCode(cells["line"]))
        if origins.setdefault(key, origin) != origin:
            raise BadDirectory(str(path), f"row {number}", "expected.once_sender")
    return origins


def decoded(raw: bytes, path: Path) -> str:
    """A table as Excel writes it, in UTF-8 or GBK; raises BadDirectory for anything else."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadDirectory(str(path), "file", "expected.encoding")
