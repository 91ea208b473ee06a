"""Whether a group's own word for its routine is heard on the days after it was explained.

python -m bench.own_words [--wrong]

Each chat of tests/corpus/own_words begins with a notice that explains a word ("防火码", "三检"); what
comes after it is counted, by `bench.small_chats`.
"""

from __future__ import annotations

from pathlib import Path

from bench.small_chats import print_halves

CHATS = Path(__file__).resolve().parents[1] / "tests" / "corpus" / "own_words"

if __name__ == "__main__":
    print_halves(__doc__, CHATS)
