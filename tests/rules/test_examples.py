"""Every rule finds what it says it finds, and leaves alone what it says it leaves alone."""

from __future__ import annotations

import pytest

from bot.domain.rules import Example, Rule
from config.rulebook import load_rulebook
from handlers.check_rules import broken_examples

RULEBOOK = load_rulebook()
EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.id}-{number}")
    for rule in RULEBOOK.rules
    for number, example in enumerate(rule.examples)
]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_rule_keeps_its_word(rule: Rule, example: Example) -> None:
    text = RULEBOOK.normaliser(example.text).text
    matcher = RULEBOOK.matcher

    fired = matcher.rules_in(text, matcher.literals_in(text))

    place = RULEBOOK.rules.index(rule)
    assert bool(fired >> place & 1) == example.matches, example.reason


def test_the_check_that_offices_run_finds_nothing_wrong() -> None:
    assert broken_examples(RULEBOOK) == []


def test_every_kind_has_a_stable_rule_and_a_policy_behind_it() -> None:
    kinds = {rule.kind for rule in RULEBOOK.rules if rule.kind and rule.status == "stable"}

    assert len(kinds) == 11
    assert all(rule.references for rule in RULEBOOK.rules if rule.kind)


def test_negative_examples_carry_their_reason() -> None:
    examples = [example for rule in RULEBOOK.rules for example in rule.examples]

    assert all(example.reason for example in examples if not example.matches)
