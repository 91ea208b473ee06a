"""A broken rulebook is refused whole, with file, field and what was expected."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bot.domain.errors import BadRulebook
from bot.domain.voting import NO_VOTE
from bot.terminal.refusals import expected
from config.load import LOCALES, load_texts
from config.patterns import repeats_within_repetition
from config.rulebook import load_rulebook, model_of

VOTES = Path(__file__).parents[2] / "config" / "model" / "votes.json"
RULE = """
kind = "check_in"
title = "打卡"
version = 1
description = "A check-in."
references = ["《规定》"]

[[rule]]
id = "check_in.named"
title = "打卡"
status = "stable"
description = "Named."
words = ["打卡"]
weight = 0.5
[rule.examples]
match = ["打卡"]
no_match = [{ text = "收到", reason = "a reply" }]
"""


def folder_with(tmp_path: Path, text: str) -> Path:
    tmp_path.joinpath("check_in.toml").write_text(text, "utf-8")
    return tmp_path


def test_a_rule_of_the_offices_own_is_taken_in(tmp_path: Path) -> None:
    rulebook = load_rulebook(folder_with(tmp_path, RULE), NO_VOTE)

    assert [rule.id for rule in rulebook.rules] == ["check_in.named"]
    assert rulebook.version != load_rulebook().version


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('kind = "check_in"', 'kind = "dancing"', "kind"),
        ("version = 1", 'version = "one"', "version"),
        ('status = "stable"', 'status = "ripe"', "check_in.named.status"),
        ('words = ["打卡"]', "", "check_in.named"),
        ('words = ["打卡"]', "patterns = ['打(卡']\nanchors = ['打']", "check_in.named.patterns"),
        (
            'words = ["打卡"]',
            "patterns = ['(?:报+)+$']\nanchors = ['报']",
            "check_in.named.patterns",
        ),
        ('words = ["打卡"]', "patterns = ['打卡']", "check_in.named.anchors"),
        ("weight = 0.5", "weight = 50", "check_in.named.weight"),
        ('id = "check_in.named"', 'id = "Check in"', "rule 1.id"),
        ('title = "打卡"\nstatus', 'titel = "打卡"\nstatus', "rule 1.titel"),
        ("no_match = [", "no_match = [] #", "check_in.named.examples"),
        (', reason = "a reply"', "", "check_in.named.examples.no_match"),
        ('kind = "check_in"', "kind = ", "file"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, old: str, new: str, field: str) -> None:
    broken = RULE.replace(old, new, 1)

    with pytest.raises(BadRulebook) as caught:
        load_rulebook(folder_with(tmp_path, broken), NO_VOTE)

    assert re.fullmatch(r"check_in\.toml:\d+", caught.value.where)
    assert caught.value.field == field
    for locale in LOCALES:
        assert "{" not in expected(caught.value, load_texts(locale))


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('kind = "check_in"', 'kind = "dancing"', 2),
        ("version = 1", "version = 1\ncolour = 3", 5),
        ('status = "stable"', 'status = "ripe"', 11),
        ('words = ["打卡"]', "", 8),
        ("weight = 0.5", "weight = 50", 14),
        ("no_match = [", "no_match = [] #", 15),
        (', reason = "a reply"', "", 17),
        ('references = ["《规定》"]', "references = [", 8),
    ],
)
def test_the_line_is_named(tmp_path: Path, old: str, new: str, line: int) -> None:
    with pytest.raises(BadRulebook) as caught:
        load_rulebook(folder_with(tmp_path, RULE.replace(old, new, 1)), NO_VOTE)

    assert caught.value.where == f"check_in.toml:{line}"


def test_a_fault_of_the_second_rule_is_found_there(tmp_path: Path) -> None:
    second = RULE[RULE.index("[[rule]]") :].replace("check_in.named", "check_in.other")
    broken = second.replace('words = ["打卡"]', 'words = ["打卡", ""]')

    with pytest.raises(BadRulebook) as caught:
        load_rulebook(folder_with(tmp_path, RULE + broken), NO_VOTE)

    assert (caught.value.where, caught.value.field) == ("check_in.toml:23", "check_in.other.words")


@pytest.mark.parametrize("again", ["a_second.toml", "z_last.toml"])
def test_an_id_may_occur_only_once(tmp_path: Path, again: str) -> None:
    tmp_path.joinpath(again).write_text(RULE, "utf-8")
    later = max(again, "check_in.toml")

    with pytest.raises(BadRulebook) as caught:
        load_rulebook(folder_with(tmp_path, RULE), NO_VOTE)

    assert (caught.value.where, caught.value.field) == (f"{later}:9", "rule 1.id")
    assert "check_in.named" in expected(caught.value, load_texts("zh-CN"))


@pytest.mark.parametrize(
    "pattern",
    [
        "(报+)+",
        "(?:(?:报)+数)*",
        "(?:报*){2,}",
        "((a+)b)+",
        "(?:[^)]+|x)*",
        "(?:报{1,})+",
        r"(\(+)+",
    ],
)
def test_repetition_within_repetition_is_found_at_any_depth(pattern: str) -> None:
    assert repeats_within_repetition(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "报+",
        "(?:报{1,9})+",
        "(?:报)+数*",
        r"(?:\+\*)+",
        "(?:[+*])+",
        "(报+)?",
        "(报+)(数)+",
        "[(+]+[)*]+",
    ],
)
def test_repetition_beside_repetition_is_let_through(pattern: str) -> None:
    assert not repeats_within_repetition(pattern)


def test_an_empty_folder_is_no_rulebook(tmp_path: Path) -> None:
    with pytest.raises(BadRulebook):
        load_rulebook(tmp_path, NO_VOTE)


def test_a_retired_rule_finds_nothing(tmp_path: Path) -> None:
    two = RULE + RULE[RULE.index("[[rule]]") :].replace("check_in.named", "check_in.old").replace(
        '"stable"', '"retired"'
    )

    rulebook = load_rulebook(folder_with(tmp_path, two), NO_VOTE)

    assert [rule.id for rule in rulebook.rules] == ["check_in.named"]


def test_the_same_files_are_understood_once_and_a_changed_one_anew(tmp_path: Path) -> None:
    first = load_rulebook(folder_with(tmp_path, RULE))
    again = load_rulebook(tmp_path)
    changed = load_rulebook(
        folder_with(tmp_path, RULE.replace('words = ["打卡"]', 'words = ["签到"]'))
    )

    assert again is first
    assert changed.version != first.version
    assert changed.rules[0].words == ("签到",)


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"scale": 1}', b"[]"])
def test_a_file_that_is_no_model_is_refused(raw: bytes) -> None:
    with pytest.raises(BadRulebook, match=r"votes\.json"):
        model_of(raw)


def test_a_model_of_another_number_of_outputs_is_refused() -> None:
    told = json.loads(VOTES.read_bytes())
    told["bias"].pop()

    with pytest.raises(BadRulebook, match=r"votes\.json"):
        model_of(json.dumps(told).encode())


def test_the_model_that_ships_knows_the_rules_that_ship() -> None:
    shipped = load_rulebook()
    weights = shipped.model.weights
    known = {name.removeprefix("rule:") for name in weights if name.startswith("rule:")}

    assert known <= {rule.id for rule in shipped.rules}
    assert len(shipped.model.literals) > 1000
