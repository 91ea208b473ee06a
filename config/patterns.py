"""Patterns that could take for ever: a repetition without an end inside another."""

from __future__ import annotations

import re

_SIGN_OR_SET = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_INNERMOST = re.compile(r"\(([^()]*)\)(?=([*+{])?)")
_ENDLESS = re.compile(r"[*+]|\{\d*,\}")


def repeats_within_repetition(pattern: str) -> bool:
    """Whether something repeated holds something repeated without an end, at any depth.

    Such a pattern may try as many ways as there are divisions of the text.
    """
    left = _SIGN_OR_SET.sub("x", pattern)
    while found := _INNERMOST.search(left):
        is_endless = _ENDLESS.search(found[1]) is not None
        if is_endless and found[2]:
            return True
        # The bracket is done with; the one around it must still know what it held.
        left = left[: found.start()] + ("x*" if is_endless else "x") + left[found.end() :]
    return False
