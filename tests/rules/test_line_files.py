"""The lines on which the rulebook is tried are many, different and well formed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.vocabulary import Kind

HERE = Path(__file__).parent
CORPUS = HERE.parent / "corpus"
ORDINARY = sorted((HERE / "ordinary").glob("*.txt"))
DEMANDS = sorted((HERE / "demands").glob("*.txt"))
LEARNED = sorted((CORPUS / "lines").glob("*/*.txt"))
CONTRASTS = sorted((CORPUS / "contrast").glob("*/*.txt"))
BURDENS = [
    *DEMANDS,
    *(path for path in (*LEARNED, *CONTRASTS) if path.parent.name in ("demands", "reminders")),
]


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


def name_of(path: Path) -> str:
    return "/".join(path.parts[-3:])


@pytest.mark.parametrize("path", [*ORDINARY, *DEMANDS, *LEARNED, *CONTRASTS], ids=name_of)
def test_a_file_says_why_its_lines_are_there(path: Path) -> None:
    content = path.read_text("utf-8")

    assert content.startswith("# ")
    assert all(line.strip() == line and line for line in content.splitlines())


@pytest.mark.parametrize("path", BURDENS, ids=name_of)
def test_a_burden_names_only_kinds_of_the_guide(path: Path) -> None:
    for line in lines_of(path):
        kinds, bar, text = line.partition("|")

        assert bar
        assert text.strip()
        assert all(kind in set(Kind) for kind in kinds.split(",") if kind)


def test_what_measures_is_not_learned() -> None:
    learned = {text_of(line) for path in LEARNED for line in lines_of(path)}
    measuring = {text_of(line) for path in CONTRASTS for line in lines_of(path)}

    assert len(measuring) > 8000
    assert learned & measuring == set()


def test_one_text_of_the_contrast_sets_has_one_label() -> None:
    labels: dict[str, set[str]] = {}
    for path in CONTRASTS:
        for line in lines_of(path):
            label = line.removesuffix(text_of(line)) + path.parent.name
            labels.setdefault(text_of(line), set()).add(label)

    assert {text: told for text, told in labels.items() if len(told) > 1} == {}


def text_of(line: str) -> str:
    return line.rpartition("|")[2]


@pytest.mark.parametrize("folder", [HERE, CORPUS / "lines"], ids=lambda path: path.name)
def test_what_serves_an_emergency_is_named_among_the_burdens(folder: Path) -> None:
    burdens = {
        line.partition("|")[2]
        for act in ("demands", "reminders")
        for path in (folder / act).glob("*.txt")
        for line in lines_of(path)
    }
    named = [line.partition("|") for line in lines_of(folder / "emergencies.txt")]

    assert {said for said, _, _ in named} <= {"emergency", "unclear"}
    assert {text for _, _, text in named} <= burdens
    assert len({text for _, _, text in named}) == len(named)
