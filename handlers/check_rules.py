"""The rulebook against its own examples, and, where there is one, against a labelled corpus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.domain.rules import Rule, Rulebook


@dataclass(frozen=True, slots=True)
class BrokenExample:
    """An example that its own rule gets wrong. Examples are the rulebook's, so they may be shown."""

    rule: str
    text: str
    should_match: bool


@dataclass(frozen=True, slots=True)
class RulePrecision:
    """How often a rule fired on labelled messages, and how often it was right.

    Right is: the message is a burden of the rule's kind (a burden of any kind for a cue, no
    demand for an excuse).
    """

    rule: str
    fired: int
    right: int

    @property
    def precision(self) -> float | None:
        """The share of right ones; None when it never fired."""
        return self.right / self.fired if self.fired else None


@dataclass(frozen=True, slots=True)
class Labelled:
    """A message with its label: the normal act and kinds of GUIDE.md."""

    text: str
    act: str
    kinds: frozenset[str]


def broken_examples(rulebook: Rulebook) -> list[BrokenExample]:
    """Examples that their own rule gets wrong, in the rulebook's order."""
    broken = []
    for place, rule in enumerate(rulebook.rules):
        for example in rule.examples:
            fired = _fired(rulebook, example.text)
            if bool(fired >> place & 1) != example.matches:
                broken.append(BrokenExample(rule.id, example.text, example.matches))
    return broken


def rule_precisions(rulebook: Rulebook, corpus: Iterable[Labelled]) -> list[RulePrecision]:
    """For each rule how often it fired on the corpus, and how often it was right."""
    fired: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for message in corpus:
        bits = _fired(rulebook, message.text)
        for place, rule in enumerate(rulebook.rules):
            if bits >> place & 1:
                fired[rule.id] += 1
                right[rule.id] += _is_right(rule, message)
    return [RulePrecision(rule.id, fired[rule.id], right[rule.id]) for rule in rulebook.rules]


def labelled(rows: Iterable[Mapping[str, object]]) -> Iterable[Labelled]:
    """The labelled messages among a corpus's rows."""
    for row in rows:
        label = row.get("label")
        if isinstance(label, Mapping) and row.get("text"):
            yield Labelled(str(row["text"]), str(label["act"]), frozenset(label["kinds"]))


def _is_right(rule: Rule, message: Labelled) -> bool:
    burden = message.act in ("demand", "reminder")
    if rule.kind is not None:
        return burden and rule.kind.value in message.kinds
    return not burden if rule.id.startswith("excuse.") else message.act != "none"


def _fired(rulebook: Rulebook, text: str) -> int:
    plain = rulebook.normaliser(text).text
    matcher = rulebook.matcher
    return matcher.rules_in(plain, matcher.literals_in(plain))
