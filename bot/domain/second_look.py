"""The second look at a burden: a reminder or a new demand, and of which kinds it is."""

from __future__ import annotations

from collections.abc import Mapping
from math import log

from bot.domain.links import SHORT, Link, Links, Traits, said_of
from bot.domain.moments import (
    frame_shared,
    is_answered,
    is_nearly_due,
    is_of_this_hour,
    rare_shared,
)
from bot.domain.reading import Reading
from bot.domain.traits import TRAIT_BIT, RuleBits
from bot.domain.vocabulary import KINDS

_DAY = 24 * 60
_MUCH = 3
_LONG = sum(TRAIT_BIT[f"length.{most}"] for most in (60, 110, 100000))
_MANY = TRAIT_BIT["lists_many"] | TRAIT_BIT["mentions_many"]

# How a burden stands to the episode it fits best: what tells a reminder from a new demand.
AGAIN_TRAITS = (
    "bias", "vote", "vote_near", "odds", "odds_high", "odds_low", "second", "like", "like_best",
    "like_fair", "like_strong", "kinds_same", "kinds_part", "kinds_more", "kinds_other",
    "kinds_none", "votes_shared", "due_none", "due_same", "due_first", "same_day",
    "earlier_day", "mine", "opener", "minutes", "hour", "age", "due_past", "due_past_long",
    "short", "long", "lists_many", "lack", "remind", "routine", "moved", "notice", "bot",
    "urge", "answers", "routine_earlier", "named_earlier", "same_day_like", "same_day_kinds",
    "earlier_due", "mine_kinds_today", "bot_same_day", "orphan", "pressed", "question",
    "everybody", "must", "long_like", "mine_like", "short_mine_minutes", "same_hour",
    "same_hour_short", "any_same_hour", "any_same_hour_short", "rare", "rare_none", "matter",
    "twin", "twin_calm", "twin_due", "other_kinds", "matter_rest", "other_whole", "matter_same",
    "matter_other", "matter_untold", "matter_any", "other_due", "other_calm", "same_short",
    "named", "named_only", "named_common", "named_much", "named_alone", "terms", "signs",
    "called_earlier", "called_today", "called_minutes",
    "due_near", "due_near_short", "due_same_day", "due_other_day", "acknowledge",
)  # fmt: skip


def again_traits(
    reading: Reading, vote: float, links: Links, bits: RuleBits
) -> Mapping[str, float]:
    """How a burden stands to its likeliest episode, in the order of AGAIN_TRAITS.

    `vote` is the first look's (reminder − demand).
    """
    said = said_of(reading, bits)
    best = links[0]
    episode = best.episode
    likest = max(link.like for link in links)
    minute, kinds, open_ = reading.minute, said.kinds, episode.kinds
    vote = max(-4.0, min(4.0, vote))
    odds = max(-5.0, min(5.0, best.odds))
    second = max(-5.0, min(5.0, links[1].odds)) if len(links) > 1 else -5.0
    gap = max(0, minute - episode.last_at)
    today = episode.day == reading.day
    mine = said.sender in episode.senders
    own = said.votes_on(open_)
    traits, fired = reading.traits, reading.fired
    short, long_ = bool(traits & SHORT), bool(traits & _LONG)
    due, theirs = reading.due, episode.deadline
    same_due = due is not None and due == theirs
    apart = None if due is None or theirs is None or same_due else abs(due - theirs)
    this_hour = mine and is_of_this_hour(minute, reading.day, episode)
    any_hour = any(
        said.sender in link.episode.senders and is_of_this_hour(minute, reading.day, link.episode)
        for link in links
    )
    rare = rare_shared(reading, episode)
    nearly_due = mine and is_nearly_due(minute, episode)
    matter, naming, called = best.matter, best.naming, best.called
    # All that is shared is shared with several: what they have in common, not what they are about.
    shared_by_several = 0.0 < naming.share < 1.0
    other = matter.is_other
    pressing = bool(fired & bits.pressing)
    framed = frame_shared(reading, episode)
    share = matter.shared / (min(matter.own, matter.theirs) + 1)
    # Of a long message much is new, whatever it is about.
    rest = min(_MUCH, matter.own - matter.shared)
    # The same frame around another matter.
    twin = framed * (1 - share) if matter.own > matter.shared and matter.theirs else 0.0
    return {
        "bias": 1.0, "vote": vote, "vote_near": 1.0 if abs(vote) < 1 else 0.0, "odds": odds,
        "odds_high": max(0.0, odds - 1), "odds_low": min(0.0, odds + 1), "second": second,
        "like": best.like, "like_best": likest, "like_fair": likest >= 0.3,
        "like_strong": likest >= 0.55, "kinds_same": bool(kinds) and kinds == open_,
        "kinds_part": bool(kinds) and kinds != open_ and not kinds & ~open_,
        "kinds_more": bool(kinds & open_) and bool(kinds & ~open_),
        "kinds_other": bool(kinds) and not kinds & open_, "kinds_none": not kinds,
        "votes_shared": own / max(1.0, said.voted), "due_none": due is None, "due_same": same_due,
        "due_first": due is not None and theirs is None,
        "same_day": today, "earlier_day": not today, "mine": mine,
        "opener": said.sender == episode.senders[0], "minutes": gap <= 10, "hour": gap <= 90,
        "age": log(1 + gap / 60), "due_past": theirs is not None and theirs < minute,
        "due_past_long": theirs is not None and theirs < minute - _DAY // 2,
        "short": short, "long": long_, "lists_many": bool(traits & TRAIT_BIT["lists_many"]),
        "lack": said.lack, "remind": bool(fired & bits.remind), "routine": said.routine,
        "moved": bool(fired & bits.cancel), "notice": bool(fired & bits.notice),
        "bot": bool(traits & TRAIT_BIT["from_bot"]), "urge": bool(fired & bits.urge),
        "answers": reading.answers and is_answered(reading, episode),
        "routine_earlier": said.routine and not today,
        "named_earlier": bool(kinds & open_) and not today,
        "same_day_like": best.like if today else 0.0,
        "same_day_kinds": bool(kinds & open_) and today,
        "earlier_due": not today and due is not None and not same_due,
        "mine_kinds_today": mine and today and bool(kinds & open_),
        "bot_same_day": bool(traits & TRAIT_BIT["from_bot"]) and today,
        "orphan": episode.orphan, "pressed": bool(episode.presses),
        "question": bool(fired & bits.question), "everybody": bool(fired & bits.everybody),
        "must": bool(fired & bits.must), "long_like": best.like if long_ else 0.0,
        "mine_like": best.like if mine else 0.0,
        "short_mine_minutes": short and mine and gap <= 60,
        "same_hour": this_hour, "same_hour_short": this_hour and short,
        "any_same_hour": any_hour, "any_same_hour_short": any_hour and short,
        "rare": log(1 + rare), "rare_none": not rare,
        "matter": share, "twin": twin, "twin_calm": 0.0 if pressing else twin,
        "twin_due": twin if same_due else 0.0,
        "other_kinds": other and bool(kinds & open_),
        "matter_rest": log(1 + rest) if matter.theirs and not pressing else 0.0,
        "other_whole": other and not pressing and bool(kinds) and due is not None,
        "matter_same": matter.is_same, "matter_other": other,
        "matter_untold": not matter.own, "matter_any": any(link.matter.is_same for link in links),
        "other_due": other and same_due, "other_calm": other and not pressing, "same_short": matter.is_same and short,
        "named": naming.share, "named_only": log(1 + naming.only),
        "named_common": shared_by_several and not naming.only,
        "named_much": naming.only >= _MUCH, "named_alone": naming.share == 1.0,
        "terms": called.terms, "signs": called.signs,
        "called_earlier": called.wholly and not today, "called_today": called.wholly and today,
        "called_minutes": called.wholly and gap <= 90 and today,
        "due_near": nearly_due, "due_near_short": nearly_due and short,
        "due_same_day": apart is not None and apart < _DAY // 2,
        "due_other_day": apart is not None and apart >= _DAY // 2,
        "acknowledge": best.asks_if_read,
    }  # fmt: skip


# How the words' vote on a kind, and the episode's or routine's having it, make a kind.
KIND_CASES = ("alone", "pressed", "renewed")
_SHARED = (
    "vote", "vote_low", "has", "has_bare", "has_named", "has_others", "has_only", "has_sure",
    "has_short", "has_long", "has_quiet", "foreign_named", "foreign_vote", "vote_short", "has_vote",
    "foreign_short", "has_like", "has_cue", "has_like_named",
    "sentence", "sentence_high", "kinds_said", "kinds_in_sentences", "names_many", "names_few",
)  # fmt: skip
BESIDE_TRAITS = tuple(
    f"{case}.{name}"
    for case in KIND_CASES
    for name in (
        *_SHARED,
        *(f"{manner}.{kind.value}" for manner in ("bias", "owns") for kind in KINDS),
    )
)
# What a vote for one kind says of another: a name list for a secondment is no form of its own.
_WITH = tuple(tuple(f"with.{kind.value}.{other.value}" for other in KINDS) for kind in KINDS)
BESIDE_TRAITS = (*BESIDE_TRAITS, *(name for row in _WITH for name in row))
_BESIDE = {name: place for place, name in enumerate(BESIDE_TRAITS)}
_RANKING = next(n for n, kind in enumerate(KINDS) if kind.value == "ranking")
# Looked up for every kind of every burden: without making their names anew.
_PLACES_IN_CASE = {
    case: {
        name.removeprefix(f"{case}."): place
        for name, place in _BESIDE.items()
        if name.startswith(f"{case}.")
    }
    for case in KIND_CASES
}
_BIAS_OF = tuple(f"bias.{kind.value}" for kind in KINDS)
_OWNS_OF = tuple(f"owns.{kind.value}" for kind in KINDS)
_WITH_PLACES = tuple(tuple(_BESIDE[name] for name in row) for row in _WITH)


class Beside:
    """What speaks for each kind of a burden, once the episode or routine beside it is known."""

    def __init__(self, reading: Reading, case: str, link: Link | None, bits: RuleBits) -> None:
        self.scores = scores = reading.kind_scores
        # A notice of several sentences asks in each what drowns in the words of all.
        self._sentences = sentences = reading.sentence_scores or scores
        self._said = sum(score > 0 for score in scores)
        self._in_sentences = sum(score > 0 for score in sentences)
        self._own = reading.kinds
        self._link = link
        self._routine = bool(reading.fired & bits.routine)
        self._many = bool(reading.traits & _MANY)
        # Fewer than three names, and no figures by name: the guide's bound for a ranking that presses.
        self._few = not self._many and not reading.fired & bits.figures
        self._places = _PLACES_IN_CASE[case]
        self._quiet = max(scores) < 0
        self._short, self._long = bool(reading.traits & SHORT), bool(reading.traits & _LONG)
        # What is voted for says something of every other kind; most kinds are not.
        self._voted = [
            (other, min(theirs, 4.0) / 2) for other, theirs in enumerate(scores) if theirs > 0
        ]

    def traits_of(self, number: int) -> Traits:
        """What speaks for a kind, by the places of BESIDE_TRAITS."""
        score = max(-6.0, min(6.0, self.scores[number]))
        sentence = max(-6.0, min(6.0, self._sentences[number]))
        told: dict[str, float] = {
            "vote": score, "vote_low": min(0.0, score + 2), _BIAS_OF[number]: 1.0,
            "sentence": sentence, "sentence_high": max(0.0, sentence),
            "kinds_said": self._said, "kinds_in_sentences": self._in_sentences,
        }  # fmt: skip
        if number == _RANKING:
            told |= {"names_many": self._many, "names_few": self._few}
        if self._link is not None:
            told |= self._told_beside(self._link, number, score)
        places, beside = self._places, _WITH_PLACES[number]
        found = [(places[name], float(value)) for name, value in told.items() if value]
        found += [(beside[other], share) for other, share in self._voted if other != number]
        return found

    def _told_beside(self, link: Link, number: int, score: float) -> Mapping[str, float]:
        own, short, bit = self._own, self._short, 1 << number
        named, theirs = own & bit, link.episode.kinds
        if not theirs & bit:
            return {
                "foreign_named": bool(named), "foreign_vote": max(0.0, score),
                "foreign_short": short and bool(named), "vote_short": score if short else 0.0,
            }  # fmt: skip
        shared = own & theirs
        return {
            "has": 1.0, "has_bare": not own, "has_named": bool(named),
            "has_others": bool(shared) and not named,
            "has_only": theirs & ~(1 << _RANKING) == bit, "has_short": short,
            "has_long": self._long, "has_sure": max(-3.0, min(3.0, link.odds)),
            "has_quiet": self._quiet, "has_vote": score, "has_like": link.like,
            "has_cue": self._routine, "has_like_named": link.like if shared else 0.0,
            _OWNS_OF[number]: 1.0, "vote_short": score if short else 0.0,
        }  # fmt: skip


def beside_weights(learned: Mapping[str, float]) -> tuple[float, ...]:
    """The weights of BESIDE_TRAITS in their order; untrained, an episode hands its kinds on."""
    if learned:
        return tuple(learned.get(name, 0.0) for name in BESIDE_TRAITS)
    untrained = {"vote": 1.0, "has_bare": 8.0}
    return tuple(untrained.get(name.partition(".")[2], 0.0) for name in BESIDE_TRAITS)
