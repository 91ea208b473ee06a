"""The same words are the same count, however they are typed."""

from __future__ import annotations

import json
from functools import cache

import pytest

from bench.typed_otherwise import CORPUS, SAME, Typed, judged
from bot.domain.judging import Judge
from config.calendar import load_calendar
from config.rulebook import load_rulebook

GROUP = "h01"


@cache
def _judge() -> Judge:
    return Judge(load_rulebook(), load_calendar())


@cache
def _lines() -> tuple[str, ...]:
    lines = (CORPUS / "heldout.jsonl").read_text("utf-8").splitlines()
    return tuple(line for line in lines if json.loads(line)["group"] == GROUP)


@pytest.mark.parametrize("typed", SAME.values(), ids=SAME)
def test_what_changes_no_word_changes_no_judgement(typed: Typed) -> None:
    assert judged(_judge(), _lines(), typed) == judged(_judge(), _lines())
