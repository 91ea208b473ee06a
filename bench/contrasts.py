"""How far judgement follows what is asked, where the words mislead.

python -m bench.contrasts [--wrong FILE]

The lines of tests/corpus/contrast are sets of sentences that differ in as little as can be, and in
what they ask: a form to be filled in, to be photographed, to be put on the wall; a list that is
asked for, and one that is only the means. Nothing learned from them. Each is judged by the votes
that ship as the first words its group hears.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bot.domain.judgement import Judgement
from bot.domain.judging import Judge
from bot.domain.vocabulary import Act
from config.calendar import load_calendar
from config.model.samples import FOLDERS, judged, told_line
from config.rulebook import load_rulebook

LINES = Path(__file__).resolve().parents[1] / "tests" / "corpus" / "contrast"


class Line(NamedTuple):
    """A line by its label, and what was made of it."""

    act: Act
    kinds: frozenset[str]
    text: str
    found: Judgement


def lines_of(judge: Judge, name: str) -> Iterator[Line]:
    """The lines of one set, of all acts, judged."""
    for folder, act in FOLDERS.items():
        path = LINES / folder / f"{name}.txt"
        written = path.read_text("utf-8").splitlines() if path.is_file() else []
        for line in written:
            if not line.startswith("#"):
                kinds, _, text = line.partition("|") if act.is_burden else ("", "", line)
                (found,) = judged(judge, told_line("contrast", "line", text, {}))
                yield Line(act, frozenset(filter(None, kinds.split(","))), text, found)


def told_of(lines: Sequence[Line]) -> str:
    """The shares that a row prints."""
    burdens = [line for line in lines if line.act.is_burden]
    heard = [line for line in burdens if line.found.act.is_burden]
    others = [line for line in lines if not line.act.is_burden]
    false = sum(line.found.act.is_burden for line in others)
    return (
        f"{len(burdens):>5} burdens, heard {len(heard) / max(1, len(burdens)):.3f}, "
        f"kinds of those heard {kinds_f1(heard):.3f}; "
        f"{len(others):>4} others, counted {false / max(1, len(others)):.3f}"
    )


def kinds_f1(lines: Sequence[Line]) -> float:
    """Micro F1 of the kinds."""
    both = sum(len(line.kinds & set(line.found.kinds)) for line in lines)
    all_ = sum(len(line.kinds) + len(line.found.kinds) for line in lines)
    return 2 * both / max(1, all_)


def main() -> None:
    """Print a row for each set, and one for all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrong", metavar="SET", help="name the errors of one set")
    asked = parser.parse_args()
    judge = Judge(load_rulebook(), load_calendar())
    names = sorted({path.stem for path in LINES.glob("*/*.txt")})
    found = {name: [*lines_of(judge, name)] for name in names}
    for name in names:
        print(f"{name:<24} {told_of(found[name])}")
    print(f"{'all':<24} {told_of([line for lines in found.values() for line in lines])}")
    for line in found.get(asked.wrong, ()):
        if line.act.is_burden != line.found.act.is_burden or line.kinds != set(line.found.kinds):
            print(
                f"{','.join(sorted(line.kinds)) or line.act}|{','.join(line.found.kinds) or line.found.act}|{line.text}"
            )


if __name__ == "__main__":
    main()
