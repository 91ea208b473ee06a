"""Looks for words and ids of the story in everything that was written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SHORTEST = 5
LONGEST = 24
TELLING_BYTES = 6  # three bytes stand in ten megabytes of noise as often as not


@dataclass(frozen=True, slots=True)
class Swept:
    """What was looked for and where, and in which files something was found."""

    canaries: int
    files: int
    found: tuple[str, ...]


def canaries_of(texts: Iterable[str], ids: Iterable[str]) -> set[str]:
    """Stretches of what was said that nobody writes by chance, and the ids of who said it.

    Raises ValueError for an id so short that sealed files would hold it by chance.
    """
    ids = set(ids)
    if any(len(each.encode()) < TELLING_BYTES for each in ids):
        raise ValueError(f"an id to look for has {TELLING_BYTES} bytes or more")
    stretches: set[str] = set()
    for text in texts:
        for line in text.splitlines():
            piece = line.strip()[:LONGEST]
            if len(piece) >= SHORTEST:
                stretches.add(piece)
    return stretches | ids


def sweep(folder: Path, canaries: Iterable[str]) -> Swept:
    """Search every file below a folder, whatever its format, in UTF-8, UTF-16 and JSON escapes.

    A file that is gone when its turn comes (a running database server's) holds nothing.
    """
    needles = {needle for each in canaries for needle in _forms(each)}
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    found = []
    for path in files:
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            continue
        if any(needle in content for needle in needles):
            found.append(path.name)
    return Swept(len(needles), len(files), tuple(found))


def _forms(canary: str) -> tuple[bytes, ...]:
    escaped = canary.encode("unicode_escape")
    return canary.encode(), canary.encode("utf-16-le"), escaped
