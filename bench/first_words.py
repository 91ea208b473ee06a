"""What is counted of the first words of somebody never heard before, in an empty group.

python -m bench.first_words [--wrong]

Each line of tests/corpus/first_words is judged alone, by the votes that ship: sixty demands of all
kinds, and sixty sentences that speak of demands and make none.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bot.domain.judging import Judge
from config.calendar import load_calendar
from config.model.samples import judged, told_line
from config.rulebook import load_rulebook

LINES = Path(__file__).resolve().parents[1] / "tests" / "corpus" / "first_words"
HALVES = ("tuned", "untouched")


def counted(judge: Judge, half: str) -> dict[str, tuple[bool, bool]]:
    """By its words, whether each line of a half counts, and whether it is judged to."""
    found = {}
    for line in (LINES / f"{half}.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            kinds, _, text = line.partition("|")
            (judgement,) = judged(judge, told_line("first words", text, text, {}))
            found[text] = kinds != "none", judgement.act.is_burden
    return found


def main() -> None:
    """Print both halves' shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrong", action="store_true", help="name the tuned half's errors")
    asked = parser.parse_args()
    judge = Judge(load_rulebook(), load_calendar())
    for half in HALVES:
        lines = counted(judge, half).values()
        heard = [found for counts, found in lines if counts]
        false = [found for counts, found in lines if not counts]
        print(f"{half:<10} heard {sum(heard)} of {len(heard)}, false {sum(false)} of {len(false)}")
    if asked.wrong:
        wrong = counted(judge, HALVES[0]).items()
        print(*(text for text, (counts, found) in wrong if counts != found), sep="\n")


if __name__ == "__main__":
    main()
