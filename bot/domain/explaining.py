"""Why a text counts or not: rules and words with their part in the decision, and the policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import log

from bot.domain.episodes import GroupMemory
from bot.domain.explaining_emergencies import EmergencyExplainer, EmergencyShare
from bot.domain.explaining_kinds import MOST_WORDS, KindExplainer, KindShare, strongest_pieces
from bot.domain.groups import GroupProfile
from bot.domain.hearing import Heard
from bot.domain.judging import Judge
from bot.domain.leaning import leaning_measures, leaning_signs, sign_bits
from bot.domain.messages import IncomingMessage
from bot.domain.moments import Moment, moment_of
from bot.domain.periods import Week
from bot.domain.pseudonyms import KEY_BYTES, TAG_BYTES, WeekKey
from bot.domain.reading import Reading
from bot.domain.rules import rule_places
from bot.domain.vocabulary import Act, Exemption, Kind, Lead
from bot.domain.voting import ACTS, ActScores, act_scores

LONGEST_WORDS = 16
MOST_SHARES = 4
MOST_PIECES = 3


@dataclass(frozen=True, slots=True)
class RuleShare:
    """A rule that spoke, the words it found, and its part of the whole decision, 0 to 1.

    `supports` says that it spoke for what was decided. The words are the asker's own, of a text
    judged on the spot; they are never stored.
    """

    rule: str
    title: str
    words: str
    share: float
    supports: bool
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class WordShare:
    """What the trained vote heard beside the rules: the wording, and the form of the sentence.

    `share` is the part of the decision that they make up together, 0 to 1; `pieces` are those
    that weighed most on the side they came down on.
    """

    share: float
    supports: bool
    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a text would count as, and why.

    `because` are the rules that speak for what was decided, `against` those that speak for the
    contrary, both strongest first and few; `others` is the part of the rules left out. The parts of
    all rules and of `words` add up to 1. `of_kinds` says of each kind what it rests on, `emergency`
    of what is counted apart why it is. `doubt`, of what is likelier a burden than not and does not
    count, is how many times likelier it must be of somebody who laid none before. `basis` are the official titles of the policies behind the kinds.
    """

    act: Act
    kinds: tuple[Kind, ...]
    because: tuple[RuleShare, ...]
    against: tuple[RuleShare, ...]
    of_kinds: tuple[KindShare, ...]
    emergency: EmergencyShare | None
    others: float
    words: WordShare
    basis: tuple[str, ...]
    deadline: datetime | None
    lead: Lead
    ping: bool
    off_hours: bool
    exempt: Exemption | None
    claimed_urgent: bool
    doubt: float | None
    rulebook: str

    @property
    def counts(self) -> bool:
        """Whether it would be counted as a burden."""
        return self.act.is_burden


class Explainer:
    """Explains messages as a judge would judge them, one by one. It holds nothing of any message."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._rulebook = judge.rulebook
        self._ballot = judge.ballot
        self._places = rule_places(judge.rulebook.rules)
        self._signs = sign_bits(judge.rulebook)
        self._of_kinds = KindExplainer(
            judge.hearing, judge.ballot, judge.rulebook.matcher.literals
        )
        self._of_emergency = EmergencyExplainer(
            judge.hearing,
            judge.ballot,
            judge.rulebook.matcher.literals,
            judge.bits,
            judge.emergencies,
        )

    def __call__(self, message: IncomingMessage, group: GroupProfile) -> Explanation:
        """Why one message by itself counts or not, as if nothing had gone before it."""
        nobody = bytes(TAG_BYTES)
        key = WeekKey(Week.of(message.sent_at, group.zone), bytes(KEY_BYTES))
        reading = self._judge.read(
            message, group, tag=nobody, sender_tag=nobody, sketch_keys=(key,)
        )
        judgement, _ = self._judge.judge(reading, GroupMemory.EMPTY, group)
        decided = _Decided.of(judgement.act, reading)
        said = message.text.reveal()
        heard = self._judge.hearing.hear(said)
        rules = self._rules(said, decided)
        voted = decided.part(self._voted(heard, reading))
        words = voted - sum(part for _, part in rules)
        pieces = self._pieces(heard, decided)
        if decided.is_of_a_burden:
            side = -1 if judgement.act is Act.NONE else 1
            rules, words = self._with_trees(reading, rules, words, side)
        whole = sum(abs(part) for _, part in rules) + abs(words) or 1.0
        told = [rule.weighed(part / whole) for rule, part in rules]
        # A kind's word that leans to not counting does so by what usually stands beside it: a
        # person would be told that “截图” speaks for nobody's having to make one.
        reasons = [
            share
            for share in told
            if share.kind is None or share.supports == judgement.act.is_burden
        ]
        because = _strongest(share for share in reasons if share.supports)
        against = _strongest(share for share in reasons if not share.supports)
        shown = {share.rule for share in (*because, *against)}
        return Explanation(
            act=judgement.act,
            kinds=judgement.kinds,
            because=because,
            against=against,
            of_kinds=self._of_kinds(heard, reading.traits, judgement.kinds, _named(told)),
            emergency=self._of_emergency(heard, reading.traits) if judgement.exempt else None,
            others=sum(share.share for share in told if share.rule not in shown),
            words=WordShare(abs(words) / whole, words >= 0, pieces if words >= 0 else ()),
            basis=self._rulebook.basis_of(judgement.kinds),
            deadline=judgement.deadline,
            lead=judgement.lead,
            ping=judgement.ping,
            off_hours=judgement.off_hours,
            exempt=judgement.exempt,
            claimed_urgent=judgement.claimed_urgent,
            doubt=self._doubt(reading) if judgement.act is Act.NONE else None,
            rulebook=self._judge.rulebook_version,
        )

    def _doubt(self, reading: Reading) -> float | None:
        if reading.plain:
            return None
        moment = self._moment(reading)
        odds = self._judge.leaning(reading, moment, self._judge.act_scores(reading, moment))
        doubt = self._judge.doubt(reading, moment)
        return doubt if 0 < odds <= log(doubt) else None

    def _rules(self, said: str, decided: _Decided) -> list[tuple[_Rule, float]]:
        found = []
        for hit in self._judge.hearing.hits(said):
            rule = self._rulebook.rule(hit.rule)
            if rule is not None:
                words = said[hit.start : hit.end][:LONGEST_WORDS]
                part = decided.part(self._ballot.of_rule(self._places[rule.id]))
                found.append((_Rule(rule.id, rule.title, words, rule.kind), part))
        return found

    def _voted(self, heard: Heard, reading: Reading) -> ActScores:
        """What all say of the acts: the text and, where it was looked at, the moment."""
        total, features = self._judge.hearing.vote_of(heard, reading.traits)
        if reading.plain:
            return act_scores(total, features)
        more, traits = self._ballot.of_traits(self._moment(reading).traits)
        return act_scores(total + more, features + traits)

    def _pieces(self, heard: Heard, decided: _Decided) -> tuple[str, ...]:
        """The model's pieces of words that supported most."""
        literals = self._rulebook.matcher.literals
        bias = decided.part(act_scores(*self._ballot.of_words(0, 0, ())))
        parts = {
            literals[number]: decided.part(act_scores(*self._ballot.of_words(0, 0, {number})))
            - bias
            for number in heard.literals
        }
        return strongest_pieces(parts, MOST_PIECES)

    def _with_trees(
        self, reading: Reading, rules: list[tuple[_Rule, float]], words: float, side: int
    ) -> tuple[list[tuple[_Rule, float]], float]:
        """The parts of rules and words in the vote, with those that they have in the trees.

        A rule's part in them is what they would say less without it. The rest stands on the sums
        of the vote, and is shared as these are where it leans as they do.
        """
        trees = self._judge.leaning.trees
        if not trees or reading.plain:
            return rules, words
        moment = self._moment(reading)
        measures = leaning_measures(reading, moment, self._judge.act_scores(reading, moment))
        signs = leaning_signs(reading, moment)
        whole = trees.odds(measures, signs)
        parts = [
            side * (whole - trees.odds(measures, signs & ~self._signs[f"rule:{rule.id}"]))
            for rule, _ in rules
        ]
        rest = side * whole - sum(parts)
        voted = sum(part for _, part in rules) + words
        more = 1 + rest / voted if rest * voted > 0 else 1.0
        told = [(rule, own * more + part) for (rule, own), part in zip(rules, parts, strict=True)]
        return told, words * more + (0.0 if more > 1 else rest)

    def _moment(self, reading: Reading) -> Moment:
        return moment_of(reading, GroupMemory.EMPTY, self._judge.bits)


@dataclass(frozen=True, slots=True)
class _Decided:
    """Between which two acts it was decided; a part is how far something leans to the first."""

    act: int
    other: int

    @classmethod
    def of(cls, act: Act, reading: Reading) -> _Decided:
        scores = reading.act_scores
        if act is Act.NONE:
            return cls(0, max((1, 2, 3), key=scores.__getitem__))
        return cls(ACTS.index(act), 0)

    @property
    def is_of_a_burden(self) -> bool:
        """Whether it was between a burden and nothing."""
        cancel = ACTS.index(Act.CANCEL)
        return cancel not in (self.act, self.other)

    def part(self, scores: ActScores) -> float:
        return scores[self.act] - scores[self.other]


@dataclass(frozen=True, slots=True)
class _Rule:
    id: str
    title: str
    words: str
    kind: Kind | None

    def weighed(self, part: float) -> RuleShare:
        return RuleShare(self.id, self.title, self.words, abs(part), part >= 0, self.kind)


def _strongest(found: Iterable[RuleShare]) -> tuple[RuleShare, ...]:
    return tuple(sorted(found, key=lambda one: (-one.share, one.rule))[:MOST_SHARES])


def _named(found: Iterable[RuleShare]) -> Mapping[Kind, tuple[str, ...]]:
    """What the rules that name a kind found in the text; of words within words the longer."""
    words: dict[Kind, dict[str, None]] = {}
    for share in found:
        if share.kind is not None:
            words.setdefault(share.kind, {})[share.words] = None
    return {
        kind: tuple(
            one for one in said if not any(one in other for other in said if other != one)
        )[:MOST_WORDS]
        for kind, said in words.items()
    }
