"""Whether a group's own word for its routine is heard on the days after it was explained.

python -m bench.own_words [--wrong]

Each chat of tests/corpus/own_words begins with a notice that explains a word ("防火码", "三检"); what
comes after it is counted, by `bench.small_chats`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.small_chats import counted, wrong
from bot.domain.judging import Judge
from config.calendar import load_calendar
from config.rulebook import load_rulebook

CHATS = Path(__file__).resolve().parents[1] / "tests" / "corpus" / "own_words"
HALVES = ("tuned", "untouched")


def main() -> None:
    """Print both halves' shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrong", action="store_true", help="name the tuned half's errors")
    asked = parser.parse_args()
    judge = Judge(load_rulebook(), load_calendar())
    for half in HALVES:
        for name, (right, of) in counted(judge, CHATS / f"{half}.txt").items():
            print(f"{half:<10} {name:<18} {right} of {of}")
    if asked.wrong:
        print(*wrong(judge, CHATS / f"{HALVES[0]}.txt"), sep="\n")


if __name__ == "__main__":
    main()
