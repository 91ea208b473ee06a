"""Counts which pairs of characters notices of all matters are made of, for `frame_pairs.txt`.

    python -m config.model.count_frame tests/corpus/extra_*.jsonl

Frame words are those that the rules know (kinds, cues, excuses), parts of organs' names, what the
burdens of a quarter of all groups say, and what reminders say of whatever they press: a word of
the matter was in the notice before it is in the reminder, "抓紧" was not.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bot.domain.normal_form import Normaliser
from bot.domain.rules import Matcher, Rule
from bot.domain.sketches import pairs
from bot.domain.voting import NO_VOTE
from config.model.count_pairs import ADDRESSES
from config.rulebook import load_normaliser, load_rulebook

SHARE_OF_GROUPS = 0.25
FEWEST_REMINDERS = 4
# The share of the reminders with a pair whose notice had it too; so much is taken for granted.
MOST_ECHOED = 0.22
ECHOED_BEFORE = 0.3
# What an emergency is about is a matter.
_MATTERS = "emergency."
_CUES = "cue."
LONGEST_CUE = 3
LONGEST_OF_KIND = 2


class Counts:
    """Who says a pair of characters, and how often it was said before in the same episode."""

    def __init__(self) -> None:
        self.groups: set[str] = set()
        self.of_groups: dict[str, set[str]] = defaultdict(set)
        self.reminders: Counter[str] = Counter()
        self.echoed: Counter[str] = Counter()

    def add(self, file: Path, normal: Normaliser) -> None:
        """Take up the burdens of a labelled transcript."""
        notices: dict[tuple[str, str], set[str]] = {}
        for row in _burdens(file):
            group = f"{file.stem}:{row['group']}"
            episode = group, row["label"]["episode"]
            said = set(pairs(normal(row["text"]).text, most=len(row["text"])))
            self.groups.add(group)
            for pair in said:
                self.of_groups[pair].add(group)
            if row["label"]["act"] == "demand":
                notices.setdefault(episode, set()).update(said)
            elif episode in notices:
                self.reminders.update(said)
                self.echoed.update(said & notices[episode])

    def frame(self) -> Iterator[str]:
        """The pairs that say nothing of the matter."""
        for pair, groups in self.of_groups.items():
            reminders = self.reminders[pair]
            echoed = (self.echoed[pair] + ECHOED_BEFORE) / (reminders + 1)
            if len(groups) >= SHARE_OF_GROUPS * len(self.groups) or (
                reminders >= FEWEST_REMINDERS and echoed <= MOST_ECHOED
            ):
                yield pair


def _burdens(file: Path) -> Iterator[dict[str, Any]]:
    for line in file.read_text("utf-8").splitlines():
        row = json.loads(line)
        if row.get("label", {}).get("act") in ("demand", "reminder"):
            yield row


def _words_of_rules() -> Iterator[str]:
    rules = [
        rule for rule in load_rulebook(model=NO_VOTE).rules if not rule.id.startswith(_MATTERS)
    ]
    words = [word for rule in rules for word in rule.words]
    # What their patterns spell out: short pieces are words, longer ones run over the ends of some.
    words += _spelled([rule for rule in rules if rule.id.startswith(_CUES)], LONGEST_CUE)
    words += _spelled([rule for rule in rules if rule.kind], LONGEST_OF_KIND)
    for word in words:
        yield from pairs(word, most=len(word))


def _spelled(rules: Sequence[Rule], longest: int) -> list[str]:
    return [text for text in Matcher(rules, ()).literals if len(text) <= longest]


def counted(files: Iterable[Path]) -> list[str]:
    """The frame, in order."""
    counts, normal = Counts(), load_normaliser()
    for file in files:
        counts.add(file, normal)
    return sorted({*counts.frame(), *_words_of_rules(), *ADDRESSES.split()})


def main() -> None:
    """Write the pairs to the file beside this one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("transcripts", nargs="+", type=Path)
    found = counted(parser.parse_args().transcripts)
    Path(__file__).with_name("frame_pairs.txt").write_text("".join(found) + "\n", "utf-8")


if __name__ == "__main__":
    main()
