"""What the documents name exists: files, tests, settings, commands, options, rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from bot.cli import app
from bot.routes import COMMANDS
from config.load import LOCALES, load_texts
from config.rulebook import load_rulebook

ROOT = Path(__file__).resolve().parents[2]
READMES = tuple(sorted(ROOT.glob("README*.md")))
# docs/design.md speaks of the whole product, also of what is not built.
DOCUMENTS = (
    *READMES,
    ROOT / "CHANGELOG.md",
    *(page for page in sorted((ROOT / "docs").rglob("*.md")) if page.name != "design.md"),
)
IDS = [str(path.relative_to(ROOT)) for path in DOCUMENTS]

LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+\s+(.+?)\s*$", re.MULTILINE)
TEST = re.compile(r"\b(tests/[\w/]+\.py)(?:::(\w+))?")
PATH = re.compile(
    r"`((?:bot|handlers|storage|config|tests|docs|deploy|bench)/[\w./-]*"
    r"(?:/|\.(?:py|toml|md|jsonl?|csv|yaml|service|c)))`"
)
SETTING = re.compile(r"\bQZ_[A-Z][A-Z_]*")
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
CALL = re.compile(r"(?<![\w/.])(?:\.venv/bin/)?qingzhuang ((?:\\\n|[^\n`|&#;（，。])+)")
MAKE = re.compile(r"`make ([a-z]+)`|^make ([a-z]+)\b", re.MULTILINE)
SLASH = re.compile(r"(?<![\w\u4e00-\u9fff/.>])/([\u4e00-\u9fff]{2,4})(?![\u4e00-\u9fff])")
RULE = re.compile(r"[`\"]([a-z_]+\.[a-z_]+)[`\"]")
LISTED = re.compile(r"(?:The command line: |命令行：)`([a-z ]+)`")
FILE_ENDINGS = ("py", "toml", "md", "db", "env", "html", "json", "jsonl", "csv", "lock", "sh")

every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=IDS)


@cache
def read(path: Path) -> str:
    return path.read_text("utf-8")


@cache
def slugs(path: Path) -> frozenset[str]:
    """The anchors that a web view gives to a document's headings."""
    return frozenset(
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in HEADING.findall(read(path))
    )


@every_document
def test_every_link_leads_to_a_file_and_a_heading(document: Path) -> None:
    dead = []
    for link in LINK.findall(CODE.sub("", read(document))):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        if not target.exists() or (anchor and anchor not in slugs(target)):
            dead.append(link)

    assert dead == []


@every_document
def test_every_test_it_names_exists(document: Path) -> None:
    missing = []
    for file, name in TEST.findall(read(document)):
        path = ROOT / file
        if not path.is_file() or (name and not re.search(rf"def {name}\(", read(path))):
            missing.append(f"{file}::{name}")

    assert missing == []


@every_document
def test_every_file_it_names_by_its_full_path_exists(document: Path) -> None:
    named = PATH.findall(read(document))

    assert [path for path in named if not (ROOT / path).exists()] == []


@every_document
def test_every_setting_it_names_exists(document: Path) -> None:
    known = re.findall(r"^#?(QZ_[A-Z_]+)=", read(ROOT / "config/example.env"), re.MULTILINE)

    unknown = {
        name
        for name in SETTING.findall(read(document))
        if name not in known
        and not (name.endswith("__") and any(one.startswith(name) for one in known))
    }
    assert unknown == set()


def calls(document: Path) -> Iterator[list[str]]:
    for code in CODE.findall(read(document)):
        for call in CALL.findall(code):
            words = call.removeprefix("qingzhuang ").replace("\\\n", " ").split(" -> ")[0]
            yield words.split(" > ")[0].split()


@cache
def command_line() -> Any:
    """The tree of commands."""
    return typer.main.get_command(app)


@every_document
def test_every_command_and_option_it_names_exists(document: Path) -> None:
    wrong = []
    for words in calls(document):
        command = command_line()
        rest = list(words)
        while isinstance(command, TyperGroup) and rest and rest[0] in command.commands:
            command = command.commands[rest.pop(0)]
        options = {
            name for option in command.params for name in option.opts + option.secondary_opts
        }
        said = {word.split("=")[0] for word in rest if word.startswith("--")}
        unknown = said - options - {"--help"}
        is_unfinished = isinstance(command, TyperGroup) and rest and not rest[0].startswith("-")
        if unknown or is_unfinished:
            wrong.append(" ".join(words))

    assert wrong == []


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_a_readme_lists_every_command_of_the_command_line(readme: Path) -> None:
    (listed,) = LISTED.findall(read(readme))
    there_are = command_line()

    assert isinstance(there_are, TyperGroup)
    assert sorted(listed.split()) == sorted(there_are.commands)


@every_document
def test_every_make_target_it_names_exists(document: Path) -> None:
    targets = re.findall(r"^([a-z]+):", read(ROOT / "Makefile"), re.MULTILINE)

    named = {one or other for one, other in MAKE.findall(read(document))}
    assert named - set(targets) == set()


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_a_readme_names_every_slash_command_and_no_other(readme: Path, locale: str) -> None:
    texts = load_texts(locale)
    words = {name: texts(f"commands.words.{name}").split() for name in COMMANDS}
    named = set(SLASH.findall(read(readme)))

    assert named <= {word for each in words.values() for word in each}
    assert [name for name, each in words.items() if not named & set(each)] == []


@every_document
def test_every_rule_it_names_exists(document: Path) -> None:
    known = {rule.id for rule in load_rulebook(None).rules}
    families = {name.partition(".")[0] for name in known}

    named = {
        name
        for name in RULE.findall(read(document))
        if name.partition(".")[0] in families and name.rpartition(".")[2] not in FILE_ENDINGS
    }
    assert named - known == set()
