"""Judgement: what one message does to a group, by rules, a small vote and what went before."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import log

from bot.domain.ballot import Ballot
from bot.domain.deadlines import lead_of
from bot.domain.emergencies import emergency_traits, emergency_weights
from bot.domain.episodes import SENDER_BYTES, Episode, GroupMemory, opening_order
from bot.domain.excuses import is_plain_order, stated_excuses
from bot.domain.forest import Forest
from bot.domain.groups import GroupProfile
from bot.domain.hearing import FAR_AHEAD, Hearing
from bot.domain.judgement import VOTE_ALONE, Hit, Judgement
from bot.domain.leaning import Leaning
from bot.domain.link_weights import LinkWeights
from bot.domain.links import (
    Link,
    Links,
    asks_if_read,
    links_of,
    sum_of,
)
from bot.domain.messages import IncomingMessage
from bot.domain.moments import Moment, frame_shared, is_of_this_hour, moment_of
from bot.domain.opening import opened_by, pressed_by
from bot.domain.own_words import Called, call_traits, call_weights, calling
from bot.domain.pseudonyms import WeekKey
from bot.domain.reading import Reading
from bot.domain.relaying import (
    beside_record,
    judged_record,
    points_aside,
    record_before,
    zones_of,
)
from bot.domain.rules import Rulebook, places_in, rule_places
from bot.domain.second_look import AGAIN_TRAITS, Beside, again_traits, beside_weights
from bot.domain.traits import TRAIT_BIT, RuleBits
from bot.domain.vocabulary import Act, Addressed, Exemption, Lead, kinds_from_bits
from bot.domain.voting import ActScores, act_scores, shares
from bot.domain.work_calendar import WorkCalendar

NOTHING = Judgement()
_ADOPTED_WITHIN = 2
_LINKED = 0.5
# How much likelier than not a burden must be when its sender laid none before, and how much of
# that where the words are a plain order to several, and nothing in them excuses.
DOUBT = 5.0
PLAINLY = 0.5
# An emergency that neither a rule, nor the episode, nor the group's last hours tell of must be four
# times as likely as none: what is spared counts against no limit.
_BY_WORDING_ALONE = log(4)
# So many log-odds are more than the trees can make up for.
_FAR_LIKELIER = 4.0
# Log-odds of a demand against a reminder that no second look turns round.
_PLAINLY_NEW = 3.0
# A burden asks for something. Where no kind is likely, one that nearly is will do; where none nearly
# is, the words alone must speak for a burden by this many log-odds.
_ALMOST_A_KIND = -0.5
_LEANS_FAR = 3.0
# So low a vote on a kind that nothing raises it but an episode that has it.
_UNHEARD_OF = -4.0
# How far the time of day says which routine a bare demand takes up.
_OF_THIS_HOUR = 3.0
# So much of its frame makes a short demand one of several in that frame.
_FRAMED = 0.25
_STRANGER = TRAIT_BIT["sender.unknown"]
_CALLS_ALL = TRAIT_BIT["mentions_all"]
_BARE = sum(TRAIT_BIT[f"length.{most}"] for most in (4, 8, 14, 22, 36))


class Judge:
    """Judges messages by a rulebook and a calendar. It holds nothing of any message.

    Raises NoCalendarForYear for a moment of a year without a calendar.
    """

    def __init__(
        self, rulebook: Rulebook, calendar: WorkCalendar, *, far_ahead: float = FAR_AHEAD
    ) -> None:
        self.rulebook = rulebook
        self.rulebook_version = rulebook.version
        self._calendar = calendar
        self._places = rule_places(rulebook.rules)
        kinds = {n: rule.kind.value for n, rule in enumerate(rulebook.rules) if rule.kind}
        sure = {n for n in kinds if rulebook.rules[n].status == "stable"}
        self.bits = RuleBits(self._places, kinds, sure)
        self.ballot = Ballot(rulebook)
        self.links = LinkWeights(rulebook.model.links)
        self.leaning = Leaning(rulebook)
        self._again = Forest(rulebook.model.again, AGAIN_TRAITS, {})
        self._beside = beside_weights(rulebook.model.beside)
        self._calls = call_weights(rulebook.model.calls)
        self.emergencies = emergency_weights(rulebook.model.emergencies)
        self.hearing = Hearing(rulebook, calendar, self.ballot, self.bits, far_ahead)

    def read(
        self,
        message: IncomingMessage,
        group: GroupProfile,
        *,
        tag: bytes,
        sender_tag: bytes,
        sketch_keys: Sequence[WeekKey],
    ) -> Reading:
        """Everything that needs the words; they are not in what comes back."""
        read = self.hearing.read
        reading = read(message, group, tag=tag, sender_tag=sender_tag, sketch_keys=sketch_keys)
        if message.forwarded:
            hear = partial(
                read, group=group, tag=tag, sender_tag=sender_tag, sketch_keys=sketch_keys
            )
            return reading._replace(inside=zones_of(message, group.zone, hear))
        return reading._replace(points=True) if points_aside(message.text.reveal()) else reading

    def judge(
        self, reading: Reading, memory: GroupMemory, group: GroupProfile
    ) -> tuple[Judgement, GroupMemory]:
        """What the message does, given what is remembered, and what is remembered then."""
        if reading.inside:
            own = self._judged(reading, memory, group)
            zones = [(one, *self._judged(one.reading, memory, group)) for one in reading.inside]
            return judged_record(reading, memory, own, zones)
        judgement, after = self._judged(reading, memory, group)
        record = record_before(reading, memory)
        if record is None:
            return judgement, after
        if reading.points and judgement.act is Act.NONE:
            # "按此执行" calls on everybody, whatever else it says.
            return self._not_a_burden(reading._replace(ping=True), group), memory
        return beside_record(reading, record, judgement, memory) or (judgement, after)

    def _judged(
        self, reading: Reading, memory: GroupMemory, group: GroupProfile
    ) -> tuple[Judgement, GroupMemory]:
        """What the words by themselves do."""
        if reading.plain:
            return self._not_a_burden(reading, group), memory
        calls = calling(reading, memory) if self._calls else None
        if reading.faint and calls is None:
            return self._not_a_burden(reading, group), memory
        moment = moment_of(reading, memory, self.bits)
        scores = self.act_scores(reading, moment)
        act = self._act(reading, scores, moment)
        if act is Act.NONE and calls and self.is_call(reading, scores, *calls):
            act = Act.DEMAND if scores[1] >= scores[2] else Act.REMINDER
        if act is Act.NONE:
            return self._not_a_burden(reading, group), memory
        if act is Act.DEMAND and self._is_plainly_new(reading, scores, moment):
            return self._burden(reading, (), memory, group, act)
        links = self.links_of(reading, moment)
        if act is Act.CANCEL:
            return self._cancelled(reading, links, memory)
        if links and self._again:
            act = self._second_look(reading, scores, links)
        return self._burden(reading, links, memory, group, act)

    def hits(self, message: IncomingMessage) -> tuple[Hit, ...]:
        """Where the rules that fire on a message matched it, for somebody who asks to see that."""
        return self.hearing.hits(message.text.reveal())

    def act_scores(self, reading: Reading, moment: Moment) -> ActScores:
        """The first look: what the words and the moment say of each act, in log-odds."""
        none, demand, reminder, cancel = reading.act_scores
        a, b, c, d = act_scores(*self.ballot.of_traits(moment.traits))
        return none + a, demand + b, reminder + c, cancel + d

    def doubt(self, reading: Reading, moment: Moment) -> float:
        """How much likelier than not a message must be a burden to count as one.

        Of somebody who has asked for nothing so far, more is needed to believe it, but where
        everybody is called: a group lets few do that. Who asks whether another's notice was read
        asks for nothing new.
        """
        if not moment.traits & _STRANGER or reading.traits & _CALLS_ALL:
            return 1.0
        if asks_if_read(reading, moment.alive):
            return 1.0
        return DOUBT * PLAINLY if is_plain_order(reading, self.bits) else DOUBT

    def _act(self, reading: Reading, scores: ActScores, moment: Moment) -> Act:
        if scores[0] - max(scores[1:]) > _FAR_LIKELIER:
            return Act.NONE
        p_none, p_demand, p_reminder, p_cancel = shares(scores)
        if p_cancel > max(p_none, p_demand + p_reminder):
            return Act.CANCEL
        if self.leaning(reading, moment, scores) <= log(self.doubt(reading, moment)):
            return Act.NONE
        return Act.DEMAND if p_demand >= p_reminder else Act.REMINDER

    def _is_plainly_new(self, reading: Reading, scores: ActScores, moment: Moment) -> bool:
        """Whether no open episode could make a reminder of a demand, nor lend it its kinds."""
        if scores[1] - scores[2] < _PLAINLY_NEW or reading.traits & _BARE:
            return False
        return not any(episode.orphan for episode in moment.alive)

    def _second_look(self, reading: Reading, scores: ActScores, links: Links) -> Act:
        """A burden is a reminder where it fits an episode well enough."""
        traits = again_traits(reading, scores[2] - scores[1], links, self.bits)
        return Act.REMINDER if self._again.odds(tuple(traits.values())) > 0 else Act.DEMAND

    def is_call(
        self, reading: Reading, scores: ActScores, episode: Episode, called: Called
    ) -> bool:
        """Whether a short text that says a burden's name lays or presses it again."""
        traits = call_traits(reading, scores[0] - max(scores[1:3]), episode, called, self.bits)
        return sum_of(traits, self._calls) > 0

    def links_of(self, reading: Reading, moment: Moment) -> Links:
        """The open episodes that a message may belong to, the likeliest first."""
        return links_of(reading, moment, self.bits, self.links)

    def _not_a_burden(self, reading: Reading, group: GroupProfile) -> Judgement:
        if not reading.ping:
            return NOTHING
        return Judgement(ping=True, off_hours=self._is_off_hours(reading, group))

    def _fired(self, reading: Reading) -> tuple[str, ...]:
        rules = self.rulebook.rules
        return tuple([rules[place].id for place in places_in(reading.fired)]) or (VOTE_ALONE,)

    def _is_off_hours(self, reading: Reading, group: GroupProfile) -> bool:
        return self._calendar.is_off_hours(reading.sent_at.astimezone(group.zone), group.hours)

    def _cancelled(
        self, reading: Reading, links: Links, memory: GroupMemory
    ) -> tuple[Judgement, GroupMemory]:
        rules, excuses = self._fired(reading), stated_excuses(reading, self.bits)
        if not links:
            return Judgement(Act.CANCEL, rules=rules, excuses=excuses), memory
        episode = links[0].episode
        judgement = Judgement(Act.CANCEL, episode=episode.id, rules=rules, excuses=excuses)
        return judgement, memory.with_episode(episode.ended(reading.minute), reading.minute)

    def _burden(
        self, reading: Reading, links: Links, memory: GroupMemory, group: GroupProfile, act: Act
    ) -> tuple[Judgement, GroupMemory]:
        case, beside = self.beside_of(reading, links, act)
        link = beside if case == "pressed" else None
        emergency = self._is_emergency(reading, memory, link)
        kinds = self._kinds(reading, case, beside, emergency=emergency)
        if not (kinds or emergency or link) and _leaning(reading) < _LEANS_FAR:
            return self._not_a_burden(reading, group), memory
        if link:
            episode = pressed_by(reading, link.episode, kinds)
        else:
            renewed = None
            if beside and act is Act.DEMAND and not self.is_another(reading, beside):
                renewed = beside.episode
            episode = opened_by(reading, kinds, act, emergency=emergency, renewed=renewed)
        lead = Lead.NONE
        if reading.deadline is not None:
            local = reading.sent_at.astimezone(group.zone)
            lead = lead_of(local, reading.deadline, group.hours, self._calendar)
        judgement = Judgement(
            act=act,
            kinds=kinds_from_bits(kinds),
            ping=True,
            off_hours=self._is_off_hours(reading, group),
            episode=episode.id,
            opens=link is None,
            deadline=reading.deadline,
            lead=lead,
            addressed=_addressed(reading, group),
            exempt=Exemption.EMERGENCY if emergency else None,
            claimed_urgent=not emergency and bool(reading.fired & self.bits.claimed),
            rules=self._fired(reading),
            excuses=stated_excuses(reading, self.bits),
        )
        return judgement, memory.with_episode(episode, reading.minute)

    def _link(self, reading: Reading, links: Links, act: Act) -> Link | None:
        """The episode a burden belongs to; None when it opens its own."""
        if act is Act.REMINDER:
            best = links[0] if links else None
            return best if best and best.odds > _LINKED else None
        for link in links:
            # A reminder that came in before its notice opened an episode that is the notice's.
            late = link.episode.opened_at - reading.minute
            if link.episode.orphan and 0 <= late <= _ADOPTED_WITHIN and link.odds > _LINKED:
                return link
        return None

    def beside_of(self, reading: Reading, links: Links, act: Act) -> tuple[str, Link | None]:
        """What a burden takes its kinds from beside its words: one of KIND_CASES, and the link."""
        if link := self._link(reading, links, act):
            return "pressed", link
        if routine := self.routine(reading, links, reading.kinds):
            return "renewed", routine
        return "alone", None

    def _kinds(self, reading: Reading, case: str, beside: Link | None, *, emergency: bool) -> int:
        told = Beside(reading, case, beside, self.bits)
        kinds = 0
        held = beside.episode.kinds if beside else 0
        likeliest, most = 0, float("-inf")
        almost, nearest = 0, _ALMOST_A_KIND
        for number, score in enumerate(told.scores):
            has = held >> number & 1
            if score < _UNHEARD_OF and not has:
                continue
            odds = sum_of(told.traits_of(number), self._beside)
            if odds > 0:
                kinds |= 1 << number
            elif has and odds > most:
                likeliest, most = 1 << number, odds
            if odds > nearest:
                almost, nearest = 1 << number, odds
        # What presses for something presses for one of the things that were asked.
        if case == "pressed":
            kinds = kinds or likeliest
        # Only in an emergency is something asked for that is of no kind.
        return kinds or (0 if emergency else almost)

    def is_another(self, reading: Reading, link: Link) -> bool:
        """Whether a short demand has an earlier one's frame around another matter.

        It may be of the same kinds, and yet is about its own words alone.
        """
        if reading.fired & self.bits.routine or link.called.wholly or not link.matter.is_other:
            return False
        return frame_shared(reading, link.episode) >= _FRAMED

    def routine(self, reading: Reading, links: Links, own: int) -> Link | None:
        """The link to the earlier episode whose demand a bare one makes anew."""
        if not reading.traits & _BARE:
            return None
        sender = reading.sender_tag[:SENDER_BYTES]
        bare = [
            link
            for link in links
            if sender in link.episode.senders and not own & ~link.episode.kinds
        ]
        if not bare:
            return None
        return max(bare, key=lambda link: _routine_odds(link, reading.minute, reading.day))

    def _is_emergency(self, reading: Reading, memory: GroupMemory, link: Link | None) -> bool:
        if not self.bits.emergency:
            return False  # an office that retires the rule wants only what was declared (ADR 28)
        traits = emergency_traits(reading, memory, link, self.bits)
        is_told = bool(reading.fired & self.bits.emergency) or link is not None
        is_told = is_told or any(episode.emergency for episode in memory.episodes)
        return sum_of(traits, self.emergencies) > (0 if is_told else _BY_WORDING_ALONE)


def _leaning(reading: Reading) -> float:
    """How far the words alone are for a burden, in log-odds."""
    none, demand, reminder, _ = reading.act_scores
    return max(demand, reminder) - none


def _routine_odds(link: Link, minute: int, day: int) -> tuple[float, int, int, int]:
    episode = link.episode
    hour = _OF_THIS_HOUR if is_of_this_hour(minute, day, episode) else 0.0
    called = link.called.terms + link.called.signs
    return (
        link.like * 3 + link.odds / 4 + hour + called * _OF_THIS_HOUR,
        episode.last_at,
        *opening_order(episode),
    )


def _addressed(reading: Reading, group: GroupProfile) -> Addressed:
    called = reading.named if reading.named and not reading.for_all else group.size
    for most, size in ((10, Addressed.FEW), (50, Addressed.SOME), (200, Addressed.MANY)):
        if called < most:
            return size
    return Addressed.MASS
