"""The lines on which the rulebook is tried are many, different and well formed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.vocabulary import Kind

HERE = Path(__file__).parent
ORDINARY = sorted((HERE / "ordinary").glob("*.txt"))
DEMANDS = sorted((HERE / "demands").glob("*.txt"))


def lines_of(path: Path) -> list[str]:
    return [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]


def test_silence_is_tried_on_many_lines_of_every_register() -> None:
    lines = [line for path in ORDINARY for line in lines_of(path)]

    assert len(ORDINARY) >= 18
    assert len(lines) >= 1500
    assert len(set(lines)) == len(lines)


def test_demands_are_tried_in_many_wordings() -> None:
    lines = [line for path in DEMANDS for line in lines_of(path)]

    assert len(lines) >= 400
    assert len({line.partition("|")[2] for line in lines}) == len(lines)


@pytest.mark.parametrize("path", [*ORDINARY, *DEMANDS], ids=lambda path: path.name)
def test_a_file_says_why_its_lines_are_there(path: Path) -> None:
    content = path.read_text("utf-8")

    assert content.startswith("# ")
    assert all(line.strip() == line and line for line in content.splitlines())


@pytest.mark.parametrize("path", DEMANDS, ids=lambda path: path.name)
def test_a_demand_names_only_kinds_of_the_guide(path: Path) -> None:
    for line in lines_of(path):
        kinds, bar, text = line.partition("|")

        assert bar
        assert text.strip()
        assert all(kind in set(Kind) for kind in kinds.split(",") if kind)
