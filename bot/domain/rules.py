"""Rules as data: what each finds, behind one automaton of literals."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import ahocorasick

from bot.domain.normal_form import NormalForm, Normaliser
from bot.domain.vocabulary import Kind
from bot.domain.voting import NO_VOTE, Model

Search = Callable[[str], re.Match[str] | None]

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
        # A pattern is tried only where one of its own anchors occurs: those that it spells out.
        self._units: list[tuple[int, int, Search]] = []
        payloads: dict[str, tuple[set[int], set[int], int]] = {}
        for place, rule in enumerate(rules):
            for word in rule.words:
                payloads.setdefault(word, (set(), set(), -1))[0].add(place)
            for pattern in rule.patterns:
                for anchor in _anchors_of(pattern, rule.anchors):
                    payloads.setdefault(anchor, (set(), set(), -1))[1].add(len(self._units))
                self._units.append((place, 1 << place, pattern.search))
        for place, literal in enumerate(literals):
            sure, maybe, _ = payloads.get(literal, (set(), set(), -1))
            payloads[literal] = (sure, maybe, place)
        self._both: list[tuple[int, int] | None] = []
        self._lengths: list[int] = []
        self._literals: list[int] = []
        self._automaton = ahocorasick.Automaton()
        for number, (literal, (sure, maybe, place)) in enumerate(payloads.items()):
            self._both.append((_bits(sure), _bits(maybe)) if sure or maybe else None)
            self._lengths.append(len(literal))
            self._literals.append(place)
            self._automaton.add_word(literal, number)
        self._automaton.make_automaton()
        self._excluding = _bits(n for n, rule in enumerate(rules) if rule.exclusions)
        self._exclusions: list[tuple[Search, ...]] = [
            tuple(pattern.search for pattern in rule.exclusions) for rule in rules
        ]

    def literals_in(self, text: str) -> dict[int, int]:
        """All literals that occur, of rules and of the model alike: number → where it last ends."""
        return {number: end for end, number in self._automaton.iter(text)}

    def model_literals(self, numbers: Iterable[int]) -> list[int]:
        """Those of the model, by its own numbers."""
        own = self._literals
        return [place for number in numbers if (place := own[number]) >= 0]

    def rules_in(self, text: str, numbers: Iterable[int]) -> Fired:
        """The rules that fire on a text with these literals."""
        certain = 0
        candidates = 0
        both = self._both
        for number in numbers:
            known = both[number]
            if known is not None:
                certain |= known[0]
                candidates |= known[1]
        fired = certain
        spans: dict[int, tuple[int, int]] = {}
        units = self._units
        while candidates:
            low = candidates & -candidates
            candidates ^= low
            place, bit, search = units[low.bit_length() - 1]
            if not fired & bit and (match := search(text)) is not None:
                fired |= bit
                spans[place] = match.span()
        rest = fired & self._excluding
        exclusions = self._exclusions
        while rest:
            low = rest & -rest
            rest ^= low
            for search in exclusions[low.bit_length() - 1]:
                if search(text):
                    fired ^= low
                    break
        return Fired(fired, certain & fired, spans)

    def spans(
        self, form: NormalForm, numbers: Mapping[int, int], fired: Fired
    ) -> list[tuple[str, int, int]]:
        """Where the fired rules matched, in the text as it was sent."""
        found = {place: span for place, span in fired.spans.items() if fired.bits >> place & 1}
        certain = fired.certain
        for number, end in numbers.items():
            known = self._both[number]
            hit = known[0] & certain if known is not None else 0
            while hit:
                low = hit & -hit
                hit ^= low
                start = end + 1 - self._lengths[number]
                found.setdefault(low.bit_length() - 1, (start, end + 1))
        rules = self.rules
        return [(rules[at].id, *form.original_span(*span)) for at, span in sorted(found.items())]


@dataclass(frozen=True, slots=True)
class Fired:
    """The rules that fired, as bits by their place; those by a word alone; spans of the others."""

    bits: int
    certain: int
    spans: Mapping[int, tuple[int, int]]


def _anchors_of(pattern: re.Pattern[str], anchors: Sequence[str]) -> Sequence[str]:
    own = [anchor for anchor in anchors if anchor in pattern.pattern]
    return own or anchors


def _bits(places: Iterable[int]) -> int:
    bits = 0
    for place in places:
        bits |= 1 << place
    return bits


def rule_places(rules: Sequence[Rule]) -> Mapping[str, int]:
    """The place of each rule by its id."""
    return {rule.id: place for place, rule in enumerate(rules)}
