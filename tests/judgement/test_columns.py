"""What the pages' columns are measured on stays apart from what is learned from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.columns import CORPUS, FRESH, SEVEN, labelled_again, lines_of, measured

LEARNED = [*CORPUS.glob("dev_*.jsonl"), *CORPUS.glob("extra_*.jsonl")]
MEASURED = [CORPUS / "heldout.jsonl", *CORPUS.glob("sealed*/messages.jsonl")]


def texts_of(path: Path) -> set[str]:
    rows = map(json.loads, lines_of(path))
    # What is shorter is said everywhere.
    return {row["text"] for row in rows if len(row.get("text", "")) > 20}


@pytest.mark.parametrize("path", MEASURED, ids=lambda path: "/".join(path.parts[-2:]))
def test_no_long_message_that_is_measured_is_learned(path: Path) -> None:
    measured_on = texts_of(path)

    assert measured_on
    assert not any(measured_on & texts_of(learned) for learned in LEARNED)


def test_the_fresh_groups_are_among_all_seven() -> None:
    groups = {json.loads(line)["group"] for line in lines_of(SEVEN)}

    assert len(groups) == 7
    assert groups > FRESH


def test_who_labels_alike_scores_one_and_the_second_person_less() -> None:
    lines = lines_of(SEVEN)
    rows = [row for row in map(json.loads, lines) if "label" in row]
    same = measured(lines, [{"id": row["id"], **row["label"]} for row in rows])
    second = measured(lines, labelled_again(Path("sealed_3", "second.jsonl")))

    assert same["kind_micro"] == same["exempt"] == same["b-cubed"] == 1
    assert same["count error"] == 0
    assert 0.9 < second["kind_micro"] < 1
