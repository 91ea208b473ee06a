"""Anchors spare time and must not cost matches: what a pattern finds alone is found through them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from config.rulebook import load_rulebook

ROOT = Path(__file__).resolve().parents[1]
RULEBOOK = load_rulebook()
# Of all matches of a rule, as many may be lost: a digit in a pattern is an anchor only of itself.
MOST_LOST = 0.02
FEW = 2


def said() -> set[str]:
    """Everything labelled, in normal form, but for what is held out."""
    told: list[str] = []
    for path in sorted(ROOT.glob("corpus/*.jsonl")):
        if path.stem != "heldout":
            rows = map(json.loads, path.read_text("utf-8").splitlines())
            told += [row["text"] for row in rows if "text" in row]
    for path in sorted([*ROOT.glob("rules/*/*.txt"), *ROOT.glob("corpus/lines/*/*.txt")]):
        told += [line.rpartition("|")[2] for line in path.read_text("utf-8").splitlines()]
    return {RULEBOOK.normaliser(text).text for text in told}


def test_a_pattern_loses_nothing_to_its_anchors() -> None:
    found: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    matcher = RULEBOOK.matcher
    for text in said():
        fired = matcher.rules_in(text, matcher.literals_in(text))
        for place, rule in enumerate(RULEBOOK.rules):
            if fired >> place & 1:
                found[rule.id] += 1
            elif any(pattern.search(text) for pattern in rule.patterns) and not any(
                pattern.search(text) for pattern in rule.exclusions
            ):
                lost[rule.id] += 1

    too_many = {
        name: f"{times} of {times + found[name]}"
        for name, times in lost.items()
        if times > FEW and times > MOST_LOST * found[name]
    }
    assert too_many == {}
