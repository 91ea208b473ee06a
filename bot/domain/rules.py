"""Rules as data: what each finds, behind one automaton of literals."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

import ahocorasick

from bot.domain.normal_form import NormalForm, Normaliser
from bot.domain.pattern_pieces import pieces_of
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

    def pattern_span(self, text: str) -> tuple[int, int] | None:
        """The span of the first pattern that matches a normal form, or None."""
        for pattern in self.patterns:
            anchors = _own_anchors(pattern, self.anchors)
            if any(anchor in text for anchor in anchors) and (match := pattern.search(text)):
                return match.span()
        return None


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rules that are in force, the model that votes, and the names of both.

    `version` changes whenever a rule or the model does, so that every fact says what made it.
    `known_pairs` says of pairs of characters how usual they are in notices (see `traces`); `frame`
    are those that notices of all matters are made of (see `sketches`).
    """

    rules: tuple[Rule, ...]
    version: str
    normaliser: Normaliser
    model: Model = NO_VOTE
    known_pairs: Mapping[str, int] = field(default_factory=dict, repr=False)
    frame: frozenset[str] = field(default_factory=frozenset, repr=False)
    matcher: Matcher = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "matcher", Matcher(self.rules, self.model.literals))

    def basis_of(self, kinds: Collection[Kind]) -> tuple[str, ...]:
        """The official titles of the policies behind these kinds, each once."""
        return tuple(
            dict.fromkeys(
                reference
                for rule in self.rules
                if rule.kind in kinds
                for reference in rule.references
            )
        )

    def rule(self, name: str) -> Rule | None:
        """The rule of this id."""
        return next((rule for rule in self.rules if rule.id == name), None)


class Matcher:
    """Finds rules and model literals in a normal form.

    Patterns are taken apart (`pattern_pieces`): what can be spelled out is found by the automaton
    that finds the rules' words and the model's literals, and the rest is searched for only where
    something occurs of each thing that it needs.
    """

    def __init__(self, rules: Sequence[Rule], literals: Sequence[str]) -> None:
        self.rules = tuple(rules)
        self._words: dict[str, int] = {}
        said: dict[str, int] = {}
        searches: list[tuple[int, str, tuple[frozenset[str], ...]]] = []
        for place, rule in enumerate(rules):
            for word in rule.words:
                self._words[word] = self._words.get(word, 0) | 1 << place
                said[word] = said.get(word, 0) | 1 << place
            for pattern in rule.patterns:
                anchors = _own_anchors(pattern, rule.anchors)
                for piece in pieces_of(pattern):
                    if piece.texts is not None and _all_hold(piece.texts, anchors):
                        for text in piece.texts:
                            said[text] = said.get(text, 0) | 1 << place
                        continue
                    needs = piece.needed
                    if not any(_all_hold(need, anchors) for need in needs):
                        needs = (*needs[:1], frozenset(anchors))
                    searches.append((1 << place, piece.source, needs))
        # All that a literal tells travels in one integer: the rules that it is enough for, the
        # searches that it is the first need of, those that it is the second need of.
        self._all_rules = (1 << len(rules)) - 1
        self._first, self._second = len(rules), len(rules) + len(searches)
        self._met = 0
        for place, (_, _, needs) in enumerate(searches):
            for literal in needs[0]:
                said[literal] = said.get(literal, 0) | 1 << self._first + place
            for literal in needs[1] if len(needs) > 1 else ():
                said[literal] = said.get(literal, 0) | 1 << self._second + place
            if len(needs) == 1:
                self._met |= 1 << self._second + place
        self._searched = [(bit, source) for bit, source, _ in searches]
        self._searches: list[Search | None] = [None] * len(searches)
        self.literals = tuple(dict.fromkeys([*said, *literals]))
        self._tells = [said.get(literal, 0) for literal in self.literals]
        self._automaton = ahocorasick.Automaton()
        # It looks for the next sign among those of a node in the order they came: usual ones first.
        begun = Counter(literal[0] for literal in self.literals)
        numbered = enumerate(self.literals)
        for number, literal in sorted(numbered, key=lambda one: -begun[one[1][0]]):
            self._automaton.add_word(literal, number)
        self._automaton.make_automaton()
        self._excluding = _bits(n for n, rule in enumerate(rules) if rule.exclusions)
        self._exclusions: list[tuple[Search, ...]] = [
            tuple(pattern.search for pattern in rule.exclusions) for rule in rules
        ]

    def literals_in(self, text: str) -> set[int]:
        """The literals that occur, of rules and of the model alike, by their places."""
        return {number for _, number in self._automaton.iter(text)}

    def rules_in(self, text: str, numbers: Iterable[int]) -> int:
        """The rules that fire on a text with these literals, as bits by their place."""
        told = reduce(or_, filter(None, map(self._tells.__getitem__, numbers)), self._met)
        fired = told & self._all_rules
        candidates = told >> self._first & told >> self._second
        while candidates:
            # From the last to the first: taking off the highest bit is one step less.
            place = candidates.bit_length() - 1
            candidates ^= 1 << place
            bit, source = self._searched[place]
            if fired & bit:
                continue
            search = self._searches[place]
            if search is None:
                # Compiled at its first use: all of them take longer than to explain one text.
                search = self._searches[place] = re.compile(source).search
            if search(text) is not None:
                fired |= bit
        rest = fired & self._excluding
        while rest:
            low = rest & -rest
            rest ^= low
            for search in self._exclusions[low.bit_length() - 1]:
                if search(text):
                    fired ^= low
                    break
        return fired

    def spans(self, form: NormalForm, fired: int) -> list[tuple[str, int, int]]:
        """Where the fired rules matched, in the text as it was sent; a word before a pattern."""
        ends = {number: end for end, number in self._automaton.iter(form.text)}
        found: dict[int, tuple[int, int]] = {}
        for number, end in ends.items():
            word = self.literals[number]
            for place in places_in(self._words.get(word, 0) & fired):
                found.setdefault(place, (end + 1 - len(word), end + 1))
        rules = self.rules
        for place in places_in(fired):
            if place not in found and (span := rules[place].pattern_span(form.text)):
                found[place] = span
        return [(rules[at].id, *form.original_span(*span)) for at, span in sorted(found.items())]


def _all_hold(texts: Iterable[str], anchors: Sequence[str]) -> bool:
    return all(any(anchor in text for anchor in anchors) for text in texts)


def _own_anchors(pattern: re.Pattern[str], anchors: Sequence[str]) -> Sequence[str]:
    """The anchors that a pattern spells out itself; all of its rule's if it does none."""
    own = [anchor for anchor in anchors if anchor in pattern.pattern]
    return own or anchors


def _bits(places: Iterable[int]) -> int:
    bits = 0
    for place in places:
        bits |= 1 << place
    return bits


def places_in(bits: int) -> list[int]:
    """The places of the bits that are set, in order."""
    places = []
    while bits:
        low = bits & -bits
        bits ^= low
        places.append(low.bit_length() - 1)
    return places


def rule_places(rules: Sequence[Rule]) -> Mapping[str, int]:
    """The place of each rule by its id."""
    return {rule.id: place for place, rule in enumerate(rules)}
