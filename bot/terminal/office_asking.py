"""What the office is asked and shown in its terminal."""

from __future__ import annotations

import sys
import termios
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from bot.crypto.office_keys import OfficeKey
from bot.crypto.provider import CryptoProvider
from bot.crypto.shares import HOLDERS, NEEDED, SHORTEST_PASSPHRASE, LockedShare, unlock_share
from bot.domain.complaint_figures import ComplaintFigures
from bot.domain.errors import BadInput, Undecipherable, UserError
from bot.domain.people_figures import PeopleFigure
from bot.domain.texts import Texts
from bot.office.case_book import Case, CaseBook
from bot.office.folder import OfficeFolder
from bot.office.secrets import OfficeSecret, unlock

_TRIES = 3
_LOCAL_MODES = 3  # the place of the terminal's flags that hold its echo


def new_passphrases(texts: Texts) -> tuple[str, ...]:
    """Three different passphrases, each typed twice by its holder."""
    chosen: list[str] = []
    for number in range(1, HOLDERS + 1):
        chosen.append(_new_passphrase(number, chosen, texts))
    return tuple(chosen)


def _new_passphrase(number: int, others: Sequence[str], texts: Texts) -> str:
    while True:
        typed = _hidden(texts("office.key.passphrase", number=number))
        if len(typed) < SHORTEST_PASSPHRASE:
            typer.echo(texts("office.key.short", shortest=SHORTEST_PASSPHRASE))
        elif typed in others:
            typer.echo(texts("office.key.same"))
        elif _hidden(texts("office.key.again")) != typed:
            typer.echo(texts("office.key.differs"))
        else:
            return typed


def unlock_keys(
    folder: OfficeFolder,
    keys: Sequence[OfficeKey],
    more: Sequence[Path],
    provider: CryptoProvider,
    texts: Texts,
) -> list[OfficeSecret]:
    """Have two holders open keys, the newest first; older ones may be left out.

    A holder whose passphrase opened a share of a newer key is not asked again where it opens
    the older one's too. Raises UserError when the newest stays shut.
    """
    opened: list[OfficeSecret] = []
    known: dict[int, str] = {}
    for place in more:
        if not place.exists():
            raise BadInput("--share", str(place), "office.expected.folder")
    for key in reversed(keys):
        shares = folder.shares_of(key, more)
        secret = None
        if len(shares) >= NEEDED:
            secret = _unlocked(key, shares, known, provider, texts)
        if secret is not None:
            opened.append(secret)
            typer.echo(texts("office.unlock.opened", made=key.made))
        elif opened:
            typer.echo(texts("office.unlock.skipped", fingerprint=key.fingerprint))
        else:
            raise _stays_shut(key, shares, texts)
    return opened[::-1]


def _stays_shut(key: OfficeKey, shares: Sequence[LockedShare], texts: Texts) -> UserError:
    if len(shares) < NEEDED:
        found = [texts("office.unlock.one", number=share.number) for share in shares]
        said = texts("complaints.words.comma").join(found) or texts("office.unlock.none")
        return UserError("office.unlock.few", fingerprint=key.fingerprint, found=said)
    return UserError("office.unlock.gave_up", fingerprint=key.fingerprint)


def _unlocked(
    key: OfficeKey,
    shares: Sequence[LockedShare],
    known: dict[int, str],
    provider: CryptoProvider,
    texts: Texts,
) -> OfficeSecret | None:
    typer.echo(texts("office.unlock.intro", fingerprint=key.fingerprint, made=key.made))
    held: list[bytes] = []
    for share in shares:
        part = _of_holder(share, known, provider, texts)
        if part is not None:
            held.append(part)
            typer.echo(texts("office.unlock.part", number=share.number))
        if len(held) == NEEDED:
            return unlock(key, held[0], held[1], provider)
    return None


def _of_holder(
    share: LockedShare, known: dict[int, str], provider: CryptoProvider, texts: Texts
) -> bytes | None:
    """The unlocked share; None when its holder is not here. What opened it is `known` then."""
    if share.number in known:
        part = _opened(share, known[share.number], provider, texts)
        if part is not None:
            return part
    for _ in range(_TRIES):
        typed = _hidden(texts("office.unlock.passphrase", number=share.number))
        if not typed:
            return None
        part = _opened(share, typed, provider, texts)
        if part is not None:
            known[share.number] = typed
            return part
        typer.echo(texts("office.unlock.wrong"))
    return None


def _opened(
    share: LockedShare, passphrase: str, provider: CryptoProvider, texts: Texts
) -> bytes | None:
    with Console().status(texts("office.unlock.working")), _unseen():
        try:
            return unlock_share(share, passphrase, provider)
        except Undecipherable:
            return None


def _hidden(question: str) -> str:
    answer: str = typer.prompt(question, hide_input=True, default="", show_default=False)
    return answer.strip()


@contextmanager
def _unseen() -> Iterator[None]:
    """What is typed meanwhile is neither shown nor kept: it may be the next passphrase."""
    try:
        keyboard = sys.stdin.fileno()
        before = termios.tcgetattr(keyboard)
    except (OSError, ValueError, termios.error):  # no terminal
        yield
        return
    silent = [*before]
    silent[_LOCAL_MODES] &= ~termios.ECHO
    termios.tcsetattr(keyboard, termios.TCSANOW, silent)
    try:
        yield
    finally:
        termios.tcsetattr(keyboard, termios.TCSAFLUSH, before)


@contextmanager
def progress(label: str, total: int) -> Iterator[Callable[[int], object]]:
    """A bar on stderr that is told how many are done; none where nobody looks."""
    console = Console(stderr=True)
    shown = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=console,
        disable=not console.is_terminal,
    )
    with shown:
        task = shown.add_task(label, total=total)
        yield lambda done: shown.update(task, completed=done)


def case_table(cases: Sequence[tuple[CaseBook, Case]], texts: Texts) -> Table:
    """The inbox by code; no words of anybody."""
    columns = ("code", "week", "category", "unit", "state", "supplements")
    table = Table(*(texts(f"office.tables.{name}") for name in columns))
    for _, case in cases:
        table.add_row(
            case.code,
            case.week,
            texts(f"complaint_box.category.{case.category}"),
            escape(_unit(case, texts)),
            state_of(case, texts),
            str(len(case.supplements) or ""),
        )
    return table


def case_panel(case: Case, texts: Texts) -> Panel:
    """One case with its words, for the holders' eyes. Nothing in it is taken for markup."""
    lines = [
        texts("office.case.week", week=case.week),
        texts("office.case.unit", unit=_unit(case, texts)),
        texts("office.case.state", state=state_of(case, texts)),
        "",
    ]
    if case.withdrawn:
        lines.append(texts("office.case.withdrawn"))
    else:
        lines.append(case.text)
        lines += [texts("office.case.supplement", text=each) for each in case.supplements]
    if case.reply:
        lines += ["", texts("office.case.reply", text=case.reply)]
    category = texts(f"complaint_box.category.{case.category}")
    # Control characters could move the cursor and write over what stands there.
    body = "".join(c for c in "\n".join(lines) if c == "\n" or c.isprintable())
    return Panel(escape(body), title=texts("office.case.title", code=case.code, category=category))


def state_of(case: Case, texts: Texts) -> str:
    """How far a case is, in words."""
    if case.withdrawn:
        return texts("complaint_box.reason.withdrawn")
    return (
        texts(f"complaint_box.state.{case.state}") if case.state else texts("office.case.waiting")
    )


def figures_table(figures: ComplaintFigures, texts: Texts) -> Table:
    """What is about to leave the machine, as the digest will say it."""
    table = Table(
        *(texts(f"office.tables.{name}") for name in ("figure", "number")),
        title=texts("office.return.title", week=figures.week),
    )
    table.add_row(texts("office.return.total"), _number(figures.total, texts))
    for each in figures.by_category:
        category = texts(f"complaint_box.category.{each.category.value}")
        table.add_row(f"  {category}", _number(each.people, texts))
    table.add_row(texts("office.return.answered"), _number(figures.answered, texts))
    weeks = figures.median_weeks
    table.add_row(
        texts("office.return.median"), texts("office.return.none") if weeks is None else str(weeks)
    )
    done = [texts(f"complaint_box.remedy.{each.value}") for each in figures.remedies]
    table.add_row(texts("office.return.remedies"), "\n".join(done) or texts("office.return.none"))
    table.add_row(texts("office.return.purged"), _number(figures.purged, texts))
    return table


def _number(figure: PeopleFigure, texts: Texts) -> str:
    if figure.value is None:
        return texts("office.return.hidden")
    return texts("office.return.or_more") if figure.or_more else str(figure.value)


def _unit(case: Case, texts: Texts) -> str:
    if case.unit is None:
        return texts("office.case.unit_dropped")
    return case.unit or texts("office.case.no_unit")
