"""import, digest, db: what concerns the books."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot import collecting
from bot.counting import Counting
from bot.domain.errors import BadInput, UserError
from bot.domain.groups import GroupProfile
from bot.domain.issues import Issue
from bot.domain.messages import IncomingMessage
from bot.domain.periods import Week
from bot.domain.proof_sets import openings_name
from bot.domain.texts import Texts
from bot.platforms.transcripts import lines_in, read_transcript
from bot.renderings.forms import FORMS, rendered
from bot.renderings.json_document import encode_digest
from bot.terminal.session import counting
from config.load import LOCALES, load_texts
from config.settings import Settings, load_settings
from handlers.count_messages import Counted
from handlers.import_transcripts import Imported, ImportTranscripts
from storage.complaints.store import COMPLAINTS_SCHEMA
from storage.key_files import FILE_MODE
from storage.upgrades import SchemaStatus, status, upgrade

_LABEL = re.compile(r"(\d{4})-W\d{2}")
_MOST_NAMED = 12
_SQLITE = "sqlite+aiosqlite:///"


async def import_files(
    files: Sequence[Path], config: Path | None, texts: Texts, *, progress: bool
) -> int:
    """Enter transcripts, then close the weeks that are over and compose their digests."""
    # Looked through before anything is opened: what cannot be read leaves no books behind.
    lines = sum(lines_in(file) for file in files)
    async with counting(config) as (_, house):
        await house.start()
        collecting.settle()
        run = ImportTranscripts(house.count, house.store.registry)
        # A bot that runs beside this closes no week meanwhile: it would turn the rest away.
        async with house.importing():
            with _bar(progress) as bar:
                task = bar.add_task(texts("cli.import.reading"), total=lines)
                done = await run(_all(files), lambda read: bar.update(task, completed=read))
                bar.update(task, description=texts("cli.import.closing"), completed=lines)
                closed = await house.close()
                await house.publish()
                await house.log_books()
    _tell_import(done, closed, texts)
    return 0


def _all(files: Sequence[Path]) -> Iterator[GroupProfile | IncomingMessage]:
    for file in files:
        yield from read_transcript(file)


def _bar(shown: bool) -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not shown or not console.is_terminal,
    )


def _tell_import(done: Imported, closed: Sequence[Week], texts: Texts) -> None:
    outcomes = done.outcomes
    if not done.messages:
        typer.echo(texts("cli.import.nothing"))
    if done.registered:
        typer.echo(texts("cli.import.registered", count=done.registered))
    if done.messages:
        typer.echo(
            texts(
                "cli.import.done",
                messages=done.messages,
                new=outcomes[Counted.NEW],
                duplicate=outcomes[Counted.DUPLICATE],
                late=outcomes[Counted.LATE],
                unregistered=outcomes[Counted.UNREGISTERED],
            )
        )
    if closed:
        weeks = ", ".join(str(week) for week in closed)
        typer.echo(texts("cli.import.closed", count=len(closed), weeks=weeks))


@dataclass(frozen=True, slots=True)
class Steps:
    """What is to be done besides writing files: with the auditor's openings; one more issue of the
    week where there is anything to correct; all issues let go that are held for preview; a copy in
    another `language`."""

    auditor: bool = False
    correct: bool = False
    release: bool = False
    language: str = ""


async def write_digest(
    label: str,
    out: Path,
    formats: str,
    config: Path | None,
    texts: Texts,
    steps: Steps,
) -> int:
    """Write a closed week's published digest; the same bytes however often it is asked for."""
    week = _week(label)
    wanted = forms_asked_for(formats)
    async with counting(config) as (_, house):
        await house.start()
        await house.close()
        await house.publish()
        if steps.correct:
            await _correct(house, week)
        await house.log_books()
        if steps.release:
            await _release(house, week)
        written = await digest_files(house, week, out, wanted, auditor=steps.auditor)
        if not written:
            raise await _why_none(house, week)
        if steps.language:
            written += await _copies(house, week, out, wanted, steps.language)
    typer.echo(texts("cli.digest.written", files="  ".join(str(path) for path in written)))
    return 0


def _week(label: str) -> Week:
    try:
        return Week.parse(label)
    except ValueError:
        pass
    found = _LABEL.fullmatch(label.strip())
    if found and int(found[1]):
        last = Week.on(date(int(found[1]), 12, 28))  # lies in the year's last ISO week
        raise BadInput("digest", "--week", "cli.error.no_such_week", week=found[0], last=last)
    raise BadInput("digest", "--week", "cli.error.week")


async def _copies(
    house: Counting, week: Week, out: Path, formats: Sequence[str], language: str
) -> list[Path]:
    """The issues of a week in another language, beside the published ones."""
    if language not in LOCALES:
        raise BadInput("digest", "--language", "expected.one_of", known=", ".join(LOCALES))
    paths = []
    for office in house.publish.offices():
        for issue in await house.publish.issues(week, office.code):
            copy = await house.publish.copied(issue, office, load_texts(language))
            for form in formats if copy else ():
                path = out / f"copy-{language}-{issue.label}-{office.code}.{form}"
                path.write_bytes(rendered(encode_digest(copy), form) if copy else b"")
                paths.append(path)
    return paths


async def _release(house: Counting, week: Week) -> None:
    for office in house.publish.offices():
        for issue in await house.publish.issues(week, office.code):
            await house.preview.release(issue)


async def _correct(house: Counting, week: Week) -> None:
    """A further issue for every office that the correction concerns; one at least."""
    made = [await house.publish.correct(week, office) for office in house.publish.offices()]
    if not any(made):
        issues = [
            issue
            for office in house.publish.offices()
            for issue in await house.publish.issues(week, office.code)
        ]
        last = max(issue.number for issue in issues)
        raise UserError("correction.error.nothing", week=str(week), number=str(last))


def forms_asked_for(formats: str) -> list[str]:
    """The forms of a list with commas. Raises BadInput for one that there is not, and for none."""
    wanted = [each.strip() for each in formats.split(",") if each.strip()]
    if not wanted or set(wanted) - set(FORMS):
        raise BadInput("digest", "--format", "cli.error.format")
    return wanted


async def digest_files(
    house: Counting,
    week: Week,
    out: Path,
    formats: Sequence[str] = FORMS,
    *,
    auditor: bool = False,
) -> list[Path]:
    """The files of a week's digest, a set for each office and issue, and of its proof.

    None without a digest.

    With `auditor`, what the log committed to is written as well: exact counts by group.
    """
    files: dict[str, bytes] = {}
    last: Issue | None = None
    for office in house.publish.offices():
        for issue in await house.publish.issues(week, office.code):
            stored = await house.store.shelf.get(issue) or b""
            files |= {f"{issue.stem}.{form}": rendered(stored, form) for form in formats}
            last = issue if last is None or issue.number >= last.number else last
    if last is None:
        return []
    files |= await house.log.proof_of(last, files, auditor=auditor)
    return _write(files, out, openings_name(str(week)))


def _write(files: Mapping[str, bytes], out: Path, private: str) -> list[Path]:
    out.mkdir(parents=True, exist_ok=True)
    (out / private).unlink(missing_ok=True)  # of an earlier time: it would not fit
    for name, data in files.items():
        path = out / name
        if name == private:
            path.touch(mode=FILE_MODE)
        path.write_bytes(data)
    return [out / name for name in files]


async def _why_none(house: Counting, week: Week) -> UserError:
    is_open = week in await house.store.ledger.open_weeks()
    if is_open:
        return UserError("cli.error.not_closed", week=str(week))
    closed = sorted(await house.store.ledger.closed_weeks())
    if not closed:
        return UserError("cli.error.no_data", week=str(week))
    named = ", ".join(str(one) for one in closed[-_MOST_NAMED:])
    return UserError("cli.error.no_data_but", week=str(week), weeks=named)


async def upgrade_schema(config: Path | None, texts: Texts) -> int:
    """Bring the schemas up to date: of the books, and of the complaint store where there is one."""
    settings = load_settings(config)
    url = settings.database_url
    is_new = not _is_begun(url)
    done = await upgrade(url)
    if is_new:
        # A slip in a setting would otherwise give empty books without a word.
        typer.echo(texts("cli.db.made", place=_file_of(url).resolve(), revision=done.current))
    else:
        typer.echo(texts("cli.db.upgraded", revision=done.current))
    if await _complaints_of(settings) is not None:
        done = await upgrade(settings.complaints_url, COMPLAINTS_SCHEMA)
        typer.echo(_of_complaints(texts("cli.db.upgraded", revision=done.current), texts))
    return 0


async def schema_status(config: Path | None, texts: Texts) -> int:
    """Exit code 0 when the schemas fit, 1 when one is to be upgraded."""
    settings = load_settings(config)
    books = await status(settings.database_url)
    typer.echo(schema_remark(books, texts))
    complaints = await _complaints_of(settings)
    if complaints is not None:
        typer.echo(_of_complaints(schema_remark(complaints, texts), texts))
    unfit = [each for each in (books, complaints) if each is not None and not each.fits]
    if any(each.known for each in unfit):
        typer.echo(texts("cli.error.next_upgrade"), err=True)
    return 1 if unfit else 0


async def _complaints_of(settings: Settings) -> SchemaStatus | None:
    """How far the complaint store is; None while there is none. It is not made by looking."""
    url = settings.complaints_url
    if not _is_begun(url):
        return None
    found = await status(url, COMPLAINTS_SCHEMA)
    return None if found.current is None else found


def _is_begun(url: str) -> bool:
    """Whether there is anything to ask: opening a SQLite file would make it."""
    return not url.startswith(_SQLITE) or _file_of(url).is_file()


def _file_of(url: str) -> Path:
    return Path(url.removeprefix(_SQLITE).partition("?")[0])


def _of_complaints(remark: str, texts: Texts) -> str:
    return texts("release_gate.db.complaints", remark=remark)


def schema_remark(found: SchemaStatus, texts: Texts) -> str:
    """How a schema stands."""
    if found.fits:
        return texts("cli.db.current", revision=found.current)
    if found.current is None:
        return texts("cli.db.absent")
    key = "behind" if found.known else "newer"
    return texts(f"cli.db.{key}", revision=found.current, head=found.head)
