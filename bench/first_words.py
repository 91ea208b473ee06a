"""What is counted of the first words of somebody never heard before, in an empty group.

python -m bench.first_words [--wrong]

Each line of tests/corpus/first_words is judged alone, by the votes that ship: demands of all kinds, and
sentences that speak of demands and make none. The errors of `tuned` were read, those of the others
not; `told` has demands that somebody tells of in their own words, and twins that lay them; `relayed`
what others complained of, with and without something to do for those who read it; `formal` the prose
that members paste into groups; `public` sentences of public pages, said in other words; `reworded`
what avoids the usual word for what it wants; `scenes` what is said in schools of one matter, asked for
and not; `plain` short messages of all sorts of groups.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bot.domain.judging import Judge
from config.calendar import load_calendar
from config.model.samples import judged, told_line
from config.rulebook import load_rulebook

LINES = Path(__file__).resolve().parents[1] / "tests" / "corpus" / "first_words"
FILES = (
    "tuned", "untouched", "told", "relayed", "formal", "public", "reworded", "scenes", "plain",
)  # fmt: skip


def counted(judge: Judge, file: str) -> dict[str, tuple[bool, bool]]:
    """By its words, whether each line of a file counts, and whether it is judged to."""
    found = {}
    for line in (LINES / f"{file}.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            kinds, _, text = line.partition("|")
            (judgement,) = judged(judge, told_line("first words", text, text, {}))
            found[text] = kinds != "none", judgement.act.is_burden
    return found


def main() -> None:
    """Print the shares of each file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrong", action="store_true", help="name the errors of the first file")
    asked = parser.parse_args()
    judge = Judge(load_rulebook(), load_calendar())
    for file in FILES:
        lines = counted(judge, file).values()
        heard = [found for counts, found in lines if counts]
        false = [found for counts, found in lines if not counts]
        print(f"{file:<10} heard {sum(heard)} of {len(heard)}, false {sum(false)} of {len(false)}")
    if asked.wrong:
        wrong = counted(judge, FILES[0]).items()
        print(*(text for text, (counts, found) in wrong if counts != found), sep="\n")


if __name__ == "__main__":
    main()
