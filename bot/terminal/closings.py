"""digest --month, --quarter: published weeks added up, of this installation or of files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import typer

from bot.counting import Counting
from bot.domain.adding_up import AddedUp, added_up
from bot.domain.closing import Closing, closing_document
from bot.domain.digest import Digest, Masthead
from bot.domain.digest_words import Names, Words
from bot.domain.errors import BadInput, UserError
from bot.domain.spans import Span
from bot.domain.texts import Texts
from bot.domain.vocabulary import Measure
from bot.renderings.forms import written
from bot.renderings.json_document import decode_digest, encode_closing
from bot.terminal.books import forms_asked_for
from bot.terminal.session import counting

_SUM = "sum"


async def write_closing(
    week: str,
    month: str,
    quarter: str,
    folder: Path | None,
    out: Path,
    formats: str,
    config: Path | None,
    texts: Texts,
) -> int:
    """Write the closing of a month or a quarter in the forms asked for, one set per office.

    With `folder` the digests in its .json files are added up instead of the shelf's: a county
    its towns. Raises BadInput and UserError for what a person can mend.
    """
    if week or bool(month) == bool(quarter):
        raise BadInput("digest", "--week", texts("closing.error.one_of"))
    try:
        span = Span.month(month) if month else Span.quarter(quarter)
    except ValueError:
        field = "--month" if month else "--quarter"
        raise BadInput("digest", field, texts("closing.error.span")) from None
    wanted = forms_asked_for(formats, texts)
    paths: list[Path] = []
    async with counting(config) as (settings, house):
        await house.start()
        targets = settings.office.targets
        if folder is not None:
            masthead = Masthead(_SUM, settings.office.title, settings.office.compiled_by)
            found = _digests_in(folder, texts)
            paths += _close(span, found, masthead, Names(), targets, house.texts, out, wanted)
        else:
            await house.close()
            await house.publish()
            for office in house.publish.offices():
                masthead = Masthead(office.code, office.title, settings.office.compiled_by)
                published = await _published(house, span, office.code)
                names = house.publish.names(house.store.registry.groups())
                paths += _close(
                    span, published, masthead, names, targets, house.texts, out, wanted
                )
    if not paths:
        raise UserError("closing.error.none", span=str(span))
    typer.echo(texts("cli.digest.written", files="  ".join(str(path) for path in paths)))
    return 0


async def _published(house: Counting, span: Span, office: str) -> list[Digest]:
    """The digests of the span, of the one before and of the year before."""
    weeks = {week for one in (span, span.before(), span.year_before()) for week in one.weeks}
    stored = [await house.publish.stored(week, office) for week in sorted(weeks)]
    return [decode_digest(each) for each in stored if each is not None]


def _digests_in(folder: Path, texts: Texts) -> list[Digest]:
    if not folder.is_dir():
        raise BadInput(str(folder), "--from", texts("closing.error.folder"))
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append(decode_digest(path.read_bytes()))
        except BadInput as wrong:
            raise BadInput(path.name, wrong.field, wrong.expected) from None
    return found


def _close(
    span: Span,
    found: Iterable[Digest],
    masthead: Masthead,
    names: Names,
    targets: Mapping[Measure, float],
    texts: Texts,
    out: Path,
    formats: Iterable[str],
) -> list[Path]:
    digests = list(found)
    now = _sum_of(span, digests)
    if now is None:
        return []
    before, year_ago = _sum_of(span.before(), digests), _sum_of(span.year_before(), digests)
    closing = Closing(span, now, before, year_ago, Words(texts, names), targets)
    document = closing_document(closing, masthead)
    out.mkdir(parents=True, exist_ok=True)
    paths = []
    for form in formats:
        path = out / f"digest-{span}-{masthead.office}.{form}"
        path.write_bytes(
            encode_closing(now, document) if form == "json" else written(document, form)
        )
        paths.append(path)
    return paths


def _sum_of(span: Span, digests: Iterable[Digest]) -> AddedUp | None:
    weeks = set(span.weeks)
    inside = [digest.figures for digest in digests if digest.week in weeks]
    return added_up(inside) if inside else None
