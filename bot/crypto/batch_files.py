"""A batch as it lies on a stick: a head and a record a line. Unsigned: what is inside is sealed."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from typing import Any

from bot.domain.complaint_files import Batch, SealedReport
from bot.domain.errors import BadInput
from bot.domain.periods import Week

FORMAT = "qingzhuang-batch/1"
SUFFIX = ".qzbatch"


def batch_name(batch: Batch) -> str:
    """What the file is called."""
    return f"complaints-{batch.week}-{batch.id.hex()[:8]}{SUFFIX}"


def encode_batch(batch: Batch, reports: Sequence[SealedReport], provider: str) -> Iterator[bytes]:
    """The lines of the file, without lookup tags: the office needs none."""
    yield _line(
        {
            "format": FORMAT,
            "provider": provider,
            "batch": batch.id.hex(),
            "week": str(batch.week),
            "met": batch.met,
            "records": len(reports),
        }
    )
    for each in reports:
        yield _line(
            {
                "id": each.id.hex(),
                "week": str(each.week),
                "reply_key": _text(each.reply_key),
                "body": _text(each.body),
                "unit": _text(each.unit) if each.unit is not None else None,
            }
        )


def decode_batch(data: bytes, where: str, provider: str) -> tuple[Batch, list[SealedReport]]:
    """The batch of a file. Raises BadInput when it is cut off, damaged or of another family."""
    head, *rows = data.rstrip(b"\n").split(b"\n")
    try:
        said = json.loads(head)
        if said["format"] != FORMAT or said["provider"] != provider:
            raise BadInput(where, "format", f"{FORMAT}, {provider}")
        batch = Batch(bytes.fromhex(said["batch"]), Week.parse(said["week"]), said["met"] is True)
        reports = [_report(json.loads(row)) for row in rows]
        expected = int(said["records"])
    except (ValueError, KeyError, TypeError):
        raise BadInput(where, "file", "a whole batch file; copy it again") from None
    if len(reports) != expected:
        raise BadInput(where, "records", f"{expected} records; copy the file again")
    return batch, reports


def _report(row: dict[str, Any]) -> SealedReport:
    unit = row["unit"]
    return SealedReport(
        id=bytes.fromhex(row["id"]),
        lookup=b"",
        reply_key=base64.b64decode(row["reply_key"], validate=True),
        week=Week.parse(row["week"]),
        body=base64.b64decode(row["body"], validate=True),
        unit=None if unit is None else base64.b64decode(unit, validate=True),
    )


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _line(value: dict[str, object]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"
