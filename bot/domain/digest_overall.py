"""The digest's first section: overall figures, how they moved, and when in the week."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot.domain.digest_across import across_groups
from bot.domain.digest_brief import Brief
from bot.domain.digest_figures import DigestFigures
from bot.domain.documents import Bar, Bars, Block, Figure, Figures, Heat, HeatRow, Paragraph
from bot.domain.errors import NoCalendarForYear
from bot.domain.tallies import Counted
from bot.domain.vocabulary import KINDS, Measure, Tallied

_HEADLINES: tuple[Counted, ...] = (Tallied.EPISODES, Measure.REPEAT, Measure.OFF_HOURS)
_APART = (
    Tallied.EXEMPT,
    Tallied.REGISTERED,
    Tallied.UNLISTED,
    Tallied.CLAIMED_URGENT,
    Tallied.CANCELLED,
)


def overall(brief: Brief) -> list[Block]:
    """Headline numbers, what they rest on, how they moved, and when in the week."""
    now, texts = brief.now, brief.texts
    if not now.coverage.messages:
        return [Paragraph(texts("digest.overall.nothing_heard")), Paragraph(_rest_days(brief))]
    blocks: list[Block] = [_headline(brief), Paragraph(_lead(brief))]
    blocks += [Paragraph(told) for told in (_by_line(brief), across_groups(brief)) if told]
    blocks.append(Paragraph(_trends(brief)))
    if any(now.off_hours_by_weekday):
        blocks.append(_off_hours(brief))
    if bars := _by_kind(brief):
        blocks.append(bars)
    return blocks


def _headline(brief: Brief) -> Figures:
    now, words = brief.now, brief.words
    names = ("episodes", "reminders", "off_hours")
    items = [
        Figure(
            brief.texts(f"digest.overall.{name}"),
            brief.amount(measure),
            words.short_change(
                now.total(measure), brief.previous.total(measure) if brief.previous else None
            ),
        )
        for name, measure in zip(names, _HEADLINES, strict=True)
    ]
    over = len(now.over_limit)
    before = len(brief.previous.over_limit) if brief.previous else None
    items.append(
        Figure(
            brief.texts("digest.overall.over_limit"),
            brief.texts("digest.overall.over_limit_value", n=over)
            if over or now.coverage.supports_zero
            else brief.texts("digest.overall.not_recorded"),
            words.short_change(over, before),
        )
    )
    return Figures(tuple(items))


def _lead(brief: Brief) -> str:
    now, texts = brief.now, brief.texts
    sentences = [
        texts(
            "digest.overall.lead",
            units=len(now.units_covered),
            groups=now.coverage.groups_heard,
            messages=now.coverage.messages,
            **_amounts(brief),
        )
    ]
    if not now.total(Tallied.EPISODES):
        key = "nothing" if now.coverage.supports_zero else "nothing_heard"
        sentences.append(texts(f"digest.overall.{key}"))
    sentences.append(_share(brief))
    sentences += [
        texts(_apart_key(brief, one), count=brief.words.count(one, n), share=_share_of(now, n))
        for one in _APART
        if (n := now.total(one))
    ]
    if (undeclared := _undeclared(brief)) > 0:
        count = brief.words.count(Tallied.EXEMPT, undeclared)
        sentences.append(texts("digest.overall.undeclared", count=count))
    if hours := _hours(brief):
        sentences.append(hours)
    sentences.append(_rest_days(brief))
    return brief.words.sentences(sentences)


def _apart_key(brief: Brief, counted: Tallied) -> str:
    # What rests on a register is not told as an emergency.
    both = counted is Tallied.EXEMPT and brief.now.total(Tallied.REGISTERED) > 0
    return f"digest.overall.{'exempt_and_registered' if both else counted.value}"


def _undeclared(brief: Brief) -> int:
    """Episodes counted apart because their text shows an emergency that nobody declared."""
    apart = (Tallied.DECLARED, Tallied.REGISTERED)
    return brief.now.total(Tallied.EXEMPT) - sum(brief.now.total(one) for one in apart)


def _share(brief: Brief) -> str:
    """Of how many units something can be said, and what."""
    now = brief.now
    covered, over = now.units_covered, now.units_over
    unknown = (covered - over - set(now.coverage.units_heard_whole)) | now.units_in_doubt
    counts = {
        "covered": len(covered),
        "over": len(over),
        "under": len(covered - over - unknown),
    }
    if unknown:
        return brief.texts("digest.overall.share_unknown", unknown=len(unknown), **counts)
    return brief.texts("digest.overall.share", **counts)


def _share_of(now: DigestFigures, n: int) -> str:
    """Of all demands, in per cent."""
    return f"{100 * n / max(now.total(Tallied.EPISODES), n):.0f}"


def _hours(brief: Brief) -> str:
    """The person-hours as a range, with last week's where there are any; empty where not estimated."""
    hours, minutes = brief.now.person_hours, brief.minutes
    if hours is None or minutes is None or not hours.high:
        return ""
    before = brief.previous.person_hours if brief.previous else None
    return brief.texts(
        "annex.hours.told" if before is None else "annex.hours.told_with_previous",
        low=hours.low,
        high=hours.high,
        before_low=before.low if before else 0,
        before_high=before.high if before else 0,
        least=f"{100 * minutes.share.low:.0f}",
        most=f"{100 * minutes.share.high:.0f}",
    )


def _amounts(brief: Brief) -> dict[str, str]:
    return {
        "episodes": brief.amount(Tallied.EPISODES),
        "reminders": brief.amount(Measure.REPEAT),
        "off_hours": brief.amount(Measure.OFF_HOURS),
    }


MOST_BARS = 8
MOST_RISEN = 3
_SHOWN_AS_BARS = (*(Measure(kind.value) for kind in KINDS), Measure.SHORT_NOTICE)


def _by_kind(brief: Brief) -> Bars | None:
    """The most frequent kinds now and last week; None where there is none of any.

    The sentence says all of them. A kind that is gone is shown as 0 only with coverage.
    """
    now, words, texts = brief.now, brief.words, brief.texts
    before = brief.previous
    kinds = [
        texts("digest.overall.item", name=words.measure(one), count=words.count(one, n))
        for one in _SHOWN_AS_BARS
        if (n := now.total(one))
    ]
    if not kinds:
        return None
    found = [
        Bar(words.measure(one), now.total(one), before.total(one) if before else None)
        for one in _SHOWN_AS_BARS
        if now.total(one) or (now.coverage.supports_zero and before and before.total(one))
    ]
    most = sorted(found, key=lambda bar: -max(bar.value, bar.before or 0))[:MOST_BARS]
    caption = "kinds" if len(found) == len(most) else "most_kinds"
    return Bars(
        texts(f"annex.chart.{caption}", n=len(most)),
        texts("annex.chart.now"),
        texts("annex.chart.before") if before else "",
        tuple(bar for bar in found if bar in most),
        texts("digest.overall.kinds", items=words.joined(kinds)),
    )


def _by_line(brief: Brief) -> str:
    """Demands by line; empty where there are none, or none may be told."""
    words = brief.words
    lines = [
        brief.texts(
            "digest.overall.item",
            name=words.line(code),
            count=words.count(Tallied.EPISODES, counts[Tallied.EPISODES.value]),
        )
        for code, counts in sorted((brief.now.lines or {}).items())
        if counts.get(Tallied.EPISODES.value)
    ]
    return brief.texts("digest.overall.lines", items=words.joined(lines)) if lines else ""


def _trends(brief: Brief) -> str:
    said: list[str] = []
    for name, then in (("previous", brief.previous), ("year_ago", brief.year_ago)):
        if then is None:
            said.append(brief.texts(f"digest.overall.no_{name}"))
            continue
        changes = {
            key: brief.words.change(measure, brief.now.total(measure), then.total(measure))
            for key, measure in zip(
                ("episodes", "reminders", "off_hours"), _HEADLINES, strict=True
            )
        }
        said.append(brief.texts(f"digest.overall.{name}", **changes))
        reach, reach_then = brief.now.coverage.groups_heard, then.coverage.groups_heard
        if reach != reach_then:
            said.append(
                brief.texts(
                    "digest.overall.other_reach", week=then.week, then=reach_then, now=reach
                )
            )
    said += _risen(brief)
    return brief.words.sentences(said)


def _risen(brief: Brief) -> list[str]:
    """What rose most since last week, and on which line; empty where nothing can be compared."""
    now, before, words = brief.now, brief.previous, brief.words
    if before is None:
        return []
    rises = {one: now.total(one) - before.total(one) for one in (*_SHOWN_AS_BARS, *_HEADLINES[1:])}
    most = sorted((one for one in rises if rises[one] > 0), key=lambda one: -rises[one])
    if not most:
        return [brief.texts("annex.risen.nothing")]
    items = words.joined(
        brief.texts("annex.risen.item", name=words.measure(one), by=words.count(one, rises[one]))
        for one in most[:MOST_RISEN]
    )
    said = [brief.texts("annex.risen.measures", items=items)]
    by_line = {
        line: _demands(row) - _demands((before.lines or {}).get(line, {}))
        for line, row in (now.lines or {}).items()
    }
    line = max(sorted(by_line), key=lambda code: by_line[code], default="")
    if by_line.get(line, 0) > 0 and before.lines is not None:
        by = words.count(Tallied.EPISODES, by_line[line])
        said.append(brief.texts("annex.risen.line", line=words.line(line), by=by))
    return said


def _demands(row: Mapping[str, int]) -> int:
    return row.get(Tallied.EPISODES.value, 0)


def _off_hours(brief: Brief) -> Heat:
    """Pings outside working time by weekday and half-day."""
    texts, days = brief.texts, brief.week.days
    counts, nights = brief.now.off_hours_by_weekday, brief.now.off_hours_at_night
    labels = tuple(_day_label(brief, day) for day in days)
    told = brief.words.joined(
        texts("digest.overall.strip_day", weekday=label, n=n)
        for label, n in zip(labels, counts, strict=True)
    )
    daytime = tuple(n - night for n, night in zip(counts, nights, strict=True))
    return Heat(
        texts("digest.overall.strip"),
        labels,
        tuple(brief.is_rest(day) for day in days),
        (
            HeatRow(texts("annex.chart.daytime"), daytime),
            HeatRow(texts("annex.chart.night"), nights),
        ),
        texts("annex.chart.off_hours_sentence", days=told, nights=sum(nights)),
    )


def _day_label(brief: Brief, day: date) -> str:
    weekday = brief.words.weekday(day.isoweekday())
    return (
        brief.texts("digest.overall.strip_rest", weekday=weekday)
        if brief.is_rest(day)
        else weekday
    )


def _rest_days(brief: Brief) -> str:
    try:
        days = [day for day in brief.week.days if not brief.calendar.is_working_day(day)]
    except NoCalendarForYear as unknown:
        return brief.texts("digest.overall.no_calendar", year=unknown.year)
    if not days:
        return brief.texts("digest.overall.no_rest_days")
    return brief.texts("digest.overall.rest_days", days=brief.words.named_days(days))
