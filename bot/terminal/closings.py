"""digest --month, --quarter: published weeks added up, of this installation or of files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import typer

from bot.counting import Counting
from bot.domain.adding_up import AddedUp, added_up
from bot.domain.closing import Closing, closing_document
from bot.domain.digest import Digest, Masthead
from bot.domain.digest_words import Names, Words
from bot.domain.errors import BadInput, UserError
from bot.domain.issues import FIRST, ClosingIssue
from bot.domain.published_closing import PublishedClosing
from bot.domain.spans import Span
from bot.domain.texts import Texts
from bot.renderings.forms import written
from bot.renderings.json_document import decode_closing, decode_digest, encode_closing
from bot.terminal.books import forms_asked_for
from bot.terminal.session import counting
from config.load import load_texts
from config.settings import Settings, load_settings

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
    """Write the published closing of a month or a quarter in the forms asked for, with its proof,
    a set for each office and issue; the same bytes however often it is asked for. What is not
    over is written as what it adds up to so far, under another name and without proof.

    With `folder` the digests in its .json files are added up instead of the shelf's: a county
    its towns. Raises BadInput and UserError for what a person can mend.
    """
    if week or bool(month) == bool(quarter):
        raise BadInput("digest", "--week", "closing.error.one_of")
    try:
        span = Span.month(month) if month else Span.quarter(quarter)
    except ValueError:
        field = "--month" if month else "--quarter"
        raise BadInput("digest", field, "closing.error.span") from None
    wanted = forms_asked_for(formats)
    if folder is not None:
        settings = load_settings(config)
        spoken = load_texts(settings.locale)
        paths = _sum_of_folder(span, folder, settings, spoken, out, wanted)
    else:
        async with counting(config) as (_, house):
            await house.start()
            await house.close()
            await house.publish()
            await house.closings()
            await house.log_books()
            paths = await _of_the_shelf(span, house, out, wanted, texts)
    if not paths:
        raise UserError("closing.error.none", span=str(span))
    typer.echo(texts("cli.digest.written", files="  ".join(str(path) for path in paths)))
    return 0


async def _of_the_shelf(
    span: Span, house: Counting, out: Path, wanted: Sequence[str], texts: Texts
) -> list[Path]:
    """All published issues with their proof; what is not published yet as what it is."""
    files: dict[str, bytes] = {}
    last: ClosingIssue | None = None
    for office in house.publish.offices():
        for issue in await house.closings.issues(span, office.code):
            kept = await house.store.closings.get(issue) or b""
            document = decode_closing(kept).document
            for form in wanted:
                files[f"{issue.stem}.{form}"] = kept if form == "json" else written(document, form)
            last = issue if last is None or issue.number >= last.number else last
    if last is not None:
        files |= await house.log.proof_of(last, files)
        return _write(files, out)
    for office in house.publish.offices():
        made = await house.closings.so_far(span, office)
        if made is not None:
            files |= _forms(made, f"running-{span}-{office.code}", wanted)
    if files:
        typer.echo(texts("closing.not_over", span=span))
    return _write(files, out)


def _sum_of_folder(
    span: Span,
    folder: Path,
    settings: Settings,
    texts: Texts,
    out: Path,
    wanted: Sequence[str],
) -> list[Path]:
    found = _digests_in(folder)
    now = _sum_of(span, found)
    if now is None:
        return []
    masthead = Masthead(_SUM, settings.office.title, settings.office.compiled_by)
    before, year_ago = _sum_of(span.before(), found), _sum_of(span.year_before(), found)
    closing = Closing(span, now, before, year_ago, Words(texts, Names()), settings.office.targets)
    document = closing_document(closing, masthead)
    made = PublishedClosing(str(span), _SUM, FIRST, {}, now, document)
    return _write(_forms(made, f"{_SUM}-{span}", wanted), out)


def _forms(made: PublishedClosing, stem: str, wanted: Sequence[str]) -> dict[str, bytes]:
    return {
        f"{stem}.{form}": encode_closing(made) if form == "json" else written(made.document, form)
        for form in wanted
    }


def _write(files: Mapping[str, bytes], out: Path) -> list[Path]:
    for name, data in files.items():
        out.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(data)
    return [out / name for name in files]


def _digests_in(folder: Path) -> list[Digest]:
    if not folder.is_dir():
        raise BadInput(str(folder), "--from", "closing.error.folder")
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append(decode_digest(path.read_bytes()))
        except BadInput as wrong:
            raise BadInput(path.name, wrong.field, wrong.expected, **wrong.values) from None
    return found


def _sum_of(span: Span, digests: Iterable[Digest]) -> AddedUp | None:
    weeks = set(span.weeks)
    inside = [digest.figures for digest in digests if digest.week in weeks]
    return added_up(inside) if inside else None
