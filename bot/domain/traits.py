"""Wordless traits of a message and of the moment it came in: what the vote sees beside the words."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Mapping

from bot.domain.messages import Form, IncomingMessage
from bot.domain.normal_form import LONGEST_SPACED_NAME
from bot.domain.vocabulary import KINDS

_LENGTHS = (4, 8, 14, 22, 36, 60, 110, 100000)
_TEXT = (
    *(f"form.{form.value}" for form in Form if form is not Form.TEXT),
    *(f"length.{most}" for most in _LENGTHS),
    "from_bot", "mentions_all", "mentions_one", "mentions_two", "mentions_many", "answers",
    "starts_with_mention", "question_mark", "exclamation", "trailing_dots", "digits", "lines",
    "bracket_title", "hash_title", "name_list", "ends_with_figure", "quoted_words", "tilde",
    "any_kind", "two_kinds", "asks_group_kind", "asks_kind_by", "asks_group_by", "hands_over_by",
    "hands_over_group", "lacks_kind", "lacks_named", "question_alone", "mine_alone", "reply_alone",
    "offer_alone", "rule_alone", "cancel_kind", "cancel_short", "routine_short", "press_short",
    "please_kind", "must_kind", "threat_asks", "joke_alone", "report_alone", "nothing_found",
    "time_kind", "notice_asks", "figures_lack", "one_person_alone", "relay_line_alone", "urge_kind",
    "card_kind", "bot_asks", "long_asks", "lists_two", "lists_many", "lists_many_lack",
    "lists_many_bare", "no_kind_named",
    "told_kind", "told_asks", "quoted_kind",
)  # fmt: skip
_MOMENT = (
    "memory.empty", "memory.open_one", "memory.open_many", "sender.burdened", "sender.opened_last",
    "sender.opened_today", "sender.unknown", "last.minutes", "last.hour", "last.day", "last.older",
    "like.weak", "like.fair", "like.strong", "like.mine", "like.today", "like.earlier",
    "kind.open_today", "kind.open_earlier", "kind.mine_today", "kind.new", "deadline.same",
    "deadline.own", "answers.burden", "routine.earlier", "routine.today",
    "short.mine", "short.others", "lack.open", "names.open", "lack.none", "fresh_day.kind",
    "asks.mine_open", "asks.unknown", "plain.unknown", "plain.mine", "cancel.open", "cancel.mine",
    "deadline.new_mine", "like.cancel", "bare.mine_today", "bare.mine_earlier", "card.after_notice",
    "question.mine", "reply.mine", "like.mine_today", "like.mine_earlier",
    "hour.mine", "hour.mine_short", "due.mine", "due.mine_short", "emergency.now",
    "emergency.mine",
)  # fmt: skip
TRAITS = (*_TEXT, *_MOMENT)
TRAIT_BIT: Mapping[str, int] = {name: 1 << place for place, name in enumerate(TRAITS)}

_NAME_LIST = re.compile(
    r"^(?:@?[\u4e00-\u9fffa-z\d]{1,8}[、 ,/]+){1,}(?:和|以及)?@?[\u4e00-\u9fffa-z\d]{1,8}[。!?~ ]*$"
)
_LISTED = re.compile(
    r"@?[\u4e00-\u9fffa-z0-9()-]{1,9}(?:(?:、| ?[/|] ?| +|和|以及)@?[\u4e00-\u9fffa-z0-9()-]{1,9})+"
)
# The same where no name can end in a separator, so that nothing is tried again: thrice as quick.
_LISTED_PLAINLY = re.compile(
    r"@?[\u4e00-\u9fffa-z0-9()-]{1,9}+(?:(?:、| ?[/|] ?| +)@?[\u4e00-\u9fffa-z0-9()-]{1,9}+)+"
)
_PARTED = re.compile(r"、|[/|]|和|以及")
_AROUND_BARS = re.compile(r" ?([/|]) ?")
_LENGTH_BITS = (*(TRAIT_BIT[f"length.{most}"] for most in _LENGTHS), 0)
_BOUND = {name: TRAIT_BIT[name] for name in TRAITS}


class RuleBits:
    """The bits of the rules that traits ask for, by the places they have in a rulebook."""

    def __init__(
        self, places: Mapping[str, int], kinds: Mapping[int, str], sure: Collection[int]
    ) -> None:
        def bit(*names: str) -> int:
            return sum(1 << places[name] for name in names if name in places)

        self.everybody = bit("cue.everybody", "cue.classes")
        self.deadline = bit("cue.deadline")
        self.today = bit("cue.today")
        self.timed = self.deadline | self.today | bit("meeting.called", "cue.span")
        self.deliver = bit("cue.deliver")
        self.please = bit("cue.please")
        self.must = bit("cue.must")
        self.urge = bit("cue.urge")
        self.threat = bit("cue.threat")
        self.lack = bit("cue.lack")
        self.remind = bit("cue.remind")
        self.routine = bit("cue.routine")
        self.figures = bit("cue.figures", "ranking.table")
        self.notice = bit("cue.notice_form", "cue.relay_notice")
        self.cancel = bit("cue.cancel")
        self.asking = (
            self.everybody | self.deadline | self.deliver | self.please | self.must | self.urge
            | self.threat
        )  # fmt: skip
        self.ordering = self.everybody | self.please | self.must
        self.pressing = self.lack | self.remind | self.cancel | self.urge
        self.reply = bit("excuse.reply")
        self.question = bit("excuse.question")
        self.complaint = bit("excuse.complaint")
        self.mine = bit("excuse.first_person")
        self.offer = bit("excuse.offer")
        self.quota = bit("excuse.quota")
        self.prohibition = bit("excuse.prohibition")
        self.information = bit("excuse.information")
        self.one_person = bit("excuse.one_person")
        self.report = bit("excuse.report")
        self.relay_line = bit("excuse.relay_line")
        # Somebody tells of a demand: what is asked in it is asked of others.
        self.told = bit("excuse.reported", "excuse.cited", "excuse.hearsay")
        self.excuses = (
            self.reply | self.question | self.complaint | self.mine | self.offer
            | self.prohibition | self.information | self.one_person | self.report | self.relay_line
        )  # fmt: skip
        self.emergency = bit("emergency.at_hand")
        self.claimed = bit("emergency.claimed")
        self.laggards = bit("ranking.laggards")
        self.any_kind = sum(1 << place for place in kinds) & ~self.laggards
        numbers = {kind.value: number for number, kind in enumerate(KINDS)}
        self._kind_of = {1 << place: 1 << numbers[kinds[place]] for place in sure}

    def kinds_in(self, fired: int) -> int:
        """The kinds whose sure rules fired, as bits by their place in KINDS."""
        named, kinds = fired & self.any_kind, 0
        while named:
            low = named & -named
            named ^= low
            kinds |= self._kind_of.get(low, 0)
        return kinds


def text_traits(message: IncomingMessage, text: str, fired: int, bits: RuleBits) -> int:
    """The traits that need only the message and the rules that fired on it."""
    b = _BOUND
    traits = 0
    if message.form is not Form.TEXT:
        traits |= b[f"form.{message.form.value}"]
    size = len(text)
    traits |= _LENGTH_BITS[bisect_left(_LENGTHS, size)]
    if message.is_from_bot:
        traits |= b["from_bot"]
        if fired & (bits.any_kind | bits.deadline):
            traits |= b["bot_asks"]
    named = len(message.mentions)
    if message.mentions_all:
        traits |= b["mentions_all"]
    elif named:
        traits |= b[
            "mentions_one" if named == 1 else "mentions_two" if named == 2 else "mentions_many"
        ]
    if message.reply_to is not None or message.quote is not None:
        traits |= b["answers"]
    if text.startswith("@"):
        traits |= b["starts_with_mention"]
    tail = text[-3:]
    if "?" in tail:
        traits |= b["question_mark"]
    if "!" in tail:
        traits |= b["exclamation"]
    if "…" in tail or "..." in tail:
        traits |= b["trailing_dots"]
    if "~" in tail:
        traits |= b["tilde"]
    if "\n" in text:
        traits |= b["lines"]
    if text.startswith("【"):
        traits |= b["bracket_title"]
    elif text.startswith("#"):
        traits |= b["hash_title"]
    if size < 60 and _NAME_LIST.match(text):
        traits |= b["name_list"]
    if tail[-1:].isdigit():
        traits |= b["ends_with_figure"]
    quoted = "“" in text
    if quoted:
        traits |= b["quoted_words"]
    listed = longest_list(text)
    if listed >= 3:
        traits |= b["lists_many"]
        if fired & bits.lack:
            traits |= b["lists_many_lack"]
        if not fired & bits.any_kind:
            traits |= b["lists_many_bare"]
    elif listed > 1:
        traits |= b["lists_two"]
    return traits | _asking_traits(text, fired, bits, size, named, message.form, quoted=quoted)


def _asking_traits(
    text: str, fired: int, bits: RuleBits, size: int, named: int, form: Form, *, quoted: bool
) -> int:
    b = _BOUND
    if not fired:
        return b["no_kind_named"] | b["nothing_found"]
    traits = 0
    kind = fired & bits.any_kind
    asking = fired & bits.asking
    group = fired & bits.everybody
    by = fired & bits.deadline
    lack = fired & bits.lack
    if kind:
        traits |= b["any_kind"]
        if bits.kinds_in(kind).bit_count() > 1:
            traits |= b["two_kinds"]
        if group:
            traits |= b["asks_group_kind"]
        if by:
            traits |= b["asks_kind_by"]
        if lack:
            traits |= b["lacks_kind"]
        if fired & bits.please:
            traits |= b["please_kind"]
        if fired & bits.must:
            traits |= b["must_kind"]
        if fired & bits.urge:
            traits |= b["urge_kind"]
        if fired & bits.today:
            traits |= b["time_kind"]
        if fired & bits.cancel:
            traits |= b["cancel_kind"]
        if form is Form.LINK:
            traits |= b["card_kind"]
        if fired & bits.told:
            traits |= b["told_kind"]
        if quoted:
            traits |= b["quoted_kind"]
    if asking and fired & bits.told:
        traits |= b["told_asks"]
    if group and by:
        traits |= b["asks_group_by"]
    if fired & bits.deliver:
        if by:
            traits |= b["hands_over_by"]
        if group:
            traits |= b["hands_over_group"]
    if lack and named:
        traits |= b["lacks_named"]
    if lack and fired & bits.figures:
        traits |= b["figures_lack"]
    if fired & bits.threat and asking & ~bits.threat:
        traits |= b["threat_asks"]
    if fired & bits.notice and asking:
        traits |= b["notice_asks"]
    if size > 110 and asking:
        traits |= b["long_asks"]
    if fired & bits.cancel and size <= 30:
        traits |= b["cancel_short"]
    if fired & bits.routine and size <= 22:
        traits |= b["routine_short"]
    if fired & (bits.urge | bits.lack) and size <= 22:
        traits |= b["press_short"]
    if not kind:
        traits |= b["no_kind_named"]
    hard = asking & ~(bits.must | bits.urge)
    if not hard:
        if fired & bits.question:
            traits |= b["question_alone"]
        if fired & bits.mine:
            traits |= b["mine_alone"]
        if fired & bits.reply:
            traits |= b["reply_alone"]
        if fired & bits.complaint:
            traits |= b["joke_alone"]
        if fired & bits.report:
            traits |= b["report_alone"]
        if fired & bits.relay_line:
            traits |= b["relay_line_alone"]
        if fired & bits.one_person:
            traits |= b["one_person_alone"]
    if fired & bits.offer and not fired & bits.quota:
        traits |= b["offer_alone"]
    if fired & bits.prohibition and not by:
        traits |= b["rule_alone"]
    return traits


def longest_list(text: str) -> int:
    """How many short names the longest enumeration has; 0 where there is none."""
    if "、" not in text and " " not in text and "/" not in text and "|" not in text:
        return 0
    listed = _LISTED if "和" in text or "以及" in text else _LISTED_PLAINLY
    return max((_names_in(run) for run in listed.findall(text)), default=0)


def _names_in(run: str) -> int:
    """How many of what is enumerated are names, and not what is wanted of them behind a space."""
    if " " not in run:
        return len(_PARTED.findall(run)) + 1
    groups = _AROUND_BARS.sub(r"\1", run).split()
    counts = [len(_PARTED.findall(group)) + 1 for group in groups]
    called = [count for group, count in zip(groups, counts, strict=True) if "@" in group]
    if called:
        return sum(called)
    if max(counts) > 1:
        return max(counts)
    return 0 if max(map(len, groups)) > LONGEST_SPACED_NAME else len(groups)
