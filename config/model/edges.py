"""Lines with something before or after them that changes nothing of what they do.

People head their messages (通知:, 温馨提示:), call, greet, give a number to ring and sign; the labelled
texts hold few of these edges, and each around one sort of text, so that a vote takes the edge for
the act. Dealt out to lines of all sorts they tell nothing. Nobody calls everybody to chat, so that
@所有人 stands only before what asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.domain.vocabulary import Act
from config.model.samples import Told, told_line

EVERY = 3
"""Of so many lines one is also learned with an edge."""
_ENDS = "。!,~ "
_CALL = "@"


def edged_lines(lines: Sequence[Told]) -> list[Told]:
    """Every third line with an edge, under the name of its file; the same ones every time."""
    edges = _edges()
    dealt = ((line, *edges[number % len(edges)]) for number, line in enumerate(lines[::EVERY]))
    return [
        _edged(line, before, after)
        for line, before, after in dealt
        if not (before.startswith(_CALL) and _act(line) is Act.NONE)
    ]


def _act(line: Told) -> Act:
    (label,) = line.labels.values()
    return Act(label["act"])


def _edged(line: Told, before: str, after: str) -> Told:
    (message,) = line.messages
    key, text = message.key.reveal(), message.text.reveal()
    text = before + (text.rstrip(_ENDS) + after if after else text)
    return told_line(line.name, f"{key}-edged", text, line.labels[key])


def _edges() -> list[tuple[str, str]]:
    lines = Path(__file__).with_name("edges.txt").read_text("utf-8").splitlines()
    told = [line.replace("\\n", "\n").partition("|") for line in lines if line[:1] != "#"]
    return [(before, after) for before, _, after in told]
