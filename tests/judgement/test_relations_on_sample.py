"""Relations found in the labelled sample: hardly ever a wrong one, and by far the most of them."""

from __future__ import annotations

import json

import pytest

from bench.relations import CORPUS, SAMPLES, relations_in
from bot.domain.judging import Judge
from config.calendar import load_calendar
from config.rulebook import load_rulebook
from tests.corpus.score_relations import RELATIONS, Row, read, score

GOLD = {name: read(CORPUS / "cross" / f"{name}.relations.jsonl") for name in SAMPLES}
ROWS = {
    name: [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    for name, file in SAMPLES.items()
}


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(load_rulebook(), load_calendar())


def test_the_sample_is_large_and_wide_enough() -> None:
    rows = [row for each in ROWS.values() for row in each]
    heads = [row for row in rows if "id" not in row]

    assert len(rows) - len(heads) >= 300
    assert len(heads) >= 8
    assert len({head["unit"] for head in heads}) >= 3
    assert len({head["line"] for head in heads}) >= 4
    assert sum(row["relation"] in RELATIONS for gold in GOLD.values() for row in gold) >= 40


@pytest.mark.parametrize("name", SAMPLES)
def test_labels_lead_back_in_time_to_another_group(name: str) -> None:
    said = {row["id"]: row for row in ROWS[name] if "id" in row}

    for row in GOLD[name]:
        later, earlier = said[str(row["later"])], said[str(row["earlier"])]
        assert later["label"]["act"] == earlier["label"]["act"] == "demand", row
        assert later["group"] != earlier["group"], row
        assert later["sent_at"] > earlier["sent_at"], row


@pytest.mark.parametrize(
    ("name", "recall"), [("extra_cross", 0.55), ("tuned", 0.75), ("unseen", 0.85)]
)
def test_what_is_found_is_right_and_most_is_found(name: str, recall: float, judge: Judge) -> None:
    figures, errors = score(GOLD[name], relations_in(SAMPLES[name], judge, gold=False))

    assert figures["all"]["p"] >= 0.95, errors
    assert figures["all"]["r"] >= recall, errors
    assert figures["pressed"]["p"] >= 0.95


def test_the_score_tells_a_wrong_one_from_one_of_the_same_matter() -> None:
    gold: list[Row] = [
        {"later": "b", "relation": "relay", "earlier": "a", "pressed": True},
        {"later": "c", "relation": "duplicate", "earlier": "b", "pressed": False},
        {"later": "e", "relation": "unsure", "earlier": "a", "pressed": False},
    ]
    found: list[Row] = [
        {"later": "b", "relation": "relay", "earlier": "a", "pressed": False},
        {"later": "c", "relation": "duplicate", "earlier": "a", "pressed": False},
        {"later": "d", "relation": "duplicate", "earlier": "a", "pressed": False},
        {"later": "e", "relation": "duplicate", "earlier": "a", "pressed": False},
    ]

    figures, errors = score(gold, found)

    assert figures["relay"] == {"p": 1.0, "r": 1.0, "found": 1, "n": 1, "exact": 1.0}
    assert figures["duplicate"] == {"p": 0.5, "r": 1.0, "found": 2, "n": 1, "exact": 0.0}
    assert figures["pressed"] == {"p": 1.0, "r": 0.0, "found": 0, "n": 1}
    assert errors == ["false duplicate: d of a"]
