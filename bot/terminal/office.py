"""office keygen, open, return, destroy: on a machine without a network, by two people."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console

from bot.crypto.batch_files import SUFFIX as BATCH_SUFFIX
from bot.crypto.batch_files import decode_batch
from bot.crypto.exchange import RETURN_SUFFIX
from bot.crypto.office_keys import OFFICE_CODE, OfficeKey
from bot.crypto.shares import SHORTEST_PASSPHRASE
from bot.domain.complaint_files import HARD_CAP_WEEKS, Batch, SealedReport
from bot.domain.errors import BadInput, UserError
from bot.domain.periods import Week
from bot.domain.sealed_notes import NoteKind
from bot.domain.texts import Texts
from bot.office.returning import is_covered, return_file, week_figures
from bot.office.secrets import make_key
from bot.office.taking_in import Desk, take_in
from bot.terminal.algorithms import algorithms_line
from bot.terminal.asked import agreed
from bot.terminal.office_asking import (
    case_panel,
    case_table,
    figures_table,
    new_passphrases,
    progress,
    unlock_keys,
)
from bot.terminal.office_room import OfficeRoom, asked, require_folder, to_stick

_NAMED = 8  # digits of a fingerprint that name a key


def keygen(room: OfficeRoom, office: str, title: str) -> int:
    """The key ceremony."""
    texts = room.texts
    if not OFFICE_CODE.fullmatch(office):
        raise BadInput("office keygen", "--office", "office.expected.code")
    typer.echo(texts("office.key.intro", title=title, office=office, shortest=SHORTEST_PASSPHRASE))
    typer.echo(texts("office.key.today", today=room.today, week=room.week))
    passphrases = new_passphrases(texts)
    with Console().status(texts("office.key.working")):
        made = make_key(
            room.provider,
            office=office,
            title=title,
            week=room.week,
            serial=_next_serial(room, office),
            passphrases=passphrases,
            token_bytes=secrets.token_bytes,
            stretching=room.stretching,
        )
    public, shares = room.house.put_key(made)
    typer.echo(texts("office.key.made"))
    typer.secho(
        texts("office.key.fingerprint", fingerprint=made.secret.key.fingerprint), bold=True
    )
    typer.echo(algorithms_line(room.provider.name, texts))
    typer.echo(texts("office.key.public", path=public))
    for number, path in enumerate(shares, 1):
        typer.echo(texts("office.key.share", number=number, path=path))
    typer.echo(texts("office.key.next"))
    return 0


def _next_serial(room: OfficeRoom, office: str) -> int:
    keys = room.house.keys()
    made = [key.serial for key in keys if (key.office, key.made) == (office, room.week)]
    return max(made, default=0) + 1


def open_batches(room: OfficeRoom, stick: Path, *, read: bool) -> int:
    """Take in what is on the stick, show the inbox, and let it be read."""
    texts = room.texts
    files = _batch_files(stick)
    batches = [
        (file, decode_batch(file.read_bytes(), file.name, room.provider.name)) for file in files
    ]
    room.require_not_before(max(batch.week for _, (batch, _) in batches).shifted(1))
    desk = room.desk()
    oldest = room.week.shifted(1 - HARD_CAP_WEEKS)
    for file, (batch, reports) in batches:
        if batch.week < oldest:
            typer.echo(texts("office.open.too_old", file=file.name))
        else:
            _take(desk, file.name, batch, reports, texts)
    room.keep(desk)
    cases = desk.cases()
    if not cases:
        typer.echo(texts("office.open.none"))
    else:
        Console().print(case_table(cases, texts))
        if read:
            _read(desk, texts)
    typer.echo(texts("office.open.next"))
    return 0


def _batch_files(stick: Path) -> list[Path]:
    if not stick.exists():
        raise BadInput("office open", str(stick), "office.expected.folder")
    files = sorted(stick.glob(f"*{BATCH_SUFFIX}")) if stick.is_dir() else [stick]
    if not files:
        raise UserError("office.open.nothing", path=str(stick))
    return files


def _take(
    desk: Desk, name: str, batch: Batch, reports: Sequence[SealedReport], texts: Texts
) -> None:
    with progress(texts("office.open.opening"), len(reports)) as tell:
        counts = take_in(desk, batch, reports, tell)
    if not counts:
        typer.echo(texts("office.open.taken_before", file=name))
        return
    typer.echo(
        texts(
            "office.open.taken",
            file=name,
            complaints=counts.get(NoteKind.COMPLAINT, 0),
            supplements=counts.get(NoteKind.SUPPLEMENT, 0),
            withdrawals=counts.get(NoteKind.WITHDRAWAL, 0),
        )
    )
    if counts.get(None):
        typer.echo(texts("office.open.other_key", file=name, count=counts[None]))
    if not batch.met:
        typer.echo(texts("office.open.not_met", week=batch.week))


def _read(desk: Desk, texts: Texts) -> None:
    typer.secho(texts("office.open.rule"), bold=True)
    while code := asked(texts("office.open.prompt")):
        found = desk.find(code)
        if found is None:
            typer.echo(texts("office.open.no_case", code=code))
        else:
            Console().print(case_panel(found[2], texts))


def return_figures(room: OfficeRoom, stick: Path, label: str, *, yes: bool) -> int:
    """Show a week's gated figures and, when they are approved, write the signed file."""
    texts = room.texts
    require_folder("office return", stick)
    try:
        week = Week.parse(label)
    except ValueError:
        raise BadInput("office return", "--week", "cli.error.week") from None
    if week >= room.week:
        raise UserError("office.return.not_over", week=str(week))
    desk = room.desk()
    if not is_covered(desk.books(), week):
        raise UserError("office.return.not_covered", week=str(week))
    secret, newest = desk.held[-1]
    path = stick / f"figures-{week}-{secret.key.office}{RETURN_SUFFIX}"
    if any(str(week) in book.returned for book in desk.books()):
        return _return_again(desk, str(week), path, texts)
    figures = week_figures(secret, desk.books(), week)
    Console().print(figures_table(figures, texts))
    if not yes and not agreed(texts("office.return.confirm"), texts):
        typer.echo(texts("office.return.refused"))
        return 0
    document = return_file(secret, figures)
    newest.returned.append(str(week))
    newest.documents[str(week)] = document.decode()
    room.keep(desk)  # before the stick: what went out once is the same whenever it goes again
    to_stick(path, document, texts)
    typer.echo(texts("office.return.written", path=path))
    typer.echo(texts("office.return.next"))
    return 0


def _return_again(desk: Desk, week: str, path: Path, texts: Texts) -> int:
    """The same bytes once more: other figures of a week that were told too would tell more."""
    documents = [book.documents[week] for book in desk.books() if week in book.documents]
    if not documents:
        raise UserError("office.return.before", week=week)
    to_stick(path, documents[0].encode(), texts)
    typer.echo(texts("office.return.again", week=week, path=path))
    return 0


def destroy(room: OfficeRoom, named: str) -> int:
    """Destroy what this machine has of an old key; two holders must open it first."""
    texts = room.texts
    keys = room.house.keys()
    wanted = named.replace(" ", "").upper()
    found = [each for each in keys if wanted and _name(each).startswith(wanted[:_NAMED])]
    if len(found) != 1:
        known = ", ".join(map(_name, keys))
        raise BadInput("office destroy", "--key", "office.expected.one_key", known=known)
    if len(keys) == 1:
        raise UserError("office.key.destroy_only")
    (key,) = found
    unlock_keys(room.house, found, room.shares, room.provider, texts)
    typer.secho(
        texts("office.key.destroy_warning", fingerprint=key.fingerprint, made=key.made), bold=True
    )
    if asked(texts("office.key.destroy_confirm")).replace(" ", "").upper() != _name(key):
        raise UserError("office.key.destroy_refused")
    gone = room.house.destroy(key)
    typer.echo(texts("office.key.destroyed", count=len(gone)))
    return 0


def _name(key: OfficeKey) -> str:
    return key.fingerprint.replace(" ", "")[:_NAMED]
