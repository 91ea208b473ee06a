"""Reading a message: everything that needs its words, so that they can go."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import repeat
from typing import NamedTuple

from bot.domain.ballot import Ballot
from bot.domain.courtesies import without_courtesy
from bot.domain.deadlines import find_deadline
from bot.domain.excuses import REPLY_ALONE
from bot.domain.groups import GroupProfile
from bot.domain.hearsay import without_told
from bot.domain.judgement import VOTE_ALONE, Hit
from bot.domain.messages import Form, IncomingMessage
from bot.domain.normal_form import NormalForm
from bot.domain.own_words import all_of, parts_of, pieces_of, said_under
from bot.domain.prohibitions import without_forbidden
from bot.domain.pseudonyms import WeekKey
from bot.domain.quotations import without_quoted
from bot.domain.reading import Part, Place, Reading, Sketch
from bot.domain.rules import Rulebook
from bot.domain.sketches import pairs_and_matter
from bot.domain.traces import RARE, Trace, trace_of
from bot.domain.traits import RuleBits, text_traits
from bot.domain.voting import ActScores, act_scores, kind_scores
from bot.domain.waivers import without_waived
from bot.domain.work_calendar import WorkCalendar

LONGEST_TEXT = 6000
# Log-odds by which the words alone must say none: so far nothing of the moment moves a message.
FAR_AHEAD = 2.8
# Where the rest is so much farther ahead, skip-bigrams are not looked at: of a hundred such messages
# they would still make one uncertain, and hardly ever a burden.
WITHOUT_SKIPS = 0.7
# Where so short a text may be a group's own word for its routine, more is needed to say none.
FAINT = 1.5
_LONGEST_FAINT = 8
_FEW = 12
_SENTENCES = re.compile(r"[。;!?\n]")
_SHORTEST_SENTENCE = 4
# As many as the longest notice of the corpora has; a text of a thousand must not take longer.
_MOST_SENTENCES = 20
_NO_HASHES: frozenset[int] = frozenset()
_SHORTEST_READ = 12
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


class Heard(NamedTuple):
    """A text as judgement hears it; its words, so it goes when the message was read.

    `asked` is the normal form without what is forbidden, of the same length; `literals` are the
    places of what occurs in it, `fired` the bits of the rules.
    """

    form: NormalForm
    asked: str
    literals: set[int]
    fired: int


class Hearing:
    """Reads messages by a rulebook and a calendar. It holds nothing of any message."""

    def __init__(
        self,
        rulebook: Rulebook,
        calendar: WorkCalendar,
        ballot: Ballot,
        bits: RuleBits,
        far_ahead: float,
    ) -> None:
        self._calendar = calendar
        self._matcher = rulebook.matcher
        self._normal = rulebook.normaliser
        self._known_pairs = rulebook.known_pairs
        self._frame = rulebook.frame
        self._ballot = ballot
        self._bits = bits
        self._far_ahead = far_ahead

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
        heard = self.hear(said)
        text, fired = heard.form.text, heard.fired
        traits = text_traits(message, heard.asked, fired, self._bits)
        vote = self.vote_of(heard, traits)
        acts = act_scores(*vote)
        ping = self._calls_on_somebody(message, text)
        lead = _lead(acts)
        faint = lead > self._far_ahead
        if faint and not (
            lead <= self._far_ahead + FAINT
            and len(text) <= _LONGEST_FAINT
            and not fired & self._bits.reply
        ):
            return Reading(
                tag, sender_tag, order, message.sent_at, plain=True, ping=ping, fired=fired,
                traits=traits, act_scores=acts,
            )  # fmt: skip
        together, counted = self._ballot.of_kinds(fired, traits, heard.literals)
        vote = vote[0] + together, vote[1] + counted
        # Hardly a burden, whatever went before: nothing is worked out that only a burden needs.
        parts = parts_of(text, self._frame)
        dim = lead > self._far_ahead / 2
        local = message.sent_at.astimezone(group.zone)
        deadline = None
        if not dim and fired & self._bits.timed:
            deadline = find_deadline(text, local, group.hours, self._calendar)
        sketches, trace = self._sketches(
            message,
            "" if dim else text,
            parts,
            sketch_keys,
            looks_back=bool(fired & self._bits.pressing),
            asks=lead < 0,
            opens=lead <= 0,
        )
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
            vote,
            sketches,
            message.reply_to is not None,
            deadline,
            None if deadline is None else int(deadline.timestamp()) // 60,
            len(message.mentions),
            message.mentions_all or bool(fired & self._bits.everybody),
            trace,
            kinds=self._bits.kinds_in(fired),
            faint=faint,
            sentence_scores=() if dim else self._sentence_scores(heard.asked, traits),
        )

    def vote_of(self, heard: Heard, traits: int) -> tuple[int, int]:
        """What the words and these traits of a text say together (see `voting`)."""
        words, features = self._ballot.of_words(heard.fired, traits, heard.literals)
        if _lead(act_scores(words, features)) > self._far_ahead + WITHOUT_SKIPS:
            return words, features
        skips, known = self._ballot.of_skips(heard.asked)
        return words + skips, features + known

    def _sentence_scores(self, asked: str, traits: int) -> tuple[float, ...]:
        """The most that one of several sentences says of each kind by itself."""
        sentences = [one for one in _SENTENCES.split(asked) if len(one) >= _SHORTEST_SENTENCE]
        if len(sentences) < 2:
            return ()
        told = [self._kinds_of(one, traits) for one in sentences[:_MOST_SENTENCES]]
        return tuple(map(max, zip(*told, strict=True)))

    def _kinds_of(self, sentence: str, traits: int) -> tuple[float, ...]:
        literals = self._matcher.literals_in(sentence)
        fired = self._matcher.rules_in(sentence, literals)
        words, features = self._ballot.of_words(fired, traits, literals)
        skips, known = self._ballot.of_skips(sentence)
        together, counted = self._ballot.of_kinds(fired, traits, literals)
        return kind_scores(words + skips + together, features + known + counted)

    def _calls_on_somebody(self, message: IncomingMessage, text: str) -> bool:
        """Whether a message that is no burden calls on somebody to act or answer for work."""
        if message.mentions or message.mentions_all or ("@" in text and _CALLS.search(text)):
            return _COURTESY.match(text) is None
        return ("谁" in text or "哪" in text) and _WHO.search(text) is not None

    def _sketches(
        self,
        message: IncomingMessage,
        text: str,
        parts: Sequence[tuple[list[str], list[str]]],
        keys: Sequence[WeekKey],
        *,
        looks_back: bool,
        asks: bool,
        opens: bool,
    ) -> tuple[tuple[Sketch, ...], Trace | None]:
        """What is compared within the group, and, of what asks for something, beyond it."""
        found, matter = pairs_and_matter(text, self._frame) if text else ([], [])
        sorts = list(map(self._known_pairs.get, found, repeat(RARE)))
        answered = f"key:{message.reply_to.reveal()}" if message.reply_to else ""
        first, last = keys[0], keys[1] if len(keys) > 1 else None
        said = said_under(first, parts)
        words = frozenset(first.hashes(pieces_of(text))) if opens else all_of(said)
        mark = first.shingle(f"key:{message.key.reveal()}")
        hashed = first.hashes(found)
        own = _kept(found, sorts, matter, hashed)
        sketches = [_sketch(first, own, mark, answered, words, said)]
        earlier = None
        if last and (asks or looks_back):
            earlier = last.hashes(found if asks else found[:_FEW])
            # Only what presses or takes back looks for an episode of the week before.
            if looks_back:
                few = _kept(found, sorts, matter, earlier[:_FEW])
                said = said_under(last, parts)
                sketches.append(_sketch(last, few, 0, answered, _NO_HASHES, said))
        trace = trace_of(text, sorts, hashed, earlier, keys) if asks else None
        return tuple(sketches), trace

    def hear(self, said: str) -> Heard:
        """What a text asks.

        What it forbids to ask, what it tells of somebody else, what it quotes and takes back, and
        the courtesies around it are not listened to; that it forbids is. Neither is what it waives,
        where the rest asks by itself.
        """
        form = self._normal(said[:LONGEST_TEXT])
        asked = without_courtesy(without_told(without_forbidden(without_quoted(form.text))))
        literals = self._matcher.literals_in(asked)
        fired = self._matcher.rules_in(asked, literals)
        if asked is not form.text:
            named = self._matcher.rules_in(form.text, self._matcher.literals_in(form.text))
            fired |= named & (self._bits.prohibition | self._bits.cancel)
        return self._rest_that_asks(form, asked) or Heard(form, asked, literals, fired)

    def _rest_that_asks(self, form: NormalForm, asked: str) -> Heard | None:
        rest = without_waived(asked)
        if rest == asked:
            return None
        literals = self._matcher.literals_in(rest)
        heard = Heard(form, rest, literals, self._matcher.rules_in(rest, literals))
        none, demand, _, cancel = act_scores(*self.vote_of(heard, 0))
        return heard if demand > max(none, cancel) else None

    def hits(self, said: str) -> tuple[Hit, ...]:
        """The rules that fire on a text, and where they match in it."""
        heard = self.hear(said)
        form, fired = heard.form, heard.fired
        # What forbids is found in the text as it is, everything else in what it asks.
        forbids = 0 if heard.asked == form.text else self._bits.prohibition | self._bits.cancel
        spans = self._matcher.spans(form._replace(text=heard.asked), fired & ~forbids)
        if fired & forbids:
            spans += self._matcher.spans(form, fired & forbids)
        hits = tuple([Hit(*span) for span in spans])
        return hits or (Hit(VOTE_ALONE, *form.original_span(0, len(form.text))),)


def _lead(acts: ActScores) -> float:
    """How far the words say none rather than anything else, in log-odds."""
    none, demand, reminder, cancel = acts
    return none - max(demand, reminder, cancel)


def _kept(
    found: Sequence[str], sorts: Sequence[int], matter: Sequence[str], hashed: Sequence[int]
) -> tuple[frozenset[int], frozenset[int], frozenset[int]]:
    """The hashes of the first pairs: all, those that few notices have, those of the matter."""
    if not hashed:
        return _NO_HASHES, _NO_HASHES, _NO_HASHES
    rare = [shingle for shingle, sort in zip(hashed, sorts, strict=False) if sort == RARE]
    of_pair = dict(zip(found, hashed, strict=False))
    named = of_pair.keys() & matter
    return frozenset(hashed), frozenset(rare), frozenset(map(of_pair.__getitem__, named))


def _sketch(
    key: WeekKey,
    kept: tuple[frozenset[int], frozenset[int], frozenset[int]],
    mark: int,
    answered: str,
    words: frozenset[int],
    said: tuple[Part, ...],
) -> Sketch:
    shingles, rare, matter = kept
    answers = key.shingle(answered) if answered else 0
    return Sketch(key.week, shingles, mark, answers, rare, matter, words, said)
