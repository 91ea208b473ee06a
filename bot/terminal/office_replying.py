"""office reply: decisions on cases, by dialogue or by options, into a sealed and signed file."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from bot.crypto.exchange import REPLY_SUFFIX
from bot.domain.complaints import (
    MOST_ANSWER_CHARACTERS,
    CaseState,
    ClosingReason,
    Remedy,
    Template,
)
from bot.domain.errors import BadInput, UserError
from bot.domain.texts import Texts
from bot.office.case_book import Case
from bot.office.replying import (
    TEMPLATES,
    Decision,
    decide,
    reply_file,
    say_again,
    to_be_answered,
)
from bot.office.taking_in import Desk
from bot.terminal.office_asking import case_panel, case_table, progress, state_of
from bot.terminal.office_room import OfficeRoom, asked, require_folder, to_stick


@dataclass(frozen=True, slots=True)
class Given:
    """An answer given on the command line instead of by dialogue."""

    case: str
    template: str
    text: str | None
    remedy: str | None


def reply(room: OfficeRoom, stick: Path, given: Given | None, *, again: bool = False) -> int:
    """Answer cases and write a reply file for each key that has something to say.

    `again` asks nothing and says once more what was said, for a stick that was lost.
    """
    texts = room.texts
    require_folder("office reply", stick)
    if again and given is not None:
        raise BadInput("office reply", "--again", "office.expected.alone")
    desk = room.desk()
    if again:
        for book in desk.books():
            say_again(book)
    elif given is None:
        _converse(room, desk)
    else:
        _decide_given(room, desk, given)
        room.keep(desk)  # whatever becomes of the stick
    written = _reply_files(room, desk, stick)
    room.keep(desk)
    typer.echo(texts("office.reply.next" if written else "office.reply.nothing"))
    return 0


def _converse(room: OfficeRoom, desk: Desk) -> None:
    texts = room.texts
    Console().print(case_table(desk.cases(), texts))
    typer.echo(texts("office.reply.intro"))
    earlier: dict[str, Case] = {}
    while code := asked(texts("office.reply.case")):
        found = desk.find(code)
        if found is None:
            typer.echo(texts("office.open.no_case", code=code))
            continue
        _, book, case = found
        Console().print(case_panel(case, texts))
        if case.withdrawn:
            typer.echo(texts("office.reply.withdrawn", code=case.code))
            continue
        undoes = case.id in earlier
        number = _template(texts, undoes=undoes)
        if number is None:
            continue
        if number == 0:
            book.cases[case.id] = earlier.pop(case.id)
            typer.echo(texts("office.reply.undone", code=case.code))
        else:
            earlier.setdefault(case.id, replace(case))
            decide(book, case, _worded(tuple(TEMPLATES)[number - 1], texts), room.week)
            _tell(case, texts)
        room.keep(desk)


def _template(texts: Texts, *, undoes: bool) -> int | None:
    """The number of a template, 0 to undo what was decided here, None to leave the case."""
    table = Table("", texts("office.tables.does"))
    table.add_column(texts("office.tables.words"), overflow="fold")
    for number, (template, (state, reason)) in enumerate(TEMPLATES.items(), 1):
        does = [texts(f"complaint_box.state.{state.value}")]
        does += [texts(f"complaint_box.reason.{reason.value}")] if reason else []
        table.add_row(str(number), " · ".join(does), texts(f"office.template.{template.value}"))
    Console().print(table)
    question = texts("office.reply.template_or_undo" if undoes else "office.reply.template")
    return _number(0 if undoes else 1, len(TEMPLATES), question, texts)


def _worded(chosen: Template, texts: Texts) -> Decision:
    state, reason = TEMPLATES[chosen]
    typer.echo(texts("office.reply.names"))
    words = _words(texts) or texts(f"office.template.{chosen.value}")
    return Decision(state, words, reason, _remedy(reason, texts))


def _words(texts: Texts) -> str:
    while True:
        typed = asked(texts("office.reply.text", most=MOST_ANSWER_CHARACTERS))
        if len(typed) <= MOST_ANSWER_CHARACTERS:
            return typed
        typer.echo(texts("office.reply.long", most=MOST_ANSWER_CHARACTERS))


def _remedy(reason: ClosingReason | None, texts: Texts) -> Remedy | None:
    if reason is not ClosingReason.REMEDIED:
        return None
    for number, each in enumerate(Remedy, 1):
        typer.echo(f"  {number}  " + texts(f"complaint_box.remedy.{each.value}"))
    chosen = _number(1, len(Remedy), texts("office.reply.remedy"), texts)
    return None if chosen is None else tuple(Remedy)[chosen - 1]


def _number(least: int, most: int, question: str, texts: Texts) -> int | None:
    """The number that was typed; None for Enter alone."""
    while True:
        typed = asked(question)
        if not typed:
            return None
        if typed.isascii() and typed.isdigit() and least <= int(typed) <= most:
            return int(typed)
        typer.echo(texts("office.reply.no_template"))


def _decide_given(room: OfficeRoom, desk: Desk, given: Given) -> None:
    texts = room.texts
    found = desk.find(given.case)
    if found is None:
        raise UserError("office.open.no_case", code=given.case)
    try:
        state, reason = TEMPLATES[Template(given.template)]
    except ValueError:
        known = ", ".join(Template)
        raise BadInput(
            "office reply", "--template", "office.expected.template", known=known
        ) from None
    _, book, case = found
    if case.withdrawn:
        raise UserError("office.reply.withdrawn", code=case.code)
    decision = _decision(given, state, reason, texts)
    decide(book, case, decision, room.week)
    _tell(case, texts)


def _decision(
    given: Given, state: CaseState, reason: ClosingReason | None, texts: Texts
) -> Decision:
    try:
        remedy = Remedy(given.remedy) if given.remedy else None
    except ValueError:
        known = ", ".join(Remedy)
        raise BadInput("office reply", "--remedy", "office.expected.remedy", known=known) from None
    words = given.text or texts(f"office.template.{given.template}")
    if len(words) > MOST_ANSWER_CHARACTERS:
        raise BadInput("office reply", "--text", "office.reply.long", most=MOST_ANSWER_CHARACTERS)
    return Decision(state, words, reason, remedy)


def _reply_files(room: OfficeRoom, desk: Desk, stick: Path) -> bool:
    written = False
    for secret, book in desk.held:
        records = sum(len(batch.records) for batch in to_be_answered(book))
        if not records:
            continue
        with progress(room.texts("office.reply.sealing"), records) as tell:
            made = reply_file(secret, book, room.week, tell)
        mark = f"{secret.key.id.hex()[:8]}-{secrets.token_hex(2)}"
        path = stick / f"replies-{room.week}-{mark}{REPLY_SUFFIX}"
        to_stick(path, made, room.texts)
        typer.echo(room.texts("office.reply.written", path=path))
        written = True
    return written


def _tell(case: Case, texts: Texts) -> None:
    typer.echo(texts("office.reply.noted", code=case.code, state=state_of(case, texts)))
