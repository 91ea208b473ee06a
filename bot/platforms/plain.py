"""Our chat markdown for places that show none: the same words without the marks."""

from __future__ import annotations

import re

_LINE_MARK = re.compile(r"^(?:#{1,6}|>) +", re.MULTILINE)


def plain_text(markdown: str) -> str:
    """Headings, quotations and bold without their marks; lists keep theirs."""
    return _LINE_MARK.sub("", markdown).replace("**", "")
