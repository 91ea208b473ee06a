"""Rules as data: what each finds, behind one automaton of literals."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ahocorasick

from bot.domain.normal_form import NormalForm, Normaliser
from bot.domain.vocabulary import Kind
from bot.domain.voting import NO_VOTE, Model

STATUSES = ("experimental", "test", "stable", "retired")


@dataclass(frozen=True, slots=True)
class Example:
    """A text that a rule must or must not match; the reason stands beside those it must not."""

    text: str
    matches: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing to look for in a normal form.

    Any of `words`, or any of `patterns` where one of `anchors` occurs, and none of `exclusions`.
    `kind` is None for cues and excuses. `weight` is its share in the vote on the act (in log-odds
    for a demand) when the trained model does not know it yet.
    """

    id: str
    title: str
    kind: Kind | None
    status: str
    version: int
    description: str
    references: tuple[str, ...]
    words: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]
    anchors: tuple[str, ...]
    exclusions: tuple[re.Pattern[str], ...]
    weight: float
    examples: tuple[Example, ...] = ()

    def found(self, text: str) -> tuple[int, int] | None:
        """The span of the first match in a normal form, or None."""
        if any(pattern.search(text) for pattern in self.exclusions):
            return None
        spans = [(at, at + len(word)) for word in self.words if (at := text.find(word)) >= 0]
        if not self.anchors or any(anchor in text for anchor in self.anchors):
            spans += [match.span() for p in self.patterns if (match := p.search(text))]
        return min(spans) if spans else None


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rules that are in force, the model that votes, and the names of both.

    `version` changes whenever a rule or the model does, so that every fact says what made it.
    """

    rules: tuple[Rule, ...]
    version: str
    normaliser: Normaliser
    model: Model = NO_VOTE
    matcher: Matcher = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "matcher", Matcher(self.rules, self.model.literals))

    def rule(self, name: str) -> Rule | None:
        """The rule of this id."""
        return next((rule for rule in self.rules if rule.id == name), None)


class Matcher:
    """Finds rules and model literals in one pass over a normal form."""

    def __init__(self, rules: Sequence[Rule], literals: Sequence[str]) -> None:
        self.rules = tuple(rules)
        payloads: dict[str, tuple[set[int], set[int], int]] = {}
        for place, rule in enumerate(rules):
            for word in rule.words:
                payloads.setdefault(word, (set(), set(), -1))[0].add(place)
            for anchor in rule.anchors:
                payloads.setdefault(anchor, (set(), set(), -1))[1].add(place)
        for place, literal in enumerate(literals):
            sure, maybe, _ = payloads.get(literal, (set(), set(), -1))
            payloads[literal] = (sure, maybe, place)
        self._certain: list[int] = []
        self._candidates: list[int] = []
        self._literals: list[int] = []
        self._automaton = ahocorasick.Automaton()
        for number, (literal, (sure, maybe, place)) in enumerate(payloads.items()):
            self._certain.append(_bits(sure))
            self._candidates.append(_bits(maybe))
            self._literals.append(place)
            self._automaton.add_word(literal, number)
        self._automaton.make_automaton()
        self._patterns: list[Any] = [tuple(p.search for p in rule.patterns) for rule in rules]
        self._exclusions: list[Any] = [tuple(p.search for p in rule.exclusions) for rule in rules]
        self._always = _bits(n for n, r in enumerate(rules) if r.patterns and not r.anchors)

    def literals_in(self, text: str) -> set[int]:
        """The numbers of all literals that occur, of rules and of the model alike."""
        return {number for _, number in self._automaton.iter(text)}

    def model_literals(self, numbers: Collection[int]) -> list[int]:
        """Those of the model, by its own numbers."""
        own = self._literals
        return [place for number in numbers if (place := own[number]) >= 0]

    def rules_in(self, text: str, numbers: Collection[int]) -> int:
        """The rules that fire, as bits by their place in the rulebook."""
        certain = 0
        candidates = self._always
        known_certain, known_candidates = self._certain, self._candidates
        for number in numbers:
            certain |= known_certain[number]
            candidates |= known_candidates[number]
        fired = certain
        candidates &= ~certain
        patterns = self._patterns
        while candidates:
            low = candidates & -candidates
            candidates ^= low
            for search in patterns[low.bit_length() - 1]:
                if search(text):
                    fired |= low
                    break
        rest = fired
        exclusions = self._exclusions
        while rest:
            low = rest & -rest
            rest ^= low
            for search in exclusions[low.bit_length() - 1]:
                if search(text):
                    fired ^= low
                    break
        return fired

    def spans(self, form: NormalForm, fired: int) -> list[tuple[str, int, int]]:
        """Where the fired rules matched, in the text as it was sent."""
        out = []
        for place, rule in enumerate(self.rules):
            if fired >> place & 1 and (span := rule.found(form.text)):
                out.append((rule.id, *form.original_span(*span)))
        return out


def _bits(places: Iterable[int]) -> int:
    bits = 0
    for place in places:
        bits |= 1 << place
    return bits


def rule_places(rules: Sequence[Rule]) -> Mapping[str, int]:
    """The place of each rule by its id."""
    return {rule.id: place for place, rule in enumerate(rules)}
