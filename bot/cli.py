"""The command line: what an operator types. Each command loads only what it needs."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli_office import add_complaints, add_office
from bot.cli_proof import add_proof_keys, add_verify
from bot.domain.errors import (
    BadInput,
    NoCalendarForYear,
    QingzhuangError,
    StoreError,
    UserError,
    WrongSchema,
)
from bot.domain.texts import Texts
from bot.renderings.forms import FORMS
from config.load import LOCALES, load_texts

OK, UNFIT, USAGE, INTERRUPTED = 0, 1, 2, 130
_WRONG_PATH = (FileNotFoundError, FileExistsError, NotADirectoryError, IsADirectoryError)


def _locale() -> str:
    wanted = os.environ.get("QZ_LOCALE", LOCALES[0])
    return wanted if wanted in LOCALES else LOCALES[0]


T: Texts = load_texts(_locale())

app = typer.Typer(
    name="qingzhuang",
    help=T("cli.app.help"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _sub(name: str) -> typer.Typer:
    made = typer.Typer(help=T(f"cli.commands.{name}"), no_args_is_help=True)
    app.add_typer(made, name=name)
    return made


rules, db, group, role, outbox, dispute = (
    _sub(each) for each in ("rules", "db", "group", "role", "outbox", "dispute")
)


limit = typer.Typer(help=T("limit_commands.commands.limit"), no_args_is_help=True)
register = typer.Typer(help=T("register_commands.commands.register"), no_args_is_help=True)
app.add_typer(limit, name="limit")
app.add_typer(register, name="register")


def _help(name: str) -> str:
    return T(f"cli.commands.{name}")


def _option(name: str) -> str:
    return T(f"cli.options.{name}")


Config = Annotated[Path | None, typer.Option("--config", help=_option("config"))]


def run(main: Coroutine[Any, Any, int | None]) -> None:
    """Run a command to its exit code; what a person can mend is said in a line, no traceback."""
    raise typer.Exit(guarded(lambda: asyncio.run(main)))


def guarded(main: Callable[[], int | None]) -> int:
    """The exit code of `main`, with errors of ours told on stderr."""
    try:
        return main() or OK
    except BadInput as error:
        from bot.terminal.refusals import refusal

        say_error(refusal(error, T))
        return USAGE
    except UserError as error:
        say_error(T("cli.error.user", message=T(error.key, **error.values)))
        return USAGE
    except NoCalendarForYear as error:
        say_error(T("cli.error.no_calendar", year=error.year))
        return UNFIT
    except WrongSchema as error:
        say_error(T("cli.error.schema", message=error))
        return UNFIT
    except StoreError as error:
        say_error(T("cli.error.store", message=error))
        return UNFIT
    except BrokenPipeError:
        raise  # `… | head` has seen enough: the frame around us ends quietly
    except OSError as error:
        # Paths, ports and what the system says of them: nothing of a message.
        from bot.terminal.system_words import reason

        where = error.filename or type(error).__name__
        say_error(T("cli.error.file", file=where, reason=reason(error, T)))
        return USAGE if isinstance(error, _WRONG_PATH) else UNFIT
    except QingzhuangError as error:
        say_error(T("cli.error.user", message=f"{type(error).__name__}: {error}"))
        return UNFIT
    except KeyboardInterrupt:
        say_error(T("cli.error.interrupted"))
        return INTERRUPTED


def say_error(line: str) -> None:
    """A line on stderr."""
    typer.secho(line, err=True, fg="red" if sys.stderr.isatty() else None)


@app.command(help=_help("demo"))
def demo(
    out: Annotated[Path, typer.Option("--out", help=_option("out"))] = Path("out/demo"),
    serve: Annotated[bool, typer.Option("--serve", help=_option("serve"))] = False,
) -> None:
    """Play the written week."""
    from bot.demo.player import play

    run(play(out, T, stay=serve))


@app.command(help=_help("serve"))
def serve(config: Config = None) -> None:
    """Run the bot until it is told to stop."""
    from bot.app import serve as run_bot

    raise typer.Exit(guarded(lambda: run_bot(config, T)))


@app.command(help=_help("check"))
def check(
    config: Config = None,
    offline: Annotated[bool, typer.Option("--offline", help=_option("offline"))] = False,
) -> None:
    """Doctor."""
    from bot.terminal.doctor import examine

    run(examine(config, T, offline=offline))


@app.command("import", help=_help("import"))
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…")],
    progress: Annotated[bool, typer.Option(help=_option("progress"))] = True,
    config: Config = None,
) -> None:
    """Transcripts into the books."""
    from bot.terminal.books import import_files

    run(import_files(files, config, T, progress=progress))


@app.command(help=_help("classify"))
def classify(
    file: Annotated[Path | None, typer.Argument(metavar="FILE")] = None, config: Config = None
) -> None:
    """Judge a transcript."""
    from bot.terminal.judging import classify_file

    raise typer.Exit(guarded(lambda: classify_file(file, config, T)))


@app.command(help=_help("explain"))
def explain(
    text: Annotated[str, typer.Argument(metavar="TEXT")],
    at: Annotated[str | None, typer.Option("--at", help=_option("at"))] = None,
    hours: Annotated[str | None, typer.Option("--hours", help=_option("hours"))] = None,
    config: Config = None,
) -> None:
    """Why a text counts, or not."""
    from bot.terminal.judging import explain_one

    raise typer.Exit(guarded(lambda: explain_one(text, at, hours, config, T)))


@app.command(help=_help("console"))
def console(
    at: Annotated[str | None, typer.Option("--at", help=_option("start"))] = None,
    hours: Annotated[str | None, typer.Option("--hours", help=_option("hours"))] = None,
    size: Annotated[int, typer.Option("--size", help=_option("size"), min=1)] = 50,
    config: Config = None,
) -> None:
    """The bot in a terminal."""
    from bot.terminal.console import Scene, converse

    raise typer.Exit(guarded(lambda: converse(Scene(at, hours, size), config, T)))


@rules.command("check", help=_help("rules_check"))
def rules_check(
    corpus: Annotated[list[Path] | None, typer.Option("--corpus", help=_option("corpus"))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_option("as_json"))] = False,
    config: Config = None,
) -> None:
    """The rulebook against its examples and against labelled messages."""
    from bot.terminal.rules import check_rules

    raise typer.Exit(guarded(lambda: check_rules(corpus or [], config, T, as_json=as_json)))


@rules.command("list", help=_help("rules_list"))
def rules_list(config: Config = None) -> None:
    """The rules there are."""
    from bot.terminal.rules import list_rules

    raise typer.Exit(guarded(lambda: list_rules(config, T)))


@rules.command("sample", help=T("sample.command"))
def rules_sample(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…")],
    record: Annotated[bool, typer.Option("--record", help=T("sample.record"))] = False,
    config: Config = None,
) -> None:
    """How often judgement is wrong on labelled messages."""
    from bot.terminal.sampling import check_sample

    run(check_sample(files, config, T, record=record))


@app.command(help=_help("digest"))
def digest(
    week: Annotated[str, typer.Option("--week", help=_option("week"))] = "",
    month: Annotated[str, typer.Option("--month", help=_option("month"))] = "",
    quarter: Annotated[str, typer.Option("--quarter", help=_option("quarter"))] = "",
    folder: Annotated[Path | None, typer.Option("--from", help=_option("digests_from"))] = None,
    out: Annotated[Path, typer.Option("--out", help=_option("out"))] = Path("out"),
    formats: Annotated[str, typer.Option("--format", help=_option("format"))] = ",".join(FORMS),
    auditor: Annotated[bool, typer.Option("--auditor", help=T("proof.options.auditor"))] = False,
    correct: Annotated[
        bool, typer.Option("--correct", help=T("correction.options.correct"))
    ] = False,
    release: Annotated[bool, typer.Option("--release", help=T("preview.cli.release"))] = False,
    language: Annotated[str, typer.Option("--language", help=T("preview.cli.language"))] = "",
    config: Config = None,
) -> None:
    """A published digest, again; or a month's or quarter's closing."""
    from bot.terminal.books import Steps, write_digest
    from bot.terminal.closings import write_closing

    if week and not (month or quarter or folder):
        steps = Steps(auditor, correct, release, language)
        run(write_digest(week, out, formats, config, T, steps))
    run(write_closing(week, month, quarter, folder, out, formats, config, T))


@db.command("upgrade", help=_help("db_upgrade"))
def db_upgrade(config: Config = None) -> None:
    """Bring the schema up to date."""
    from bot.terminal.books import upgrade_schema

    run(upgrade_schema(config, T))


@db.command("status", help=_help("db_status"))
def db_status(config: Config = None) -> None:
    """Is the schema up to date."""
    from bot.terminal.books import schema_status

    run(schema_status(config, T))


@group.command("set", help=_help("group_set"))
def group_set(
    code: Annotated[str, typer.Argument()],
    alias: Annotated[str | None, typer.Option(help=_option("alias"))] = None,
    unit: Annotated[str | None, typer.Option(help=_option("unit"))] = None,
    line: Annotated[str | None, typer.Option(help=_option("line"))] = None,
    size: Annotated[int | None, typer.Option(help=_option("size"), min=1)] = None,
    hours: Annotated[str | None, typer.Option(help=_option("hours"))] = None,
    timezone: Annotated[str | None, typer.Option(help=_option("timezone"))] = None,
    chat: Annotated[list[str] | None, typer.Option(help=_option("chat"))] = None,
    config: Config = None,
) -> None:
    """Register a group or change it."""
    from bot.terminal.register import set_group

    given = {
        "alias": alias,
        "unit": unit,
        "line": line,
        "size": size,
        "hours": hours,
        "timezone": timezone,
    }
    run(set_group(code, given, chat or [], config, T))


@group.command("list", help=_help("group_list"))
def group_list(config: Config = None) -> None:
    """Registered groups."""
    from bot.terminal.register import list_groups

    run(list_groups(config, T))


@group.command("invite", help=T("binding.cli.invite"))
def group_invite(
    code: Annotated[str, typer.Argument()],
    hours: Annotated[
        int, typer.Option("--hours", help=T("binding.cli.hours"), min=1, max=168)
    ] = 24,
    config: Config = None,
) -> None:
    """A one-time code for a group."""
    from bot.terminal.register import invite_chat

    run(invite_chat(code, hours, config, T))


@group.command("coverage", help=T("routes.commands.coverage"))
def group_coverage(
    week: Annotated[str | None, typer.Option("--week", help=T("routes.options.week"))] = None,
    config: Config = None,
) -> None:
    """By which routes groups are heard, and when not."""
    from bot.terminal.coverage import show_coverage

    run(show_coverage(week, config, T))


@group.command("retire", help=_help("group_retire"))
def group_retire(code: Annotated[str, typer.Argument()], config: Config = None) -> None:
    """Stop counting a group."""
    from bot.terminal.register import retire_group

    run(retire_group(code, config, T))


@group.command("unbind", help=_help("group_unbind"))
def group_unbind(
    chat: Annotated[str, typer.Argument(metavar="PLATFORM:ID")], config: Config = None
) -> None:
    """Forget a chat."""
    from bot.terminal.register import unbind_chat

    run(unbind_chat(chat, config, T))


@role.command("grant", help=_help("role_grant"))
def role_grant(
    role: Annotated[str, typer.Argument()],
    person: Annotated[str, typer.Argument(metavar="PLATFORM:ID")],
    scope: Annotated[str, typer.Option(help=_option("scope"))] = "*",
    title: Annotated[str | None, typer.Option(help=_option("title"))] = None,
    config: Config = None,
) -> None:
    """Grant a role."""
    from bot.terminal.register import grant_role

    run(grant_role(role, person, scope, title, config, T))


@role.command("revoke", help=_help("role_revoke"))
def role_revoke(
    role: Annotated[str, typer.Argument()],
    person: Annotated[str, typer.Argument(metavar="PLATFORM:ID")],
    config: Config = None,
) -> None:
    """Take a role back."""
    from bot.terminal.register import revoke_role

    run(revoke_role(role, person, config, T))


@role.command("list", help=_help("role_list"))
def role_list(config: Config = None) -> None:
    """Roles."""
    from bot.terminal.register import list_roles

    run(list_roles(config, T))


unit = typer.Typer(help=T("units.commands.unit"), no_args_is_help=True)
app.add_typer(unit, name="unit")


@unit.command("import", help=T("units.commands.import"))
def unit_import(
    file: Annotated[Path, typer.Argument(metavar="FILE")], config: Config = None
) -> None:
    """Units from a CSV."""
    from bot.terminal.units import import_units

    run(import_units(file, config, T))


@unit.command("list", help=T("units.commands.list"))
def unit_list(config: Config = None) -> None:
    """Units."""
    from bot.terminal.units import list_units

    run(list_units(config, T))


@outbox.command("list", help=_help("outbox_list"))
def outbox_list(
    sent: Annotated[bool, typer.Option("--sent", help=T("outbox.options.sent"))] = False,
    config: Config = None,
) -> None:
    """What waits, failed or is uncertain."""
    from bot.terminal.outbox import list_outbox

    run(list_outbox(config, T, sent=sent))


@outbox.command("resend", help=_help("outbox_resend"))
def outbox_resend(
    parcel: Annotated[str, typer.Argument(metavar="ID")],
    whole: Annotated[bool, typer.Option("--whole", help=T("outbox.options.whole"))] = False,
    config: Config = None,
) -> None:
    """Send once more."""
    from bot.terminal.outbox import resend

    run(resend(parcel, config, T, whole=whole))


@outbox.command("drop", help=T("outbox.commands.drop"))
def outbox_drop(
    parcel: Annotated[str, typer.Argument(metavar="ID")], config: Config = None
) -> None:
    """Give up."""
    from bot.terminal.outbox import drop

    run(drop(parcel, config, T))


@outbox.command("recall", help=T("outbox.commands.recall"))
def outbox_recall(
    parcel: Annotated[str, typer.Argument(metavar="ID")], config: Config = None
) -> None:
    """Take back."""
    from bot.terminal.outbox import recall

    run(recall(parcel, config, T))


@dispute.command("list", help=_help("dispute_list"))
def dispute_list(
    every: Annotated[bool, typer.Option("--all", help=_option("all_disputes"))] = False,
    config: Config = None,
) -> None:
    """Disputes."""
    from bot.terminal.disputes import list_disputes

    run(list_disputes(config, T, every=every))


@dispute.command("uphold", help=_help("dispute_uphold"))
def dispute_uphold(
    count: Annotated[str, typer.Argument(metavar="ID")],
    group: Annotated[str | None, typer.Option("--group", help=_option("dispute_group"))] = None,
    config: Config = None,
) -> None:
    """The count was wrong."""
    from bot.domain.disputes import DisputeState
    from bot.terminal.disputes import decide

    run(decide(count, group, DisputeState.UPHELD, config, T))


@dispute.command("reject", help=_help("dispute_reject"))
def dispute_reject(
    count: Annotated[str, typer.Argument(metavar="ID")],
    group: Annotated[str | None, typer.Option("--group", help=_option("dispute_group"))] = None,
    config: Config = None,
) -> None:
    """The count was right."""
    from bot.domain.disputes import DisputeState
    from bot.terminal.disputes import decide

    run(decide(count, group, DisputeState.REJECTED, config, T))


@limit.command("list", help=T("limit_commands.commands.list"))
def limit_list(
    history: Annotated[
        bool, typer.Option("--history", help=T("limit_commands.options.history"))
    ] = False,
    config: Config = None,
) -> None:
    """Limits in force, or every version."""
    from bot.terminal.limits import list_limits

    run(list_limits(config, T, history=history))


@limit.command("set", help=T("limit_commands.commands.set"))
def limit_set(
    limit_id: Annotated[str, typer.Argument(metavar="LIMIT")],
    at_most: Annotated[str, typer.Argument(metavar="N|off")],
    basis: Annotated[str, typer.Option("--basis", help=T("limit_commands.options.basis"))] = "",
    config: Config = None,
) -> None:
    """Propose a change."""
    from bot.terminal.limits import set_limit

    run(set_limit(limit_id, at_most, basis, config, T))


@limit.command("confirm", help=T("limit_commands.commands.confirm"))
def limit_confirm(number: Annotated[int, typer.Argument()], config: Config = None) -> None:
    """The second person's yes."""
    from bot.domain.limit_changes import ChangeState
    from bot.terminal.limits import settle_change

    run(settle_change(number, ChangeState.STANDING, config, T))


@limit.command("withdraw", help=T("limit_commands.commands.withdraw"))
def limit_withdraw(number: Annotated[int, typer.Argument()], config: Config = None) -> None:
    """Take a proposal back."""
    from bot.domain.limit_changes import ChangeState
    from bot.terminal.limits import settle_change

    run(settle_change(number, ChangeState.WITHDRAWN, config, T))


@register.command("import", help=T("register_commands.commands.import"))
def register_import(
    file: Annotated[Path, typer.Argument(metavar="FILE")], config: Config = None
) -> None:
    """A register from a table."""
    from bot.terminal.registers import import_filings

    run(import_filings(file, config, T))


@register.command("list", help=T("register_commands.commands.list"))
def register_list(
    every: Annotated[bool, typer.Option("--all", help=T("register_commands.options.all"))] = False,
    config: Config = None,
) -> None:
    """What is registered."""
    from bot.terminal.registers import list_filings

    run(list_filings(config, T, every=every))


@register.command("confirm", help=T("register_commands.commands.confirm"))
def register_confirm(number: Annotated[int, typer.Argument()], config: Config = None) -> None:
    """A second person's yes to what was proposed in the chat."""
    from bot.terminal.registers import settle_filing

    run(settle_filing(number, config, T, confirms=True))


@register.command("withdraw", help=T("register_commands.commands.withdraw"))
def register_withdraw(number: Annotated[int, typer.Argument()], config: Config = None) -> None:
    """Take back what was proposed."""
    from bot.terminal.registers import settle_filing

    run(settle_filing(number, config, T, confirms=False))


@register.command("retire", help=T("register_commands.commands.retire"))
def register_retire(
    number: Annotated[str, typer.Argument(metavar="NUMBER")], config: Config = None
) -> None:
    """End an entry."""
    from bot.terminal.registers import retire_filing

    run(retire_filing(number, config, T))


@app.command(help=_help("standin"))
def standin(
    platform: Annotated[str, typer.Argument(metavar="wecom|dingtalk")],
    port: Annotated[int, typer.Option("--port", help=_option("port"), min=0, max=65535)] = 0,
) -> None:
    """A platform's stand-in on loopback."""
    from bot.terminal.standins import run_standin

    run(run_standin(platform, port, T))


add_office(app, T, guarded)
add_complaints(app, T, run, Config)
add_verify(app, T, guarded)
add_proof_keys(db, T, run, Config)


@app.command(help=_help("version"))
def version() -> None:
    """The version."""
    from importlib.metadata import version as installed

    typer.echo(f"qingzhuang {installed('qingzhuang')}")


def main() -> None:
    """The `qingzhuang` command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a GBK terminal has no ✓
    app()
