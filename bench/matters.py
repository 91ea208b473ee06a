"""Whether a second message presses the first or asks for another matter, over made chats.

python -m bench.matters [--wrong]

Each line of tests/corpus/matters is a group with two messages by one sender. A chat is right where
both are burdens, and the second belongs to the first's episode or opens its own, as the line says.
The chats in `several_*` hold three demands in one frame and then words about one of them; what comes
after the first demand is counted, by `bench.small_chats`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.small_chats import HALVES, counted, wrong
from bot.domain.judging import Judge
from config.calendar import load_calendar
from config.model.samples import chats_of, judged
from config.rulebook import load_rulebook

CHATS = Path(__file__).resolve().parents[1] / "tests" / "corpus" / "matters"


def right(judge: Judge, half: str) -> dict[str, bool]:
    """By its words, whether each chat of a half is judged as its line says."""
    found = {}
    for told in chats_of(CHATS / f"{half}.txt"):
        first, second = judged(judge, told)
        wanted = told.labels[told.messages[1].key.reveal()]["act"]
        said = " → ".join(message.text.reveal() for message in told.messages)
        own_episode = second.opens or first.episode != second.episode
        burdens = first.act.is_burden and second.act.is_burden
        found[f"{wanted}: {said}"] = burdens and own_episode == (wanted == "demand")
    return found


def main() -> None:
    """Print the share of both halves, by what they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrong", action="store_true", help="name the tuned half's errors")
    asked = parser.parse_args()
    judge = Judge(load_rulebook(), load_calendar())
    for half in HALVES:
        chats = right(judge, half)
        for sort, act in (("same", "reminder"), ("other", "demand")):
            own = [so for said, so in chats.items() if said.startswith(act)]
            print(f"{half:<10} {sort:<6} {sum(own)} of {len(own)}")
        for name, (so, of) in counted(judge, CHATS / f"several_{half}.txt").items():
            print(f"{half:<10} several, {name:<18} {so} of {of}")
    if asked.wrong:
        print(*(said for said, so in right(judge, HALVES[0]).items() if not so), sep="\n")
        print(*wrong(judge, CHATS / f"several_{HALVES[0]}.txt"), sep="\n")


if __name__ == "__main__":
    main()
