"""Tables on a terminal of whatever width."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Column, Table


def folding(heads: Iterable[str]) -> Table:
    """A table whose cells are folded where they are too long, and never cut: an account or a zone
    that is cut cannot be typed, and Chinese has no blanks to break at."""
    return Table(*(Column(head, overflow="fold") for head in heads))
