"""A batch as it lies on a stick: a head, a record a line, and a checksum of all of it.

Unsigned: what is inside is sealed. The checksum is against sticks that change a bit: a record that
does not open would else be taken for one of another office, and be lost.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from bot.domain.complaint_files import Batch, SealedReport
from bot.domain.errors import BadInput
from bot.domain.periods import Week

FORMAT = "qingzhuang-batch/2"
SUFFIX = ".qzbatch"


def batch_name(batch: Batch) -> str:
    """What the file is called."""
    return f"complaints-{batch.week}-{batch.id.hex()[:8]}{SUFFIX}"


def encode_batch(batch: Batch, reports: Sequence[SealedReport], provider: str) -> Iterator[bytes]:
    """The lines of the file, without lookup tags: the office needs none."""
    whole = hashlib.sha256()
    head = {
        "format": FORMAT,
        "provider": provider,
        "batch": batch.id.hex(),
        "week": str(batch.week),
        "met": batch.met,
        "records": len(reports),
    }
    for each in (head, *map(_row, reports)):
        line = _line(each)
        whole.update(line)
        yield line
    yield _line({"sha256": whole.hexdigest()})


def decode_batch(data: bytes, where: str, provider: str) -> tuple[Batch, list[SealedReport]]:
    """The batch of a file. Raises BadInput when it is cut off, damaged or of another family."""
    body, _, last = data.rstrip(b"\n").rpartition(b"\n")
    head, *rows = body.split(b"\n")
    try:
        said = json.loads(head)
        if said["format"] != FORMAT or said["provider"] != provider:
            raise BadInput(where, "format", "expected.made_with", format=FORMAT, family=provider)
        if json.loads(last)["sha256"] != hashlib.sha256(body + b"\n").hexdigest():
            raise BadInput(where, "file", "expected.batch")
        batch = Batch(bytes.fromhex(said["batch"]), Week.parse(said["week"]), said["met"] is True)
        reports = [_report(json.loads(row)) for row in rows]
        expected = int(said["records"])
    except (ValueError, KeyError, TypeError):
        raise BadInput(where, "file", "expected.batch") from None
    if len(reports) != expected:
        raise BadInput(where, "records", "expected.records", n=expected)
    return batch, reports


def _row(report: SealedReport) -> dict[str, object]:
    return {
        "id": report.id.hex(),
        "week": str(report.week),
        "reply_key": _text(report.reply_key),
        "body": _text(report.body),
        "unit": _text(report.unit) if report.unit is not None else None,
    }


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
