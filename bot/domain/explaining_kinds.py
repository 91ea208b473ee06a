"""What each kind of a burden rests on: rules, wording, and what all says together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.ballot import Ballot
from bot.domain.hearing import Heard, Hearing
from bot.domain.vocabulary import KINDS, Kind
from bot.domain.voting import kind_scores

MOST_WORDS = 2


@dataclass(frozen=True, slots=True)
class KindShare:
    """What speaks for a kind by the words, as parts of all that was said of it.

    `rules` is what all rules say, `wording` the pieces and the form of the sentence, each by
    itself; `together` is the network's: what they say only together. A part below zero speaks
    against the kind; without their signs the three add up to 1. `words` are what the rules that name
    the kind found or, where none did, those without which least would be said of it. They are the
    asker's own and are never stored.
    """

    kind: Kind
    rules: float
    wording: float
    together: float
    words: tuple[str, ...]


class KindExplainer:
    """Takes apart what the words of a text say of its kinds. It holds nothing of any text."""

    def __init__(self, hearing: Hearing, ballot: Ballot, literals: Sequence[str]) -> None:
        self._hearing = hearing
        self._ballot = ballot
        self._literals = literals

    def __call__(
        self,
        heard: Heard,
        traits: int,
        kinds: Iterable[Kind],
        named: Mapping[Kind, tuple[str, ...]],
    ) -> tuple[KindShare, ...]:
        """What each of these kinds rests on, in their order; `named` has what rules found of a kind."""
        nothing = kind_scores(*self._ballot.of_words(0, 0, ()))
        rules = kind_scores(*self._ballot.of_words(heard.fired, 0, ()))
        voted = kind_scores(*self._hearing.vote_of(heard, traits))
        unheard = kind_scores(*self._ballot.of_kinds(0, 0, ()))
        together = kind_scores(*self._ballot.of_kinds(heard.fired, traits, heard.literals))
        found = []
        for kind in kinds:
            at = KINDS.index(kind)
            by_rule = rules[at] - nothing[at]
            by_wording = voted[at] - rules[at]
            by_both = together[at] - unheard[at]
            whole = abs(by_rule) + abs(by_wording) + abs(by_both) or 1.0
            words = named.get(kind) or self._pieces(heard, traits, at)
            found.append(
                KindShare(kind, by_rule / whole, by_wording / whole, by_both / whole, words)
            )
        return tuple(found)

    def _pieces(self, heard: Heard, traits: int, kind: int) -> tuple[str, ...]:
        """The words without which vote and network would say least of a kind."""
        missed = {
            self._literals[number]: self._said(heard.fired, traits, heard.literals, kind)
            - self._said(heard.fired, traits, heard.literals - {number}, kind)
            for number in heard.literals
        }
        return strongest_pieces(missed, MOST_WORDS)

    def _said(self, fired: int, traits: int, literals: set[int], kind: int) -> float:
        alone = kind_scores(*self._ballot.of_words(fired, traits, literals))[kind]
        return alone + kind_scores(*self._ballot.of_kinds(fired, traits, literals))[kind]


def strongest_pieces(parts: dict[str, float], most: int) -> tuple[str, ...]:
    """Those of the pieces that weigh most, words only, no two of which share a character."""
    chosen: list[str] = []
    for piece in sorted(parts, key=lambda one: (-parts[one], one)):
        if parts[piece] <= 0 or len(chosen) == most:
            break
        is_word = len(piece) > 1 and piece[0] >= "\u4e00" and piece[-1] >= "\u4e00"
        if is_word and not any(set(piece) & set(known) for known in chosen):
            chosen.append(piece)
    return tuple(chosen)
