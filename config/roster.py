"""The roster: names and posts that a conversation is to notice, from a CSV into RAM, and no further."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

from bot.domain.errors import BadDirectory
from bot.domain.giveaways import NO_WORDS, KnownWords
from config.directory import decoded

COLUMNS = ("name", "post")


def load_roster(path: Path | None) -> KnownWords:
    """The names of a CSV (UTF-8 or GBK) with the columns name and post, and the posts that stand in
    it once; nothing where no path is given.

    Raises BadDirectory with file, row and what was expected. It never repeats a cell.
    """
    if path is None:
        return NO_WORDS
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadDirectory(str(path), "file", "expected.readable", reason=error.strerror) from None
    try:
        rows = list(csv.DictReader(io.StringIO(decoded(raw, path), newline="")))
    except csv.Error:
        raise BadDirectory(str(path), "file", "expected.csv") from None
    if rows and any(name not in rows[0] for name in COLUMNS):
        raise BadDirectory(str(path), "row 1", "expected.columns", columns=", ".join(COLUMNS))
    names = {(row["name"] or "").strip() for row in rows}
    posts = Counter((row["post"] or "").strip() for row in rows)
    return KnownWords(
        names=frozenset(names - {""}),
        posts=frozenset(post for post, holders in posts.items() if post and holders == 1),
    )
