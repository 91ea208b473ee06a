"""A broken rulebook is refused whole, with file, field and what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.errors import BadRulebook
from bot.domain.voting import NO_VOTE
from config.rulebook import load_model, load_rulebook, model_of

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

    assert caught.value.where == "check_in.toml"
    assert caught.value.field == field
    assert caught.value.expected


def test_an_id_may_occur_only_once(tmp_path: Path) -> None:
    tmp_path.joinpath("again.toml").write_text(RULE, "utf-8")

    with pytest.raises(BadRulebook, match=r"check_in\.named"):
        load_rulebook(folder_with(tmp_path, RULE), NO_VOTE)


def test_an_empty_folder_is_no_rulebook(tmp_path: Path) -> None:
    with pytest.raises(BadRulebook):
        load_rulebook(tmp_path, NO_VOTE)


def test_a_retired_rule_finds_nothing(tmp_path: Path) -> None:
    two = RULE + RULE[RULE.index("[[rule]]") :].replace("check_in.named", "check_in.old").replace(
        '"stable"', '"retired"'
    )

    rulebook = load_rulebook(folder_with(tmp_path, two), NO_VOTE)

    assert [rule.id for rule in rulebook.rules] == ["check_in.named"]


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"scale": 1}', b"[]"])
def test_a_file_that_is_no_model_is_refused(raw: bytes) -> None:
    with pytest.raises(BadRulebook, match=r"votes\.json"):
        model_of(raw)


def test_the_model_that_ships_knows_the_rules_that_ship() -> None:
    model = load_model()
    known = {name.removeprefix("rule:") for name in model.weights if name.startswith("rule:")}

    assert known <= {rule.id for rule in load_rulebook().rules}
    assert len(model.literals) > 1000
