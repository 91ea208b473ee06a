"""The digest's first section: overall figures, how they moved, and when in the week."""

from __future__ import annotations

from datetime import date

from bot.domain.digest_across import across_groups
from bot.domain.digest_brief import Brief
from bot.domain.documents import Bar, Bars, Block, Figure, Figures, Paragraph, Strip, StripCell
from bot.domain.errors import NoCalendarForYear
from bot.domain.tallies import Counted
from bot.domain.vocabulary import KINDS, Measure, Tallied

_HEADLINES: tuple[Counted, ...] = (Tallied.EPISODES, Measure.REPEAT, Measure.OFF_HOURS)
_APART = (Tallied.EXEMPT, Tallied.CLAIMED_URGENT, Tallied.CANCELLED)


def overall(brief: Brief) -> list[Block]:
    """Headline numbers, what they rest on, how they moved, and when in the week."""
    now, texts = brief.now, brief.texts
    if not now.coverage.messages:
        return [Paragraph(texts("digest.overall.nothing_heard")), Paragraph(_rest_days(brief))]
    blocks: list[Block] = [_headline(brief), Paragraph(_lead(brief))]
    blocks += [Paragraph(told) for told in (_by_line(brief), across_groups(brief)) if told]
    blocks.append(Paragraph(_trends(brief)))
    if any(now.off_hours_by_weekday):
        blocks.append(_strip(brief))
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
        texts(f"digest.overall.{one.value}", count=brief.words.count(one, now.total(one)))
        for one in _APART
        if now.total(one)
    ]
    sentences.append(_rest_days(brief))
    return brief.words.sentences(sentences)


def _share(brief: Brief) -> str:
    """Of how many units something can be said, and what."""
    now = brief.now
    unknown = now.units_covered - now.units_over - set(now.coverage.units_heard_whole)
    counts = {
        "covered": len(now.units_covered),
        "over": len(now.units_over),
        "under": len(now.units_covered - now.units_over - unknown),
    }
    if unknown:
        return brief.texts("digest.overall.share_unknown", unknown=len(unknown), **counts)
    return brief.texts("digest.overall.share", **counts)


def _amounts(brief: Brief) -> dict[str, str]:
    return {
        "episodes": brief.amount(Tallied.EPISODES),
        "reminders": brief.amount(Measure.REPEAT),
        "off_hours": brief.amount(Measure.OFF_HOURS),
    }


MOST_BARS = 8
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
    return brief.words.sentences(said)


def _strip(brief: Brief) -> Strip:
    days = brief.week.days
    counts = brief.now.off_hours_by_weekday
    cells = tuple(
        StripCell(_day_label(brief, day), n, brief.is_rest(day))
        for day, n in zip(days, counts, strict=True)
    )
    told = brief.words.joined(
        brief.texts("digest.overall.strip_day", weekday=cell.label, n=cell.value) for cell in cells
    )
    return Strip(
        brief.texts("digest.overall.strip"),
        cells,
        brief.texts("digest.overall.strip_sentence", days=told),
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
