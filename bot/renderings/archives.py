"""Zip containers without a time of making, so that equal documents are equal bytes."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_EPOCH = (1980, 1, 1, 0, 0, 0)


def without_times(container: bytes) -> bytes:
    """The same members in the same order, dated with the first day a zip knows."""
    held = BytesIO()
    with ZipFile(BytesIO(container)) as source, ZipFile(held, "w") as target:
        for name in source.namelist():
            member = ZipInfo(name, _EPOCH)
            member.compress_type = ZIP_DEFLATED
            member.create_system = 0
            target.writestr(member, source.read(name))
    return held.getvalue()
