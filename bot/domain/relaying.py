"""Forwarded chat records (聊天记录): one demand at most, which the forwarder passes on.

What a record holds was said elsewhere, to others, perhaps long ago. It lays a task on this group
when some message of it would be a demand if the forwarder said it now: not when this group heard
those words before, when what it asks was due before it was forwarded, or when it is called off in
the record. What the forwarder says right before or after belongs to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo

from bot.domain.episodes import SENDER_BYTES, Episode, GroupMemory
from bot.domain.errors import NoCalendarForYear
from bot.domain.judgement import Judgement
from bot.domain.messages import Forwarded, IncomingMessage
from bot.domain.moments import own_sketch
from bot.domain.opening import pressed_by
from bot.domain.reading import Place, Reading, Zone
from bot.domain.traces import Level
from bot.domain.vocabulary import Act, Exemption, Kind, Lead, kind_bits, kinds_from_bits

MOST_ZONES = 5
"""So many messages of a record, the likeliest to ask for something, are judged: an episode has
room for what so many are about (32 hashes each, of at most 255)."""

BESIDE_MINUTES = 10
"""So near to a record its forwarder's words belong to it, when they point at it."""

AT_ONCE_MINUTES = 3
"""So soon after a record a demand of the same sort belongs to it, whatever it says."""

_CONFIRM = kind_bits((Kind.ACKNOWLEDGE,))
_OLDEST = timedelta(days=31)
_LONGEST_POINTER = 60
# Sketches of fewer pairs than this may be part of any other.
_FEWEST_ALIKE = 4
# One set of first signs, so that the search need not stop at every sign.
_POINTS = re.compile(
    r"[按照依据见如以上下](?:"
    r"(?<=[按照依据])[照着]?(?:此|这个|这份|这条|上面|上述|以上|以下|下面|要求|执行|通知)|"
    r"(?<=[见如])[上下]|"
    r"(?:(?<=以)[上下]|(?<=[上下])面)(?:的|是|这|内容|通知|要求|记录|精神))"
)
_ANNOUNCES = re.compile(
    r"\W{0,6}(?:@\S{1,16}\s+)?"
    r"转(?:发|自|达)?[^,，。;；!！?？]{0,12}(?:群|局|办|委|部|县|市|区|镇|街道|通知|要求|记录|消息)"
)

Judged = tuple[Judgement, GroupMemory]


def points_aside(said: str) -> bool:
    """Whether a short text points at another one beside it: "按此执行", "转县局通知，照这个报"."""
    if len(said) > _LONGEST_POINTER:
        return False
    return bool(_POINTS.search(said)) or ("转" in said and bool(_ANNOUNCES.match(said)))


def zones_of(
    message: IncomingMessage, zone: tzinfo, hear: Callable[[IncomingMessage], Reading]
) -> tuple[Zone, ...]:
    """The messages of a record that may ask for something, at most MOST_ZONES, in their order.

    Each is heard as its forwarder's. Only its deadline is reckoned from when it was said, where
    that is known: "明早9点" means the morning after that.
    """
    zones = []
    for place, one in enumerate(message.forwarded):
        said_at = _said_at(one, message.sent_at)
        reading = _heard(message, one, said_at, zone, hear)
        if not reading.plain:
            said_on = said_at.astimezone(zone).toordinal() if said_at else None
            zones.append(Zone(place, said_on, reading))
    likeliest = sorted(zones, key=_idleness)[:MOST_ZONES]
    return tuple(sorted(likeliest, key=lambda one: one.place))


def _idleness(one: Zone) -> tuple[float, int]:
    none, *burdens = one.reading.act_scores
    return none - max(burdens), one.place


def _said_at(one: Forwarded, forwarded_at: datetime) -> datetime | None:
    """When it was said, where that can be true; nobody's clock is trusted further."""
    if one.said_at is None or not forwarded_at - _OLDEST <= one.said_at <= forwarded_at:
        return None
    return one.said_at


def _heard(
    message: IncomingMessage,
    one: Forwarded,
    said_at: datetime | None,
    zone: tzinfo,
    hear: Callable[[IncomingMessage], Reading],
) -> Reading:
    said = replace(
        message,
        form=one.form,
        text=one.text,
        mentions=one.mentions,
        mentions_all=one.mentions_all,
        quote=None,
        forwarded=(),
        reply_to=None,
    )
    try:
        reading = hear(replace(said, sent_at=said_at) if said_at else said)
    except NoCalendarForYear:
        # It was said in a year that has no calendar: then its deadline is not known.
        reading = hear(said)._replace(deadline=None, due=None)
    trace = reading.trace
    if trace is not None:
        # Whom the words call on is the asker's level, not the forwarder's.
        trace = replace(trace, level=Level.UNTOLD, passed_on=True)
    sent_at = message.sent_at
    return reading._replace(
        order=Place(sent_at, message.key),
        sent_at=sent_at,
        minute=int(sent_at.timestamp()) // 60,
        day=sent_at.astimezone(zone).toordinal(),
        ping=False,
        named=0,  # they were called elsewhere
        trace=trace,
    )


def judged_record(
    reading: Reading,
    memory: GroupMemory,
    own: Judged,
    zones: Sequence[tuple[Zone, Judgement, GroupMemory]],
) -> Judged:
    """What a record does, and what is remembered then.

    `own` is how the words beside it were judged, `zones` how each message of it was, by itself.
    """
    asked: list[tuple[int | None, Judgement, GroupMemory]] = []
    if own[0].act.is_burden:
        asked.append((None, *own))
    called_off = own if own[0].act is Act.CANCEL else None
    heard_before = False
    for zone, judgement, after in zones:
        if _was_heard(zone, memory):
            heard_before = True
        elif judgement.act is Act.CANCEL:
            asked, called_off = [], (replace(judgement, passes_on=zone.place), after)
        elif judgement.act.is_burden and not _is_over(judgement, reading.sent_at):
            asked.append((zone.place, judgement, after))
    if called_off is not None and not asked:
        return called_off if called_off[0].episode is not None else own
    demands = [one for one in asked if one[1].opens and one[1].act is Act.DEMAND]
    remembered = [one for one in demands if _episode_of(one[1], one[2]) is not None]
    if demands and not remembered:
        # Said so long before all that is remembered that it is forgotten at once.
        place, judgement, after = demands[0]
        return replace(judgement, passes_on=place), after
    if remembered:
        return _opened(reading, memory, remembered)
    # A record of this group's own talk presses for nothing: it was pressed for when it was said.
    presses = [one for one in asked if not one[1].opens and (one[0] is None or not heard_before)]
    if not presses:
        return own
    place, judgement, after = presses[0]
    return replace(judgement, passes_on=place), after


def _was_heard(zone: Zone, memory: GroupMemory) -> bool:
    """Whether the group heard these words when, or after, they were said."""
    said_on = zone.reading.day if zone.said_on is None else zone.said_on
    for episode in memory.episodes:
        sketch = own_sketch(zone.reading, episode)
        if sketch is None or not sketch.shingles or said_on > episode.day:
            continue
        if sketch.shingles == episode.shingles:
            return True
        if len(sketch.shingles) >= _FEWEST_ALIKE and sketch.shingles <= episode.shingles:
            return True
    return False


def _is_over(judgement: Judgement, now: datetime) -> bool:
    return judgement.deadline is not None and judgement.deadline <= now


def _opened(
    reading: Reading,
    memory: GroupMemory,
    demands: Sequence[tuple[int | None, Judgement, GroupMemory]],
) -> Judged:
    """One demand of all that a record asks: its kinds together, due when the first of them is."""
    judgements = [judgement for _, judgement, _ in demands]
    episodes = [
        found for _, judgement, after in demands if (found := _episode_of(judgement, after))
    ]
    first, opened = judgements[0], episodes[0]
    kinds = kind_bits(kind for one in judgements for kind in one.kinds)
    timed = [(one.deadline, one.lead) for one in judgements if one.deadline is not None]
    deadline, lead = min(timed, default=(None, first.lead), key=_soonest)
    spared = all(one.exempt is not None for one in judgements)
    words_before = _words_before(reading, memory, kinds)
    judgement = replace(
        first,
        kinds=kinds_from_bits(kinds),
        opens=words_before is None,
        episode=first.episode if words_before is None else words_before.id,
        deadline=deadline,
        lead=lead,
        exempt=Exemption.EMERGENCY if spared else None,
        claimed_urgent=not spared and any(one.claimed_urgent for one in judgements),
        rules=tuple(dict.fromkeys(rule for one in judgements for rule in one.rules)),
        excuses=tuple(dict.fromkeys(excuse for one in judgements for excuse in one.excuses)),
        passes_on=next((place for place, _, _ in demands if place is not None), None),
    )
    taken = reading_of(reading, judgement.passes_on)
    if words_before is not None:
        opened = pressed_by(taken, words_before, kinds)
        episodes = [words_before, *episodes]
    dues = [one.deadline for one in episodes if one.deadline is not None]
    opened = replace(
        opened,
        kinds=opened.kinds | kinds,
        shingles=_about(reading, demands, opened),
        deadline=min(dues, default=None),
        emergency=spared,
        forwarded=True,
    )
    # Anew from its episodes: an episode that was open is about more than it was.
    return judgement, GroupMemory(memory.with_episode(opened, taken.minute).episodes)


def _about(
    reading: Reading,
    demands: Sequence[tuple[int | None, Judgement, GroupMemory]],
    opened: Episode,
) -> frozenset[int]:
    """What all that a record asks is about, so that it is known again and pressed for."""
    sketches = [reading_of(reading, place).sketches[0] for place, _, _ in demands]
    return opened.shingles.union(*[one.shingles for one in sketches if one.week == opened.week])


def _soonest(timed: tuple[datetime | None, Lead]) -> float:
    return timed[0].timestamp() if timed[0] is not None else 0.0


def reading_of(reading: Reading, passes_on: int | None) -> Reading:
    """What a demand was taken from: this message of a record, or the sender's own words."""
    for zone in reading.inside:
        if zone.place == passes_on:
            return zone.reading
    return reading


def _episode_of(judgement: Judgement, after: GroupMemory) -> Episode | None:
    return next((one for one in after.episodes if one.id == judgement.episode), None)


def _words_before(reading: Reading, memory: GroupMemory, kinds: int) -> Episode | None:
    """The demand by which the forwarder announced the record: it points at what stands beside it."""
    latest = memory.latest
    if latest is None or not latest.points or latest.forwarded:
        return None
    if not _is_of_a_sort(latest.kinds, kinds):
        return None
    return latest if _is_beside(latest, reading) else None


def _is_of_a_sort(kinds: int, asked: int) -> bool:
    """Whether words beside a record ask for a kind of it, for none, or only to be confirmed."""
    return not kinds & ~_CONFIRM or bool(kinds & asked)


def record_before(reading: Reading, memory: GroupMemory) -> Episode | None:
    """The record that the same sender forwarded right before."""
    latest = memory.latest
    if latest is None or not latest.forwarded:
        return None
    return latest if _is_beside(latest, reading) else None


def _is_beside(episode: Episode, reading: Reading) -> bool:
    is_same = episode.senders[0] == reading.sender_tag[:SENDER_BYTES]
    minute = int(reading.sent_at.timestamp()) // 60
    return is_same and 0 <= minute - episode.opened_at <= BESIDE_MINUTES


def beside_record(
    reading: Reading, record: Episode, judgement: Judgement, memory: GroupMemory
) -> Judged | None:
    """The forwarder's words after a record, as a part of its demand; None where they are not.

    They are when they press everybody for it, when they point at it, and when they come at once and
    would open a burden of the same sort.
    """
    if not judgement.act.is_burden:
        return None
    kinds = kind_bits(judgement.kinds)
    if judgement.opens:
        at_once = reading.minute - record.opened_at <= AT_ONCE_MINUTES
        is_part = reading.points or (at_once and _is_of_a_sort(kinds, record.kinds))
    else:
        is_part = judgement.episode == record.id and not reading.named
    if not is_part:
        return None
    joined = replace(judgement, act=Act.DEMAND, opens=False, episode=record.id)
    return joined, memory.with_episode(pressed_by(reading, record, kinds), reading.minute)
