"""Judgement: what one message does to a group, by rules, a small vote and what went before."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from bot.domain.deadlines import find_deadline, lead_of
from bot.domain.episodes import SENDER_BYTES, Episode, GroupMemory, opening_order
from bot.domain.excuses import REPLY_ALONE, stated_excuses
from bot.domain.explaining import Explanation, RuleShare
from bot.domain.groups import GroupProfile
from bot.domain.judgement import EPISODE_BYTES, Hit, Judgement
from bot.domain.messages import Form, IncomingMessage
from bot.domain.moments import (
    Link,
    Moment,
    beside_traits,
    kind_bits_of,
    link_weights,
    links_of,
    moment_of,
)
from bot.domain.normal_form import NormalForm
from bot.domain.periods import Week
from bot.domain.pseudonyms import KEY_BYTES, TAG_BYTES, WeekKey
from bot.domain.reading import Place, Reading, Sketch
from bot.domain.rules import Fired, Rule, Rulebook, rule_places
from bot.domain.sketches import pairs, sketch
from bot.domain.traits import TRAIT_BIT, TRAITS, RuleBits, text_traits
from bot.domain.vocabulary import KINDS, Act, Addressed, Exemption, Kind, Lead
from bot.domain.voting import ACTS, OUTPUTS, SCALE, act_scores, kind_scores, packed, shares
from bot.domain.work_calendar import WorkCalendar

Links = tuple[Link, ...]

LONGEST_TEXT = 6000
LONGEST_WORDS = 16
MOST_SHARES = 4
NOTHING = Judgement()
_ADOPTED_WITHIN = 2
_OTHER_WEEKS = 1
_FEW = 12
_SHORTEST_READ = 12
_LINKED = 0.0
_UNTRAINED = 8.0
_NO_WEIGHTS = (0,) * OUTPUTS
# Log-odds by which the words alone must say none: so far nothing of the moment moves a message.
FAR_AHEAD = 2.8
# How much likelier than not a burden must be when its sender laid none before.
DOUBT = 2.5
_STRANGER = TRAIT_BIT["sender.unknown"]
_BARE = sum(TRAIT_BIT[f"length.{most}"] for most in (4, 8, 14, 22, 36))
_WORDLESS_FORMS = (Form.IMAGE, Form.VIDEO, Form.LOCATION, Form.SYSTEM)
_CALLS = re.compile(r"(?:^|[^a-z0-9])@[^\s@]")
# Called by name, yet only answered, thanked or congratulated.
_COURTESY = re.compile(
    r"(?:@\S{1,16}\s*)+(?:收到|好的|好嘞|谢谢|感谢|多谢|恭喜|辛苦|已|明白|在的|嗯|祝|生日|节日|没事|不客气|不用谢"
    r"|给力|点赞|厉害|1$|\[)"
)
_WHO = re.compile(
    r"(?:谁|哪位|哪个同志|哪个老师)[^,。!?\n的]{0,10}(?:离得近|发我|发一下|帮|来一|去一|去看|来顶|带|拿|送|看一下|顶一|搭把手|"
    r"救急|过来|过去|接一下)"
)


class Judge:
    """Judges messages by a rulebook and a calendar. It holds nothing of any message."""

    def __init__(
        self, rulebook: Rulebook, calendar: WorkCalendar, *, far_ahead: float = FAR_AHEAD
    ) -> None:
        self.rulebook = rulebook
        self.rulebook_version = rulebook.version
        self._calendar = calendar
        self._matcher = rulebook.matcher
        self._normal = rulebook.normaliser
        places = rule_places(rulebook.rules)
        kinds = {n: rule.kind.value for n, rule in enumerate(rulebook.rules) if rule.kind}
        sure = {n for n in kinds if rulebook.rules[n].status == "stable"}
        self._places = places
        self._bits = RuleBits(places, kinds, sure)
        model = rulebook.model
        self._model = model
        self._literals = model.literal_weights
        self._rule_weights = [
            packed(model.weights.get(f"rule:{rule.id}") or _own_weights(rule))
            for rule in rulebook.rules
        ]
        self._trait_weights = [
            packed(model.weights.get(f"trait:{name}", _NO_WEIGHTS)) for name in TRAITS
        ]
        self._bias = packed(model.bias)
        self._links = link_weights(model.links)
        self._far_ahead = far_ahead
        self._doubt = DOUBT

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
        order = Place(message.sent_at, message.key)
        said = message.text.reveal()
        if message.form in _WORDLESS_FORMS or not said:
            return Reading(tag, sender_tag, order, message.sent_at, plain=True)
        if len(said) <= _SHORTEST_READ and REPLY_ALONE.fullmatch(said):
            return Reading(tag, sender_tag, order, message.sent_at, plain=True)
        form = self._normal(said[:LONGEST_TEXT])
        text = form.text
        numbers = self._matcher.literals_in(text)
        found = self._matcher.rules_in(text, numbers)
        fired = found.bits
        traits = text_traits(message, text, fired, self._bits)
        total, features = self._vote(fired, traits, self._matcher.model_literals(numbers))
        acts = act_scores(total, features)
        ping = self._calls_on_somebody(message, text)
        lead = acts[0] - max(acts[1:])
        if lead > self._far_ahead:
            return Reading(
                tag, sender_tag, order, message.sent_at, plain=True, ping=ping, fired=fired,
                traits=traits, act_scores=acts,
            )  # fmt: skip
        # Hardly a burden, whatever went before: nothing is worked out that only a burden needs.
        dim = lead > self._far_ahead / 2
        local = message.sent_at.astimezone(group.zone)
        deadline = None
        if not dim and fired & self._bits.timed:
            deadline = find_deadline(text, local, group.hours, self._calendar)
        return Reading(
            tag,
            sender_tag,
            order,
            message.sent_at,
            sketch_keys[0].week,
            int(message.sent_at.timestamp()) // 60,
            local.toordinal(),
            False,
            ping,
            fired,
            traits,
            acts,
            kind_scores(total, features),
            self._sketches(
                message, "" if dim else text, sketch_keys,
                looks_back=bool(fired & self._bits.pressing),
            ),
            message.reply_to is not None,
            deadline,
            None if deadline is None else int(deadline.timestamp()) // 60,
            len(message.mentions),
            message.mentions_all or bool(fired & self._bits.everybody),
            () if dim else self._hits(form, numbers, found),
        )

    def judge(
        self, reading: Reading, memory: GroupMemory, group: GroupProfile
    ) -> tuple[Judgement, GroupMemory]:
        """What the message does, given what is remembered, and what is remembered then."""
        if reading.plain:
            return self._not_a_burden(reading, group), memory
        moment = moment_of(reading, memory, self._bits)
        act = self._act(reading, moment)
        if act is Act.NONE:
            return self._not_a_burden(reading, group), memory
        if act is Act.CANCEL:
            return self._cancelled(reading, self._links_of(reading, moment), memory)
        links: Links = ()
        if act is Act.REMINDER or reading.traits & _BARE or any(e.orphan for e in moment.alive):
            links = self._links_of(reading, moment)
        return self._burden(reading, links, memory, group, act)

    def explain(self, message: IncomingMessage, group: GroupProfile) -> Explanation:
        """Why one message by itself counts or not, as if nothing had gone before it."""
        nobody = bytes(TAG_BYTES)
        key = WeekKey(Week.of(message.sent_at, group.zone), bytes(KEY_BYTES))
        reading = self.read(message, group, tag=nobody, sender_tag=nobody, sketch_keys=(key,))
        judgement, _ = self.judge(reading, GroupMemory.EMPTY, group)
        found = self._rule_shares(message)
        counts = judgement.act.is_burden
        if judgement.act is Act.CANCEL:
            found = tuple(share for share in found if share.rule == "cue.cancel") or found
        return Explanation(
            act=judgement.act,
            kinds=judgement.kinds,
            because=_strongest(share for share in found if (share.share > 0) == counts),
            against=_strongest(share for share in found if (share.share > 0) != counts),
            basis=self._basis(judgement.kinds),
            deadline=judgement.deadline,
            ping=judgement.ping,
            off_hours=judgement.off_hours,
            exempt=judgement.exempt,
            claimed_urgent=judgement.claimed_urgent,
            rulebook=self.rulebook_version,
            hits=judgement.hits,
        )

    def _rule_shares(self, message: IncomingMessage) -> tuple[RuleShare, ...]:
        said = message.text.reveal()[:LONGEST_TEXT]
        form = self._normal(said)
        numbers = self._matcher.literals_in(form.text)
        found = self._matcher.rules_in(form.text, numbers)
        shares_ = []
        for name, start, end in self._matcher.spans(form, numbers, found):
            rule = self.rulebook.rule(name)
            none, demand, reminder, _ = act_scores(self._rule_weights[self._places[name]], 1)
            if rule is not None:
                share = max(demand, reminder) - none
                words = said[start:end][:LONGEST_WORDS]
                shares_.append(RuleShare(name, rule.title, words, share, rule.kind))
        return tuple(shares_)

    def _basis(self, kinds: tuple[Kind, ...]) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(
                reference
                for rule in self.rulebook.rules
                if rule.kind in kinds
                for reference in rule.references
            )
        )

    # Reading

    def _vote(self, fired: int, traits: int, literals: Sequence[int]) -> tuple[int, int]:
        """The sum of all shares of the words, packed, and how many they are."""
        total = self._bias + sum(map(self._literals.__getitem__, literals))
        features = 1 + len(literals) + fired.bit_count() + traits.bit_count()
        for table, bits in ((self._rule_weights, fired), (self._trait_weights, traits)):
            while bits:
                low = bits & -bits
                bits ^= low
                total += table[low.bit_length() - 1]
        return total, features

    def _trait_vote(self, traits: int) -> tuple[int, int]:
        total, bits = 0, traits
        while bits:
            low = bits & -bits
            bits ^= low
            total += self._trait_weights[low.bit_length() - 1]
        return total, traits.bit_count()

    def _calls_on_somebody(self, message: IncomingMessage, text: str) -> bool:
        """Whether a message that is no burden calls on somebody to act or answer for work."""
        if message.mentions or message.mentions_all or _CALLS.search(text):
            return _COURTESY.match(text) is None
        return _WHO.search(text) is not None

    def _sketches(
        self, message: IncomingMessage, text: str, keys: Sequence[WeekKey], *, looks_back: bool
    ) -> tuple[Sketch, ...]:
        own = f"key:{message.key.reveal()}"
        answered = f"key:{message.reply_to.reveal()}" if message.reply_to else ""
        found = pairs(text)
        first = keys[0]
        sketches = [
            Sketch(
                first.week,
                sketch(found, first),
                first.shingle(own),
                first.shingle(answered) if answered else 0,
            )
        ]
        # Only what presses or takes back looks for an episode of the week before.
        if looks_back:
            for key in keys[1 : 1 + _OTHER_WEEKS]:
                mark = key.shingle(answered) if answered else 0
                sketches.append(Sketch(key.week, sketch(found[:_FEW], key), 0, mark))
        return tuple(sketches)

    def _hits(
        self, form: NormalForm, numbers: Mapping[int, int], found: Fired
    ) -> tuple[Hit, ...]:
        return tuple([Hit(*span) for span in self._matcher.spans(form, numbers, found)])

    # Judging

    def _act(self, reading: Reading, moment: Moment) -> Act:
        beside = act_scores(*self._trait_vote(moment.traits))
        a, b, c, d = (x + y for x, y in zip(reading.act_scores, beside, strict=True))
        p_none, p_demand, p_reminder, p_cancel = shares((a, b, c, d))
        if p_cancel > max(p_none, p_demand + p_reminder):
            return Act.CANCEL
        # Of somebody who has asked for nothing so far, more is needed to believe it.
        doubt = self._doubt if moment.traits & _STRANGER else 1.0
        if p_demand + p_reminder <= p_none * doubt:
            return Act.NONE
        return Act.DEMAND if p_demand >= p_reminder else Act.REMINDER

    def _links_of(self, reading: Reading, moment: Moment) -> Links:
        return links_of(reading, moment, self._bits, self._links)

    def _not_a_burden(self, reading: Reading, group: GroupProfile) -> Judgement:
        if not reading.ping:
            return NOTHING
        return Judgement(ping=True, off_hours=self._is_off_hours(reading, group))

    def _is_off_hours(self, reading: Reading, group: GroupProfile) -> bool:
        return self._calendar.is_off_hours(reading.sent_at.astimezone(group.zone), group.hours)

    def _cancelled(
        self, reading: Reading, links: Links, memory: GroupMemory
    ) -> tuple[Judgement, GroupMemory]:
        excuses = stated_excuses(reading, self._bits)
        if not links:
            return Judgement(Act.CANCEL, hits=reading.hits, excuses=excuses), memory
        episode = links[0].episode
        judgement = Judgement(
            Act.CANCEL, episode=episode.id, hits=reading.hits, excuses=excuses
        )
        return judgement, memory.with_episode(episode.ended(reading.minute), reading.minute)

    def _burden(
        self, reading: Reading, links: Links, memory: GroupMemory, group: GroupProfile, act: Act
    ) -> tuple[Judgement, GroupMemory]:
        link = self._link(reading, links, act)
        kinds = self._kinds(reading, links, link)
        emergency = self._is_emergency(reading, link)
        episode = self._episode(
            reading, link.episode if link else None, kinds, act, emergency=emergency
        )
        lead = Lead.NONE
        if reading.deadline is not None:
            local = reading.sent_at.astimezone(group.zone)
            lead = lead_of(local, reading.deadline, group.hours, self._calendar)
        judgement = Judgement(
            act=act,
            kinds=tuple(kind for number, kind in enumerate(KINDS) if kinds >> number & 1),
            ping=True,
            off_hours=self._is_off_hours(reading, group),
            episode=episode.id,
            opens=link is None,
            deadline=reading.deadline,
            lead=lead,
            addressed=_addressed(reading, group),
            exempt=Exemption.EMERGENCY if emergency else None,
            claimed_urgent=not emergency and bool(reading.fired & self._bits.claimed),
            hits=reading.hits,
            excuses=stated_excuses(reading, self._bits),
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

    def _kinds(self, reading: Reading, links: Links, link: Link | None) -> int:
        own = kind_bits_of(reading.fired & ~self._bits.laggards, self._bits)
        beside = 0
        if link is not None:
            beside = beside_traits(own, link.episode.kinds, routine=False)
        elif routine := self._routine(reading, links, own):
            beside = beside_traits(own, routine.kinds, routine=True)
        shift = kind_scores(*self._trait_vote(beside))
        return sum(
            1 << number
            for number, score in enumerate(reading.kind_scores)
            if score + shift[number] > 0
        )

    def _routine(self, reading: Reading, links: Links, own: int) -> Episode | None:
        """The earlier episode whose demand a bare one makes anew."""
        if not reading.traits & _BARE:
            return None
        sender = reading.sender_tag[:SENDER_BYTES]
        bare = [
            link
            for link in links
            if sender in link.episode.senders and not own & ~link.episode.kinds
        ]
        return max(bare, key=_routine_odds).episode if bare else None

    def _is_emergency(self, reading: Reading, link: Link | None) -> bool:
        if reading.fired & self._bits.emergency:
            return True
        return link is not None and link.episode.emergency

    def _episode(
        self, reading: Reading, known: Episode | None, kinds: int, act: Act, *, emergency: bool
    ) -> Episode:
        own = reading.sketches[0]
        sender = reading.sender_tag[:SENDER_BYTES]
        if known is not None:
            mark = own.mark if own.week == known.week else 0
            return known.pressed(
                reading.minute, reading.day, sender, kinds, mark, reading.due
            )
        return Episode(
            id=reading.tag[:EPISODE_BYTES],
            week=own.week,
            opened_at=reading.minute,
            last_at=reading.minute,
            day=reading.day,
            senders=(sender,),
            kinds=kinds,
            shingles=own.shingles,
            marks=(own.mark,),
            deadline=reading.due,
            orphan=act is Act.REMINDER,
            emergency=emergency,
        )


def _strongest(found: Iterable[RuleShare]) -> tuple[RuleShare, ...]:
    return tuple(sorted(found, key=lambda one: (-abs(one.share), one.rule))[:MOST_SHARES])


def _routine_odds(link: Link) -> tuple[float, int, int, int]:
    return link.like * 3 + link.odds / 4, link.episode.last_at, *opening_order(link.episode)


def _own_weights(rule: Rule) -> list[int]:
    # A rule that an office added since the model was trained decides its kind by itself.
    weights = [0] * OUTPUTS
    weights[1] = round(SCALE * rule.weight)
    weights[2] = round(SCALE * rule.weight / 2)
    if rule.kind:
        weights[len(ACTS) + KINDS.index(rule.kind)] = round(SCALE * _UNTRAINED * rule.weight)
    return weights


def _addressed(reading: Reading, group: GroupProfile) -> Addressed:
    called = reading.named if reading.named and not reading.for_all else group.size
    for most, size in ((10, Addressed.FEW), (50, Addressed.SOME), (200, Addressed.MANY)):
        if called < most:
            return size
    return Addressed.MASS
