"""Whether what is said after a notice, in words that name no matter, is taken for what it is.

python -m bench.follow_ups [--wrong]

Each chat of tests/corpus/followed is a notice, or two, and what people say after it; what comes after the
first message is counted, by `bench.small_chats`. The tuned half, so far the only one, is by the hand that wrote
what is learned from (tests/corpus/follow_ups).
"""

from __future__ import annotations

from pathlib import Path

from bench.small_chats import print_halves

CHATS = Path(__file__).resolve().parents[1] / "tests" / "corpus" / "followed"

if __name__ == "__main__":
    print_halves(__doc__, CHATS)
