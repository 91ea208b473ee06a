"""rules: the rulebook against its own examples and against labelled messages; what is in it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

import config
from bot.domain.errors import BadInput
from bot.domain.rules import Rulebook
from bot.domain.texts import Texts
from config.rulebook import load_rulebook
from config.settings import load_settings
from handlers.check_rules import (
    BrokenExample,
    Labelled,
    RulePrecision,
    broken_examples,
    labelled,
    rule_precisions,
)

_CORPUS = Path(config.__file__).parents[1] / "tests" / "corpus"
_COLUMNS = (
    "cli.tables.rule",
    "cli.tables.status",
    "rules.precision.fired",
    "rules.precision.right",
    "rules.precision.precision",
)
_NUMBERS = 3  # the last columns


def check_rules(
    corpus: Sequence[Path], config_file: Path | None, texts: Texts, *, as_json: bool
) -> int:
    """Every rule against its own examples, 1 when one is got wrong; then how often it is right.

    Without `corpus` the transcripts of the repository are taken, where it is run in one.
    """
    rulebook = load_rulebook(load_settings(config_file).rules)
    broken = broken_examples(rulebook)
    messages = [message for file in corpus or _shipped() for message in labelled(rows_of(file))]
    if corpus and not messages:
        raise BadInput(str(corpus[0]), "label", "rules.precision.unlabelled")
    precisions = rule_precisions(rulebook, messages)
    if as_json:
        typer.echo(_as_json(rulebook, broken, precisions, messages))
        return 1 if broken else 0
    for each in broken:
        key = "should_match" if each.should_match else "should_not_match"
        typer.echo(texts(f"cli.rules.{key}", rule=each.rule, text=each.text))
    if messages:
        _show(rulebook, precisions, len(messages), texts)
    typer.echo(
        texts(
            "cli.rules.checked",
            rules=len(rulebook.rules),
            examples=sum(len(rule.examples) for rule in rulebook.rules),
            broken=len(broken),
            version=rulebook.version,
        )
    )
    return 1 if broken else 0


def _shipped() -> list[Path]:
    return sorted([*_CORPUS.glob("dev_*.jsonl"), *_CORPUS.glob("extra_*.jsonl")])


def rows_of(file: Path) -> Iterator[Mapping[str, object]]:
    """The rows of a corpus file. Raises BadInput with the line whose label cannot be read."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except UnicodeDecodeError:
        raise BadInput(str(file), "text", "cli.error.utf8") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            label = row.get("label")
            fits = label is None or (
                isinstance(label["act"], str) and isinstance(label["kinds"], list)
            )
        except (ValueError, AttributeError, KeyError, TypeError):
            fits = False
        if not fits:
            raise BadInput(f"{file}:{number}", "label", "rules.precision.corpus_line")
        yield row


def _show(
    rulebook: Rulebook, precisions: Sequence[RulePrecision], messages: int, texts: Texts
) -> None:
    table = Table(title=texts("rules.precision.title", messages=messages), title_justify="left")
    for place, column in enumerate(_COLUMNS):
        is_number = place >= len(_COLUMNS) - _NUMBERS
        table.add_column(texts(column), justify="right" if is_number else "left", no_wrap=True)
    for rule, found in zip(rulebook.rules, precisions, strict=True):
        if found.precision is None:
            continue
        share = f"{found.precision:.2f}"
        table.add_row(rule.id, rule.status, str(found.fired), str(found.right), share)
    Console().print(table)
    typer.echo(texts("rules.precision.right_means"))
    silent = [found.rule for found in precisions if found.precision is None]
    if silent:
        typer.echo(texts("rules.precision.never", n=len(silent), rules=" ".join(silent)))


def _as_json(
    rulebook: Rulebook,
    broken: Sequence[BrokenExample],
    precisions: Sequence[RulePrecision],
    messages: Sequence[Labelled],
) -> str:
    wrong = Counter(each.rule for each in broken)
    rows = [
        {
            "id": rule.id,
            "kind": rule.kind.value if rule.kind else None,
            "status": rule.status,
            "version": rule.version,
            "examples": len(rule.examples),
            "broken": wrong[rule.id],
            "fired": found.fired,
            "right": found.right,
            "precision": found.precision,
        }
        for rule, found in zip(rulebook.rules, precisions, strict=True)
    ]
    told = {"version": rulebook.version, "messages": len(messages), "rules": rows}
    return json.dumps(told, ensure_ascii=False, indent=1)


def list_rules(config_file: Path | None, texts: Texts) -> int:
    """The rules with their kind, status and version."""
    rulebook = load_rulebook(load_settings(config_file).rules)
    table = Table(
        *(texts(f"cli.tables.{name}") for name in ("rule", "kind", "status")),
        texts("rules.precision.version"),
        texts("cli.tables.title"),
    )
    for rule in rulebook.rules:
        kind = texts(f"measures.name.{rule.kind}") if rule.kind else "-"
        table.add_row(rule.id, kind, rule.status, str(rule.version), rule.title)
    console = Console()
    console.print(table)
    statuses = Counter(rule.status for rule in rulebook.rules)
    console.print(", ".join(f"{status} {count}" for status, count in sorted(statuses.items())))
    return 0
