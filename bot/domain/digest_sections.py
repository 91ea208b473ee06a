"""The seven sections of the digest: published figures in, neutral blocks out."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.digest_brief import Brief
from bot.domain.digest_complaints import complaints
from bot.domain.digest_last_week import last_week
from bot.domain.digest_next_week import next_week
from bot.domain.digest_over_limit import cases, over_limit
from bot.domain.digest_overall import overall
from bot.domain.digest_sure import how_sure
from bot.domain.documents import Block, Bullets, Section


def sections(brief: Brief) -> tuple[Section, ...]:
    """The sections in their order."""
    return (
        _section(brief, "overall", overall(brief)),
        _section(brief, "over_limit", over_limit(brief)),
        _section(brief, "cases", cases(brief)),
        _section(brief, "complaints", complaints(brief)),
        _section(brief, "last_week", last_week(brief)),
        _section(brief, "next_week", next_week(brief)),
        _section(brief, "notes", (Bullets(tuple(_notes(brief)), numbered=True),)),
    )


def _section(brief: Brief, name: str, blocks: Sequence[Block]) -> Section:
    return Section(brief.texts(f"digest.sections.{name}"), tuple(blocks))


def _notes(brief: Brief) -> list[str]:
    texts, coverage = brief.texts, brief.now.coverage
    said = [
        texts(
            "digest.notes.reach",
            groups=coverage.groups,
            whole=coverage.heard_whole,
            addressed=coverage.heard_when_addressed,
            silent=coverage.silent,
        ),
        brief.words.sentences([texts("digest.notes.unregistered"), _connections(brief)]),
    ]
    if coverage.gone:
        said.append(texts("group_events.digest", n=coverage.gone))
    if coverage.late:
        week = brief.week.shifted(-1)
        said.append(texts("digest.notes.late", week=week, late=coverage.late))
    said += [
        texts(
            "dispute.digest.correction",
            week=one.week,
            unit=brief.words.unit(one.unit),
            measure=texts(f"measures.name.{one.measure}"),
            count=texts(f"measures.count.{one.measure}", n=one.n),
        )
        for one in brief.now.corrections
    ]
    if coverage.incomplete:
        said.append(texts("digest.notes.incomplete"))
    said.append(how_sure(brief))
    protection = "protection_of_some" if brief.now.lines is None else "protection"
    said.append(texts(f"digest.notes.{protection}", smallest=brief.smallest_group))
    said.append(texts("digest.notes.no_ranking"))
    if coverage.own_messages is not None:
        key = "own_messages" if coverage.own_minutes is None else "own_messages_minutes"
        minutes = coverage.own_minutes
        said.append(texts(f"digest.notes.{key}", own=coverage.own_messages, minutes=minutes))
    return said


def _connections(brief: Brief) -> str:
    texts, coverage = brief.texts, brief.now.coverage
    if coverage.outages is None:
        return texts("routes.notes.unknown")
    said = [
        texts(
            "routes.notes.outage",
            route=texts(f"routes.names.{one.route}"),
            times=one.times,
            minutes=one.minutes,
            begin=one.longest[0],
            end=one.longest[1],
        )
        for one in coverage.outages
    ]
    if not coverage.outages:
        said.append(texts("routes.notes.none"))
    if not coverage.watched_all_week:
        said.append(texts("routes.notes.partly"))
    return brief.words.sentences(said)
