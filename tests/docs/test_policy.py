"""The table of mechanisms: all forty-five have an answer, and what the answers name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from bot.cli import app
from bot.domain.vocabulary import Measure
from bot.routes import COMMANDS
from config.load import load_texts
from config.policy_file import load_limits
from config.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "policy.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if re.match(r"\| \d+ \|", line)
]
WORKS, MUST_NOT = "works", "must not"


def test_each_of_the_forty_five_has_one_row() -> None:
    assert [int(row[0]) for row in ROWS] == list(range(1, 46))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_has_an_answer_and_a_proof_that_exists(row: list[str]) -> None:
    _, mechanism, state, carried_out_by, proof = row

    assert mechanism
    assert carried_out_by
    assert state in (WORKS, MUST_NOT)
    named = re.fullmatch(r"`(tests/[\w/]+\.py)::(\w+)`", proof)
    assert named is not None
    source = (ROOT / named[1]).read_text("utf-8")
    assert re.search(rf"^(async )?def {named[2]}\(", source, re.MULTILINE)


def test_what_carries_a_row_out_exists() -> None:
    texts = load_texts("zh-CN")
    words = {word for name in COMMANDS for word in texts(f"commands.words.{name}").split()}
    limits = {limit.id for limit in load_limits()}
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    for named in re.findall(r"`([^`]+)`", TEXT):
        if named.startswith("/"):
            assert named[1:].split()[0] in words, named
        elif named.startswith("qingzhuang "):
            _, command, *rest = named.split()
            found = group.commands[command]
            if isinstance(found, TyperGroup):
                assert rest[0] in found.commands, named
        elif named.startswith("QZ_"):
            assert named[3:].lower().split("__")[0] in Settings.model_fields, named
        elif named.count(".") == 2 and "/" not in named:
            assert named in limits
        elif re.fullmatch(r"[a-z_]+", named):
            assert named in set(Measure), named
