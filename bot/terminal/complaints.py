"""complaints key, export, import, status: what goes by stick, on the bot's host."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from bot.clock import SystemClock
from bot.crypto.batch_files import batch_name
from bot.crypto.exchange import REPLY_SUFFIX, RETURN_SUFFIX, write_whole
from bot.crypto.office_keys import decode_office_key, key_name
from bot.domain.errors import BadInput, UserError
from bot.domain.periods import Week
from bot.domain.texts import Texts
from bot.terminal.algorithms import algorithms_line
from bot.terminal.asked import agreed
from bot.terminal.session import counting
from bot.wiring.complaints import Complaints, open_complaints
from config.settings import Settings, load_settings
from handlers.ports import Clock


@asynccontextmanager
async def _complaints(
    config: Path | None, clock: Clock | None = None
) -> AsyncIterator[tuple[Settings, Complaints]]:
    settings = load_settings(config)
    async with AsyncExitStack() as resources:
        yield (
            settings,
            await open_complaints(
                settings, clock or SystemClock(), secrets.token_bytes, dict, resources
            ),
        )


def _read(file: Path) -> bytes:
    return file.read_bytes()


def _require_folder(to: Path) -> None:
    if not to.is_dir():
        raise BadInput("complaints export", str(to), "office.expected.folder")


async def enter_key(file: Path, config: Path | None, texts: Texts, *, yes: bool) -> int:
    """Enter an office's public key after its fingerprint was compared."""
    data = _read(file)
    async with _complaints(config) as (settings, complaints):
        key = decode_office_key(data, file.name, complaints.provider)
        shown = {"title": key.title, "office": key.office, "made": key.made}
        typer.echo(texts("office.complaints.key_seen", fingerprint=key.fingerprint, **shown))
        typer.echo(algorithms_line(key.provider, texts))
        if key in complaints.keys.all():
            typer.echo(texts("office.complaints.key_known"))
            return 0
        if not yes and not agreed(texts("office.complaints.key_confirm"), texts):
            raise UserError("office.complaints.key_refused")
        path = settings.office_key_dir / key_name(key)
        write_whole(path, [data])
        (in_use,) = [each for each in complaints.keys.in_use() if each.office == key.office]
    async with counting(config, counts=False) as (_, house):
        known = [office.code for office in house.store.registry.offices()]
    if known and key.office not in known:
        typer.echo(
            texts("office.complaints.key_registered", office=key.office, known=", ".join(known))
        )
    if in_use == key:
        typer.echo(texts("office.complaints.key_entered", path=path))
    else:
        newer = {"made": in_use.made, "fingerprint": in_use.fingerprint}
        typer.echo(texts("office.complaints.key_older", path=path, **newer))
    return 0


async def export(to: Path, config: Path | None, texts: Texts) -> int:
    """Copy the batches that no office answered yet to a stick."""
    _require_folder(to)
    async with _complaints(config) as (_, complaints):
        _require_open(complaints)
        paths = [complaints.exchange.out / batch_name(b) for b in await complaints.store.batches()]
    waiting = [path for path in paths if path.exists()]
    for path in waiting:
        write_whole(to / path.name, [_read(path)])
        typer.echo(texts("office.complaints.exported", path=to / path.name))
    typer.echo(texts(f"office.complaints.{'export_next' if waiting else 'nothing_out'}"))
    return 0


async def take_back(files: Sequence[Path], config: Path | None, texts: Texts) -> int:
    """Take in what the office signed: replies for the next rewrite, figures for the next digest."""
    brought = [(file, _read(file)) for file in files]
    async with _complaints(config) as (_, complaints):
        _require_open(complaints)
        for file, data in brought:
            if file.suffix == REPLY_SUFFIX:
                came = complaints.exchange.put_reply(data, file.name)
                typer.echo(
                    texts(
                        "office.complaints.reply_taken",
                        file=file.name,
                        count=len(came.replies),
                        office=came.office,
                    )
                )
            elif file.suffix == RETURN_SUFFIX:
                await _take_figures(complaints, data, file.name, texts)
            else:
                raise BadInput(file.name, "FILE", "office.complaints.unknown_file")
    return 0


async def _take_figures(complaints: Complaints, data: bytes, name: str, texts: Texts) -> None:
    office, figures = complaints.exchange.decode_return(data, name)
    is_new = await complaints.store.put_return(office, figures.week, data)
    key = "return_taken" if is_new else "return_known"
    typer.echo(texts(f"office.complaints.{key}", file=name, office=office, week=figures.week))


async def show_status(config: Path | None, texts: Texts, clock: Clock | None = None) -> int:
    """Keys in use, how much rests, and whether last week's rewrite took place."""
    clock = clock or SystemClock()
    async with _complaints(config, clock) as (settings, complaints):
        if not complaints.box.is_open:
            typer.echo(texts("office.complaints.closed"))
            return 0
        table = Table(*(texts(f"office.tables.{name}") for name in ("office", "made", "key")))
        for key in complaints.keys.in_use():
            table.add_row(f"{key.title} ({key.office})", str(key.made), key.fingerprint)
        Console().print(table)
        typer.echo(algorithms_line(complaints.provider.name, texts))
        last = Week.of(clock.now(), settings.zone).shifted(-1)
        is_done = await complaints.store.is_rewritten(last)
        done = texts(f"office.complaints.{'done' if is_done else 'not_done'}")
        typer.echo(texts("office.complaints.size", count=await complaints.store.size()))
        held = len(await complaints.store.batches())
        typer.echo(texts("office.complaints.batches", count=held))
        typer.echo(texts("office.complaints.rewritten", done=done))
    return 0


def _require_open(complaints: Complaints) -> None:
    if not complaints.box.is_open:
        raise UserError("office.complaints.closed")
