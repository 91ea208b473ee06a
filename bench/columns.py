"""The figures of docs/judgement.md on the transcripts that nothing learns from, a column each.

python -m bench.columns

Only totals are printed. The last column is another person's labels of the messages of all seven groups.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.leave_one_group_out import exempt_f1, figures, flat, scorer
from bot.domain.judging import Judge
from bot.platforms.transcripts import told_by_lines
from config.calendar import load_calendar
from config.rulebook import load_rulebook
from handlers.classify import ClassifyTranscript

CORPUS = Path(__file__).resolve().parents[1] / "tests" / "corpus"
SEVEN = Path("sealed_3", "messages.jsonl")
FRESH = frozenset({"z04", "z05", "z06", "z07"})


def lines_of(path: Path, groups: frozenset[str] | None = None) -> list[str]:
    """The lines of a transcript, of some groups only where they are named."""
    lines = [line for line in (CORPUS / path).read_text("utf-8").splitlines() if line.strip()]
    return [line for line in lines if groups is None or json.loads(line)["group"] in groups]


def measured(lines: list[str], found: list[dict[str, Any]]) -> dict[str, float]:
    """What is found in a transcript, by the figures of `score.py`, and `exempt` beside them."""
    return flat(figures(scorer(), lines, found)[0]) | {"exempt": exempt_f1(lines, found)}


def judged(lines: list[str]) -> list[dict[str, Any]]:
    """The rows of a transcript, by the votes that ship."""
    judge = Judge(load_rulebook(), load_calendar())
    told = told_by_lines(lines, "columns")
    return [dict(row) for row in ClassifyTranscript(judge, random.Random(1).randbytes)(told)]


def labelled_again(path: Path) -> list[dict[str, Any]]:
    """Another person's labels, as if they had been judged."""
    rows = map(json.loads, (CORPUS / path).read_text("utf-8").splitlines())
    return [{"id": row["id"], **row["label"]} for row in rows]


COLUMNS: dict[str, Callable[[], dict[str, float]]] = {
    "held out": lambda: _of(Path("heldout.jsonl")),
    "sealed": lambda: _of(Path("sealed", "messages.jsonl")),
    "terse": lambda: _of(Path("sealed_2", "messages.jsonl")),
    "fresh": lambda: _of(SEVEN, FRESH),
    "seven": lambda: _of(SEVEN),
    "second": lambda: measured(lines_of(SEVEN), labelled_again(Path("sealed_3", "second.jsonl"))),
    "plain": lambda: _of(Path("sealed_4", "messages.jsonl")),
    "sentences": lambda: _of(Path("sealed_3", "quotations.jsonl")),
}


def _of(path: Path, groups: frozenset[str] | None = None) -> dict[str, float]:
    lines = lines_of(path, groups)
    return measured(lines, judged(lines))


def main() -> None:
    """Prints a row for each figure."""
    columns = {name: column() for name, column in COLUMNS.items()}
    print(f"{'figure':<24}", *(f"{name:>9}" for name in columns))
    for figure in columns["held out"]:
        cells = (column.get(figure) for column in columns.values())
        print(
            f"{figure:<24}", *("        –" if cell is None else f"{cell:9.3f}" for cell in cells)
        )


if __name__ == "__main__":
    main()
